import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing

/// One encoding for each value, and nothing else is taken for one.
@Suite struct DocumentTests {
    typealias Fixture = InfrastructureFixture

    /// Written by hand from the specification of the encoding.
    static let golden: [(DocumentValue, String)] = [
        (.null, "00"), (.boolean(true), "0101"), (.integer(-2), "02feffffffffffffff"), (.decimal(DocumentDecimal("-0.5")!), "03042d302e35"),
        (.text("é"), "0402c3a9"), (.list([.null, .integer(1)]), "050200020100000000000000"),
        (Fixture.map(("b", .null), ("a", .list([]))), "0602016105000162" + "00"),
    ]

    @Test(arguments: golden.indices) func encodingsAreThoseWrittenByHand(_ index: Int) throws {
        let (value, hex) = Self.golden[index]
        #expect(value.bcs.hex == hex)
        #expect(try DocumentValue(bcs: [UInt8](hex: hex)!) == value)
    }

    @Test func objectsAndDocumentsHaveTheirDigests() throws {
        let object = Fixture.object(.inputs, "a", .boolean(true))
        #expect(object.bcs.hex == "0a" + "0161" + "02" + "0101")
        #expect(object.digest == SHA256.hash(Array("trellis/document-object/1".utf8) + object.bcs))
        let document = Fixture.document(Fixture.object(.outputs, "z", .null), object)
        #expect(document.objects.map(\.name) == ["a", "z"])
        #expect(document.digest == SHA256.hash(Array("trellis/document/1".utf8) + document.objects.flatMap(\.digest.bytes)))
        #expect(try Document(bcs: document.bcs) == document)
        #expect(Document.empty.digest == SHA256.hash(Array("trellis/document/1".utf8)))
    }

    @Test(arguments: [
        // A map out of order, with one key twice, with an empty key.
        "0602016200016100", "0602016100016100", "06010000",
        // A decimal with a zero too many, without a point, as minus zero, with an exponent.
        "0304302e3530", "03023130", "03042d302e30", "0305312e306535",
        // An unknown case, a truth value of 2, a length that is not minimal, text that is not UTF-8, bytes behind the value.
        "07", "0102", "048000", "0401ff", "0000",
    ]) func whatIsNotCanonicalIsRefused(_ hex: String) {
        #expect(throws: BCSError.self) { try DocumentValue(bcs: [UInt8](hex: hex)!) }
    }

    @Test func limitsHold() throws {
        var deep = DocumentValue.null
        for _ in 0..<DocumentLimits.depthMax { deep = .list([deep]) }
        #expect(try DocumentObject(.inputs, "deep", deep).value == deep)
        #expect(throws: DocumentFault.self) { try DocumentObject(.inputs, "deep", .list([deep])) }
        let long = String(repeating: "x", count: DocumentLimits.valueBytesMax - 4)
        #expect(try DocumentObject(.inputs, "long", .text(long)).encoded.count < DocumentLimits.valueBytesMax)
        #expect(throws: DocumentFault.self) { try DocumentObject(.inputs, "long", .text(long + "xxxx")) }
        #expect(throws: DocumentFault.nameInvalid(.inputs, "")) { try DocumentObject(.inputs, "", .null) }
        #expect(throws: DocumentFault.self) { try DocumentObject(.inputs, String(repeating: "n", count: 201), .null) }
        #expect(throws: DocumentFault.self) { try DocumentObject(.inputs, "map", .map([.init("b", .null), .init("a", .null)])) }
        let one = Fixture.object(.inputs, "a", .null)
        #expect(throws: DocumentFault.keysNotAscending(one.key)) { try Document([one, one]) }
        #expect(throws: DocumentFault.keysNotAscending(one.key)) { try Document([Fixture.object(.outputs, "a", .null), one]) }
        #expect(throws: DocumentFault.objectsOverLimit(1_025)) { try Document((0...1_024).map { Fixture.object(.inputs, "\(10_000 + $0)", .null) }) }
        let heavy = (0..<17).map { Fixture.object(.inputs, "\(10 + $0)", .text(long)) }
        #expect(throws: DocumentFault.self) { try Document(heavy) }
        #expect(try Document(Array(heavy.dropLast(2))).objects.count == 15)
        // A long list that is claimed and not there must not be waited for.
        #expect(throws: BCSError.self) { try DocumentValue(bcs: [5, 0xff, 0x7f]) }
    }

    @Test func textsThatLookAlikeAreNotTheSame() {
        // K and the Kelvin sign, é in one and in two characters: equal to Swift, not to us.
        #expect(DocumentValue.text("\u{212a}") != .text("K"))
        #expect(Fixture.map(("\u{e9}", .null), ("e\u{301}", .null))["\u{e9}"] == .null)
        #expect(DocumentValue.map(sorting: [.init("a", .null), .init("a", .null)]) == nil)
    }

    @Test func decimalsHaveOneForm() {
        for good in ["0.0", "-0.5", "12.25", "100.0", "0.05"] { #expect(DocumentDecimal(good)?.text == good) }
        for bad in ["", ".", "1", "1.", ".5", "01.0", "1.50", "-0.0", "+1.0", "1.0e3", "1.0.0", "1,0", "--1.0", "٣.٠", String(repeating: "1", count: 64) + ".0"] {
            #expect(DocumentDecimal(bad) == nil, "\(bad)")
        }
    }

    @Test func sectionsKeepTheirNumbersAndNames() {
        #expect(DocumentSection.allCases.map(\.name) == [
            "header", "repositories", "artifact_types", "data_types", "capability_types", "interface_types", "relationship_types", "node_types",
            "group_types", "policy_types", "inputs", "node_templates", "relationship_templates", "groups", "policies", "workflows", "outputs",
            "substitution_mappings", "files",
        ])
        for section in DocumentSection.allCases { #expect(DocumentSection(name: section.name) == section) }
        #expect(DocumentSection(name: "nodeTemplates") == nil)
    }

