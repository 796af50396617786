public import Ledger
public import Primitives

extension Mempool {
    /// The body of a block: what an honest replica accepts at the state that it was chosen for.
    public struct Selection: Sendable {
        public let transactions: [Verified<SignedTransaction>]
        public let transactionsRoot: Digest
    }

    /// Chooses transactions for the block that `rules` are for: first those of `prioritised` with all that their senders must
    /// send before them, then the dearest, each sender's in the order of nonces. k transactions cost O(k log k).
    ///
    /// `account` reads the block's parent state, which may be ahead of the pool's. ``BlockBody`` judges each transaction as it
    /// will judge the block, so that nothing is chosen that a replica refuses.
    public func select(
        rules: TransactionRules, prioritised: [EnvelopeHash] = [], account: (Address) -> AccountState?
    ) -> Selection {
        var body = BlockBody(rules: rules)
        var chosen: [Verified<SignedTransaction>] = []
        // How many entries of a lane, from the first, have been looked at.
        var seen: [Int: Int] = [:]
        var misses = 0

        /// Tries the next entry of a lane; false when the lane has no more to give.
        func tryNext(_ number: Int, _ lane: SenderLane) -> Bool {
            let index = seen[number] ?? 0
            guard index < lane.readyCount else { return false }
            seen[number] = index + 1
            let entry = lane.entries[index]
            do {
                try body.append(entry.signed, account: body.needsAccount(of: lane.sender) ? account(lane.sender) : nil)
                chosen.append(entry.verified)
                return true
            } catch .transaction(_, .nonceNotConsecutive(let nonce, let expected)) where nonce < expected {
                // The parent state is ahead of the pool and has used this nonce.
                return true
            } catch .transaction {
                return false
            } catch {
                misses += 1
                return false
            }
        }

        for hash in prioritised {
            guard let number = laneNumber(of: hash), let lane = lanes[number],
                  let index = lane.entries.firstIndex(where: { $0.signed.envelopeHash == hash }) else { continue }
            while seen[number] ?? 0 <= index, tryNext(number, lane) {}
        }
        var walk = byPrice.walk
        while misses < GossipLimits.selectionMissesMax, body.count < rules.parameters.blockTransactionsMax, let (_, number) = walk.next() {
            guard let lane = lanes[number], tryNext(number, lane) else { continue }
            if let index = seen[number], index < lane.readyCount { walk.putBack(number, PriceKey(lane.entries[index])) }
        }
        return Selection(transactions: chosen, transactionsRoot: body.transactionsRoot)
    }

    /// The executable transactions that came first, each sender's in the order of nonces, within the bounds of one sharing.
    public func oldestExecutable(countMax: Int = GossipLimits.shareCountMax, bytesMax: Int = GossipLimits.shareBytesMax) -> [Verified<SignedTransaction>] {
        var result: [Verified<SignedTransaction>] = []
        var bytes = 0
        var walk = byAge.walk
        while result.count < countMax, let (_, number) = walk.next() {
            guard let lane = lanes[number] else { continue }
            for entry in lane.entries[..<lane.readyCount] {
                guard result.count < countMax, bytes + entry.byteCount <= bytesMax || result.isEmpty else { return result }
                bytes += entry.byteCount
                result.append(entry.verified)
            }
        }
        return result
    }

    /// Goes through the executable transactions, dearest first and each sender's in the order of nonces, until `body` returns false.
    func forEachExecutable(_ body: (Verified<SignedTransaction>) -> Bool) {
        var next: [Int: Int] = [:]
        var walk = byPrice.walk
        while let (_, number) = walk.next() {
            guard let lane = lanes[number] else { continue }
            let index = next[number] ?? 0
            guard body(lane.entries[index].verified) else { return }
            next[number] = index + 1
            if index + 1 < lane.readyCount { walk.putBack(number, PriceKey(lane.entries[index + 1])) }
        }
    }

    /// Goes through all transactions, those that are executable first, until `body` returns false.
    func forEachTransaction(_ body: (Verified<SignedTransaction>) -> Bool) {
        var goesOn = true
        forEachExecutable { verified in
            goesOn = body(verified)
            return goesOn
        }
        var walk = byAge.walk
        while goesOn, let (_, number) = walk.next() {
            guard let lane = lanes[number] else { continue }
            for entry in lane.entries[lane.readyCount...] where goesOn { goesOn = body(entry.verified) }
        }
    }
}
