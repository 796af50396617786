import Foundation
import Testing

/// A real browser without a window, for pages as people get them.
enum Browser {
    /// Chromium, from `TRELLIS_CHROMIUM` or the search path; nil when there is none.
    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["TRELLIS_CHROMIUM"] { return named }
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return folders.flatMap { ["\($0)/chromium", "\($0)/google-chrome"] }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    static let missing: Comment = "no Chromium is on the search path; the Debian package is chromium, and TRELLIS_CHROMIUM can name another"

    /// A page as it stands after a while.
    struct Page: Sendable {
        /// The document, written out again by the browser.
        let html: String
        /// What its console says: errors of scripts, refusals of the policy.
        let console: [String]

        /// What is between `<main …>` and its end, as a reader sees it.
        var text: String { Page.text(main) }
        var main: String { html.range(of: "<main").flatMap { begin in html.range(of: "</main>").map { String(html[begin.lowerBound..<$0.lowerBound]) } } ?? "" }
        var title: String { html.firstMatch(of: #/<title>(.*?)</title>/#).map { Page.text(String($0.1)) } ?? "" }

        static func text(_ html: String) -> String {
            html.replacing(#/<[^>]*>/#, with: " ").replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&nbsp;", with: " ")
                .replacing("&quot;", with: "\"").replacing("&amp;", with: "&").replacing("\u{2009}", with: "").replacing(#/\s+/#, with: " ")
        }
    }

    struct Failed: Error, CustomStringConvertible { let description: String }

    /// Opens an address, lets `milliseconds` of the page's own time pass, and tells what there is then.
    static func open(_ address: String, milliseconds: Int = 2_500) throws -> Page {
        guard let path else { throw Failed(description: "no browser") }
        let folder = FileManager.default.temporaryDirectory.appending(path: "trellis-browser-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let written = ["document", "console"].map { folder.appending(path: $0) }
        for file in written { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=\(folder.path)/profile",
            "--enable-logging=stderr", "--virtual-time-budget=\(milliseconds)", "--dump-dom", address,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: written[0])
        process.standardError = try FileHandle(forWritingTo: written[1])
        try process.run()
        let deadline = Date(timeIntervalSinceNow: 120)
        while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
        if process.isRunning {
            process.terminate()
            throw Failed(description: "the browser does not end: \(address)")
        }
        let html = String(decoding: try Data(contentsOf: written[0]), as: UTF8.self)
        guard html.contains("<html") else { throw Failed(description: String(decoding: try Data(contentsOf: written[1]), as: UTF8.self)) }
        let console = String(decoding: try Data(contentsOf: written[1]), as: UTF8.self).split(separator: "\n").filter { $0.contains("CONSOLE") }
        return Page(html: html, console: console.map(String.init))
    }
}
