public import Contracts
import Execution
public import Ledger
public import Primitives
import WorldState

extension LightReader {
    /// What came of computing an assignment again from proven values.
    public struct MappingVerdict: Sendable {
        /// The values are those behind this block.
        public let height: Height
        public let record: Infrastructure.MappingRecord
        public let result: Result<AuditedMapping, MappingFault>
    }

    /// Computes the newest assignment of an application again, from what a trusted header proves: what was frozen, the beacon, and what the contract made of
    /// both. nil when it is proven that there is no such application, or that nothing was computed yet.
    public mutating func mapping(of application: ApplicationName) async throws(ClientError) -> MappingVerdict? {
        var last: MappingVerdict?
        // The assignment may change between two answers; then the newer one is looked at.
        for _ in 0..<4 {
            guard let record = try await newestMapping(of: application), let audit = MappingAudit(application: application, record: record) else { return nil }
            let (values, height) = try await values(of: audit.keys)
            let result: Result<AuditedMapping, MappingFault>
            do throws(MappingFault) { result = .success(try audit.run(values)) } catch { result = .failure(error) }
            last = MappingVerdict(height: height, record: record, result: result)
            if case .failure(.superseded) = result { continue }
            break
        }
        return last
    }

    /// The record of the newest assignment with an outcome.
    private mutating func newestMapping(of application: ApplicationName) async throws(ClientError) -> Infrastructure.MappingRecord? {
        guard let known: Infrastructure.Application = try await value(of: MappingAudit.applicationKey(application)), known.mapping > 0 else { return nil }
        let newest: Infrastructure.MappingRecord? = try await value(of: MappingAudit.recordKey(application, known.mapping))
        guard newest?.outcome == nil, known.mapping > 1 else { return newest }
        return try await value(of: MappingAudit.recordKey(application, known.mapping - 1))
    }

    private mutating func value<Value: BCSCodable>(of key: StateKey) async throws(ClientError) -> Value? {
        guard let bytes = try await values(of: [key]).values[0] else { return nil }
        do throws(BCSError) { return try Value(bcs: bytes) } catch { throw .unproven("a proven \(Value.self) that is none: \(error)") }
    }
}
