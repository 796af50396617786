import Foundation

/// The project as it lies on disk, read once.
struct SourceTree: Sendable {
    let files: [SourceFile]
    /// Names at the top level, without those that begin with a dot.
    let topLevel: [String]

    /// The checkout that this test was built from.
    static let project = SourceTree(root: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent())

    private static let suffixes = [".swift", ".md", ".py", ".h", ".c", ".modulemap", ".sh", ".yaml", ".yml", ".html", ".js", ".css"]

    init(root: URL) {
        var files: [SourceFile] = []
        func read(_ path: String) {
            if let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) {
                files.append(SourceFile(path, text))
            }
        }
        for folder in ["Sources", "Tests", "Deploy", "Genesis", ".ci"] {
            guard let walk = FileManager.default.enumerator(atPath: root.appending(path: folder).path) else { continue }
            for case let name as String in walk {
                let leaf = name.split(separator: "/").last ?? ""
                // A name without a dot is a script; other data are not ours to judge.
                if Self.suffixes.contains(where: leaf.hasSuffix) || !leaf.contains(".") { read("\(folder)/\(name)") }
            }
        }
        read("Package.swift")
        read("README.md")
        self.files = files.sorted { $0.path < $1.path }
        topLevel = ((try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }
}
