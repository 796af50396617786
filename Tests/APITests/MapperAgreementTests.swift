import API
import Contracts
import Cryptography
import Execution
import Foundation
import Ledger
import Primitives
import Testing

/// The mapper of the contract and the one that browsers run are two programs in two languages; they agree, whatever is to be assigned.
@Suite(.serialized, .enabled(if: Browser.path != nil, Browser.missing)) struct MapperAgreementTests {
    private static func input(_ generator: inout SeededGenerator, operators count: Int, copies: Int, size: Int) -> MappingInput {
        func maybe(_ value: UInt32) -> UInt32? { generator.chance(1, in: 2) ? value : nil }
        let groups = [
            TopologyGroup(name: "shard", isShard: true, copies: UInt32(copies), parts: Bounded([TopologyPart(template: "worker", count: UInt32(size))])!),
            TopologyGroup(name: "proxy", isShard: false, copies: 1, parts: Bounded([TopologyPart(template: "proxy", count: 3)])!),
        ]
        let operators = (0..<count).map { place in
            MappingOperator(
                number: UInt32(2 * place + 1), units: UInt32(generator.below(6)), reputation: UInt32(generator.below(4)), continent: Continent.all[generator.below(7)],
                region: RegionName("région-\(generator.below(4))")!, provider: generator.chance(1, in: 2) ? ProviderName("cloud-\(generator.below(3))")! : nil,
                isBarred: generator.chance(1, in: 12))
        }
        let policy = MappingPolicy(
            perOperatorInGroup: maybe(UInt32(1 + generator.below(3))), regionShare: maybe(UInt32(3 + generator.below(8)) * 100_000),
            providerShare: maybe(UInt32(generator.below(11)) * 100_000), cloudShare: maybe(UInt32(generator.below(11)) * 100_000),
            coalition: maybe(UInt32(1 + generator.below(4))), continentCoalition: maybe(UInt32(1 + generator.below(3))))
        let slots = copies * size + 3
        let previous = generator.chance(2, in: 3) ? (0..<slots).map { _ in UInt32(generator.below(2 * count + 3)) } : []
        let exclusions = generator.chance(1, in: 3) ? [Exclusion(group: 0, number: 1), Exclusion(group: UInt32(copies), number: 3)] : []
        return MappingInput(
            application: "shop", number: generator.next() >> 8, topology: Topology(groups)!, policy: policy, reputationMin: UInt32(generator.below(2)),
            rotation: generator.chance(1, in: 2) ? 250_000 : 0, operators: Bounded(operators)!, previous: AssignedOperators(previous)!, exclusions: Bounded(exclusions)!)
    }

    @Test func bothGiveEveryNodeToTheSame() async throws {
        struct Case: Encodable { let input, beacon, digest: String }
        var generator = SeededGenerator(seed: 11), cases: [Case] = [], complete = 0
        for round in 0..<120 {
            let isLarge = round < 3
            let input = Self.input(&generator, operators: isLarge ? 400 : 1 + generator.below(20), copies: isLarge ? 12 : 1 + generator.below(5), size: isLarge ? 60 : 1 + generator.below(6))
            let beacon = try #require(Beacon(generator.bytes(32)))
            let mapping = try #require(Mapping.compute(input, beacon: beacon))
            if mapping.summary.isComplete { complete += 1 }
            let digest = SHA256.hash(try #require(AssignedOperators(mapping.slots)).bcs)
            cases.append(Case(input: "0x" + input.bcs.hex, beacon: "0x" + beacon.hex, digest: "0x" + digest.hex))
        }
        // Both kinds are there: those that exchanges had to complete or could not, and those that draws alone fill.
        #expect((10...110).contains(complete))
        let script = """
            import { assignmentDigest, bytesOf, compute, readInput } from "./mapper.js";
            const cases = \(String(decoding: try JSONEncoder().encode(cases), as: UTF8.self));
            const wrong = cases.flatMap((one, place) => (assignmentDigest(compute(readInput(bytesOf(one.input)), bytesOf(one.beacon))) === one.digest ? [] : [place]));
            document.getElementById("main").textContent = `${cases.length} compared, different: ${wrong.join(" ")}.`;
            """
        let page = "<!doctype html><html><head><title>check</title><script type=\"module\" src=\"/check.js\"></script></head><body><main id=\"main\"></main></body></html>"
        let mapper = try #require(Dashboard.files["/mapper.js"])
        let files = StaticFiles([
            "/mapper.js": mapper, "/check.js": .init(bytes: Array(script.utf8), contentType: "text/javascript; charset=utf-8"),
            "/check.html": .init(bytes: Array(page.utf8), contentType: "text/html; charset=utf-8"),
        ])
        try await Served.run(files: files) { api in
            let address = "http://127.0.0.1:\(api.port)/check.html"
            let shown = try await off { try Browser.open(address, milliseconds: 20_000) }
            #expect(shown.text.contains("120 compared, different: ."), "\(shown.text) \(shown.console)")
        }
    }
}
