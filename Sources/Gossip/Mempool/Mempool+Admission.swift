public import Ledger
public import Primitives

extension Mempool {
    /// What became of a transaction that entered the pool.
    public struct Admission: Equatable, Sendable {
        public let isExecutable: Bool
        /// What had to leave for it.
        public let dropped: [DroppedTransaction]
    }

    /// Every check but the signature, cheapest first: known, limits, chain, expiry, price, then what the account and the pool
    /// say. Nothing changes.
    public func precheck(_ signed: SignedTransaction) throws(MempoolRejection) {
        guard !knows(signed.envelopeHash) else { throw .known }
        _ = try place(signed)
    }

    /// Takes a transaction whose signature holds. The checks are made again, because the chain and the pool have moved on since.
    public func admit(_ verified: Verified<SignedTransaction>, now: GossipTick) throws(MempoolRejection) -> Admission {
        let signed = verified.value
        guard !knows(signed.envelopeHash) else { throw .known }
        let place = try place(signed)
        var dropped: [DroppedTransaction] = []
        for victim in place.victims {
            change(victim.number) { lane in
                for _ in 0..<victim.count {
                    let entry = lane.removeLast()
                    forget(entry)
                    dropped.append(DroppedTransaction(entry, .evicted))
                }
            }
        }
        let (isReady, replaced) = insert(verified, account: place.account, reserve: place.reserve, now: now)
        if let replaced { dropped.append(DroppedTransaction(replaced, .replaced)) }
        return Admission(isExecutable: isReady, dropped: dropped)
    }

    /// Where a transaction would stand, and who would leave for it.
    private struct Place {
        let account: AccountState
        let reserve: Amount
        /// In the order of eviction.
        var victims: [Victim] = []
    }

    /// How many transactions a lane loses from its end.
    private struct Victim {
        let number: Int
        let count: Int
    }

    private func place(_ signed: SignedTransaction) throws(MempoolRejection) -> Place {
        do { try rules.check(signed) } catch { throw .transaction(error) }
        let transaction = signed.transaction
        let lane = lane(of: transaction.sender)
        let state = lane?.account ?? account(transaction.sender)
        do { try rules.check(signed, against: state) } catch { throw .transaction(error) }
        guard let state, let reserve = transaction.reserve else { throw .transaction(.reserveOverflow) }
        let (index, isThere) = lane?.position(of: transaction.nonce) ?? (0, false)
        let old = isThere ? lane?.entries[index] : nil
        if let old {
            let required = Mempool.replacementPrice(of: old.price)
            guard let required, transaction.gasPrice >= required else { throw .replacementUnderpriced(required: required ?? Amount(.max)) }
        }
        let laneBytes = (lane?.byteCount ?? 0) - (old?.byteCount ?? 0) + signed.envelope.count
        guard laneBytes <= configuration.senderBytesMax else {
            throw .senderFull(bytes: laneBytes, limit: configuration.senderBytesMax)
        }
        var place = Place(account: state, reserve: reserve)
        let missingBytes = byteCount + signed.envelope.count - (old?.byteCount ?? 0) - configuration.bytesMax
        let missingCount = count + (old == nil ? 1 : 0) - configuration.countMax
        if missingBytes > 0 || missingCount > 0 {
            let key = worth(of: signed, in: lane, reserve: reserve, account: state)
            guard let victims = victims(bytes: missingBytes, count: missingCount, below: key, sparing: transaction.sender) else {
                throw .poolFull
            }
            place.victims = victims
        }
        return place
    }

    /// The least price that beats the transaction which would be given up first; nil while there is none.
    public var outbiddingPrice: Amount? { byWorth.first.flatMap { Mempool.replacementPrice(of: $0.key.floor) } }

    /// The least price of what replaces a transaction of `price`: ten percent more, and more in any case. nil on overflow.
    static func replacementPrice(of price: Amount) -> Amount? {
        price.multiplied(by: replacementPercent).flatMap { increase in
            // Rounded up, so that a price of one unit must still be beaten.
            price.adding(Amount(increase.units / 100 + (increase.units % 100 == 0 ? 0 : 1)))
        }.flatMap { $0 > price ? $0 : price.adding(Amount(1)) }
    }

    /// What the newcomer would be worth at its place: as much as the cheapest up to it, and ready if it and all before are.
    private func worth(of signed: SignedTransaction, in lane: SenderLane?, reserve: Amount, account: AccountState) -> WorthKey {
        let transaction = signed.transaction
        var next = account.nonce.rawValue, rest: Amount? = account.balance, floor = transaction.gasPrice
        for entry in lane?.entries ?? [] where entry.nonce < transaction.nonce {
            if entry.nonce.rawValue != next { rest = nil }
            next = entry.nonce.rawValue &+ 1
            rest = rest?.subtracting(entry.reserve)
            floor = min(floor, entry.price)
        }
        let isReady = next == transaction.nonce.rawValue && rest?.subtracting(reserve) != nil
        return WorthKey(isReady: isReady, floor: floor, sequence: .max)
    }

    /// The lanes that lose transactions from their ends until `bytes` and `count` are free, all worth less than `key`; nil when
    /// that is not enough. The newcomer's own lane is spared: evicting what stands before it would make it useless.
    private func victims(bytes: Int, count: Int, below key: WorthKey, sparing sender: Address) -> [Victim]? {
        var bytes = bytes, count = count
        var taken: [Int: Int] = [:], order: [Int] = []
        var walk = byWorth.walk
        while bytes > 0 || count > 0 {
            guard let (worth, number) = walk.next(), worth < key, let lane = lanes[number] else { return nil }
            if lane.sender == sender { continue }
            let earlier = taken[number] ?? 0
            if earlier == 0 { order.append(number) }
            taken[number] = earlier + 1
            let left = lane.entries.count - earlier - 1
            bytes -= lane.entries[left].byteCount
            count -= 1
            if left > 0 { walk.putBack(number, WorthKey(lane, keeping: left)) }
        }
        return order.map { Victim(number: $0, count: taken[$0] ?? 0) }
    }
}
