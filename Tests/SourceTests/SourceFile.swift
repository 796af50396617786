/// One file of the project: what the source rules look at.
struct SourceFile: Sendable {
    /// Relative to the root of the project, with `/`.
    let path: String
    let text: String
    /// Swift only: the text with comments and string literals blanked, so that what is merely talked about breaks no rule.
    /// Line breaks stay where they are.
    let code: String

    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
        code = path.hasSuffix(".swift") ? CodeScanner.code(of: text) : ""
    }

    /// The room that a Swift file of `Sources` belongs to.
    var room: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" && isSwift ? String(parts[1]) : nil
    }

    /// Below the glass line.
    var isCore: Bool { room.map { LayerRule.core[$0] != nil } ?? false }

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The lines of `code`, numbered from 1.
    var codeLines: [(number: Int, text: Substring)] { Self.lines(of: code) }
    var textLines: [(number: Int, text: Substring)] { Self.lines(of: text) }

    private static func lines(of text: String) -> [(number: Int, text: Substring)] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { ($0.offset + 1, $0.element) }
    }
}

/// Something that a rule refuses, worded for the person who has to mend it.
struct Violation: Hashable, CustomStringConvertible {
    let path: String
    let line: Int?
    let message: String

    init(_ file: SourceFile, line: Int? = nil, _ message: String) { self.init(path: file.path, line: line, message) }
    init(path: String, line: Int? = nil, _ message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    var description: String { "\(path)\(line.map { ":\($0)" } ?? ""): \(message)" }
}

/// Blanks comments and string literals of Swift source; what is interpolated into a literal stays, for it is code.
struct CodeScanner {
    private let input: [UInt8]
    private var output: [UInt8] = []
    private var position = 0

    static func code(of text: String) -> String {
        var scanner = CodeScanner(input: Array(text.utf8))
        scanner.output.reserveCapacity(scanner.input.count)
        while scanner.position < scanner.input.count { scanner.scanCode() }
        return String(decoding: scanner.output, as: UTF8.self)
    }

    private init(input: [UInt8]) { self.input = input }

    private func startsWith(_ text: String, at offset: Int = 0) -> Bool {
        input[min(position + offset, input.count)...].starts(with: text.utf8)
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where position < input.count {
            output.append(input[position] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
            position += 1
        }
    }

    /// Code up to the end, or up to the parenthesis that closes an interpolation.
    private mutating func scanCode() {
        var depth = 0
        while position < input.count {
            if startsWith("//") {
                while position < input.count, input[position] != UInt8(ascii: "\n") { blank(1) }
            } else if startsWith("/*") {
                scanBlockComment()
            } else if let hashes = literalStart() {
                scanLiteral(hashes: hashes)
            } else {
                let byte = input[position]
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    depth -= 1
                    if depth < 0 { break }
                }
                output.append(byte)
                position += 1
            }
        }
        if position < input.count {
            output.append(input[position])
            position += 1
        }
    }

    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            if startsWith("/*") {
                depth += 1
                blank(2)
            } else if startsWith("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && position < input.count
    }

    /// The number of `#` in front of a literal that starts here, or nil.
    private func literalStart() -> Int? {
        var hashes = 0
        while position + hashes < input.count, input[position + hashes] == UInt8(ascii: "#") { hashes += 1 }
        return position + hashes < input.count && input[position + hashes] == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func scanLiteral(hashes: Int) {
        let fence = String(repeating: "#", count: hashes)
        let quote = startsWith("\"\"\"", at: hashes) ? "\"\"\"" : "\""
        blank(hashes + quote.utf8.count)
        while position < input.count {
            if startsWith(quote + fence) {
                blank(quote.utf8.count + hashes)
                return
            }
            if startsWith("\\" + fence) {
                blank(1 + hashes)
                if startsWith("(") {
                    output.append(input[position])
                    position += 1
                    scanCode()
                } else {
                    blank(1)
                }
            } else if quote.utf8.count == 1, input[position] == UInt8(ascii: "\n") {
                return
            } else {
                blank(1)
            }
        }
    }
}
