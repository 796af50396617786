/// Ends what takes too long.
enum Deadline {
    /// What `body` returns, or ``SourceError/Code/timeout``; then `body` is cancelled, and waited for, so that it must heed that.
    static func run<Value: Sendable>(
        seconds: Int, _ body: @escaping @Sendable () async throws(SourceError) -> Value
    ) async throws(SourceError) -> Value {
        let first = await withTaskGroup(of: Result<Value, SourceError>?.self) { group -> Result<Value, SourceError>? in
            group.addTask {
                do throws(SourceError) { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(seconds))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let first else { throw SourceError(.timeout, "no complete answer within \(seconds) s") }
        return try first.get()
    }
}
