/// Takes a stream of server-sent events apart (HTML Living Standard §9.2), whatever the pieces in which it comes.
struct EventLines {
    /// One message: a blank line ended it.
    struct Message: Equatable {
        var event = "message"
        var data: [UInt8] = []
        var id: String?
        /// Milliseconds until the next attempt, if the server wishes it.
        var retry: UInt64?
        /// Whether it had any data; one without only moves the identifier on.
        var hasData = false
    }

    /// A message is one event: 16 KiB of data twice as hexadecimal, and its fields.
    static let messageBytesMax = 4 << 20

    /// More came than a message may have.
    struct TooLong: Error, Equatable {}

    private var line: [UInt8] = []
    private var message = Message()
    private var bytes = 0
    private var skipsLineFeed = false
    private var isAtStart = true

    init() {}

    /// The messages that `piece` completes.
    mutating func append(_ piece: some Sequence<UInt8>) throws(TooLong) -> [Message] {
        var messages: [Message] = []
        for byte in piece {
            if skipsLineFeed {
                skipsLineFeed = false
                if byte == UInt8(ascii: "\n") { continue }
            }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                skipsLineFeed = byte == UInt8(ascii: "\r")
                if let done = endLine() { messages.append(done) }
            default:
                bytes += 1
                guard bytes <= Self.messageBytesMax else { throw TooLong() }
                line.append(byte)
            }
        }
        return messages
    }

    private mutating func endLine() -> Message? {
        defer {
            line.removeAll(keepingCapacity: true)
            isAtStart = false
        }
        if isAtStart, line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
        if line.isEmpty {
            bytes = 0
            defer { message = Message() }
            return message == Message() ? nil : message
        }
        guard line[0] != UInt8(ascii: ":") else { return nil }
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
        let name = String(decoding: line[..<(colon ?? line.endIndex)], as: UTF8.self)
        var value = colon.map { line[($0 + 1)...] } ?? []
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch name {
        case "event": message.event = String(decoding: value, as: UTF8.self)
        case "data":
            if message.hasData { message.data.append(UInt8(ascii: "\n")) }
            message.data += value
            message.hasData = true
        case "id" where !value.contains(0): message.id = String(decoding: value, as: UTF8.self)
        case "retry": message.retry = UInt64(String(decoding: value, as: UTF8.self))
        default: break
        }
        return nil
    }
}
