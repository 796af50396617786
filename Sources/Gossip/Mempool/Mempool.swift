public import Ledger
public import Primitives

/// The transactions that wait for a block, one lane per sender.
///
/// A transaction is *executable* when a block at the newest state could hold it: nonces consecutive from the account's, and
/// the balance covers its reserve with those before it. Others are *queued*. Four heaps of lanes, each ordered by numbers and
/// the order of arrival alone, answer every question without walking the pool.
///
/// Invariants: `count <= configuration.countMax`, `byteCount <= configuration.bytesMax`, a lane's bytes are at most
/// `configuration.senderBytesMax`; no lane is empty; `byHash` and `byID` name the lane of each transaction and nothing else.
public final class Mempool {
    public struct Configuration: Hashable, Sendable {
        /// Transactions in all: twenty full blocks. One costs about a kilobyte beside its envelope.
        public var countMax = 50_000
        /// Bytes of envelopes in all.
        public var bytesMax = 48 * 1024 * 1024
        /// Bytes of one sender: two of the largest transactions.
        public var senderBytesMax = 2 * Limits.transactionBytesMax
        /// How long a transaction may wait: half an hour.
        public var ageTicksMax = 1_800 * GossipLimits.ticksPerSecond

        public init() {}
    }

    /// What a replacement pays at least more than what it replaces, in percent: evicting and spreading it again has its cost.
    public static let replacementPercent: UInt64 = 10

    public let configuration: Configuration
    /// For the block above the newest committed one.
    public internal(set) var rules: TransactionRules
    public private(set) var count = 0
    public private(set) var byteCount = 0
    public private(set) var executableCount = 0
    var prices = PriceHistory()

    private var accounts: AccountCache
    private(set) var lanes: [SenderLane?] = []
    private var freeLanes: [Int] = []
    private var bySender: [Address: Int] = [:]
    private var byHash: [EnvelopeHash: Int] = [:]
    private var byID: [TransactionID: Int] = [:]
    /// Lanes with an executable transaction, dearest first.
    private(set) var byPrice = IndexedHeap<PriceKey>()
    /// All lanes, the one to give up first.
    private(set) var byWorth = IndexedHeap<WorthKey>()
    /// All lanes, by the arrival of their oldest transaction.
    private(set) var byAge = IndexedHeap<UInt64>()
    /// All lanes, by the height at which the first of their transactions expires.
    private(set) var byExpiry = IndexedHeap<Height>()
    private var nextSequence: UInt64 = 0
    /// Envelopes committed lately, so that a late copy is known.
    private var committed = GenerationSet<EnvelopeHash>(capacity: GossipLimits.committedHashesMax)

    /// - Parameter account: reads an account at the newest state that the pool was told of, or at a later one.
    public init(rules: TransactionRules, configuration: Configuration = Configuration(), account: @escaping (Address) -> AccountState?) {
        self.rules = rules
        self.configuration = configuration
        accounts = AccountCache(read: account)
    }

    public var hasExecutable: Bool { executableCount > 0 }

    // ── Looking up ──

    public func contains(_ hash: EnvelopeHash) -> Bool { byHash[hash] != nil }

    /// Whether the envelope is in the pool or was committed lately.
    public func knows(_ hash: EnvelopeHash) -> Bool { byHash[hash] != nil || committed.contains(hash) }

    public func transaction(_ hash: EnvelopeHash) -> Verified<SignedTransaction>? {
        guard let lane = byHash[hash].flatMap({ lanes[$0] }) else { return nil }
        return lane.entries.first { $0.signed.envelopeHash == hash }?.verified
    }

    /// The account at the newest state that the pool was told of, or at a later one.
    func account(_ address: Address) -> AccountState? { accounts.account(address) }

    func lane(of sender: Address) -> SenderLane? { bySender[sender].flatMap { lanes[$0] } }

    func laneNumber(of sender: Address) -> Int? { bySender[sender] }

    func laneNumber(of hash: EnvelopeHash) -> Int? { byHash[hash] }

    func laneNumber(of id: TransactionID) -> Int? { byID[id] }

    // ── Changing ──

    func remember(committed hash: EnvelopeHash) { committed.insert(hash) }

    func remember(_ touched: TouchedAccount) { accounts.update(touched.address, touched.state) }

    func forgetAccounts() { accounts.removeAll() }

    /// Puts a transaction that passed every check into its lane. Returns whether it is executable and what it replaced.
    func insert(_ verified: Verified<SignedTransaction>, account: AccountState, reserve: Amount, now: GossipTick) -> (isReady: Bool, replaced: PoolEntry?) {
        let signed = verified.value
        let entry = PoolEntry(verified, sequence: nextSequence, arrival: now, reserve: reserve)
        nextSequence += 1
        let number = bySender[signed.transaction.sender] ?? addLane(signed.transaction.sender, account)
        var replaced: PoolEntry?
        change(number) { replaced = $0.insert(entry) }
        if let replaced { forget(replaced) }
        byHash[signed.envelopeHash] = number
        byID[signed.id] = number
        count += 1
        byteCount += entry.byteCount
        let lane = lanes[number]
        let isReady = lane.map { $0.position(of: entry.nonce).index < $0.readyCount } ?? false
        return (isReady, replaced)
    }

    private func addLane(_ sender: Address, _ account: AccountState) -> Int {
        let number = freeLanes.popLast() ?? lanes.count
        if number == lanes.count { lanes.append(nil) }
        lanes[number] = SenderLane(sender: sender, account: account)
        bySender[sender] = number
        return number
    }

    /// Changes a lane and brings the heaps in line with it; an empty lane is gone.
    func change(_ number: Int, _ body: (inout SenderLane) -> Void) {
        guard var lane = lanes[number] else { return }
        lanes[number] = nil
        executableCount -= lane.readyCount
        body(&lane)
        executableCount += lane.readyCount
        guard let last = lane.entries.last, let first = lane.entries.first else {
            bySender[lane.sender] = nil
            freeLanes.append(number)
            byPrice.remove(number)
            byWorth.remove(number)
            byAge.remove(number)
            byExpiry.remove(number)
            return
        }
        var floor = first.price, oldest = first.sequence, expiry = first.signed.transaction.validUntilHeight
        for entry in lane.entries.dropFirst() {
            floor = min(floor, entry.price)
            oldest = min(oldest, entry.sequence)
            expiry = min(expiry, entry.signed.transaction.validUntilHeight)
        }
        if lane.isReady { byPrice.set(number, PriceKey(first)) } else { byPrice.remove(number) }
        byWorth.set(number, WorthKey(isReady: lane.readyCount == lane.entries.count, floor: floor, sequence: last.sequence))
        byAge.set(number, oldest)
        byExpiry.set(number, expiry)
        lanes[number] = lane
    }

    /// Takes an entry that its lane gave up out of the books.
    func forget(_ entry: PoolEntry) {
        byHash[entry.signed.envelopeHash] = nil
        byID[entry.signed.id] = nil
        count -= 1
        byteCount -= entry.byteCount
    }
}
