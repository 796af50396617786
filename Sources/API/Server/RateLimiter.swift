import NIOCore
import Synchronization

/// A token bucket for each client address. An IPv6 client is its /64, of which every household has one.
final class RateLimiter: Sendable {
    /// What is left to a client, for the `RateLimit-…` headers.
    struct Verdict {
        let isAllowed: Bool
        let limit: Int
        let remaining: Int
        /// Seconds until the bucket is full again, or until the next request is allowed.
        let reset: Int
    }

    private struct Bucket {
        var tokens: Double
        var updated: ContinuousClock.Instant
    }

    /// Addresses that are told apart; beyond it, strangers share a bucket.
    private static let clientsMax = 16_384
    private let rate: APIConfiguration.RateLimit
    private let state = Mutex(State())

    private struct State {
        var buckets: [[UInt8]: Bucket] = [:]
        var swept = ContinuousClock.now
    }

    init(_ rate: APIConfiguration.RateLimit) { self.rate = rate }

    static func client(_ address: SocketAddress?) -> [UInt8] {
        // Behind family and port of the system's structures; with IPv6 there is a flow label, too.
        switch address {
        case .v4(let address): withUnsafeBytes(of: address.address) { Array($0[4..<8]) }
        case .v6(let address): withUnsafeBytes(of: address.address) { Array($0[8..<16]) }
        default: []
        }
    }

    /// Takes `cost` tokens of the client's bucket, if they are there.
    func take(_ client: [UInt8], cost: Double, now: ContinuousClock.Instant = .now) -> Verdict {
        state.withLock { state in
            var key = client
            if state.buckets[key] == nil, state.buckets.count >= Self.clientsMax {
                // Full buckets need not be remembered. Looking for them takes a while, so not for every stranger.
                if now - state.swept > .seconds(1) {
                    state.buckets = state.buckets.filter { filled($0.value, now) < rate.burst }
                    state.swept = now
                }
                if state.buckets.count >= Self.clientsMax { key = [] }
            }
            var tokens = state.buckets[key].map { filled($0, now) } ?? rate.burst
            let isAllowed = tokens >= cost
            if isAllowed { tokens -= cost }
            state.buckets[key] = Bucket(tokens: tokens, updated: now)
            let wait = isAllowed ? rate.burst - tokens : cost - tokens
            return Verdict(
                isAllowed: isAllowed, limit: Int(rate.burst), remaining: Int(tokens), reset: Int((wait / rate.perSecond).rounded(.up)))
        }
    }

    private func filled(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = (now - bucket.updated).components
        return min(rate.burst, bucket.tokens + (Double(seconds) + Double(attoseconds) * 1e-18) * rate.perSecond)
    }
}
