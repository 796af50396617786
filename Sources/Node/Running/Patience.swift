import Logging
import WorldState

/// Nobody is to blame for this node's disk.
enum Patience {
    private static let pause = Duration.seconds(1)

    /// Tries again what the disk refuses; nil when the store is closed.
    @discardableResult
    static func untilDiskServes<Value: Sendable>(_ log: Logger, _ work: @Sendable () async throws -> Value) async -> Value? {
        while true {
            do { return try await work() } catch {
                if (error as? StoreError)?.code == .closed { return nil }
                log.error("restoring a snapshot: \(error)")
                try? await Task.sleep(for: pause)
            }
        }
    }
}
