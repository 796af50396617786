import Ledger
import Primitives

/// Which transactions the primaries of committed blocks passed over, by the rule of the protocol: executable at the parent
/// state, priced above the lowest included, in the primary's hands before, while the block had room.
///
/// A transaction counts as in a primary's hands when it was so before the parent of the block was committed; the primary may
/// begin a block with the commit of its parent, therefore what reached it later is not counted.
struct CensorshipWatch {
    private struct Watched {
        let hash: EnvelopeHash
        /// The height that was committed when the validator was first seen to have it.
        var holders: [PublicKey: Height] = [:]
    }

    private var watched: [Watched] = []

    var count: Int { watched.count }

    /// What the primary of `block` passed over. To be asked before the pool follows the block.
    mutating func review(_ block: CommittedBlock, pool: Mempool) -> [EnvelopeHash] {
        guard !watched.isEmpty else { return [] }
        let parameters = block.parameters
        var bytes = 0, gas: UInt64 = 0, lowest: Amount?
        var included: Set<EnvelopeHash> = []
        for signed in block.transactions {
            bytes += signed.envelope.count
            gas &+= signed.transaction.gasLimit.rawValue
            lowest = min(lowest ?? signed.transaction.gasPrice, signed.transaction.gasPrice)
            included.insert(signed.envelopeHash)
        }
        watched.removeAll { included.contains($0.hash) || !pool.isExecutable($0.hash) }
        var passedOver: [EnvelopeHash] = []
        watched.removeAll { entry in
            guard let signed = pool.transaction(entry.hash)?.value else { return true }
            if let lowest, signed.transaction.gasPrice <= lowest { return true }
            let hasRoom = block.transactions.count < Int(parameters.blockTransactionsMax)
                && bytes + signed.envelope.count <= Int(parameters.blockBytesMax)
                && gas &+ signed.transaction.gasLimit.rawValue <= parameters.blockGasMax
            if hasRoom, let proposer = block.proposer, let since = entry.holders[proposer],
               let begun = since.advanced(by: 2), begun <= block.height {
                passedOver.append(entry.hash)
            }
            return false
        }
        return passedOver
    }

    /// Watches the dearest executable transactions and notes who has them. To be asked after the pool followed a block.
    mutating func note(pool: Mempool, validators: [PublicKey], has: (EnvelopeHash, PublicKey) -> Bool) {
        watched.removeAll { !pool.isExecutable($0.hash) }
        if watched.count < GossipLimits.watchedMax {
            var known = Set(watched.map(\.hash))
            pool.forEachExecutable { verified in
                if known.insert(verified.value.envelopeHash).inserted { watched.append(Watched(hash: verified.value.envelopeHash)) }
                return watched.count < GossipLimits.watchedMax
            }
        }
        guard let height = pool.rules.height.predecessor else { return }
        for index in watched.indices {
            for validator in validators where watched[index].holders[validator] == nil && has(watched[index].hash, validator) {
                watched[index].holders[validator] = height
            }
        }
    }
}
