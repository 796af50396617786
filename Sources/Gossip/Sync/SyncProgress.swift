public import Ledger
public import Primitives

/// How far catching up has come, for people; the rate is the shell's to compute.
public struct SyncProgress: Hashable, Sendable {
    public enum Phase: String, Hashable, Sendable {
        /// Nothing to catch up with.
        case idle
        /// Boundary headers: heights.
        case headers
        /// Chunks of the state: thousandths of the space of paths, which values fill evenly.
        case snapshot
        /// Blocks: heights.
        case blocks
    }

    public let phase: Phase
    public let have: UInt64
    public let of: UInt64

    public init(phase: Phase, have: UInt64, of: UInt64) {
        self.phase = phase
        self.have = have
        self.of = of
    }
}

/// On what the belief in a header rests.
@frozen public enum TrustGround: Hashable, Sendable {
    /// A header that is believed already; genesis is the first.
    case header(TrustedHeader)
    /// A hash that the operator knows from elsewhere.
    case hash(Digest, at: Height)
}
