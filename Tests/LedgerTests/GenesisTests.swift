import Cryptography
import Ledger
import Primitives
import Testing

@Suite struct GenesisTests {
    private static let charter = GenesisCharter(
        chainName: "test", network: .development, time: TestChain.start, parameters: NetworkParameters())

    private static func account(_ number: UInt8) -> Address { Address([number] + [UInt8](repeating: 0, count: 19))! }

    private static func genesis(
        charter: GenesisCharter = charter, founders: [GenesisValidator]? = nil, allocations: [(UInt8, UInt128)] = [(1, 5), (2, 6)]
    ) -> Genesis {
        Genesis(
            charter: charter, validators: founders ?? (1...4).map { Member(UInt8($0)).founder(of: charter) },
            allocations: allocations.map { GenesisAllocation(account: account($0), balance: Amount($1)) }, stateRoot: .zero)
    }

    private func failure(_ genesis: Genesis) -> GenesisFailure? {
        do throws(GenesisFailure) {
            try genesis.validate()
            return nil
        } catch { return error }
    }

    @Test func aSoundDocument() throws {
        let genesis = Self.genesis()
        #expect(failure(genesis) == nil)
        #expect(genesis.supply == Amount(11 + 4 * 10 * 1_000_000))
        let header = try genesis.header()
        #expect(header.height == 0 && !header.endsEpoch)
        #expect(header.draft.validatorsHash == (try genesis.initialValidators().digest))
    }

    /// Whatever differs in the document makes another chain.
    @Test func everyPartMakesTheChain() {
        let genesis = Self.genesis()
        let others = [
            Self.genesis(allocations: [(1, 5), (2, 7)]), genesis.with(stateRoot: MerkleTree.emptyRoot),
            Self.genesis(founders: (1...3).map { Member(UInt8($0)).founder(of: Self.charter) }),
            Self.genesis(charter: GenesisCharter(
                chainName: "test", network: .main, time: TestChain.start, parameters: NetworkParameters())),
        ]
        #expect(Set(others.map(\.chainID) + [genesis.chainID, Self.charter.id]).count == 6)
    }

    @Test func documentsThatCannotWork() throws {
        let nameless = GenesisCharter(chainName: "", network: .main, time: 1, parameters: NetworkParameters())
        #expect(failure(Self.genesis(charter: nameless)) == .chainNameEmpty)
        var parameters = NetworkParameters()
        parameters.proofWindow = 0
        let wrong = GenesisCharter(chainName: "x", network: .main, time: 1, parameters: parameters)
        guard case .parameters(let parameter) = failure(Self.genesis(charter: wrong)) else {
            Issue.record("wrong parameters were accepted")
            return
        }
        #expect(parameter.field == "proofWindow")
        #expect(failure(Self.genesis(founders: [])) == .validators(.empty))
        let founder = Member(1).founder(of: Self.charter)
        #expect(failure(Self.genesis(founders: [founder, founder])) == .validators(.keyDuplicate(ValidatorIndex(1))))
        #expect(failure(Self.genesis(founders: [Member(1, weight: 0).founder(of: Self.charter)])) == .validators(.weightZero(ValidatorIndex(0))))
        #expect(failure(Self.genesis(allocations: [(2, 1), (1, 1)])) == .allocationsNotAscending(Self.account(1)))
        #expect(failure(Self.genesis(allocations: [(2, 1), (2, 1)])) == .allocationsNotAscending(Self.account(2)))
        #expect(failure(Self.genesis(allocations: [(2, 0)])) == .allocationZero(Self.account(2)))
        // Bonded stake counts: 40 tokens are missing from what may be allocated.
        let most = Amount.supplyMax.units - 1 - 40 * Amount.unitsPerToken
        #expect(failure(Self.genesis(allocations: [(2, most)])) == nil)
        #expect(failure(Self.genesis(allocations: [(2, most + 1)])) == .supplyOverLimit)
        #expect(failure(Self.genesis(allocations: [(2, .max), (3, .max)])) == .supplyOverLimit)
    }

