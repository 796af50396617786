public import Primitives

/// The one gate in front of the signer: it lets a replica sign only what is strictly above everything it signed before, in
/// the order (height, view, step), and hands out the stored message when asked for the same again.
///
/// Hence nothing of a view below v is signed after VIEW-CHANGE(v), there is one VIEW-CHANGE per (height, view), and no crash
/// makes a replica say two things at one place: every entry is in the journal record of its message, and no message
/// leaves before its record is durable.
///
/// Invariant: `entries` are of one (height, view), the highest, in strictly ascending order of steps.
public struct VoteGuard: Hashable, Sendable, BCSCodable {
    /// Nothing is signed at this height or below; above zero only after the journal was lost.
    public private(set) var floor: Height = 0
    public private(set) var entries: [ConsensusMessage] = []

    public init() {}

    /// What the gate says to a statement.
    enum Verdict {
        case sign
        /// The same was signed before; this is the stored message.
        case again(ConsensusMessage)
        case refuse
    }

    func verdict(for statement: some ConsensusStatement, chainID: ChainID) -> Verdict {
        guard statement.height > floor else { return .refuse }
        guard let newest = entries.last?.vote else { return .sign }
        let place = (statement.height.rawValue, statement.view.rawValue, type(of: statement).step.rawValue)
        if place > (newest.place.height.rawValue, newest.place.view.rawValue, newest.step.rawValue) { return .sign }
        let bytes = type(of: statement).signingDomain.signedBytes(statement, chainID: chainID)
        for entry in entries where entry.vote?.signedBytes(chainID: chainID) == bytes { return .again(entry) }
        return .refuse
    }

    /// Takes note of a signed message. Its place must be above all others.
    mutating func record(_ message: ConsensusMessage) {
        guard let vote = message.vote else { preconditionFailure("only votes pass the guard") }
        if let newest = entries.last?.vote {
            let (old, new) = (newest.place, vote.place)
            if (old.height, old.view) != (new.height, new.view) { entries = [] }
        }
        entries.append(message)
    }

    /// Forgets what was signed of one step; only a mutant does.
    mutating func forget(_ step: Step) { entries.removeAll { $0.vote?.step == step } }

    mutating func raiseFloor(to height: Height) { floor = max(floor, height) }

    /// The entries of `height`, with which a replica resumes there.
    func entries(at height: Height) -> [ConsensusMessage] { entries.first?.height == height ? entries : [] }

    public func encode(into encoder: inout BCSEncoder) {
        floor.encode(into: &encoder)
        encoder.encode(entries)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        floor = try decoder.decode(Height.self)
        entries = try decoder.decodeSequence(of: ConsensusMessage.self, limit: Step.allCases.count)
        for (lower, upper) in zip(entries, entries.dropFirst()) {
            guard let low = lower.vote, let high = upper.vote, low.step < high.step,
                  low.place.height == high.place.height, low.place.view == high.place.view
            else { throw decoder.refuse("guard entries are out of order") }
        }
        if let first = entries.first, first.vote == nil { throw decoder.refuse("a guard entry is no vote") }
    }
}
