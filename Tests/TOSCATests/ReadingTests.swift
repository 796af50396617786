import Contracts
import Foundation
import Testing
@testable import TOSCA

/// What a reader of foreign files must withstand, and what the standard's simple types are.
@Suite struct ReadingTests {
    private func codes(_ text: String) -> Set<ProblemCode> { Set(Samples.problems(text).map(\.code)) }

    @Test func theStandardsOwnTypesAreGood() throws {
        let problems = ProblemList(), types = TypeCatalogue(problems: problems), checker = Checker(problems: problems, types: types, files: nil)
        let root = NormativeTypes.tree()
        types.add(root, isNormative: true)
        types.link()
        for kind in TypeKind.allCases {
            for (name, _) in root[kind.section.name]?.members ?? [] { #expect(types.known(kind, name, prefix: "") != nil) }
        }
        // Checked like those of a document, whose names may not be the standard's.
        let own = TypeCatalogue(problems: problems)
        own.add(NormativeTypes.tree(), isNormative: false)
        own.link()
        let second = Checker(problems: problems, types: own, files: nil)
        second.checkTypes()
        #expect(problems.problems.allSatisfy { $0.code == .typeDuplicate }, "\(problems.problems.filter { $0.code != .typeDuplicate })")
        #expect(checker.problems === problems)
    }

    @Test func aliasBombsEndSoon() {
        var bomb = "tosca_definitions_version: tosca_simple_yaml_1_3\ndsl_definitions:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 { bomb += "  a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n" }
        #expect(codes(bomb) == [.yamlLimit])
        // Where an alias is a key, which Yams would compare: ways with a colon behind it and without one.
        let small = "tosca_definitions_version: tosca_simple_yaml_1_3\ndsl_definitions:\n  a40: &a40 [x]\n"
        for key in ["  ? *a40\n  : 1\n", "  b: { [*a40]: 1 }\n", "  b: { *a40 : 1 }\n", "  b: {*a40}\n", "  b: {? *a40}\n", "  b: {? *a40 : 1}\n", "  b: [ ? *a40 ]\n",
                    "  b:\u{2028}    ? *a40 # c\n", "  b:\u{85}    ? *a40 # c\n", "  b: { ? { c: *a40 } : 1 }\n"] {
            #expect(codes(small + key) == [.yamlKey], "\(key)")
            #expect(codes(bomb + key) == [.yamlLimit], "\(key)")
        }
        for odd in ["{?*a40}", "{?*a40 : 1}"] { #expect(!codes(small + "  b: \(odd)\n").isEmpty && codes(bomb + "  b: \(odd)\n") == [.yamlLimit]) }
        #expect(codes("\u{feff}? *a40 # c\n") == [.yamlKey])
        // Texts too are counted as often as they are meant.
        let text = "tosca_definitions_version: tosca_simple_yaml_1_3\ndsl_definitions:\n  a: &a \(String(repeating: "x", count: 200_000))\n"
        #expect(codes(text + "  b: [\(Array(repeating: "*a", count: 1_000).joined(separator: ", "))]\n") == [.yamlLimit])
    }

    /// Signs that mean something else in quotes, comments and texts are no keys.
    @Test(arguments: [
        "a: \"http://[::1]:8080\"\n  b: \".*-prod\"", "a: \"*Note:* …\"", "a: {} # ? *x\n  b: \"*c\"", "? a\n  : '*b : c'", "a: x *b : c", "a: |\n    *b : c\n    ? *d",
    ]) func whatOnlyLooksLikeAnAliasIsRead(_ text: String) {
        let problems = ProblemList()
        var budget = YAMLReader.Budget()
        let root = YAMLReader.read(Array("  \(text)\n".utf8), file: "a.yaml", origin: FileOrigin(directory: "", prefix: ""), problems: problems, budget: &budget)
        // `x *b : c` is the only one that YAML itself refuses.
        #expect((root != nil) == !text.hasPrefix("a: x"), "\(problems.problems)")
    }

    @Test func tagsAndAnchorsMeanWhatYAMLSays() throws {
        let problems = ProblemList()
        var budget = YAMLReader.Budget()
        let text = "&k key: &a 1\nagain: *a\nname: *k\nshadow: [&a 2, *a]\nword: !!str 3\nbare: ! 4\nnumber: !!int \"5\"\nquoted: '6'\nlist: !!seq [7]\n"
        let root = try #require(YAMLReader.read(Array(text.utf8), file: "a.yaml", origin: FileOrigin(directory: "", prefix: ""), problems: problems, budget: &budget))
        func scalar(_ node: YAMLNode?) -> YAMLNode.Scalar? { if case .scalar(let scalar)? = node?.content { scalar } else { nil } }
        #expect(scalar(root["again"]) == .init(text: "1", isQuoted: false) && root["again"] !== root["key"])
        #expect(scalar(root["name"]) == .init(text: "key", isQuoted: false))
        #expect(scalar(root["shadow"]?.items[1]) == .init(text: "2", isQuoted: false))
        #expect(["word", "bare", "quoted"].allSatisfy { scalar(root[$0])?.isQuoted == true } && scalar(root["number"])?.isQuoted == false)
        #expect(root["list"]?.items.count == 1 && root["shadow"]?.items[1].path == "shadow[1]" && root["word"]?.place == Place(file: "a.yaml", line: 5, column: 7))
        #expect(budget.nodes == TemplateLimits.nodesMax - 13)
    }

    /// What a small file may ask for, and what nobody waits for: each ends soon, with a problem.
    @Test(arguments: ["pattern", "values", "properties", "inheritance"]) func workIsBounded(_ kind: String) {
        func list(_ count: Int, _ word: String) -> String { (0..<count).map { "\(word)\($0)" }.joined(separator: ", ") }
        func type(_ property: String) -> String { "node_types:\n  T: { derived_from: tosca.nodes.Root, properties: { p: { type: list, entry_schema: { \(property) } } } }" }
        let text = switch kind {
        case "pattern":
            Samples.topology("    n: { type: T, properties: { p: [ \(String(repeating: "a", count: 200_000)) ] } }", types: type("type: string, constraints: [ { pattern: \"([a-cd-fg-i]?){490}{2}\" } ]"))
        case "values":
            Samples.topology("    n: { type: T, properties: { p: [ \(list(30_000, "a")) ] } }", types: type("type: string, constraints: [ { valid_values: [ \(list(30_000, "a")) ] } ]"))
        case "properties":
            Samples.topology(
                (0..<20_000).map { "    n\($0): { type: T }" }.joined(separator: "\n"),
                types: "node_types:\n  T: { derived_from: tosca.nodes.Root, properties: { \((0..<8_000).map { "p\($0): { type: string, required: false }" }.joined(separator: ", ")) } }")
        default:
            "tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types:\n  R: { properties: { \((0..<8_000).map { "p\($0): { type: string }" }.joined(separator: ", ")) } }\n"
                + (0..<8_000).map { "  T\($0): { derived_from: R, properties: { q: { type: string } } }\n" }.joined()
        }
        let start = ContinuousClock.now
        #expect(codes(text).contains(.yamlLimit))
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    /// What is said of a problem is not put together when nobody will read it, and a name is told once.
    @Test func problemsAreFew() {
        let properties = (0..<400).map { "p\($0)xxxxxxxxxxxx: { type: string, required: false }" }.joined(separator: ", ")
        let values = (0..<20_000).map { "q\($0): 1" }.joined(separator: ", ")
        let text = Samples.topology("    n: { type: T, properties: { \(values) } }", types: "node_types:\n  T: { derived_from: tosca.nodes.Root, properties: { \(properties) } }")
        let start = ContinuousClock.now, problems = Samples.problems(text)
        #expect(problems.count == TemplateLimits.problemsMax && problems.allSatisfy { $0.code == .propertyUnknown && $0.remedy.utf8.count < 1_000 })
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test func aliasesOfPeopleAreRead() throws {
        let document = try Samples.read("""
            tosca_definitions_version: tosca_simple_yaml_1_3
            dsl_definitions:
              host: &host { num_cpus: 2, mem_size: 1 GB }
            topology_template:
              node_templates:
                a: { type: tosca.nodes.Compute, capabilities: { host: { properties: *host } } }
                b: { type: tosca.nodes.Compute, capabilities: { host: { properties: *host } } }
            """).document
        #expect(document.object(.nodeTemplates, "a")?.value == document.object(.nodeTemplates, "b")?.value)
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 50_000), String(repeating: "- ", count: 20_000) + "a",
        (0..<3_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(), "a: &a [*a]", "*a", "a: b: c", "\u{0}", "%YAML 9.9\n---\na: b", "a: b\n---\nc: d", "", "- a", "a",
        "tosca_definitions_version: [tosca_simple_yaml_1_3]", "tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: []", "? [a]\n: b", "\"\": a",
    ]) func nothingElseIsRead(_ text: String) { #expect(!Samples.problems(text).isEmpty) }

    @Test func sizeIsBounded() {
        #expect(codes("a: " + String(repeating: "b", count: TemplateLimits.scalarBytesMax + 1)) == [.yamlLimit])
        #expect(codes("a: " + String(repeating: "b ", count: TemplateLimits.fileBytesMax)) == [.yamlLimit])
        #expect(codes("a: [" + String(repeating: "1,", count: TemplateLimits.nodesMax + 10) + "]") == [.yamlLimit])
    }

    @Test(arguments: [
        ("string", "a", true), ("string", "yes", true), ("string", "1.10", false), ("string", "\"1.10\"", true), ("string", "true", false), ("string", "~", false), ("string", "2020-01-01", true),
        ("integer", "010", true), ("integer", "0o17", true), ("integer", "0xff", true), ("integer", "1_000", false), ("integer", "9223372036854775808", false), ("integer", "1.0", false),
        ("float", "1", true), ("float", "-1.5e3", true), ("float", ".inf", false), ("float", "1e999", false), ("float", "1e-9223372036854775808", false), ("float", "1e9223372036854775807", false), ("boolean", "True", true), ("boolean", "yes", false),
        ("version", "1.10", true), ("version", "2.0.1.beta-3", true), ("version", "1", false), ("version", "1.a", false), ("timestamp", "2001-12-14t21:59:43.10-05:00", true),
        ("timestamp", "2002-12-14", true), ("timestamp", "2001-02-29", false), ("timestamp", "noon", false), ("range", "[1, 4]", true), ("range", "[4, 1]", false), ("range", "[1, UNBOUNDED]", true),
        ("scalar-unit.size", "4 GB", true), ("scalar-unit.size", "4GiB", true), ("scalar-unit.size", "4 XB", false), ("scalar-unit.size", "4", false), ("scalar-unit.size", "-4 GB", false),
        ("scalar-unit.time", "1.5 h", true), ("scalar-unit.frequency", "0.1 GHz", true), ("scalar-unit.bitrate", "10 Mbps", true), ("scalar-unit.bitrate", "10 MB", false),
        ("list", "[1, a]", true), ("list", "a", false), ("map", "{ a: 1 }", true), ("map", "[]", false), ("json", "\"{}\"", true), ("tosca.datatypes.network.PortDef", "65536", false), ("PortDef", "1", false),
        ("tosca.datatypes.network.PortDef", "80", true), ("tosca.datatypes.Credential", "{ token: abc }", true), ("tosca.datatypes.Credential", "{ user: abc }", false), ("nothing", "1", false),
    ]) func simpleTypes(_ type: String, _ value: String, _ isGood: Bool) {
        let types = "node_types:\n  T: { derived_from: tosca.nodes.Root, properties: { p: { type: \(type) } } }"
        #expect(Samples.problems(Samples.topology("    n: { type: T, properties: { p: \(value) } }", types: types)).isEmpty == isGood)
    }

    @Test(arguments: [
        ("integer", "equal: 4", "4", true), ("integer", "greater_than: 4", "4", false), ("integer", "less_than: 4", "3", true), ("integer", "less_or_equal: 4", "5", false),
        ("integer", "in_range: [1, UNBOUNDED]", "5", true), ("integer", "in_range: [1, 4]", "5", false), ("float", "less_or_equal: 0.3", "0.30000000000000001", false),
        ("string", "length: 3", "äöü", true), ("string", "min_length: 2", "a", false), ("string", "max_length: 2", "abc", false), ("string", "pattern: \"[a-z]+\\\\d{2,3}\"", "ab12", true),
        ("string", "pattern: \"[a-z]+\\\\d{2,3}\"", "ab12x", false), ("string", "pattern: \"(a|b)*c?\"", "ababc", true), ("string", "pattern: \"(a*)*b\"", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false),
        ("string", "valid_values: [a, b]", "c", false), ("scalar-unit.size", "greater_or_equal: 1 GB", "1000 MB", true), ("scalar-unit.size", "greater_or_equal: 1 GiB", "1 GB", false),
        ("version", "greater_than: 1.9", "1.10", true), ("timestamp", "less_than: 2020-01-01", "2019-12-31T23:00:00-02:00", false), ("range", "in_range: [1, 10]", "[2, 11]", false),
        ("list", "max_length: 1", "[1, 2]", false), ("string", "valid_values: [\"1.0\"]", "\"1.0\"", true),
    ]) func constraints(_ type: String, _ constraint: String, _ value: String, _ isGood: Bool) {
        let types = "node_types:\n  T: { derived_from: tosca.nodes.Root, properties: { p: { type: \(type), constraints: [ { \(constraint) } ] } } }"
        let problems = Samples.problems(Samples.topology("    n: { type: T, properties: { p: \(value) } }", types: types))
        #expect(problems.map(\.code) == (isGood ? [] : [.valueConstraint]), "\(problems)")
    }

    @Test(arguments: ["equals: 1", "in_range: [4, 1]", "in_range: 1", "greater_than: a", "pattern: a", "length: 1", "valid_values: []", "[]"])
    func constraintsAreCheckedToo(_ constraint: String) {
        let types = "node_types:\n  T: { derived_from: tosca.nodes.Root, properties: { p: { type: integer, constraints: [ { \(constraint) } ] } } }"
        #expect(Samples.problems(Samples.topology("    n: { type: T, properties: { p: 2 } }", types: types)).contains { $0.code == .constraintInvalid || $0.code == .yamlSyntax || $0.code == .yamlKey })
    }

    @Test(arguments: [("(?=a)", false), ("\\1", false), ("a{1000}", false), ("((((a{99}){99}){99}){99})", false), ("[z-a]", false), ("a**", true), ("(", false), ("[", false), ("a|", true), ("[^\\d]", true),
                       ("(){999}{999}{999}{999}{999}", false), ("(((){999}{999}){999}{999}){999}", false), ("(^|$){999}{99}", false), ("a{2}{3}", true), ("a{2}{3}{4}", false), ("a{2,1}", false)])
    func patternsAreBounded(_ text: String, _ isGood: Bool) { #expect((Pattern(text) != nil) == isGood) }

    @Test func functionsAreJudgedByTheirResult() {
        func problems(_ value: String) -> [ProblemCode] {
            let text = """
                tosca_definitions_version: tosca_simple_yaml_1_3
                node_types:
                  T: { derived_from: tosca.nodes.Root, properties: { p: { type: string, constraints: [ { max_length: 4 } ] }, q: { type: string, default: long text } } }
                topology_template:
                  inputs: { short: { type: string, default: ab }, long: { type: string, default: abcdef } }
                  node_templates:
                    n: { type: T, properties: { p: \(value) } }
                """
            return Samples.problems(text).map(\.code)
        }
        #expect(problems("{ get_input: short }") == [])
        #expect(problems("{ get_input: long }") == [.valueConstraint])
        #expect(problems("{ concat: [ { get_input: short }, cd ] }") == [])
        #expect(problems("{ concat: [ { get_input: short }, cde ] }") == [.valueConstraint])
        #expect(problems("{ token: [ a-bcdefg, '-', 0 ] }") == [])
        #expect(problems("{ token: [ a-bcdefg, '-', 1 ] }") == [.valueConstraint])
        #expect(problems("{ join: [ [ a, b ], ',' ] }") == [])
        #expect(problems("{ get_property: [ SELF, q ] }") == [.valueConstraint])
        #expect(problems("{ get_property: [ SELF, p ] }") == [])
        #expect(problems("{ get_attribute: [ SELF, state ] }") == [])
        #expect(problems("{ get_attribute: [ SELF, nothing ] }") == [.functionReference])
        #expect(problems("{ token: [ a, b ] }") == [.functionInvalid])
        #expect(problems("{ get_operation_output: [ SELF, Standard, create, x ] }") == [])
        #expect(problems("{ get_operation_output: [ SELF, Standard, paint, x ] }") == [.operationUnknown])
    }

    @Test func hostsGoSomewhere() {
        let nodes = "    a: { type: T, requirements: [ { host: b } ] }\n    b: { type: T, requirements: [ { host: a } ] }"
        let types = """
            node_types:
              T:
                derived_from: tosca.nodes.Root
                capabilities: { offer: { type: tosca.capabilities.Container } }
                requirements: [ { host: { capability: tosca.capabilities.Container, relationship: tosca.relationships.HostedOn } } ]
            """
        #expect(codes(Samples.topology(nodes, types: types)) == [.requirementCycle])
    }

    @Test func filesStayBelowTheirRoot() throws {
        for name in ["", "/etc/passwd", "../a", "a/../../b", "~/a", "a\\b", "C:/a", "a\u{0}b", "http://a/b", String(repeating: "a", count: 300), "."] { #expect(FilePath(name) == nil, "\(name)") }
        #expect(FilePath("../b", in: "a/c")?.description == "a/b")
        let directory = FileManager.default.temporaryDirectory.appending(path: "tosca-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory.appending(path: "in"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data("a: b".utf8).write(to: directory.appending(path: "secret.yaml"))
        try Data("a: b".utf8).write(to: directory.appending(path: "in/own.yaml"))
        for (link, target) in [("out", "../secret.yaml"), ("ok", "own.yaml")] {
            try FileManager.default.createSymbolicLink(atPath: directory.appending(path: "in/\(link).yaml").path, withDestinationPath: target)
        }
        let files = try #require(DirectoryFiles(directory.appending(path: "in").path))
        #expect(throws: Problem.self) { try files.bytes(of: #require(FilePath("out.yaml"))) }
        #expect(try files.bytes(of: #require(FilePath("ok.yaml"))) == Array("a: b".utf8))
        #expect(try files.bytes(of: #require(FilePath("none.yaml"))) == nil)
    }
}
