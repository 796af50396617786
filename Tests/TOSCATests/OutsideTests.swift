import Contracts
import Foundation
import Testing
@testable import TOSCA

/// Other people's parsers as judges: what they accept of a template they accept of its export, with the same nodes and edges.
@Suite(.serialized) struct OutsideTests {
    /// A Python with the packages tosca-parser and puccini.
    static let python: String? = {
        guard let python = ProcessInfo.processInfo.environment["TRELLIS_TOSCA_PYTHON"] else { return nil }
        return (try? run(python, ["-c", "import toscaparser, puccini"])) != nil ? python : nil
    }()

    /// Templates of others, outside of the project.
    static let foreign: [URL] = {
        guard let path = ProcessInfo.processInfo.environment["TRELLIS_TOSCA_TEMPLATES"],
              let names = try? FileManager.default.subpathsOfDirectory(atPath: path) else { return [] }
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { URL(filePath: path).appending(path: $0) }
    }()

    private static let missing: Comment = "TRELLIS_TOSCA_PYTHON names no Python with the packages tosca-parser and puccini; Deploy/test sets it"

    private static let judge = """
        import json, sys
        def toscaparser(path):
            from toscaparser.tosca_template import ToscaTemplate
            template = ToscaTemplate(path, None, True)
            return {"nodes": sorted(n.name for n in template.nodetemplates), "edges": []}
        def puccini(path):
            import puccini.tosca
            clout = puccini.tosca.compile(path, resolve=True, coerce=False)["vertexes"]
            name = lambda id: str(clout[id]["properties"].get("name", "")) + "/" + clout[id]["metadata"]["puccini"]["kind"]
            edges = [[name(id), name(e["targetID"]), str(e["properties"].get("name", ""))] for id, v in clout.items() for e in v.get("edgesOut", [])]
            return {"nodes": sorted(map(name, clout)), "edges": sorted(edges)}
        answers = []
        for path in sys.argv[2:]:
            try: answers.append(globals()[sys.argv[1]](path))
            except BaseException as problem: answers.append({"why": repr(problem)[:2000] + str(getattr(problem, "problems", ""))[:2000]})
        print("\\n" + json.dumps(answers))
        """

    struct Answer: Decodable, Equatable {
        var nodes: [String]?
        var edges: [[String]]?
        var why: String?
    }

    struct Failed: Error { let status: Int32 }

    /// A child with a time limit: one of the parsers runs in circles on some templates, another one aborts.
    private static func run(_ python: String, _ arguments: [String]) throws -> String {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "-k", "5", "90", python] + arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
        return String(decoding: data, as: UTF8.self)
    }

    private func ask(_ tool: String, _ files: [URL]) throws -> [Answer] {
        let text: String
        do { text = try Self.run(#require(Self.python), ["-c", Self.judge, tool] + files.map(\.path)) } catch let failed as Failed {
            return files.map { _ in Answer(why: "ended with \(failed.status)") }
        }
        let last = text.split(separator: "\n").last { $0.hasPrefix("[") } ?? "[]"
        return try JSONDecoder().decode([Answer].self, from: Data(last.utf8))
    }

    /// Judges a template and its exports, in a copy of its directory.
    private func compare(_ file: URL, _ template: ServiceTemplate) throws -> [String: Bool] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tosca-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: file.deletingLastPathComponent(), to: folder)
        var files = [folder.appending(path: file.lastPathComponent)]
        for format in TemplateFormat.allCases {
            // JSON is YAML. By the ending of JSON tosca-parser reads nothing, and puccini takes every number for one with decimals.
            files.append(folder.appending(path: "export-\(format.rawValue).yaml"))
            try Data(template.document.export(format).utf8).write(to: files[files.count - 1])
        }
        // An archive has no scripts in it: those that look for them would miss them.
        let isComplete = (try? ServiceTemplate(archive: template.document.archive(), name: "a.csar")) != nil
        if isComplete {
            files.append(folder.appending(path: "export.csar"))
            try Data(template.document.archive()).write(to: files[files.count - 1])
        }
        var accepted: [String: Bool] = [:]
        for tool in ["toscaparser", "puccini"] {
            let answers = try ask(tool, files)
            try #require(answers.count == files.count)
            accepted[tool] = answers[0].why == nil
            guard answers[0].why == nil else { continue }
            for (answer, export) in zip(answers.dropFirst(), files.dropFirst()) {
                #expect(answer == answers[0], "\(tool) on the export of \(file.lastPathComponent): \(export.lastPathComponent)")
            }
        }
        return accepted
    }

    @Test(.enabled(if: OutsideTests.python != nil, OutsideTests.missing), arguments: Samples.all)
    func exportsMeanTheSameToOthers(_ file: URL) throws {
        let accepted = try compare(file, Samples.read(file))
        #expect(accepted == ["toscaparser": true, "puccini": true], "\(file.lastPathComponent)")
    }

    @Test(.enabled(if: !OutsideTests.foreign.isEmpty, "TRELLIS_TOSCA_TEMPLATES names no directory with templates"), arguments: OutsideTests.foreign)
    func templatesOfOthersSurvive(_ file: URL) throws {
        let template: ServiceTemplate
        do { template = try Samples.read(file, options: .init(checksFiles: false)) } catch let refused as DocumentError {
            // Refusing is an answer, and has its reasons.
            #expect(refused.problems.allSatisfy { !$0.message.isEmpty })
            print("refused \(file.lastPathComponent): \(refused.problems.first.map(String.init(describing:)) ?? "")")
            return
        }
        let again = try ServiceTemplate("export.yaml", from: MemoryFiles(texts: ["export.yaml": template.document.export(.yaml)]), options: .init(checksFiles: false))
        #expect(again.document == template.document, "\(DocumentDifference(from: template.document, to: again.document).text)")
        print("accepted \(file.lastPathComponent)", Self.python == nil ? "" : "\(try compare(file, template))")
    }
}
