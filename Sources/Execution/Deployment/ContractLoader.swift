public import Primitives
import WorldState

/// Makes contracts of the code that people deploy. It is declared here and implemented above, so that the machine knows nothing of
/// the language that the code is in.
///
/// Whether a contract was ``known(_:)`` must change nothing but the time that a call takes.
public protocol ContractLoader: Sendable {
    /// The contract of the code with this hash, if it was prepared before and is still at hand.
    func known(_ codeHash: Digest) -> (any Contract)?
    /// Checks and translates `code`: every node must come to the same contract, or the same refusal.
    func prepare(_ code: [UInt8], hash: Digest) throws(CodeRefusal) -> any Contract
}

extension ContractLoader {
    /// The contract of a record: known, or prepared from the code in the state.
    func contract(of record: DeployedContract, in state: Overlay) throws(StoreError) -> any Contract {
        if let known = known(record.codeHash) { return known }
        let code = try DeploymentRecords.code(of: record, in: state)
        do throws(CodeRefusal) { return try prepare(code, hash: record.codeHash) } catch {
            // It was accepted when it was deployed.
            throw StoreError(.corrupt, "the code \(record.codeHash): \(error)")
        }
    }
}

/// Why code is no contract: in which function, at which byte, and what is wrong there.
public struct CodeRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
