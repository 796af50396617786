import ChainKit
import Contracts
import Execution
import Foundation
import Ledger
import Primitives
import WorldState

/// The sharding case: 20 shards of 250 workers, an operator with one unit of stake for each.
final class MappingBench {
    private let operatorCount: Int
    private(set) var nanosecondsPerStep = 0.0

    init(operators: Int) { operatorCount = operators }

    func compute(rounds: Int, withPolicies: Bool = false) -> [Double] {
        let part = TopologyPart(template: "worker", count: UInt32(operatorCount / 20))
        let group = TopologyGroup(name: "shard", isShard: true, copies: 20, parts: Bounded([part])!)
        let operators = (0..<operatorCount).map { place in
            let provider: ProviderName? = place % 2 == 0 ? ProviderName("p\(place % 5)") : nil
            return MappingOperator(
                number: UInt32(place + 1), units: 1, continent: Continent.all[place % 7], region: RegionName("r\(place % 20)")!, provider: provider)
        }
        let policy = withPolicies
            ? MappingPolicy(perOperatorInGroup: 1, regionShare: 100_000, providerShare: 250_000, cloudShare: 500_000, coalition: 100) : MappingPolicy()
        return (0..<rounds).map { round in
            measured(MappingInput(application: "app", number: UInt64(round + 1), topology: Topology([group])!, policy: policy, operators: Bounded(operators)!))
        }
    }

    private func measured(_ input: MappingInput) -> Double {
        let watch = Stopwatch()
        guard let mapping = Mapping.compute(input, beacon: Beacon()) else { preconditionFailure("too much work") }
        let seconds = watch.threadCPU
        precondition(mapping.summary.assigned > 0)
        nanosecondsPerStep = seconds * 1e9 / Double(mapping.work)
        return seconds * 1e3
    }

    /// Made to cost: as many operators, groups and nodes as there may be, two operators that have to exchange every node, and rules that make each
    /// search look at everything. `hasRegions` gives each operator a region of its own; without, all are in one.
    func hostile(rounds: Int, hasRegions: Bool) -> [Double] {
        func group(_ name: DocumentKey.Name, copies: UInt32, _ count: UInt32) -> TopologyGroup {
            TopologyGroup(name: name, isShard: true, copies: copies, parts: Bounded([TopologyPart(template: "worker", count: count)])!)
        }
        let operators = (1...UInt32(operatorCount)).map { (number: UInt32) -> MappingOperator in
            let units: UInt32 = number < 3 ? 5_000 : 1, provider: ProviderName? = number < 3 ? nil : "cloud"
            return MappingOperator(number: number, units: units, continent: .asia, region: RegionName("r\(number)")!, provider: provider)
        }
        let policy = MappingPolicy(regionShare: hasRegions ? MappingPolicy.whole : nil, cloudShare: 0)
        let previous = Array(repeating: UInt32(2), count: 5_000) + Array(repeating: UInt32(0), count: 255 * 19)
        return (0..<rounds).map { round in
            measured(MappingInput(
                application: "app", number: UInt64(round + 1), topology: Topology([group("a", copies: 1, 5_000), group("b", copies: 255, 19)])!, policy: policy,
                operators: Bounded(operators)!, previous: AssignedOperators(previous)!, exclusions: Bounded((1...255).map { Exclusion(group: $0, number: 1) })!))
        }
    }

    /// The same on a chain: everybody joins, then the assignment is frozen and mapped, each in a block of its own.
    func onChain() -> (freeze: Double, freezeGas: Double, map: Double, mapGas: Double) {
        let owner = Person(1 << 40), people = (0..<operatorCount).map { Person(UInt64($0)) }
        let chain = TestChain(Catalogue.definitions, people: [owner]) { $0.drawDelay = 2 }
        func send(_ call: Call) -> (Double, Double) {
            let transaction = chain.transaction(owner, [call], gasLimit: 100_000_000)
            let draft = chain.draft([transaction])
            let watch = Stopwatch()
            do { consume(try chain.executor.execute(draft, [transaction], on: chain.state.view)) } catch { preconditionFailure("\(error)") }
            let seconds = watch.threadCPU
            let receipt = chain.advance([transaction]).receipts[0]
            precondition(receipt.outcome.failure == nil, "\(receipt.outcome)")
            return (seconds, Double(receipt.gasUsed.rawValue))
        }
        for start in stride(from: 0, to: operatorCount, by: 60) {
            let calls = people[start..<min(start + 60, operatorCount)].map {
                Accounts.transfer.reference.call(on: .accounts, $0.address, value: Amount(101 * Amount.unitsPerToken))
            }
            chain.advance([chain.transaction(owner, calls)])
        }
        _ = send(Infrastructure.create.reference.call(on: .infrastructure, "app", .account(owner.address), Infrastructure.Settings()))
        func template(_ name: String, _ type: String, _ count: Int, _ more: DocumentValue.Member...) -> DocumentObject {
            let properties = DocumentValue.map([.init("count", .integer(Int64(count)))])
            let members = [DocumentValue.Member("properties", properties), .init("type", .text(type))] + more
            do { return try DocumentObject(.nodeTemplates, name, .map(sorting: members)!) } catch { preconditionFailure("\(error)") }
        }
        let composed = DocumentValue.Member("requirements", .list([.map([.init("composed_of", .text("worker"))])]))
        do {
            let document = try Document(sorting: [
                template("worker", "diac.nodes.Worker", operatorCount / 20), template("shard", "diac.nodes.Shard", 20, composed),
            ])
            _ = send(Infrastructure.importDocument.reference.call(on: .infrastructure, "app", 0, .full(document), ""))
        } catch { preconditionFailure("\(error)") }
        for start in stride(from: 0, to: operatorCount, by: 500) {
            let joins = people[start..<min(start + 500, operatorCount)].map { person in
                let place = Infrastructure.Place(continent: .europe, region: "DE", provider: nil)
                return chain.transaction(person, [Infrastructure.join.reference.call(
                    on: .infrastructure, "app", BoundedText("op-\(person.address.hex)")!, place, nil, value: Amount(100 * Amount.unitsPerToken))], gasLimit: 900_000)
            }
            precondition(chain.advance(joins).receipts.allSatisfy { $0.outcome.failure == nil }, "an operator could not join")
        }
        let (freeze, freezeGas) = send(Infrastructure.freeze.reference.call(on: .infrastructure, "app"))
        chain.advance()
        chain.advance()
        let (map, mapGas) = send(Infrastructure.map.reference.call(on: .infrastructure, "app"))
        return (freeze, freezeGas, map, mapGas)
    }
}
