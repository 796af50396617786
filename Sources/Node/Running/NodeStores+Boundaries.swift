import Execution
import Ledger
import Logging
import Primitives
import Storage
import WorldState

/// The ends of epochs, which whoever catches up goes along.
extension NodeStores {
    /// Keeps blocks that end the epochs behind the newest one kept; others are passed over.
    func keep(_ blocks: [LightBlock]) async throws(StoreError) {
        for block in blocks where block.header.endsEpoch && block.header.draft.epoch == boundaries.next {
            try await boundaries.append(BoundaryLog.Boundary(epoch: block.header.draft.epoch, height: block.height, bytes: block.bcs))
        }
    }

    /// Appends boundaries that a crash has cut off, from the block log, as far as `view` knows where they are.
    func repairBoundaries(_ view: StateView, _ log: Logger) async {
        do {
            let (current, _) = try ChainRecords.epoch(in: view)
            while boundaries.next < current {
                let ending = boundaries.next
                guard let start = try ChainRecords.start(of: ending.successor, in: view), let block = try lightBlock(at: start.height, view) else {
                    return log.warning("the end of epoch \(ending) is no longer known; this node serves no headers behind it")
                }
                try await keep([block])
            }
        } catch { log.error("the ends of epochs: \(error)") }
    }

    /// Header, certificate and voters of a height; nil when one of them is not kept.
    func lightBlock(at height: Height, _ view: StateView) throws -> LightBlock? {
        if let boundary = try boundary(at: height) { return boundary }
        guard let record = try chain.blocks.read(height), !record.certificate.isEmpty else { return nil }
        let header = try Header(bcs: record.header)
        guard let voters = try validators(of: header.draft.epoch, view) else { return nil }
        return LightBlock(header: header, certificate: try CommitCertificate(bcs: record.certificate), validators: voters)
    }

    /// The voters of an epoch: from the state while it keeps them, else from the epoch's end.
    func validators(of epoch: Epoch, _ view: StateView) throws -> ValidatorSet? {
        if let set = try ChainRecords.validatorSet(of: epoch, in: view) { return set }
        return try boundaries.boundary(of: epoch).map { try LightBlock(bcs: $0.bytes).validators }
    }
}
