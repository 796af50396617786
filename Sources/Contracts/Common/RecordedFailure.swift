public import Execution
public import Ledger
public import Primitives

/// Why something failed that a contract did in somebody's name, kept for those who ask later. The code is of the contract named, as in
/// a receipt.
public struct RecordedFailure: Hashable, Record {
    public let contract: Address
    public let code: UInt32
    public let message: ReceiptMessage

    init(contract: Address, code: UInt32, message: ReceiptMessage) {
        self.contract = contract
        self.code = code
        self.message = message
    }

    init(_ error: CallError) { self.init(contract: error.contract, code: error.code, message: error.message) }

    public static let fields = Fields(
        Field("contract", "Which contract refused.") { $0.contract },
        Field("code", "Its error code; 0 when gas ran out.") { $0.code },
        Field("message", "What it said.") { $0.message },
        make: { RecordedFailure(contract: $0, code: $1, message: $2) })
}
