public import Execution
import Ledger
public import Primitives

extension Governance {
    /// Stake of an account at one validator.
    public struct DelegatedPower: Hashable, Record {
        /// The validator's account.
        public let validator: Address
        public let power: Amount

        public init(validator: Address, power: Amount) {
            self.validator = validator
            self.power = power
        }

        public static let fields = Fields(
            Field("validator", "The validator's account.") { $0.validator }, Field("power", "Base units.") { $0.power },
            make: { DelegatedPower(validator: $0, power: $1) })
    }

    /// What governance asks of the staking contract: stake as it was at the beginning of an epoch. What has begun to leave counts
    /// nothing. An epoch whose stakes are no longer kept is refused.
    public enum Stakes {
        /// Where the account's stake is, its own bond included; each validator at most once.
        public static let votingPower = MethodReference<Address, Epoch, Bounded<32, DelegatedPower>>("voting_power")
        /// All stake at a validator; zero for an account that is none.
        public static let validatorPower = MethodReference<Address, Epoch, Amount>("validator_power")
        /// The sum over all validators.
        public static let totalPower = MethodReference<Epoch, Amount>("total_power")

        static func power(of account: Address, _ epoch: Epoch, _ context: CallContext) throws(CallError) -> [DelegatedPower] {
            do { return try context.call(votingPower, on: .staking, account, epoch).elements } catch { throw refusal(error, context) }
        }

        static func power(atValidator validator: Address, _ epoch: Epoch, _ context: CallContext) throws(CallError) -> Amount {
            do { return try context.call(validatorPower, on: .staking, validator, epoch) } catch { throw refusal(error, context) }
        }

        static func total(_ epoch: Epoch, _ context: CallContext) throws(CallError) -> Amount {
            do { return try context.call(totalPower, on: .staking, epoch) } catch { throw refusal(error, context) }
        }

        /// A refusal of the staking contract means that it has no stakes of the epoch; other failures are passed on.
        private static func refusal(_ error: CallError, _ context: CallContext) -> CallError {
            guard error.kind == .reverted else { return error }
            return context.rejection(GovernanceRejection.snapshotMissing, "staking: \(error.message)")
        }
    }
}
