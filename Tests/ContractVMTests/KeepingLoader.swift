import ContractVM
import Execution
import Primitives
import Synchronization

/// A loader that keeps what it prepared, until it is told to forget, and counts.
final class KeepingLoader: ContractLoader {
    private let contracts = Mutex<[Digest: WebAssemblyContract]>([:])
    private let preparations = Mutex(0)

    var prepared: Int { preparations.withLock { $0 } }

    func known(_ codeHash: Digest) -> (any Contract)? { contracts.withLock { $0[codeHash] } }

    func prepare(_ code: [UInt8], hash: Digest) throws(CodeRefusal) -> any Contract {
        let contract = try WebAssemblyContract(code)
        contracts.withLock { $0[hash] = contract }
        preparations.withLock { $0 += 1 }
        return contract
    }

    func forget() { contracts.withLock { $0 = [:] } }
}
