import Foundation
import Logging

/// One JSON object per line on stderr: time, level, logger, message, and the metadata as they are called.
struct JSONLogHandler: LogHandler {
    let label: String
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        FileHandle.standardError.write(Data((Self.line(event.level, label, "\(event.message)", all, at: Date()) + "\n").utf8))
    }

    static func line(_ level: Logger.Level, _ label: String, _ message: String, _ metadata: Logger.Metadata, at time: Date) -> String {
        var fields = [("time", time.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))), ("level", level.rawValue), ("logger", label), ("message", message)]
        fields += metadata.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        return "{" + fields.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
