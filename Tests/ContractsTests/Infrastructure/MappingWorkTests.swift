import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// What the mapper does is paid for, whatever comes of it.
@Suite struct MappingWorkTests {
    typealias Fixture = InfrastructureFixture

    /// One operator has units for one group only, which another one holds; thousands of others have no room in any cloud. So every free node is
    /// filled by a chain of one exchange, and each search looks at everything that there is.
    static func chains(operators count: Int, groups: Int, units: UInt32) -> MappingInput {
        let rest = units / UInt32(groups - 1) + 1
        var operators = [1, 2].map { MappingOperator(number: $0, units: units, continent: .europe, region: .init("home-\($0)")!) }
        for number in 3...UInt32(count) {
            operators.append(MappingOperator(number: number, units: 1, continent: .asia, region: .init("region-\(number)")!, provider: "cloud"))
        }
        let topology = [MappingTests.group("a", units), MappingTests.group("b", copies: UInt32(groups - 1), rest)]
        let free = Int(rest) * (groups - 1)
        return MappingTests.input(
            topology, operators, policy: MappingPolicy(regionShare: 1_000_000, cloudShare: 0),
            previous: Array(repeating: 2, count: Int(units)) + Array(repeating: 0, count: free),
            exclusions: (1..<UInt32(groups)).map { Exclusion(group: $0, number: 1) })
    }

    @Test func everySearchCountsWhatItLooksAt() throws {
        let input = Self.chains(operators: 400, groups: 64, units: 300)
        let mapping = try #require(Mapping.compute(input, beacon: Beacon()))
        #expect(MappingTests.broken(input, mapping.slots) == nil)
        #expect(mapping.summary.assigned == 600 && mapping.summary.operators == 2)
        // Each of 300 searches goes through the operators for those with units left, and through the regions of the group that is full.
        #expect(mapping.work > 300 * 2 * 400, "\(mapping.work) steps")
        // It stops before the step that would be one too many, and not behind it.
        #expect(Mapping.compute(input, beacon: Beacon(), workMax: mapping.work) == mapping)
        #expect(Mapping.compute(input, beacon: Beacon(), workMax: mapping.work - 1) == nil)
    }

    @Test func theLargestCaseEndsWithItsWorkAndKeepsWhatItFound() throws {
        let input = Self.chains(operators: 5_000, groups: 256, units: 4_800)
        let mapping = try #require(Mapping.compute(input, beacon: Beacon()))
        #expect(mapping.work <= Mapping.workMost && mapping.work > Mapping.workMost - 20_000)
        #expect(mapping.summary.assigned > 5_500 && !mapping.summary.isComplete && mapping.summary.binding.isEmpty)
    }

    /// What comes before exchanges fits in the work that is allowed, however many operators, groups and nodes there are.
    @Test func asManyAsThereMayBeAreMapped() throws {
        let operators = (1...UInt32(5_000)).map { MappingOperator(number: $0, units: 2, continent: .asia, region: .init("region-\($0)")!) }
        let input = MappingTests.input([MappingTests.group("g", copies: 256, 39)], operators, policy: MappingPolicy(perOperatorInGroup: 1, regionShare: 100_000))
        let mapping = try #require(Mapping.compute(input, beacon: Beacon()))
        #expect(mapping.summary.isComplete && mapping.summary.largest == 2)
        // With a node for each draw that places one, and a draw that places none for each operator.
        let draws = 9_984 + 5_000, most = 8 * 5_000 * 256 + (512 + 4) * 5_000 + 2 * 64 * 10_000 + draws * (400 + 3 * 256)
        #expect(mapping.work <= most && most < Mapping.workMost)
    }

