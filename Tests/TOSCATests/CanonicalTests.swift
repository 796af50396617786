import Contracts
import Foundation
import Primitives
import Testing
@testable import TOSCA

/// The canonical form, and exports that read as the same document.
@Suite struct CanonicalTests {
    private func again(_ document: Document, _ format: TemplateFormat) throws(DocumentError) -> Document {
        try Samples.read(document.export(format), options: .init(checksFiles: false)).document
    }

    @Test(arguments: Samples.all) func anExportReadsAsTheSameDocument(_ file: URL) throws {
        let template = try Samples.read(file)
        for format in TemplateFormat.allCases { #expect(try again(template.document, format) == template.document, "\(format)") }
        #expect(try ServiceTemplate(checking: template.document).document == template.document)
        #expect(template.document.objects.count > 3)
    }

    /// Words of an imported file are written with its prefix wherever they stand, so that the document alone means the same.
    @Test func prefixesAreWrittenOut() throws {
        let library = """
            tosca_definitions_version: tosca_simple_yaml_1_3
            group_types: { my.Group: { derived_from: tosca.groups.Root } }
            policy_types: { my.Policy: { derived_from: tosca.policies.Root, targets: [ my.Group, my.Node ] } }
            interface_types: { my.Interface: { derived_from: tosca.interfaces.Root, operations: { go: { description: Goes. } } } }
            capability_types: { my.Capability: { derived_from: tosca.capabilities.Root, properties: { size: { type: integer, default: 2 } } } }
            data_types: { my.Data: { derived_from: tosca.datatypes.Root, properties: { a: { type: my.Word } } }, my.Word: { derived_from: string } }
            node_types:
              my.Node:
                derived_from: tosca.nodes.Root
                properties: { data: { type: list, required: false, entry_schema: { type: my.Data } } }
                interfaces: { my.Interface: { operations: { go: run.sh } } }
                capabilities: { offer: { type: my.Capability, valid_source_types: [ my.Node ] } }
                requirements:
                  - link:
                      capability: my.Capability
                      occurrences: [ 0, UNBOUNDED ]
                      node_filter: { capabilities: [ { my.Capability: { properties: [ { size: { greater_or_equal: 1 } } ] } } ] }
            """
        let service = """
            tosca_definitions_version: tosca_simple_yaml_1_3
            imports: [ { file: library.yaml, namespace_prefix: p } ]
            topology_template:
              node_templates:
                a: { type: p:my.Node, properties: { data: [ { a: b } ] }, requirements: [ { link: b } ] }
                b: { type: p:my.Node }
              groups: { g: { type: p:my.Group, members: [ a ] } }
              policies: [ { rule: { type: p:my.Policy, targets: [ g, a ] } } ]
            """
        let template = try Samples.read(service, files: ["library.yaml": library, "run.sh": ""])
        for format in TemplateFormat.allCases { #expect(try again(template.document, format) == template.document) }
        #expect(template.files == ["run.sh"])
        _ = try DeploymentPlan(template)
        // Plans and the chain know the profile's types by their names.
        let prefixed = "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [ { file: diac.yaml, namespace_prefix: p } ]\n"
        #expect(Samples.problems(prefixed).map(\.code) == [.name] && Samples.problems(prefixed).first?.place.line == 2)
    }

    @Test func notationAndOrderDoNotCount() throws {
        let one = """
            tosca_definitions_version: tosca_simple_yaml_1_3
            # A comment.
            node_types:
              my.Base: { derived_from: tosca.nodes.Root, properties: { size: { type: scalar-unit.size, constraints: [ greater_or_equal: 1 GB ] }, v: { type: version }, f: { type: float } } }
            topology_template:
              node_templates:
                a:
                  type: my.Base
                  properties: { size: 4 GB, v: 1.10, f: 2 }
                  requirements: [ { dependency: b } ]
                  interfaces: { Standard: { create: run.sh } }
                b: { type: tosca:Compute }
              policies:
                - p: { type: tosca.policies.Placement, targets: [ a ] }
                - o: { type: tosca.policies.Placement }
            """
        let other = """
            topology_template:
              policies:
                - o:
                    type: tosca.policies.Placement
                - p:
                    targets:
                      - a
                    type: tosca.policies.Placement
              node_templates:
                b:
                  type: "tosca.nodes.Compute"
                  capabilities: {}
                a:
                  interfaces:
                    Standard:
                      operations:
                        create:
                          implementation:
                            primary: ./run.sh
                  requirements:
                    - dependency:
                        node: b
                  properties:
                    f: 2.00
                    v: "1.10"
                    size: 4GB
                  type: my.Base
            imports: [ types.yaml ]
            tosca_definitions_version: tosca_simple_yaml_1_3
            """
        let types = """
            tosca_definitions_version: tosca_simple_yaml_1_3
            node_types:
              my.Base:
                properties:
                  f: { type: float }
                  v: { type: version }
                  size:
                    constraints:
                      - greater_or_equal: 1 gb
                    type: scalar-unit.size
                derived_from: tosca.nodes.Root
            """
        let first = try Samples.read(one, files: ["run.sh": ""]).document
        let second = try Samples.read(other, files: ["run.sh": "", "types.yaml": types]).document
        let difference = DocumentDifference(from: first, to: second)
        #expect(first == second, "\(difference.text)")
        #expect(first.object(.nodeTemplates, "a")?.value["properties"]?["v"] == .text("1.10"))
    }

    /// Values of every kind, wherever the standard lets anything stand.
    @Test func anyValueSurvives() throws {
        var generator = SeededGenerator(seed: 7)
        let words = ["yes", "no", "1.10", "0o17", "010", "0x1f", "1_000", "~", "null", "", " a", "a ", "- a", "a: b", "#a", "12:30:45", "2020-01-01", "é\u{301}", "\u{85}\u{2028}", "tab\tnew\nline",
                     "'", "\"", "\\", "!", "&a", "*a", "%", "@", "`", "{", "[", "|", ">", "=", "<<", ".inf", "1e3", "\u{1F600}", "\u{7f}"]
        func value(_ depth: Int) -> DocumentValue {
            switch generator.below(depth > 3 ? 5 : 7) {
            case 0: .null
            case 1: .boolean(generator.chance(1, in: 2))
            case 2: .integer(Int64(bitPattern: generator.next()) >> Int64(generator.below(64)))
            case 3: DocumentDecimal("\(generator.below(1000)).\(generator.below(9) + 1)").map { .decimal($0) } ?? .null
            case 4: .text(words[generator.below(words.count)])
            case 5: .list((0..<generator.below(4)).map { _ in value(depth + 1) })
            default: DocumentValue.map(sorting: Set((0..<generator.below(4)).map { _ in words[generator.below(words.count)] }).filter { !$0.isEmpty && $0 != "<<" }.map { .init("k\($0)", value(depth + 1)) }) ?? .null
            }
        }
        for _ in 0..<300 {
            let object = try DocumentObject(.outputs, "o", .map([.init("value", .map([.init("held", value(0))]))]))
            let version = try DocumentObject(.header, "tosca_definitions_version", .text("tosca_simple_yaml_1_3"))
            let document = try Document(sorting: [version, object])
            for format in TemplateFormat.allCases { #expect(try again(document, format) == document, "\(document.export(format))") }
        }
    }

    @Test func differencesAreLines() throws {
        let before = try Samples.read(Samples.proxies).document
        let after = try Samples.read(Samples.proxies.replacing("stake: 1000", with: "stake: 2000").replacing("        region: eu-west\n", with: "").replacing("    proxy_1:", with: "    proxy_2:")).document
        let difference = DocumentDifference(from: before, to: after)
        #expect(difference.text == """
            ~ node_templates.alice.properties.stake: 1000 → 2000
            - node_templates.proxy_1
            + node_templates.proxy_2

            """.replacing("~ node_templates.alice", with: "- node_templates.alice.properties.region: \"eu-west\"\n~ node_templates.alice", maxReplacements: 1))
        #expect(DocumentDifference(from: after, to: after).isEmpty)
    }

    @Test func prefixesKeepNamesApart() throws {
        let types = "tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types:\n  N: { derived_from: tosca.nodes.Root }\n  M: { derived_from: N }\n"
        let document = try Samples.read("""
            tosca_definitions_version: tosca_simple_yaml_1_3
            imports:
              - { file: types.yaml, namespace_prefix: one }
              - { file: types.yaml, namespace_prefix: two }
            topology_template:
              node_templates:
                a: { type: "one:M" }
                b: { type: "two:N" }
            """, files: ["types.yaml": types]).document
        #expect(document.objects(in: .nodeTypes).map(\.name) == ["one:M", "one:N", "two:M", "two:N"])
        #expect(document.object(.nodeTypes, "two:M")?.value["derived_from"] == .text("two:N"))
        #expect(try again(document, .yaml) == document)
    }

    @Test func filesAreListedByTheirContent() throws {
        let document = try Samples.read(Samples.proxies).document
        let file = try #require(document.object(.files, "images/worker.image"))
        #expect(file.value["cid"] == .text("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"))
    }
}
