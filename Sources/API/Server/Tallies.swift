import Synchronization

/// What the interface counts about itself.
final class Tallies: Sendable {
    /// Requests that last.
    enum Open: Int, CaseIterable { case streams, waiters }

    struct Key: Hashable {
        let method: String
        /// The route's path with its braces, so that the number of keys is bounded; nothing of the client's.
        let route: String
        let status: Int
    }

    struct Sum {
        var count: UInt64 = 0
        var seconds: Double = 0
    }

    private struct State {
        var open = [Int](repeating: 0, count: Open.allCases.count)
        var requests: [Key: Sum] = [:]
        var limited: UInt64 = 0
    }

    private let state = Mutex(State())

    func enter(_ open: Open, max: Int) -> Bool {
        state.withLock { state in
            guard state.open[open.rawValue] < max else { return false }
            state.open[open.rawValue] += 1
            return true
        }
    }

    func leave(_ open: Open) { state.withLock { $0.open[open.rawValue] -= 1 } }

    func count(_ open: Open) -> Int { state.withLock { $0.open[open.rawValue] } }

    func note(_ key: Key, _ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        state.withLock { state in
            state.requests[key, default: Sum()].count += 1
            state.requests[key, default: Sum()].seconds += Double(seconds) + Double(attoseconds) * 1e-18
        }
    }

    func noteLimited() { state.withLock { $0.limited += 1 } }

    func families(_ workers: Workers) -> [MetricFamily] {
        let (open, requests, limited) = state.withLock { ($0.open, $0.requests, $0.limited) }
        let load = workers.load
        let sorted = requests.sorted { ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status) }
        func labels(_ key: Key) -> [(name: String, value: String)] { [("method", key.method), ("route", key.route), ("status", String(key.status))] }
        return [
            MetricFamily("trellis_api_requests_total", .counter, help: "Requests that were answered.",
                         sorted.map { .init(Double($0.value.count), labels: labels($0.key)) }),
            MetricFamily("trellis_api_request_seconds_total", .counter, help: "Time from the head of a request to its answer, in all.",
                         sorted.map { .init($0.value.seconds, labels: labels($0.key)) }),
            MetricFamily("trellis_api_rate_limited_total", .counter, help: "Requests that were above their client's rate.", [.init(Double(limited))]),
            MetricFamily("trellis_api_streams", .gauge, help: "Event streams that are open.", [.init(Double(open[Open.streams.rawValue]))]),
            MetricFamily("trellis_api_waiters", .gauge, help: "Requests that wait for a transaction's block.", [.init(Double(open[Open.waiters.rawValue]))]),
            MetricFamily("trellis_api_reads", .gauge, help: "Reads of state that run or wait.", [.init(Double(load.waiting))]),
            MetricFamily("trellis_api_views", .gauge, help: "Views and simulations that run or wait.", [.init(Double(load.views))]),
        ]
    }
}
