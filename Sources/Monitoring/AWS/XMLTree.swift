/// An element of an XML answer: its children, or its text.
///
/// The answers of Amazon's query interfaces are plain trees of elements with text. What else XML has — document types and with them
/// entities, processing instructions — is refused, so that nothing can grow or be fetched while an answer is read. Attributes, comments
/// and namespaces are passed over. The system's XML library is not used because the program would then depend on it for this alone.
struct XMLTree: Sendable {
    let name: String
    private(set) var children: [XMLTree] = []
    private(set) var text = ""

    /// The first child of that name.
    subscript(_ name: String) -> XMLTree? { children.first { $0.name == name } }

    /// The text at the end of a path; nil when an element is missing.
    func text(_ path: String...) -> String? {
        var element = self
        for name in path {
            guard let child = element[name] else { return nil }
            element = child
        }
        return element.text
    }

    /// The children that lists have: `member` in one interface, `item` in the other.
    func members(_ name: String, of path: String...) -> [XMLTree] {
        var element = self
        for name in path {
            guard let child = element[name] else { return [] }
            element = child
        }
        return element.children.filter { $0.name == name }
    }

    init(_ bytes: [UInt8]) throws(SourceError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw SourceError(.answer, "the XML is not UTF-8") }
        var reader = XMLReader(bytes: bytes)
        self = try reader.document()
    }

    fileprivate init(name: String) { self.name = name }
    fileprivate mutating func append(_ child: XMLTree) { children.append(child) }
    fileprivate mutating func finish(_ bytes: [UInt8]) {
        let content = String(decoding: bytes, as: UTF8.self)
        // Between elements there is nothing but layout.
        text = children.isEmpty ? content : ""
    }
}

private struct XMLReader {
    let bytes: [UInt8]
    var position = 0
    var elements = 0

    struct Open {
        var element: XMLTree
        var text: [UInt8] = []
        /// With its prefix, as the end has to be spelt.
        let tag: [UInt8]
    }

    mutating func document() throws(SourceError) -> XMLTree {
        var open: [Open] = [], root: XMLTree?
        if starts("\u{feff}") { position += 3 }
        if starts("<?xml") { try skip(past: "?>") }
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                let piece = try characters()
                if open.isEmpty {
                    guard piece.allSatisfy(isSpace) else { throw fault("text outside of elements") }
                } else {
                    open[open.count - 1].text += piece
                }
            } else if starts("<!--") {
                try skip(past: "-->")
            } else if starts("<![CDATA[") {
                guard !open.isEmpty else { throw fault("text outside of elements") }
                position += 9
                let start = position
                try skip(past: "]]>")
                open[open.count - 1].text += bytes[start..<position - 3]
            } else if starts("</") {
                position += 2
                let tag = try name()
                skipSpaces()
                try take(">")
                guard var last = open.popLast(), last.tag == tag else { throw fault("an end without its start") }
                last.element.finish(last.text)
                if open.isEmpty { root = last.element } else { open[open.count - 1].element.append(last.element) }
            } else if starts("<!") || starts("<?") {
                throw fault("a declaration, which these answers do not have")
            } else {
                guard root == nil || !open.isEmpty else { throw fault("two elements at the top") }
                let (opened, isEmpty) = try start()
                guard open.count < MonitoringLimits.xmlDepthMax else { throw fault("elements are nested too deep") }
                if !isEmpty {
                    open.append(opened)
                } else if open.isEmpty {
                    root = opened.element
                } else {
                    open[open.count - 1].element.append(opened.element)
                }
            }
        }
        guard let root, open.isEmpty else { throw fault("the XML ends before its elements do") }
        return root
    }

    private mutating func start() throws(SourceError) -> (Open, isEmpty: Bool) {
        elements += 1
        guard elements <= MonitoringLimits.xmlElementsMax else { throw SourceError(.oversize, "an answer of more than \(MonitoringLimits.xmlElementsMax) elements") }
        position += 1
        let tag = try name()
        while true {
            let spaced = skipSpaces()
            if starts("/>") || starts(">") { break }
            guard spaced else { throw fault("a broken attribute") }
            _ = try name()
            skipSpaces()
            try take("=")
            skipSpaces()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'") else { throw fault("a broken attribute") }
            let quote = bytes[position]
            position += 1
            while position < bytes.count, bytes[position] != quote {
                guard bytes[position] != UInt8(ascii: "<") else { throw fault("a broken attribute") }
                position += 1
            }
            guard position < bytes.count else { throw fault("a broken attribute") }
            position += 1
        }
        let local = tag.lastIndex(of: UInt8(ascii: ":")).map { tag[($0 + 1)...] } ?? tag[...]
        let opened = Open(element: XMLTree(name: String(decoding: local, as: UTF8.self)), tag: tag)
        if starts("/>") {
            position += 2
            return (opened, true)
        }
        position += 1
        return (opened, false)
    }

    /// Text up to the next tag, with its references followed.
    private mutating func characters() throws(SourceError) -> [UInt8] {
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            if bytes[position] == UInt8(ascii: "&") { text += try reference() } else {
                text.append(bytes[position])
                position += 1
            }
        }
        return text
    }

    private mutating func reference() throws(SourceError) -> [UInt8] {
        guard let end = bytes[position..<min(position + 12, bytes.count)].firstIndex(of: UInt8(ascii: ";")) else { throw fault("a broken reference") }
        let body = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        position = end + 1
        switch body {
        case "lt": return [UInt8(ascii: "<")]
        case "gt": return [UInt8(ascii: ">")]
        case "amp": return [UInt8(ascii: "&")]
        case "quot": return [UInt8(ascii: "\"")]
        case "apos": return [UInt8(ascii: "'")]
        default:
            let digits = body.hasPrefix("#x") ? body.dropFirst(2) : body.dropFirst()
            guard body.hasPrefix("#"), digits.first?.isHexDigit == true, let code = UInt32(digits, radix: body.hasPrefix("#x") ? 16 : 10), Self.isCharacter(code),
                  let scalar = Unicode.Scalar(code) else { throw fault("an unknown reference") }
            return Array(String(Character(scalar)).utf8)
        }
    }

    /// Characters that XML may hold.
    private static func isCharacter(_ code: UInt32) -> Bool { code >= 0x20 ? code != 0xfffe && code != 0xffff : [0x09, 0x0a, 0x0d].contains(code) }

    private mutating func name() throws(SourceError) -> [UInt8] {
        let start = position
        while position < bytes.count, isName(bytes[position]) { position += 1 }
        guard start < position, position - start <= 128, isNameStart(bytes[start]) else { throw fault("a broken name") }
        return Array(bytes[start..<position])
    }

    private mutating func take(_ text: String) throws(SourceError) {
        guard starts(text) else { throw fault("`\(text)` is missing") }
        position += text.utf8.count
    }

    private mutating func skip(past text: String) throws(SourceError) {
        while position < bytes.count {
            if starts(text) {
                position += text.utf8.count
                return
            }
            position += 1
        }
        throw fault("`\(text)` is missing")
    }

    @discardableResult private mutating func skipSpaces() -> Bool {
        let start = position
        while position < bytes.count, isSpace(bytes[position]) { position += 1 }
        return position > start
    }

    private func starts(_ text: String) -> Bool { bytes[min(position, bytes.count)...].starts(with: text.utf8) }
    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }
    private func isNameStart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
    private func isName(_ byte: UInt8) -> Bool {
        isNameStart(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ":")
    }
    private func fault(_ text: String) -> SourceError { SourceError(.answer, "not the XML of such a service at byte \(position): \(text)") }
}
