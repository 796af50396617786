import ChainKit
import Contracts
import Execution
import Foundation
import Ledger
import Primitives
import WorldState

extension Suite {
    /// What applications cost without a network: each call through the executor and the tree in memory, in blocks of many.
    static let infrastructureCalls = Suite(
        name: "infrastructure-calls", summary: "Import, create, export and map at the level of execution: microseconds and gas per call"
    ) { report, quick in
        let count = quick ? 40 : 400
        report.setup["block"] = "\(count) transactions of one call each; executor and tree in memory, without signatures, network and disk"
        report.setup["document"] = "objects of about 54 bytes: 20 pairs are 1.1 KB, 100 are 5.4 KB"
        let bench = InfrastructureBench(count: count)

        report.add("create_us", bench.measure { person, number in
            Infrastructure.create.reference.call(on: .infrastructure, InfrastructureBench.name(number), .account(person.address), Infrastructure.Settings())
        }, unit: "µs")
        report.add("create_gas", [bench.gas], unit: "gas")
        for (name, objects) in [("0743b", 14), ("1kb", 20), ("3kb", 60), ("5kb", 100)] {
            let base = bench.revision
            report.add("import_\(name)_us", try bench.measure { _, number in
                let document = try InfrastructureBench.document(objects, number)
                return Infrastructure.importDocument.reference.call(on: .infrastructure, InfrastructureBench.name(number), base, .full(document), "release")
            }, unit: "µs")
            report.add("import_\(name)_gas", [bench.gas], unit: "gas")
            report.add("import_\(name)_without_tree_us", [bench.withoutTree], unit: "µs")
            bench.revision += 1
            report.add("export_\(name)_us", bench.export(bench.revision), unit: "µs")
        }
        let base = bench.revision
        report.add("delta_us", try bench.measure { _, number in
            let delta = Infrastructure.Delta(objects: try InfrastructureBench.document(1, number + 1))!
            return Infrastructure.importDocument.reference.call(on: .infrastructure, InfrastructureBench.name(number), base, .delta(delta), "one object of a hundred")
        }, unit: "µs")
        report.add("delta_gas", [bench.gas], unit: "gas")

        let mapping = MappingBench(operators: quick ? 500 : 5_000)
        report.add("map_compute_ms", mapping.compute(rounds: quick ? 2 : 10), unit: "ms")
        report.add("map_compute_policies_ms", mapping.compute(rounds: quick ? 2 : 10, withPolicies: true), unit: "ms")
        report.add("map_ns_per_step", [mapping.nanosecondsPerStep], unit: "ns")
        for hasRegions in [true, false] {
            let name = hasRegions ? "hostile_regions" : "hostile"
            report.add("map_compute_\(name)_ms", mapping.hostile(rounds: quick ? 1 : 5, hasRegions: hasRegions), unit: "ms")
            report.add("map_\(name)_ns_per_step", [mapping.nanosecondsPerStep], unit: "ns")
        }
        let whole = mapping.onChain()
        report.add("freeze_5000_workers_ms", [whole.freeze * 1e3], unit: "ms")
        report.add("freeze_5000_workers_gas", [whole.freezeGas], unit: "gas")
        report.add("map_5000_workers_ms", [whole.map * 1e3], unit: "ms")
        report.add("map_5000_workers_gas", [whole.mapGas], unit: "gas")
    }
}

/// Applications by number, each changed once in every block.
private final class InfrastructureBench {
    let chain: TestChain
    let people: [Person]
    let count: Int
    var revision: UInt64 = 0
    /// Of the last call of the last block, and its microseconds without the tree.
    private(set) var gas = 0.0
    private(set) var withoutTree = 0.0

    init(count: Int) {
        self.count = count
        people = (0..<count).map { Person(UInt64($0)) }
        chain = TestChain(Catalogue.definitions, people: people)
    }

    static func name(_ number: Int) -> ApplicationName { ApplicationName("app-\(number)")! }

    static func document(_ objects: Int, _ seed: Int) throws -> Document {
        try Document((0..<objects).map { place in
            let text = "value-\(1_000 + place)-\(100_000 + seed)-" + String(repeating: "x", count: 20)
            return try DocumentObject(.nodeTemplates, "object-\(1_000 + place)", .text(text))
        })
    }

    func measure(_ call: (Person, Int) throws -> Call) rethrows -> [Double] {
        let transactions = try people.enumerated().map { chain.transaction($0.element, [try call($0.element, $0.offset)], gasLimit: 5_000_000) }
        let draft = chain.draft(transactions)
        let bare = Stopwatch()
        do { consume(try chain.executor.execute(draft, transactions, on: chain.state.view)) } catch { preconditionFailure("\(error)") }
        withoutTree = bare.threadCPU / Double(count) * 1e6
        let watch = Stopwatch()
        let block = chain.advance(transactions)
        let seconds = watch.threadCPU
        guard let last = block.receipts.last(where: { $0.outcome.failure == nil }) else { preconditionFailure("\(block.receipts[0].outcome)") }
        precondition(block.receipts.allSatisfy { $0.outcome.failure == nil }, "a call was refused")
        gas = Double(last.gasUsed.rawValue)
        return [seconds / Double(count) * 1e6]
    }

    func export(_ revision: UInt64) -> [Double] {
        (0..<count).map { number in
            let watch = Stopwatch()
            let page = chain.ask(Infrastructure.objects.reference, of: .infrastructure, Self.name(number), UInt64?(revision), DocumentKey?.none)
            precondition(page.next == nil)
            return watch.threadCPU * 1e6
        }
    }
}
