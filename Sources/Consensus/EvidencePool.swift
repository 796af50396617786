public import Primitives

/// What a replica acted on at a committed height: the certificate, and the PREPAREs, view changes and proposals behind it.
/// Archives of both sides of a fork convict more than a third of the weight.
public struct ArchivedHeight: Hashable, Sendable, BCSCodable {
    public let certificate: CommitCertificate
    public let votes: [AnyVote]

    init(certificate: CommitCertificate, votes: [AnyVote]) {
        self.certificate = certificate
        self.votes = votes
    }

    public var height: Height { certificate.statement.height }

    /// All votes of the height, those of the certificate included.
    public var allVotes: [AnyVote] { votes + certificate.votes }

    public func encode(into encoder: inout BCSEncoder) {
        certificate.encode(into: &encoder)
        encoder.encode(votes)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        certificate = try decoder.decode(CommitCertificate.self)
        votes = try decoder.decodeSequence(of: AnyVote.self, limit: ConsensusLimits.archivedVotesMax)
    }
}

extension CommitCertificate {
    /// The single votes of the certificate.
    public var votes: [AnyVote] {
        signatures.map { .commit(Vote(signer: $0.signer, statement: statement, signature: $0.signature)) }
    }
}

/// A piece of evidence and the block time at which it was found; it expires by block time.
public struct TimedEvidence: Hashable, Sendable, BCSCodable {
    public let evidence: Evidence
    public let time: Timestamp

    init(evidence: Evidence, time: Timestamp) {
        self.evidence = evidence
        self.time = time
    }

    public func encode(into encoder: inout BCSEncoder) {
        evidence.encode(into: &encoder)
        time.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        evidence = try decoder.decode(Evidence.self)
        time = try decoder.decode(Timestamp.self)
    }
}

/// The evidence found and not yet expired, and the archive of recent heights in which late messages are looked up.
struct EvidencePool: Sendable {
    private(set) var items: [TimedEvidence]
    private(set) var archive: [ArchivedHeight]

    /// Takes evidence unless one against the same validator, epoch and offence is there: only one leads to a slash.
    /// Returns whether it was new.
    mutating func add(_ evidence: Evidence, time: Timestamp) -> Bool {
        let known = items.contains {
            $0.evidence.signer == evidence.signer && $0.evidence.epoch == evidence.epoch && $0.evidence.offence == evidence.offence
        }
        guard !known, items.count < ConsensusLimits.evidenceMax else { return false }
        items.append(TimedEvidence(evidence: evidence, time: time))
        return true
    }

    mutating func committed(_ height: ArchivedHeight, time: Timestamp, evidenceMilliseconds: UInt64) {
        archive.append(height)
        if archive.count > ConsensusLimits.archiveHeightsMax { archive.removeFirst() }
        items.removeAll { time.rawValue > $0.time.rawValue && time.rawValue - $0.time.rawValue > evidenceMilliseconds }
    }

    func archived(_ height: Height) -> ArchivedHeight? { archive.last { $0.height == height } }
}

/// Finds every offence between votes that different nodes kept of one height, at most one per validator and offence, in
/// ascending order of validators. Given the archives of both sides of a fork it names more than a third of the weight.
public func offences(
    among votes: [AnyVote], chainID: ChainID, cryptography: some ReplicaCryptography
) -> [Evidence] {
    var found: [Evidence] = []
    let sorted = votes.enumerated().sorted { ($0.element.signer, $0.offset) < ($1.element.signer, $1.offset) }.map(\.element)
    var start = 0
    while start < sorted.count {
        var end = start
        while end < sorted.count, sorted[end].signer == sorted[start].signer { end += 1 }
        var seen: [Offence] = []
        for first in start..<end {
            for second in (first + 1)..<max(end, first + 1) {
                guard let offence = Evidence.offence(sorted[first], sorted[second]), !seen.contains(offence),
                      let evidence = Evidence(sorted[first], sorted[second], chainID: chainID, hash: cryptography.hash)
                else { continue }
                seen.append(offence)
                found.append(evidence)
            }
        }
        start = end
    }
    return found
}
