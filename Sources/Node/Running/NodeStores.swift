import Execution
import Ledger
import Logging
import Primitives
import Storage
import WorldState

/// Everything that a node keeps, beside each other under `data/`:
///
///     blocks/ journal/ state/    the chain, see `ChainStore`
///     boundaries/                the last block of each epoch with its voters, kept when blocks are pruned
///     index/                     where transactions, blocks and accounts' transactions are; made from blocks, and again when lost
///     records/                   small things: known addresses, bans
struct NodeStores: Sendable {
    let chain: ChainStore
    /// Whether the journal was missing; there is a new one in its place.
    let lacksJournal: Bool
    let boundaries: Boundaries
    let index: ChainIndex
    let records: NamedRecords

    init(directory: String, chainID: ChainID, settings: NodeConfiguration.StorageSettings, log: Logger) throws(StoreError) {
        var options = ChainStore.Options()
        options.damage = settings.discardsDamage ? .discard : .refuse
        options.blockSegmentBytes = settings.blockFileBytes
        guard ChainStore.exists(in: directory) else { throw StoreError(.incompatible, "\(directory) holds no chain") }
        var chain = try ChainStore.open(in: directory, chainID: chainID, options: options)
        for report in [("blocks", chain.blocks.recovery), ("journal", chain.journal?.recovery)] {
            guard let recovery = report.1, recovery.loss != nil else { continue }
            log.warning("the \(report.0) log was recovered: \(recovery)", metadata: ["code": "store.recovered"])
        }
        lacksJournal = chain.journal == nil
        if lacksJournal {
            chain.close()
            try ChainStore.createJournal(in: directory, chainID: chainID)
            chain = try ChainStore.open(in: directory, chainID: chainID, options: options)
        }
        self.chain = chain
        do throws(StoreError) {
            boundaries = try Boundaries(directory: directory + "/boundaries", chainID: chainID)
            index = try ChainIndex(directory: directory + "/index", chainID: chainID, first: chain.blocks.first)
            records = try NamedRecords(directory: directory + "/records", chainID: chainID)
        } catch {
            chain.close()
            throw error
        }
    }

    func close() {
        chain.close()
        boundaries.close()
        index.close()
    }

    /// The header of a height, from the block log or, for a restored chain, from the boundary that it begins behind.
    func header(at height: Height) throws -> Header? {
        if let record = try chain.blocks.read(height) { return try Header(bcs: record.header) }
        return try boundaries.block(at: height)?.header
    }

    /// The newest header that this node believes without asking anybody.
    func trusted(_ genesis: Genesis) throws -> TrustedHeader {
        guard let block = try boundaries.newest else { return try TrustedHeader(genesis: genesis, chainID: genesis.chainID) }
        return try TrustedHeader(block, hash: block.header.digest, chainID: genesis.chainID)
    }
}
