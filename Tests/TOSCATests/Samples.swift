import Contracts
import Foundation
import Testing
@testable import TOSCA

/// Templates that the tests share.
enum Samples {
    static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let profile = project.appending(path: "Genesis/tosca")
    static let templates = project.appending(path: "Tests/TOSCATests/Templates")

    /// Every template that comes with the project.
    static let all: [URL] = ["sharding", "proxies", "aws-instance", "aws-volume"].map { profile.appending(path: "\($0).yaml") }
        + [743, 1100, 2590, 3300, 4300, 5430].map { templates.appending(path: "size-\(String(repeating: "0", count: 4 - String($0).count))\($0).yaml") }

    static func read(_ file: URL, options: ServiceTemplate.Options = .init()) throws -> ServiceTemplate {
        try ServiceTemplate(file.lastPathComponent, from: #require(DirectoryFiles(file.deletingLastPathComponent().path)), options: options)
    }

    /// A template in memory, beside the profile and its pointer file.
    static func read(_ text: String, files: [String: String] = [:], options: ServiceTemplate.Options = .init()) throws(DocumentError) -> ServiceTemplate {
        var all = files
        all["service.yaml"] = text
        all["diac.yaml"] = all["diac.yaml"] ?? profileText
        all["images/worker.image"] = "pointer"
        return try ServiceTemplate("service.yaml", from: MemoryFiles(texts: all), options: options)
    }

    static func problems(_ text: String, files: [String: String] = [:]) -> [Problem] {
        do throws(DocumentError) {
            _ = try read(text, files: files)
            return []
        } catch { return error.problems.filter { $0.severity == .error } }
    }

    static let profileText = (try? String(contentsOf: profile.appending(path: "diac.yaml"), encoding: .utf8)) ?? ""
    static let proxies = (try? String(contentsOf: profile.appending(path: "proxies.yaml"), encoding: .utf8)) ?? ""

    /// A template with one topology of `body`, indented by four.
    static func topology(_ body: String, types: String = "") -> String {
        "tosca_definitions_version: tosca_simple_yaml_1_3\n\(types)\ntopology_template:\n  node_templates:\n\(body)\n"
    }
}
