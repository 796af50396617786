import Foundation
public import Primitives

extension Timestamp {
    /// The time of this machine's clock.
    public static var system: Timestamp { Timestamp(UInt64(max(0, Date().timeIntervalSince1970 * 1_000))) }
}
