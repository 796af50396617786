/// How the interface is served, and what one client may take of the node.
public struct APIConfiguration: Sendable {
    /// Where to listen. Loopback alone, unless somebody says otherwise.
    public var host = "127.0.0.1"
    /// 0 takes any free port.
    public var port = 0
    /// Names under which the interface may be asked for beside the address it is bound to, such as that of a proxy. A server on loopback
    /// refuses others: a page from elsewhere could reach it by pointing its own name at 127.0.0.1.
    public var hostNames: [String] = []
    /// Pages from these origins may read answers, `https://board.example`; none by default.
    public var origins: [String] = []
    /// nil for no limit.
    public var rate: RateLimit? = RateLimit(perSecond: 500, burst: 1_000)
    /// Threads that read state and run views.
    public var workerCount = 2
    /// Reads and views that wait for a thread; above it the node is busy.
    public var workersWaitingMax = 256
    /// Views and simulations that run or wait at once.
    public var viewsMax = 128
    public var connectionsMax = 2_048
    /// Event streams that are open at once.
    public var streamsMax = 1_024
    /// Requests that wait for a transaction to be committed.
    public var waitersMax = 1_024
    /// Seconds between two signs of life on a stream where nothing happens.
    public var heartbeatSeconds = 15.0
    public var deadlines = ClientDeadlines()

    public init() {}

    /// A token bucket for each client address.
    public struct RateLimit: Sendable {
        public var perSecond: Double
        public var burst: Double

        public init(perSecond: Double, burst: Double) {
            self.perSecond = perSecond
            self.burst = burst
        }
    }
}

/// Bounds of single requests, the same for every node.
enum RequestLimits {
    static let bodyBytesMax = 1 << 20
    static let targetBytesMax = 8 << 10
    static let headerBytesMax = 16 << 10
    static let headerCountMax = 64
    /// Items of a page.
    static let pageMax = 200
    static let pageDefault = 20
    /// Transactions of a batch: the smallest are above 200 bytes.
    static let batchMax = 5_000
    /// Blocks that one page of a contract's events looks through.
    static let scannedBlocksMax: UInt64 = 500
    /// Gas of a view, about a tenth of a second.
    static let viewGasMax: UInt64 = 100_000_000
    /// Gas of a view that is tried before a thread is asked, by the same measure a fifth of a millisecond, and 66 reads at most.
    static let viewGasAtOnce: UInt64 = 200_000
    /// Seconds that a request may wait for its transaction.
    static let waitSecondsMax: UInt64 = 60
    static let waitSecondsDefault: UInt64 = 20
    /// Contracts that were deployed, of one answer, whose schemas are looked up.
    static let deployedSchemasMax = 16
}