    @Test(arguments: 0..<300 as Range<UInt64>) func alteredEncodingsAreRefusedOrTheSameValueAgain(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func value(_ depth: Int) -> DocumentValue {
            switch generator.below(depth > 3 ? 5 : 7) {
            case 0: .null
            case 1: .boolean(generator.chance(1, in: 2))
            case 2: .integer(Int64(bitPattern: generator.next()))
            case 3: .decimal(DocumentDecimal("\(generator.below(100)).\(1 + generator.below(9))")!)
            case 4: .text(String(repeating: "t", count: generator.below(20)))
            case 5: .list((0..<generator.below(4)).map { _ in value(depth + 1) })
            default: .map(sorting: (0..<generator.below(4)).map { .init("k\($0)", value(depth + 1)) })!
            }
        }
        let original = value(0)
        var bytes = original.bcs
        #expect((try? DocumentValue(bcs: bytes)) == original)
        for _ in 0..<4 { bytes[generator.below(bytes.count)] = UInt8(truncatingIfNeeded: generator.next()) }
        if let read = try? DocumentValue(bcs: bytes) { #expect(read.bcs == bytes) }
    }

    /// Each step of a derivation counts, up to as many as types may have; a circle leads nowhere.
    @Test(arguments: 0..<60 as Range<UInt64>) func derivationsAreFollowedAsFarAsTheyGo(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let names = (0..<40).map { "t\($0)" } + ["diac.nodes.Worker", "diac.nodes.Shard"]
        var parents: [String: String] = [:]
        // The first is one long line, so that its depth ends; the others are arbitrary, with circles.
        for (place, name) in names.enumerated() where seed == 0 ? place < 40 : generator.chance(9, in: 10) {
            parents[name] = seed == 0 ? (place == 0 ? "diac.nodes.Worker" : names[place - 1]) : names[generator.below(names.count)]
        }
        func reaches(_ goal: String, _ type: String) -> Bool {
            var type = type
            for _ in 0..<32 {
                if type == goal { return true }
                guard let parent = parents[type] else { return false }
                type = parent
            }
            return false
        }
        let types = parents.map { Fixture.object(.nodeTypes, $0.key, Fixture.map(("derived_from", .text($0.value)))) }
        for name in names {
            let document = try Document(sorting: types + [Fixture.object(.nodeTemplates, "one", Fixture.map(("type", .text(name)))), Fixture.worker("w")])
            let isNode = !reaches("diac.nodes.Shard", name) && reaches("diac.nodes.Worker", name)
            let isWorker = !reaches("diac.nodes.Shard", "diac.nodes.Worker")
            #expect(DocumentTopology.topology(of: document)?.groups.map(\.name.text) == (isNode ? ["one"] : []) + (isWorker ? ["w"] : []), "\(name)")
        }
    }

    @Test func topologyAndPoliciesAreReadThroughDerivedTypes() throws {
        let document = Fixture.document(
            Fixture.object(.nodeTypes, "my.Worker", Fixture.map(("derived_from", .text("my.Base")))),
            Fixture.object(.nodeTypes, "my.Base", Fixture.map(("derived_from", .text("diac.nodes.Worker")))),
            Fixture.object(.nodeTypes, "my.Loop", Fixture.map(("derived_from", .text("my.Loop")))),
            Fixture.object(.nodeTemplates, "looped", Fixture.map(("type", .text("my.Loop")))),
            Fixture.object(.nodeTemplates, "mine", Fixture.map(("type", .text("my.Worker")), ("properties", Fixture.map(("count", .integer(250)))))),
            Fixture.object(.nodeTemplates, "pinned", Fixture.map(
                ("type", .text("diac.nodes.Proxy")), ("requirements", .list([Fixture.map(("operated_by", .text("alice")))])))),
            Fixture.object(.nodeTemplates, "proxy", Fixture.map(("type", .text("diac.nodes.Proxy")))),
            Fixture.object(.nodeTemplates, "disk", Fixture.map(("type", .text("tosca.nodes.BlockStorage")))),
            Fixture.shard("shard", copies: 20, of: "mine"),
            Fixture.object(.policies, "spread", Fixture.map(
                ("type", .text("diac.policies.Decentralization")),
                ("properties", Fixture.map(("max_per_operator_per_shard", .integer(1)), ("region_share", .integer(30)), ("coalition", .integer(7)))))),
            Fixture.object(.policies, "other", Fixture.map(
                ("type", .text("diac.policies.Decentralization")), ("properties", Fixture.map(("region_share", .integer(20)), ("coalition", .integer(3)))))))
        let topology = try #require(DocumentTopology.topology(of: document))
        #expect(topology.groups.map(\.name.text) == ["shard", "proxy"] && topology.slotCount == 5_001 && topology.sizes.count == 21)
        #expect(topology.runs[1].instance(249) == "mine_2_250" && topology.runs[20].instance(0) == "proxy")
        #expect(DocumentTopology.policy(of: document) == MappingPolicy(perOperatorInGroup: 1, regionShare: 200_000, coalition: 7))
        #expect(DocumentTopology.topology(of: Fixture.document(Fixture.worker("w", count: 10_001))) == nil)
        #expect(DocumentTopology.topology(of: Fixture.document(Fixture.worker("w", count: 0))) == nil)
    }
}
