public import Execution
public import Ledger
public import Primitives

extension Identity {
    /// A controller wrote a document.
    public struct DocumentUpdated: Hashable, ContractEvent {
        public static let name: EventName = "DocumentUpdated"
        public static let documentation: StaticString = "A controller wrote a document."
        public let subject: Address
        public let by: Address
        public let version: UInt64

        public init(subject: Address, by: Address, version: UInt64) {
            self.subject = subject
            self.by = by
            self.version = version
        }

        public static let fields = Fields(
            Field("subject", "Whose it is.") { $0.subject },
            Field("by", "Which controller.") { $0.by },
            Field("version", "Its version.") { $0.version }, make: DocumentUpdated.init)
    }

    /// A controller ended an identifier for ever.
    public struct DocumentDeactivated: Hashable, ContractEvent {
        public static let name: EventName = "DocumentDeactivated"
        public static let documentation: StaticString = "A controller ended an identifier for ever."
        public let subject: Address
        public let by: Address

        public init(subject: Address, by: Address) {
            self.subject = subject
            self.by = by
        }

        public static let fields = Fields(
            Field("subject", "Whose it was.") { $0.subject },
            Field("by", "Which controller.") { $0.by }, make: DocumentDeactivated.init)
    }
}
