import Primitives

/// How long primaries have been passing over transactions that they could have included, and who else says so.
///
/// The shell says once per block which transactions were passed over; a transaction that is not named again starts anew. A
/// clock that has run for two turns of every primary is a reason to complain, and complaints of a weak quorum are a reason to
/// withhold PREPARE from proposals without the transaction: at least one correct replica saw what this one sees.
struct CensorshipClock: Sendable {
    private var clocks: [(transaction: Digest, blocks: UInt64)] = []
    private var complaints: [(transaction: Digest, signers: [ValidatorIndex])] = []
    private var announced: [Digest] = []

    /// Takes the word of the shell about the newest block.
    mutating func passedOver(_ transactions: [Digest]) {
        let counted = clocks
        clocks = transactions.prefix(ConsensusLimits.censorshipClocksMax).map { transaction in
            (transaction, 1 + (counted.first { $0.transaction == transaction }?.blocks ?? 0))
        }
    }

    mutating func committed(_ payload: [Digest]) {
        guard !clocks.isEmpty || !complaints.isEmpty else { return }
        let included = Set(payload)
        clocks.removeAll { included.contains($0.transaction) }
        complaints.removeAll { included.contains($0.transaction) }
        announced.removeAll { included.contains($0) }
    }

    /// Complaints name signers by their place in an epoch's set.
    mutating func enterEpoch() { complaints = [] }

    /// The transactions whose clock has run for `bound` blocks.
    func due(after bound: UInt64) -> [Digest] { clocks.filter { $0.blocks >= bound }.map(\.transaction) }

    /// Whether this node sees for itself that the transaction was passed over in the newest block.
    func isPassedOver(_ transaction: Digest) -> Bool { clocks.contains { $0.transaction == transaction } }

    /// Counts a complaint; a signer's complaints are bounded, and its newest is dropped beyond that.
    mutating func complained(_ signer: ValidatorIndex, about transaction: Digest) {
        let own = complaints.count { $0.signers.contains(signer) }
        if let known = complaints.firstIndex(where: { $0.transaction == transaction }) {
            if !complaints[known].signers.contains(signer), own < ConsensusLimits.complaintsPerSignerMax {
                complaints[known].signers.append(signer)
            }
        } else if own < ConsensusLimits.complaintsPerSignerMax {
            complaints.append((transaction, [signer]))
        }
    }

    /// The transactions about which a weak quorum complains, in the order of their first complaint.
    func upheld(in validators: ValidatorSet) -> [Digest] {
        complaints
            .filter { validators.isWeakQuorum($0.signers.reduce(0) { $0 + (validators[$1]?.weight ?? 0) }) }
            .map(\.transaction)
    }

    /// Those of `transactions` that were not announced before.
    mutating func announce(_ transactions: [Digest]) -> [Digest] {
        let new = transactions.filter { !announced.contains($0) }
        announced = transactions
        return new
    }
}

extension Replica {
    /// Two turns of every primary: about 2n heights.
    private var censorshipBound: UInt64 { 2 * UInt64(validators.validators.count) }

    mutating func passedOver(_ transactions: [Digest]) { censorship.passedOver(transactions) }

    /// Complains, with each status period, of every transaction whose clock has run out.
    mutating func complain() {
        guard canVote, let ownIndex else { return }
        for transaction in censorship.due(after: censorshipBound).prefix(ConsensusLimits.complaintsPerSignerMax) {
            let statement = ComplaintStatement(epoch: position.epoch.epoch, height: position.height, envelopeHash: transaction)
            let bytes = SigningDomain.complaint.signedBytes(statement, chainID: configuration.chainID)
            let complaint = Complaint(signer: ownIndex, statement: statement, signature: cryptography.sign(bytes))
            effects.append(.send(.complaint(complaint), to: .validators))
            receive(complaint)
        }
    }

    /// Counts a complaint of this epoch that is not older than the bound.
    mutating func receive(_ complaint: Complaint) {
        let statement = complaint.statement
        guard statement.epoch == position.epoch.epoch,
              statement.height.advanced(by: censorshipBound) ?? statement.height >= position.height else { return }
        censorship.complained(complaint.signer, about: statement.envelopeHash)
        let new = censorship.announce(censorship.upheld(in: validators))
        if !new.isEmpty { effects.append(.prioritise(new)) }
    }

    /// A transaction that `proposal` leaves out although a weak quorum complains and this node sees it passed over too.
    ///
    /// A full block is no censorship. After a view of every primary the replica votes again in any case: no transaction is worth
    /// the chain's standing still.
    func censoredTransaction(missingFrom proposal: Proposal) -> Digest? {
        guard round.view.view.rawValue < UInt64(round.primaries.count), proposal.payload.count < Limits.blockTransactionsMax
        else { return nil }
        return censorship.upheld(in: validators).first { censorship.isPassedOver($0) && !proposal.payload.contains($0) }
    }
}
