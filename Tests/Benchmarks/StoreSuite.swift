import Foundation

extension Suite {
    /// Writers that are killed at random moments on one directory, and what was lost of what they had acknowledged.
    static let store = Suite(name: "store", summary: "2,000 killed writers on one store: what was acknowledged and then lost") { report, quick in
        let directory = try TemporaryDirectory()
        report.setup["directory"] = "default temporary directory, file system \(directory.fileSystem)"
        let runs = [("", "torture", quick ? 200 : 2_000), ("power_", "power", quick ? 20 : 200)]
        for (prefix, mode, rounds) in runs {
            let seed = UInt32.random(in: 0 ... .max)
            report.setup["\(prefix)seed"] = "\(seed)"
            let place = directory.path + "/" + mode
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            let output = try CrashWriter.run([mode, place, String(rounds), String(seed)])
            if output.hasPrefix("skipped") {
                report.setup["\(prefix)rounds"] = output.trimmingCharacters(in: .whitespacesAndNewlines)
                continue
            }
            for line in output.split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count == 2, let value = Double(words[1]) { report.add(prefix + words[0], [value], unit: "") }
            }
        }
    }
}

/// The program that does the work; SwiftPM builds it beside this one.
private enum CrashWriter {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    static func run(_ arguments: [String]) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("crash-writer")
        guard FileManager.default.isExecutableFile(atPath: process.executableURL!.path) else {
            throw Failed(description: "crash-writer is not built: swift build -c release --product crash-writer")
        }
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(description: text) }
        return text
    }
}
