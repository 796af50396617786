import CYaml

/// What a file says, one event after another, as libyaml finds it: who makes a tree of it can count before it grows.
///
/// libyaml comes with Yams. Yams' own trees are not used: it compares the keys of every map before anybody could count what aliases
/// make of them.
final class YAMLEvents {
    enum Event {
        case scalar(text: String, tag: String?, isPlain: Bool, anchor: String?)
        case listStart(tag: String?, anchor: String?)
        case mapStart(tag: String?, anchor: String?)
        case listEnd, mapEnd
        case alias(String)
        case documentStart, documentEnd
        /// Also what a stream begins with, which says nothing.
        case streamEnd
    }

    private let file: String
    // libyaml keeps pointers to both, which live as long as this does.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8], file: String) {
        self.file = file
        self.bytes = .allocate(capacity: bytes.count)
        _ = self.bytes.initialize(from: bytes)
        let isReady = yaml_parser_initialize(parser) == 1
        precondition(isReady, "there is no memory for a parser")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, UnsafePointer(self.bytes.baseAddress), bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        bytes.deallocate()
    }

    func next() throws(Problem) -> (event: Event, place: Place) {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw fault }
        defer { yaml_event_delete(&event) }
        return (Self.event(event), place(event.start_mark))
    }

    private static func event(_ event: yaml_event_t) -> Event {
        let data = event.data
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = data.scalar
            // A quoted text without a tag has that of a text, and so has what is tagged `!`.
            let tag = scalar.quoted_implicit == 1 ? "!" : word(scalar.tag)
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return .scalar(text: text, tag: tag, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE || scalar.style == YAML_ANY_SCALAR_STYLE, anchor: word(scalar.anchor))
        case YAML_SEQUENCE_START_EVENT: return .listStart(tag: word(data.sequence_start.tag), anchor: word(data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT: return .mapStart(tag: word(data.mapping_start.tag), anchor: word(data.mapping_start.anchor))
        case YAML_SEQUENCE_END_EVENT: return .listEnd
        case YAML_MAPPING_END_EVENT: return .mapEnd
        case YAML_ALIAS_EVENT: return .alias(word(data.alias.anchor) ?? "")
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        default: return .streamEnd
        }
    }

    private static func word(_ bytes: UnsafePointer<UInt8>?) -> String? { bytes.map { String(cString: $0) } }

    private func place(_ mark: yaml_mark_t) -> Place { Place(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1) }

    /// Why there is no next event.
    private var fault: Problem {
        let what = parser.pointee.problem.map { ": " + String(cString: $0) } ?? ""
        if parser.pointee.error == YAML_READER_ERROR {
            return Problem(.yamlEncoding, "this is not YAML" + what, remedy: "remove control characters and save the file as UTF-8", place: Place(file: file))
        }
        return Problem(.yamlSyntax, "this is not YAML" + what, remedy: "mend the YAML there; indentation and missing quotes are the usual reasons", place: place(parser.pointee.problem_mark))
    }
}
