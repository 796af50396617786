public import Ledger
public import Primitives

/// What the pool hears of a committed block.
public struct CommittedBlock: Sendable {
    public let height: Height
    /// The consensus key of the first proposer; nil when it is not known.
    public let proposer: PublicKey?
    public let transactions: [SignedTransaction]
    /// The new states of all accounts that the block changed; those without transactions here cost a look-up each.
    public let touched: [TouchedAccount]
    /// The parameters of the block above this one.
    public let parameters: NetworkParameters

    public init(
        height: Height, proposer: PublicKey?, transactions: [SignedTransaction], touched: [TouchedAccount], parameters: NetworkParameters
    ) {
        self.height = height
        self.proposer = proposer
        self.transactions = transactions
        self.touched = touched
        self.parameters = parameters
    }
}

public struct TouchedAccount: Hashable, Sendable {
    public let address: Address
    public let state: AccountState

    public init(address: Address, state: AccountState) {
        self.address = address
        self.state = state
    }
}

extension Mempool {
    /// Follows the chain by one block, or by as many as a snapshot or the replay of blocks has moved it. Only touched senders
    /// are looked at, and those whose transactions expire.
    public func commit(_ block: CommittedBlock) -> [DroppedTransaction] {
        var included: Set<EnvelopeHash> = []
        included.reserveCapacity(block.transactions.count)
        for signed in block.transactions {
            included.insert(signed.envelopeHash)
            remember(committed: signed.envelopeHash)
        }
        prices.add(block.transactions, rules: rules)
        var dropped: [DroppedTransaction] = []
        func drop(_ entries: [PoolEntry], _ reason: DroppedTransaction.Reason) {
            for entry in entries {
                forget(entry)
                if !included.contains(entry.signed.envelopeHash) { dropped.append(DroppedTransaction(entry, reason)) }
            }
        }
        for touched in block.touched {
            remember(touched)
            guard let number = laneNumber(of: touched.address) else { continue }
            change(number) { drop($0.update(touched.state), .nonceUsed) }
        }
        let next = block.height.successor
        let changed = block.parameters != rules.parameters
        rules = TransactionRules(chainID: rules.chainID, height: next, parameters: block.parameters)
        while let (expiry, number) = byExpiry.first, expiry < next {
            change(number) { drop($0.remove { $0.signed.transaction.validUntilHeight < next }, .expired) }
        }
        if changed {
            // A new epoch, once in thousands of blocks.
            for number in lanes.indices {
                change(number) { lane in
                    drop(lane.remove { entry in (try? rules.check(entry.signed)) == nil }, .forbidden)
                }
            }
        }
        return dropped
    }

    /// Reads every sender's account again, after the chain was moved by more than blocks.
    public func move(to height: Height, parameters: NetworkParameters) -> [DroppedTransaction] {
        forgetAccounts()
        let touched = lanes.compactMap { lane in
            lane.map { TouchedAccount(address: $0.sender, state: account($0.sender) ?? AccountState(nonce: $0.account.nonce, balance: .zero)) }
        }
        return commit(CommittedBlock(height: height, proposer: nil, transactions: [], touched: touched, parameters: parameters))
    }

    /// Gives up what has waited for too long.
    public func age(now: GossipTick) -> [DroppedTransaction] {
        var dropped: [DroppedTransaction] = []
        while let (sequence, number) = byAge.first, let lane = lanes[number],
              let oldest = lane.entries.first(where: { $0.sequence == sequence }), oldest.arrival.after(configuration.ageTicksMax) <= now {
            change(number) { lane in
                for entry in lane.remove(where: { $0 === oldest }) {
                    forget(entry)
                    dropped.append(DroppedTransaction(entry, .aged))
                }
            }
        }
        return dropped
    }
}