    /// Exchanges change counts along their chain only; all counts must still say the same.
    @Test(arguments: 0..<300 as Range<UInt64>) func countsAgreeAfterExchanges(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let input = seed == 0 ? Self.chains(operators: 40, groups: 8, units: 30) : MappingTests.random(&generator)
        var solver = try MappingSolver(input, MappingDraw(input.seed(MappingTests.beacon(seed))), MappingWork(most: Mapping.workMost))
        _ = try solver.solve()
        let flow = solver.flow, groups = 0..<flow.groupCount, operators = 0..<flow.operatorCount
        func placed(_ one: Int, _ group: Int) -> Int { Int(flow.placed[one * flow.groupCount + group]) }
        for one in operators { #expect(flow.used[one] == groups.reduce(0) { $0 + placed(one, $1) } && flow.used[one] <= flow.allowance[one]) }
        for group in groups {
            #expect(flow.filled[group] == operators.reduce(0) { $0 + placed($1, group) } && flow.filled[group] <= flow.sizes[group])
            for region in 0..<flow.regionCount {
                let count = flow.operatorsIn[region].reduce(0) { $0 + placed($1, group) }
                #expect(Int(flow.regionUsed[region * flow.groupCount + group]) == count && count <= flow.regionMax[group])
            }
        }
        for (provider, members) in flow.operatorsAt.enumerated() {
            #expect(flow.providerUsed[provider] == members.reduce(0) { $0 + flow.used[$1] } && flow.providerUsed[provider] <= flow.providerMax)
        }
        #expect(flow.cloudUsed == flow.providerUsed.reduce(0, +) && flow.cloudUsed <= flow.cloudMax)
        #expect(flow.total == flow.used.reduce(0, +))
    }

    /// Two thousand nodes: a million steps and more.
    private func frozen() throws -> Fixture {
        let fixture = Fixture(also: [Grinder.self])
        #expect(fixture.importing(fixture.owner, base: 0, .full(Fixture.document(Fixture.worker("w", count: 500), Fixture.shard("s", copies: 4, of: "w")))).succeeded)
        for person in fixture.people[1...7] { #expect(fixture.join(person, stake: 30_000).succeeded) }
        #expect(fixture.freeze().succeeded)
        fixture.chain.advance()
        fixture.chain.advance()
        return fixture
    }

    @Test func aComputationThatIsNotPaidForTakesAllThatWas() throws {
        let fixture = try frozen(), limit: UInt64 = 1_500_000
        let receipt = fixture.map(gasLimit: limit)
        fixture.refuses(receipt, .mappingTooLarge)
        // But for the 64th that every call keeps for its caller.
        #expect(receipt.gasUsed > Gas(limit - limit / 64 - 1_000), "\(receipt.gasUsed)")
        #expect(fixture.map().succeeded)
    }

    @Test func aContractCannotHaveItComputedForNothing() throws {
        let fixture = try frozen(), gas: UInt64 = 1_500_000
        let receipt = fixture.call(fixture.people[3], Grinder.grind.reference.call(on: Grinder.address, fixture.app, 10, gas))
        #expect(receipt.succeeded && receipt.gasUsed > Gas(10 * (gas - 1_000)), "\(receipt.gasUsed)")
    }
}

/// A contract that calls `map` again and again with too little gas, and goes on.
enum Grinder: BuiltInContract {
    static let name: StaticString = "grinder"
    static let documentation: StaticString = "Has others work."
    typealias Rejections = StandInRejection
    static var methods: [any ContractMethod] { [grind] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }

    static let grind = Method(
        "grind", "Calls map.", Argument("application", "Of which.", ApplicationName.self), Argument("times", "How often.", UInt8.self),
        Argument("gas", "With how much each time.", UInt64.self)
    ) { context, application, times, gas throws(CallError) in
        for _ in 0..<times {
            do throws(CallError) {
                _ = try context.call(.infrastructure, "map", application.bcs, gas: gas)
            } catch {
                try context.require(error.code == InfrastructureRejection.mappingTooLarge.rawValue, StandInRejection.epochForgotten)
            }
        }
        return Nothing()
    }
}
