import Foundation
import Synchronization

extension Report {
    /// Fills the report by work that waits for others.
    mutating func fill(_ work: @escaping @Sendable (inout Report) async throws -> Void) throws {
        let outcome = Mutex<Result<Report, any Error>?>(nil), done = DispatchSemaphore(value: 0), start = self
        Task.detached {
            let result: Result<Report, any Error>
            do {
                var report = start
                try await work(&report)
                result = .success(report)
            } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        self = try outcome.withLock { $0! }.get()
    }
}
