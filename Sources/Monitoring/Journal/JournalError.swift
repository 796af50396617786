/// Why the journal cannot do what it was asked to.
public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable names.
    @frozen public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Another monitor has it open.
        case locked = "journal.locked"
        /// It holds what this program did not write, or no longer all of it.
        case corrupt = "journal.corrupt"
        /// The disk is full; what was to be written may be tried again.
        case full = "journal.full"
        /// The system refused, and it is not known what is on the disk. Nothing more is written.
        case io = "journal.io"
        /// The agreement's intervals are not those that it was watched with before.
        case schedule = "journal.schedule"
    }

    public let code: Code
    public let text: String

    init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    public var description: String { "\(code.rawValue): \(text)" }
}
