import Contracts
import TOSCA

extension FuzzTargets {
    static let tosca: [FuzzTarget] = [
        // What is read as a template is written as one that says the same, and can be planned or says why not.
        FuzzTarget(name: "tosca-template", samples: TemplateSamples.all.map { Array($0.utf8) }) { input in
            guard let template = try? ServiceTemplate("t.yaml", from: MemoryFiles(["t.yaml": input, "run.sh": []])) else { return nil }
            for format in TemplateFormat.allCases {
                let text = template.document.export(format)
                guard let again = try? ServiceTemplate("t.yaml", from: MemoryFiles(texts: ["t.yaml": text]), options: .init(checksFiles: false)) else { return "is not read again from \(format.rawValue)" }
                guard again.document == template.document else { return "says something else as \(format.rawValue)" }
            }
            if let plan = try? DeploymentPlan(template), plan.steps.count > TemplateLimits.instancesMax { return "has a plan without bounds" }
            return nil
        },
        // An archive is read or refused.
        FuzzTarget(name: "tosca-archive", samples: [TemplateSamples.archive]) { input in
            guard let archive = try? ServiceArchive(input, name: "a.csar") else { return nil }
            for name in archive.names {
                guard let path = FilePath(name), path.description == name else { return "has a file of the name \(name)" }
                if let bytes = try? archive.bytes(of: path), bytes.count > TemplateLimits.archiveFileBytesMax { return "unpacks without bounds" }
            }
            _ = try? ServiceTemplate(archive: input, name: "a.csar")
            return nil
        },
    ]

    private enum TemplateSamples {
        static let all = [
            """
            tosca_definitions_version: tosca_simple_yaml_1_3
            metadata: { template_name: a, template_version: 1.0 }
            data_types:
              D: { derived_from: tosca.datatypes.Root, properties: { p: { type: integer, constraints: [ in_range: [ 1, 9 ] ] }, q: { type: D, required: false } } }
              E: { derived_from: string, constraints: [ { pattern: "[a-z]{1,4}" } ] }
            node_types:
              N:
                derived_from: tosca.nodes.Root
                properties: { d: { type: list, entry_schema: D, default: [ { p: 1, q: { p: 2 } } ] }, s: { type: scalar-unit.size, default: 1 GB }, e: { type: E, default: ab } }
                interfaces: { Standard: { operations: { create: run.sh } } }
            topology_template:
              inputs: { i: { type: string, default: ab } }
              node_templates:
                a: &a { type: N, properties: { e: { get_input: i } }, requirements: [ dependency: b ] }
                b: { type: tosca.nodes.Compute, capabilities: { host: { properties: { num_cpus: 2 } } } }
              outputs: { o: { value: { concat: [ { get_property: [ a, e ] }, { token: [ a-b, "-", 1 ] } ] } } }
            """,
            """
            {"tosca_definitions_version": "tosca_simple_yaml_1_0", "node_types": {"S": {"derived_from": "tosca.nodes.SoftwareComponent"}},
             "topology_template": {"node_templates": {"h": {"type": "tosca.nodes.Compute"}, "s": {"type": "S", "requirements": [{"host": "h"}],
              "interfaces": {"Standard": {"create": "run.sh"}}}}, "policies": [{"p": {"type": "tosca.policies.Scaling", "targets": ["s"]}}]}}
            """,
            "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        ]

        /// One stored file, as an archive without metadata.
        static let archive: [UInt8] = {
            let text = Array("tosca_definitions_version: tosca_simple_yaml_1_3\n".utf8), name = Array("a.yaml".utf8)
            func two(_ number: Int) -> [UInt8] { [UInt8(number & 0xff), UInt8(number >> 8 & 0xff)] }
            func four(_ number: Int) -> [UInt8] { two(number & 0xffff) + two(number >> 16) }
            let common = two(20) + two(0) + two(0) + four(0) + four(Int(checksum(text))) + four(text.count) + four(text.count) + two(name.count) + two(0)
            let data = four(0x0403_4b50) + common + name + text
            let directory = four(0x0201_4b50) + two(20) + common + two(0) + two(0) + two(0) + four(0) + four(0) + name
            return data + directory + four(0x0605_4b50) + two(0) + two(0) + two(1) + two(1) + four(directory.count) + four(data.count) + two(0)
        }()

        /// CRC-32 of ZIP files, bit by bit.
        private static func checksum(_ bytes: [UInt8]) -> UInt32 {
            ~bytes.reduce(UInt32.max) { sum, byte in
                (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
            }
        }
    }
}
