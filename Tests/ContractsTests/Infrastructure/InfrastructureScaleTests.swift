import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// The sharding case of the paper on a chain with the parameters that networks begin with: 5,000 workers in 20 shards of 250 and 5,000 operators with a unit of
/// stake each. What it takes fits in one transaction each, with every rule on.
@Suite struct InfrastructureScaleTests {
    typealias Fixture = InfrastructureFixture
    static let operatorCount = 5_000

    @Test func fiveThousandOperatorsAreMappedInOneTransaction() throws {
        let owner = Person(1 << 40), people = (0..<Self.operatorCount).map { Person(UInt64($0)) }, app: ApplicationName = "shards"
        let chain = TestChain([Accounts.self, StandInStaking.self, Groups.self, Governance.self, Infrastructure.self], people: [owner] + people)
        let limit = chain.parameters.transactionGasMax
        func send(_ call: Call) throws -> Receipt {
            let receipt = chain.send(owner, call, gasLimit: limit)
            try #require(receipt.succeeded, "\(receipt.outcome)")
            return receipt
        }
        _ = try send(Infrastructure.create.reference.call(on: .infrastructure, app, .account(owner.address), Infrastructure.Settings()))
        let document = Fixture.document(Fixture.worker("worker", count: 250), Fixture.shard("shard", copies: 20, of: "worker"))
        _ = try send(Infrastructure.importDocument.reference.call(on: .infrastructure, app, 0, .full(document), ""))
        let policy = MappingPolicy(perOperatorInGroup: 1, regionShare: 100_000, providerShare: 250_000, cloudShare: 500_000, coalition: 100, continentCoalition: 100)
        _ = try send(Infrastructure.setMapper.reference.call(on: .infrastructure, app, policy, 1_000_000))
        for start in stride(from: 0, to: Self.operatorCount, by: 500) {
            let joins = (start..<start + 500).map { place in
                let home = Infrastructure.Place(
                    continent: Continent.all[place % 7], region: RegionName("region-\(place % 20)")!, provider: place % 2 == 0 ? ProviderName("cloud-\(place % 5)")! : nil)
                let join = Infrastructure.join.reference.call(
                    on: .infrastructure, app, BoundedText("operator-\(place)")!, home, nil, value: Amount(100 * Amount.unitsPerToken))
                return chain.transaction(people[place], [join], gasLimit: 900_000)
            }
            #expect(chain.advance(joins).receipts.allSatisfy { $0.succeeded })
        }
        func remap() throws -> (freeze: UInt64, map: UInt64, summary: MappingSummary) {
            let freeze = try send(Infrastructure.freeze.reference.call(on: .infrastructure, app))
            for _ in 0..<chain.parameters.drawDelay { chain.advance() }
            let map = try send(Infrastructure.map.reference.call(on: .infrastructure, app))
            guard case .succeeded(let results) = map.outcome else { throw Fixture.Refused(receipt: map) }
            return (freeze.gasUsed.rawValue, map.gasUsed.rawValue, try Infrastructure.map.reference.result(results.values[0]))
        }
        let first = try remap()
        #expect(first.summary.isComplete && first.summary.slots == 5_000 && first.summary.operators == 5_000 && first.summary.largest == 1)
        #expect(first.freeze < limit && first.map < limit && limit <= chain.parameters.blockGasMax, "\(first)")
        // An epoch later everything is drawn again, beside the assignment before: the largest input that this case has.
        for _ in 0..<Infrastructure.Settings().epochBlocks { chain.advance() }
        let second = try remap()
        #expect(second.summary.isComplete && second.summary.moved > 4_000 && second.summary.added == 0)
        #expect(second.freeze < limit && second.map < limit, "\(second)")
    }

    /// However hard an assignment is, the computation ends where its gas still fits in a transaction.
    @Test func theLongestComputationFitsInATransaction() {
        let parameters = NetworkParameters()
        #expect(UInt64(Mapping.workMost) * Infrastructure.gasPerMappingStep <= parameters.transactionGasMax * 3 / 4)
        #expect(parameters.transactionGasMax <= parameters.blockGasMax)
    }
}
