import Execution
import Ledger
import Logging
import Primitives
import Storage
import WorldState

/// The ends of epochs, which whoever catches up goes along.
extension NodeStores {
    /// Appends boundaries that a crash has cut off, from the block log, as far as `view` knows where they are.
    func repairBoundaries(_ view: StateView, _ log: Logger) async {
        do {
            let (current, _) = try ChainRecords.epoch(in: view)
            while boundaries.next < current {
                let ending = boundaries.next
                guard let start = try ChainRecords.start(of: ending.successor, in: view), let block = try lightBlock(at: start.height, view) else {
                    return log.warning("the end of epoch \(ending) is no longer known; this node serves no headers behind it")
                }
                try await boundaries.append(block)
            }
        } catch { log.error("the ends of epochs: \(error)") }
    }

    /// Header, certificate and voters of a height; nil when one of them is not kept.
    func lightBlock(at height: Height, _ view: StateView) throws(StoreError) -> LightBlock? {
        if let boundary = try boundaries.block(at: height) { return boundary }
        guard let record = try chain.blocks.read(height), !record.certificate.isEmpty else { return nil }
        do {
            let header = try Header(bcs: record.header)
            guard let voters = try validators(of: header.draft.epoch, view) else { return nil }
            return LightBlock(header: header, certificate: try CommitCertificate(bcs: record.certificate), validators: voters)
        } catch let error as StoreError { throw error } catch { throw StoreError(.corrupt, "block \(height): \(error)") }
    }

    /// The voters of an epoch: from the state while it keeps them, else from the epoch's end.
    func validators(of epoch: Epoch, _ view: StateView) throws(StoreError) -> ValidatorSet? {
        if let set = try ChainRecords.validatorSet(of: epoch, in: view) { return set }
        return try boundaries.block(of: epoch)?.validators
    }
}
