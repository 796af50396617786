import Execution
public import Ledger

/// Texts that accounts give about themselves, by their longest length in bytes.
extension Identity {
    public enum Bound16: TextBound { public static var bytesMax: Int { 16 } }
    public enum Bound32: TextBound { public static var bytesMax: Int { 32 } }
    public enum Bound64: TextBound { public static var bytesMax: Int { 64 } }
    public enum Bound128: TextBound { public static var bytesMax: Int { 128 } }
    public enum Bound256: TextBound { public static var bytesMax: Int { 256 } }

    public typealias Text16 = BoundedText<Bound16>
    public typealias Text32 = BoundedText<Bound32>
    public typealias Text64 = BoundedText<Bound64>
    public typealias Text128 = BoundedText<Bound128>
    public typealias Text256 = BoundedText<Bound256>
}

extension CallContext {
    /// Charges for looking at each byte of `text`, and refuses one that people could not read as it is.
    func requireReadable(_ text: String) throws(CallError) {
        try charge(GasSchedule.step * UInt64(text.utf8.count))
        try require(TextRule.isReadable(text), IdentityRejection.textNotReadable)
    }

    func requireURI(_ text: String) throws(CallError) {
        try charge(GasSchedule.step * UInt64(text.utf8.count))
        try require(TextRule.isURI(text), IdentityRejection.uriInvalid, "\(text) is not an address with a scheme")
    }

    func requireToken(_ text: String) throws(CallError) {
        try charge(GasSchedule.step * UInt64(text.utf8.count))
        try require(TextRule.isToken(text), IdentityRejection.tokenInvalid)
    }
}
