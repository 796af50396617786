import Primitives

/// How far a stream has come: the last event that it has shown, or a whole block.
struct EventMark: Equatable, Sendable {
    let height: Height
    /// nil when everything of the block is behind.
    let receipt: UInt32?
    let event: UInt32?

    init(through height: Height) {
        self.height = height
        receipt = nil
        event = nil
    }

    init(height: Height, receipt: UInt32, event: UInt32) {
        self.height = height
        self.receipt = receipt
        self.event = event
    }

    /// Reads `12` and `12-0-3`.
    init?(text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 20 && $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
              let height = parts.first.flatMap({ UInt64($0) }), height < UInt64.max else { return nil }
        switch parts.count {
        case 1: self.init(through: Height(height))
        case 3:
            guard let receipt = UInt32(parts[1]), let event = UInt32(parts[2]) else { return nil }
            self.init(height: Height(height), receipt: receipt, event: event)
        default: return nil
        }
    }

    var text: String {
        guard let receipt, let event else { return "\(height)" }
        return "\(height)-\(receipt)-\(event)"
    }

    /// The block in which the stream goes on.
    var nextHeight: Height { receipt == nil ? height.successor : height }

    /// Whether an event comes after this.
    func isBefore(_ other: EventMark) -> Bool {
        guard other.height == height else { return other.height > height }
        guard let receipt, let event else { return false }
        return (receipt, event) < (other.receipt ?? .max, other.event ?? .max)
    }
}
