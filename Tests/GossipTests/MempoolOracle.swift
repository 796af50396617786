import Gossip
import Ledger
import Primitives

/// The pool as its documentation says it, with one list and no index: slow, and easy to see through.
struct MempoolOracle {
    struct Entry {
        let signed: SignedTransaction
        let sequence: UInt64
        let arrival: UInt64

        var sender: Address { signed.transaction.sender }
        var nonce: UInt64 { signed.transaction.nonce.rawValue }
        var price: UInt128 { signed.transaction.gasPrice.units }
        var reserve: UInt128 { signed.transaction.reserve!.units }
        var bytes: Int { signed.envelope.count }
        var hash: EnvelopeHash { signed.envelopeHash }
    }

    let configuration: Mempool.Configuration
    var rules: TransactionRules
    var accounts: [Address: AccountState]
    var entries: [Entry] = []
    var committed: Set<EnvelopeHash> = []
    var sequence: UInt64 = 0

    func lane(_ sender: Address) -> [Entry] { entries.filter { $0.sender == sender }.sorted { $0.nonce < $1.nonce } }

    func isReady(_ entry: Entry, in all: [Entry]) -> Bool {
        let account = accounts[entry.sender]!
        let before = all.filter { $0.sender == entry.sender && $0.nonce <= entry.nonce }
        let spent = before.reduce(UInt128(0)) { $0 + $1.reserve }
        return UInt64(before.count) == entry.nonce - account.nonce.rawValue + 1 && spent <= account.balance.units
    }

    /// Who leaves first: the last of a lane that must wait, then of the lane whose cheapest is cheapest, then whose last is newest.
    private func worst(_ all: [Entry], but sender: Address) -> Entry? {
        let ends = all.filter { end in end.sender != sender && !all.contains { $0.sender == end.sender && $0.nonce > end.nonce } }
        return ends.min { left, right in
            let (a, b) = (worth(left, in: all), worth(right, in: all))
            if a.isReady != b.isReady { return !a.isReady }
            return a.floor == b.floor ? left.sequence > right.sequence : a.floor < b.floor
        }
    }

    private func worth(_ end: Entry, in all: [Entry]) -> (isReady: Bool, floor: UInt128) {
        (isReady(end, in: all), all.filter { $0.sender == end.sender && $0.nonce <= end.nonce }.map(\.price).min()!)
    }

    mutating func admit(_ signed: SignedTransaction, now: UInt64) -> MempoolRejection? {
        let transaction = signed.transaction
        if committed.contains(signed.envelopeHash) || entries.contains(where: { $0.hash == signed.envelopeHash }) { return .known }
        do {
            try rules.check(signed)
            try rules.check(signed, against: accounts[transaction.sender])
        } catch { return .transaction(error) }
        let newcomer = Entry(signed: signed, sequence: sequence, arrival: now)
        let old = entries.first { $0.sender == newcomer.sender && $0.nonce == newcomer.nonce }
        if let old {
            let required = (old.price * 110 + 99) / 100
            if newcomer.price < required || newcomer.price == old.price { return .replacementUnderpriced(required: Amount(max(required, old.price + 1))) }
        }
        var next = entries.filter { $0.sequence != old?.sequence }
        let laneBytes = next.filter { $0.sender == newcomer.sender }.reduce(newcomer.bytes) { $0 + $1.bytes }
        if laneBytes > configuration.senderBytesMax { return .senderFull(bytes: laneBytes, limit: configuration.senderBytesMax) }
        let own = worth(newcomer, in: next + [newcomer])
        while next.count + 1 > configuration.countMax || next.reduce(newcomer.bytes, { $0 + $1.bytes }) > configuration.bytesMax {
            guard let victim = worst(next, but: newcomer.sender) else { return .poolFull }
            let its = worth(victim, in: next)
            guard its.isReady == own.isReady ? its.floor < own.floor : !its.isReady else { return .poolFull }
            next.removeAll { $0.sequence == victim.sequence }
        }
        entries = next + [newcomer]
        sequence += 1
        return nil
    }

    mutating func commit(_ block: CommittedBlock) {
        for signed in block.transactions { committed.insert(signed.envelopeHash) }
        for touched in block.touched { accounts[touched.address] = touched.state }
        rules = TransactionRules(chainID: rules.chainID, height: block.height.successor, parameters: block.parameters)
        entries.removeAll { entry in
            entry.nonce < accounts[entry.sender]!.nonce.rawValue || entry.signed.transaction.validUntilHeight < rules.height
                || (try? rules.check(entry.signed)) == nil
        }
    }

    mutating func age(now: UInt64) { entries.removeAll { $0.arrival + configuration.ageTicksMax <= now } }

    /// Always the dearest of those whose turn it is that still fits.
    func select() -> [EnvelopeHash] {
        var body = BlockBody(rules: rules)
        var left = entries.filter { isReady($0, in: entries) }
        var chosen: [EnvelopeHash] = []
        while true {
            let heads = left.filter { head in !left.contains { $0.sender == head.sender && $0.nonce < head.nonce } }
            guard let best = heads.min(by: { $0.price == $1.price ? $0.sequence < $1.sequence : $0.price > $1.price }) else { return chosen }
            if (try? body.append(best.signed, account: accounts[best.sender])) != nil {
                chosen.append(best.hash)
                left.removeAll { $0.sequence == best.sequence }
            } else {
                left.removeAll { $0.sender == best.sender }
            }
        }
    }
}