    /// Nobody can be made a founder without the keys, and a proof for one network or account is worth nothing for another.
    @Test func possession() throws {
        let other = GenesisCharter(chainName: "other", network: .development, time: TestChain.start, parameters: NetworkParameters())
        let founders = [Member(1).founder(of: Self.charter), Member(2).founder(of: other)]
        #expect(failure(Self.genesis(founders: founders)) == .consensusKeyRefused(ValidatorIndex(1)))
        let good = Member(2).founder(of: Self.charter)
        let foreign = founders[1]
        let half = GenesisValidator(
            account: good.account, validator: good.validator, consensusPossession: good.consensusPossession,
            vrfPossession: foreign.vrfPossession)
        #expect(failure(Self.genesis(founders: [founders[0], half])) == .vrfKeyRefused(ValidatorIndex(1)))
        let copied = GenesisValidator(
            account: Self.account(9), validator: good.validator, consensusPossession: good.consensusPossession,
            vrfPossession: good.vrfPossession)
        #expect(failure(Self.genesis(founders: [founders[0], copied])) == .consensusKeyRefused(ValidatorIndex(1)))
    }

    // ── Parameters ──

    private func field(_ change: (inout NetworkParameters) -> Void) -> String? {
        var parameters = NetworkParameters()
        change(&parameters)
        do throws(ParameterFailure) {
            try parameters.validate()
            return nil
        } catch { return error.field }
    }

