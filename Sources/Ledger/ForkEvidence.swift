public import Primitives

/// Two different certified blocks of one height. At least a third of the weight broke the rules, and both certificates together
/// say who.
///
/// Invariant: the heights are equal, the headers differ.
public struct ForkEvidence: Hashable, Sendable {
    public let first: LightBlock
    public let second: LightBlock

    /// nil unless the heights are equal and the headers differ. Whether both are certified is the caller's to check.
    public init?(_ first: LightBlock, _ second: LightBlock) {
        guard first.height == second.height, first.header != second.header else { return nil }
        self.first = first
        self.second = second
    }

    /// The validators that signed both, by consensus key in the order of the first set. Two certificates of one set share
    /// more than a third of its weight here.
    public var doubleSigners: [PublicKey] {
        var others: Set<PublicKey> = []
        for entry in second.certificate.signatures {
            if let signer = second.validators[entry.signer] { others.insert(signer.consensusKey) }
        }
        return first.certificate.signatures.compactMap { entry in
            guard let key = first.validators[entry.signer]?.consensusKey, others.contains(key) else { return nil }
            return key
        }
    }

    /// Pairs of COMMITs of one validator for one epoch, height and view: each is punishable by itself. There are none when
    /// the blocks were certified in different views; then only the validators' VIEW-CHANGE messages convict.
    public var equivocations: [CommitEquivocation] {
        let one = first.certificate
        let two = second.certificate
        guard one.statement.epoch == two.statement.epoch, one.statement.view == two.statement.view,
              first.header.draft.validatorsHash == second.header.draft.validatorsHash else { return [] }
        return one.signatures.compactMap { entry in
            guard let other = two.signatures.first(where: { $0.signer == entry.signer }) else { return nil }
            return CommitEquivocation(
                signer: entry.signer, first: one.statement, firstSignature: entry.signature, second: two.statement,
                secondSignature: other.signature)
        }
    }
}

/// Two COMMITs of one validator that cannot both be honest: the same epoch, height and view, and different blocks.
public struct CommitEquivocation: Hashable, Sendable {
    public let signer: ValidatorIndex
    public let first: CommitStatement
    public let firstSignature: Signature
    public let second: CommitStatement
    public let secondSignature: Signature
}
