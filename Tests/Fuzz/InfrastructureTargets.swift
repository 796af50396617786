import Contracts
import Execution
import Ledger
import Primitives

extension FuzzTargets {
    static let infrastructure: [FuzzTarget] = [
        .canonical("infrastructure-document", Document.self, samples: [InfrastructureSamples.document]),
        // What is read as the input of a mapping is mapped within the work that is allowed, and keeps the bounds of groups and units.
        FuzzTarget(name: "mapping-input", samples: InfrastructureSamples.inputs.map(\.bcs)) { bytes in
            guard let input = try? MappingInput(bcs: bytes) else { return nil }
            guard input.bcs == bytes else { return "encodes as something else" }
            guard let mapping = Mapping.compute(input, beacon: Beacon(), workMax: 400_000) else { return nil }
            guard mapping.slots.count == input.topology.slotCount else { return "has \(mapping.slots.count) slots" }
            let numbers = input.operators.map(\.number)
            // Numbers that stand for nobody, or for two, are none that a contract gives.
            guard Set(numbers).count == numbers.count, !numbers.contains(0) else { return nil }
            for one in input.operators {
                let held = mapping.slots.count { $0 == one.number }
                if held > Int(one.units) || held > 0 && (one.isBarred || one.reputation < input.reputationMin) { return "operator \(one.number) has \(held) nodes" }
            }
            return nil
        },
    ]

    private enum InfrastructureSamples {
        static let document: Document = {
            let count = DocumentValue.map([.init("count", .integer(3))])
            let values: [(DocumentSection, String, DocumentValue)] = [
                (.header, "description", .text("Three workers.")),
                (.nodeTemplates, "worker", .map([.init("properties", count), .init("type", .text("diac.nodes.Worker"))])),
                (.policies, "p", .list([.null, .boolean(true), .decimal(DocumentDecimal("-0.5")!), .integer(-9)])),
            ]
            do {
                var objects: [DocumentObject] = []
                for value in values { objects.append(try DocumentObject(value.0, value.1, value.2)) }
                return try Document(sorting: objects)
            } catch { preconditionFailure("\(error)") }
        }()

        static let strict = MappingPolicy(perOperatorInGroup: 1, regionShare: 500_000, providerShare: 250_000, cloudShare: 500_000, coalition: 2)

        static let inputs: [MappingInput] = [MappingPolicy(), strict].map { policy in
            let part = TopologyPart(template: "worker", count: 3)
            let shard = TopologyGroup(name: "shard", isShard: true, copies: 2, parts: Bounded([part])!)
            var operators: [MappingOperator] = []
            for number in 1...UInt32(4) {
                let region: RegionName = number > 2 ? "JP" : "IN", provider: ProviderName? = number == 4 ? "cloud" : nil
                operators.append(MappingOperator(number: number, units: 2, continent: .asia, region: region, provider: provider))
            }
            return MappingInput(
                application: "shop", number: 2, topology: Topology([shard])!, policy: policy, rotation: 300_000, operators: Bounded(operators)!,
                previous: AssignedOperators([1, 2, 3, 0, 9, 1])!, exclusions: Bounded([Exclusion(group: 1, number: 2)])!)
        }
    }
}