    @Test func defaultsAreSound() { #expect(field { _ in } == nil) }

    @Test func validationNamesTheField() {
        #expect(field { $0.blockTransactionsMax = 0 } == "blockTransactionsMax")
        #expect(field { $0.blockTransactionsMax = 5_001 } == "blockTransactionsMax")
        #expect(field { $0.blockBytesMax = 1_023 } == "blockBytesMax")
        #expect(field { $0.blockBytesMax = 2 * 1024 * 1024 + 1 } == "blockBytesMax")
        #expect(field { $0.transactionBytesMax = 640 * 1024 + 1 } == "transactionBytesMax")
        #expect(field { $0.blockBytesMax = 600 * 1024 } == "transactionBytesMax")
        #expect(field { $0.blockGasMax = 0 } == "blockGasMax")
        #expect(field { $0.blockGasMax = .max } == "blockGasMax")
        #expect(field { $0.transactionGasMax = 500_000_001 } == "transactionGasMax")
        #expect(field { $0.transactionGasBase = 0 } == "transactionGasBase")
        #expect(field { $0.transactionGasPerByte = 200 } == "transactionGasPerByte")
        #expect(field { $0.transactionGasPerByte = .max } == "transactionGasPerByte")
        #expect(field { $0.gasPriceMin = Amount(1 << 90) } == "gasPriceMin")
        #expect(field { $0.gasPriceMin = .zero } == nil)
        #expect(field { $0.epochHeights = 2 } == "epochHeights")
        #expect(field { $0.epochMilliseconds = 0 } == "epochMilliseconds")
        #expect(field { $0.heartbeatMilliseconds = 3_600_001 } == "heartbeatMilliseconds")
        #expect(field { $0.viewTimeoutMilliseconds = 1_499 } == "viewTimeoutMilliseconds")
        #expect(field { $0.viewTimeoutMilliseconds = 1_500 } == nil)
        #expect(field { $0.viewTimeoutMillisecondsMax = 2_999 } == "viewTimeoutMillisecondsMax")
        #expect(field { $0.precisionMilliseconds = .max } == "precisionMilliseconds")
        #expect(field { $0.messageDelayMilliseconds = 0 } == "messageDelayMilliseconds")
        #expect(field { $0.proofWindow = 10_001 } == "proofWindow")
        #expect(field { $0.drawDelay = 0 } == "drawDelay")
        #expect(field { $0.evidenceMilliseconds = 0 } == "evidenceMilliseconds")
        #expect(field { $0.evidenceMilliseconds = $0.trustingMilliseconds } == "trustingMilliseconds")
        #expect(field { $0.trustingMilliseconds = $0.unbondingMilliseconds } == "unbondingMilliseconds")
    }

    @Test func validationNamesTheFieldOfTheEconomy() {
        #expect(field { $0.transactionGasBase = $0.transactionGasMax / 31 } == "transactionGasBase")
        #expect(field { $0.blockIntervalMilliseconds = 10_001 } == "blockIntervalMilliseconds")
        #expect(field { $0.blockIntervalMilliseconds = 2_500 } == "viewTimeoutMilliseconds")
        #expect(field { $0.feeBurnPartsPerMillion = 1_000_001 } == "feeBurnPartsPerMillion")
        #expect(field { $0.feeProposerPartsPerMillion = 700_001 } == "feeProposerPartsPerMillion")
        #expect(field { $0.issuancePerBlock = Amount(1 << 64) } == "issuancePerBlock")
        #expect(field { $0.validatorsMax = 0 } == "validatorsMax")
        #expect(field { $0.validatorsMax = 801 } == "validatorsMax")
        #expect(field { $0.selfBondMin = Amount(999_999) } == "selfBondMin")
        #expect(field { $0.delegationMin = .zero } == "delegationMin")
        #expect(field { $0.commissionRisePartsPerMillionMax = .max } == "commissionRisePartsPerMillionMax")
        #expect(field { $0.slashDoubleSignPartsPerMillion = 0 } == "slashDoubleSignPartsPerMillion")
        #expect(field { $0.slashCorrelationFactor = 101 } == "slashCorrelationFactor")
        #expect(field { $0.slashDowntimePartsPerMillion = .max } == "slashDowntimePartsPerMillion")
        #expect(field { $0.reporterPartsPerMillion = 500_000 } == "reporterPartsPerMillion")
        #expect(field { $0.signedPartsPerMillionMin = .max } == "signedPartsPerMillionMin")
        #expect(field { $0.jailMilliseconds = 0 } == "jailMilliseconds")
        #expect(field { $0.proposalDeposit = .supplyMax } == "proposalDeposit")
        #expect(field { $0.votingMilliseconds = 0 } == "votingMilliseconds")
        #expect(field { $0.timeLockMilliseconds = 19 * 86_400_000 } == "unbondingMilliseconds")
        #expect(field { $0.quorumPartsPerMillion = 0 } == "quorumPartsPerMillion")
        #expect(field { $0.thresholdPartsPerMillion = .max } == "thresholdPartsPerMillion")
        #expect(field { $0.thresholdPartsPerMillion = 1_000_000 } == "thresholdPartsPerMillion")
        #expect(field { $0.vetoPartsPerMillion = 0 } == "vetoPartsPerMillion")
        #expect(field { $0.emergencyPartsPerMillion = 499_999 } == "emergencyPartsPerMillion")
        #expect(field { $0.pauseMillisecondsMax = 0 } == "pauseMillisecondsMax")
    }

    @Test func theTableHasEveryFieldOnceAndInOrder() {
        let declared = Mirror(reflecting: NetworkParameters()).children.compactMap(\.label)
        #expect(NetworkParameters.fields.map(\.name.description) == declared)
        var changed = NetworkParameters()
        for (place, field) in NetworkParameters.fields.enumerated() {
            #expect(field.set(&changed, UInt128(place + 1)))
            #expect(field.get(changed) == UInt128(place + 1))
            #expect(NetworkParameters.field(field.name.description)?.get(changed) == UInt128(place + 1))
        }
        #expect(NetworkParameters.field("nothing") == nil)
        #expect(NetworkParameters.field("drawDelay")?.set(&changed, 1 << 32) == false)
    }

    @Test func epochsEndByHeightOrTime() {
        var parameters = NetworkParameters()
        parameters.epochHeights = 10
        parameters.epochMilliseconds = 1_000
        let start = EpochStart(height: 20, time: 5_000)
        #expect(!parameters.endsEpoch(height: 29, time: 5_999, start: start))
        #expect(parameters.endsEpoch(height: 30, time: 5_001, start: start))
        #expect(parameters.endsEpoch(height: 21, time: 6_000, start: start))
        #expect(!parameters.endsEpoch(height: 19, time: 9_000, start: start))
    }
}
