/// How a run ended before its time. The numbers go into receipts and never change their meaning.
public enum Trap: UInt8, Error, Hashable, Sendable {
    case unreachable = 1
    case memoryOutOfBounds = 2
    case tableOutOfBounds = 3
    case undefinedElement = 4
    case uninitializedElement = 5
    case signatureMismatch = 6
    case divisionByZero = 7
    case integerOverflow = 8
    /// Too many frames or too many slots; see ``Profile/framesMax`` and ``Profile/slotsMax``.
    case stackExhausted = 9
    case outOfGas = 10
    /// The host ended the run and knows why.
    case host = 11
}
