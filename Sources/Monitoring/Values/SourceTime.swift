import Interface
import Primitives

/// Times as services write and read them.
enum SourceTime {
    /// RFC 3339 in UTC to the second, without a fraction: `2026-11-21T16:30:00Z`.
    static func seconds(_ time: Timestamp) -> String { TimeText(time).text.prefix(19) + "Z" }

    /// ISO 8601's basic form, as signatures have it: `20261121T163000Z`.
    static func basic(_ time: Timestamp) -> String { seconds(time).filter { $0 != "-" && $0 != ":" } }

    /// Reads RFC 3339 in UTC, with any number of digits behind the second and with `Z` or `+00:00`; what is below a millisecond is cut off.
    static func read(_ text: some StringProtocol) -> Timestamp? {
        guard text.utf8.count <= 40 else { return nil }
        var rest = Substring(text)
        if rest.hasSuffix("+00:00") { rest.removeLast(6) } else if rest.hasSuffix("Z") { rest.removeLast() } else { return nil }
        let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var milliseconds: Substring = "000"
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
            milliseconds = (parts[1] + "000").prefix(3)
        }
        return TimeText(text: "\(parts[0]).\(milliseconds)Z")?.value
    }

    /// Whole seconds since 1970, as Prometheus takes them; `1700000000.5` for half ones.
    static func unix(_ time: Timestamp) -> String {
        let (seconds, rest) = time.rawValue.quotientAndRemainder(dividingBy: 1_000)
        return rest == 0 ? String(seconds) : "\(seconds)." + String(rest + 1_000).dropFirst()
    }
}
