public import Primitives

/// A VRF whose key is shared: `threshold` holders compute one value together, fewer learn nothing of it, and none can change it
/// (Cachin, Kursawe and Shoup, "Random oracles in Constantinople", 2000, in the group of ``ECVRF``).
///
/// A holder's part is an ECVRF proof by its share, made over the input point of the *group's* key and with suite byte 0xF3, which
/// no proof of RFC 9381 has. The parts of any threshold of holders combine to the same Gamma.
public enum ThresholdVRF {
    static let suite: UInt8 = 0xf3

    /// A holder's part for one input, with its proof.
    public struct Part: Hashable, Sendable, BCSCodable {
        /// The holder: 1 … ``SecretSharing/holdersMax``.
        public let index: UInt16
        public let proof: VRFProof

        public init(index: UInt16, proof: VRFProof) {
            self.index = index
            self.proof = proof
        }

        public func encode(into encoder: inout BCSEncoder) {
            encoder.encode(index)
            proof.encode(into: &encoder)
        }

        public init(from decoder: inout BCSDecoder) throws(BCSError) {
            index = try decoder.decode(UInt16.self)
            proof = try decoder.decode(VRFProof.self)
        }
    }

    /// The public side of a shared key: computed once per dealing, because each holder's public share costs `threshold`
    /// multiplications.
    public struct Group: Hashable, Sendable {
        public let groupKey: PublicShare
        public let threshold: Int
        /// `share · B` of holders 1 … n, in order.
        public let publicShares: [PublicShare]

        /// nil when the dealing is unusable: its dealer published more commitments than there are holders, or
        /// ``ShareCommitments/publicShare(of:)`` has no value for one of them.
        public init?(commitments: ShareCommitments, holders: Int) {
            precondition((1...SecretSharing.holdersMax).contains(holders))
            guard commitments.threshold <= holders else { return nil }
            groupKey = commitments.groupKey
            threshold = commitments.threshold
            var shares: [PublicShare] = []
            for index in 1...UInt16(holders) {
                guard let share = commitments.publicShare(of: index) else { return nil }
                shares.append(share)
            }
            publicShares = shares
        }

        func input(_ alpha: [UInt8]) -> EdwardsPoint {
            guard let input = ECVRF.encodeToCurve(salt: groupKey.point, alpha: alpha) else {
                preconditionFailure("256 tries found no point, a chance of 2⁻²⁵⁶")
            }
            return input
        }
    }

    /// The holder's side; nil when `share` is none of the group's, as a dealer may send anything.
    public static func prove(_ share: SecretShare, in group: Group, alpha: [UInt8]) -> Part? {
        guard (1...group.publicShares.count).contains(Int(share.index)) else { return nil }
        var secret = share.scalar
        defer { secret.wipe() }
        let publicKey = group.publicShares[Int(share.index) - 1].point
        guard EdwardsPoint.base(times: secret) == publicKey else { return nil }
        // As for a whole key, the nonce comes from a second half that is never used as a scalar.
        let proof = withSecretScratch(Scalar.byteCount + SHA512.digestBytes) { scratch in
            secret.withBytes { scratch.update(from: $0, count: Scalar.byteCount) }
            let hash = scratch + Scalar.byteCount
            SHA512.hash(UnsafeRawBufferPointer(start: scratch, count: Scalar.byteCount), into: hash)
            return ECVRF.prove(
                secret: secret, nonceSeed: UnsafeRawBufferPointer(start: hash + 32, count: 32), suite: suite,
                publicKey: publicKey, input: group.input(alpha))
        }
        return Part(index: share.index, proof: proof)
    }

    /// The parts that have been checked for one input, until they suffice.
    ///
    /// Invariant: every part in it is valid; indices are distinct.
    public struct Collection: Sendable {
        private let group: Group
        private let input: EdwardsPoint
        private var gammas: [(index: UInt16, gamma: EdwardsPoint)] = []

        public init(group: Group, alpha: [UInt8]) {
            self.group = group
            input = group.input(alpha)
        }

        /// Checks a part and keeps it. False when it proves nothing or its holder has already given one.
        public mutating func insert(_ part: Part) -> Bool {
            let parts = ECVRF.Parts(part.proof)
            guard (1...group.publicShares.count).contains(Int(part.index)), !gammas.contains(where: { $0.index == part.index }),
                  parts.gamma.isValid, parts.s.isCanonical,
                  ECVRF.isConsistent(
                    parts, suite: suite, publicKey: group.publicShares[Int(part.index) - 1].point, input: input)
            else { return false }
            gammas.append((part.index, parts.gamma))
            return true
        }

        public var count: Int { gammas.count }

        /// The common output once a threshold of parts is in, whichever they are; nil before.
        public var output: VRFOutput? {
            guard gammas.count >= group.threshold else { return nil }
            let chosen = gammas.prefix(group.threshold)
            let weights = SecretSharing.lagrangeWeights(of: chosen.map(\.index))
            var sum = EdwardsPoint.identity
            for (part, weight) in zip(chosen, weights) {
                guard let term = part.gamma.multiplied(by: weight), let next = sum.adding(term) else { return nil }
                sum = next
            }
            return ECVRF.output(of: sum, suite: suite)
        }
    }
}
