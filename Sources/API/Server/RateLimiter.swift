import Glibc
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
    private let buckets = Mutex<[[UInt8]: Bucket]>([:])

    init(_ rate: APIConfiguration.RateLimit) { self.rate = rate }

    static func client(_ address: SocketAddress?) -> [UInt8] {
        switch address {
        case .v4(let address): withUnsafeBytes(of: address.address.sin_addr.s_addr) { Array($0) }
        case .v6(let address): withUnsafeBytes(of: address.address.sin6_addr) { Array($0.prefix(8)) }
        default: []
        }
    }

    /// Takes `cost` tokens of the client's bucket, if they are there.
    func take(_ client: [UInt8], cost: Double, now: ContinuousClock.Instant = .now) -> Verdict {
        buckets.withLock { buckets in
            var key = client
            if buckets[key] == nil, buckets.count >= Self.clientsMax {
                buckets = buckets.filter { filled($0.value, now) < rate.burst }
                if buckets.count >= Self.clientsMax { key = [] }
            }
            var tokens = buckets[key].map { filled($0, now) } ?? rate.burst
            let isAllowed = tokens >= cost
            if isAllowed { tokens -= cost }
            buckets[key] = Bucket(tokens: tokens, updated: now)
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
