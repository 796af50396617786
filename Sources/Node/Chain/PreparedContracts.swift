import ContractVM
public import Execution
public import Primitives
import Synchronization

/// Keeps what deployed code was translated to, so that a contract that is called often is prepared once.
///
/// What is kept changes the time that a call takes and nothing else: gas is that of a miss, see `GasSchedule.loadPerByte`. Of two halves the
/// younger one takes what comes and what is used; when it is full it becomes the older one, and what nobody has asked for since then goes.
///
/// Invariant: each half takes at most `bytesMax / 2`, or holds one contract.
public final class PreparedContracts: ContractLoader {
    /// Some hundreds of contracts; the code that a full block can pay to load is less.
    public static let bytesMax = 128 << 20

    private struct Halves {
        var young: [Digest: WebAssemblyContract] = [:]
        var old: [Digest: WebAssemblyContract] = [:]
        var youngBytes = 0
    }

    private let halves = Mutex(Halves())
    private let halfMax: Int

    public init(bytesMax: Int = PreparedContracts.bytesMax) { halfMax = bytesMax / 2 }

    public func known(_ codeHash: Digest) -> (any Contract)? {
        halves.withLock { halves in
            if let contract = halves.young[codeHash] { return contract }
            guard let contract = halves.old[codeHash] else { return nil }
            keep(contract, codeHash, &halves)
            return contract
        }
    }

    public func prepare(_ code: [UInt8], hash: Digest) throws(CodeRefusal) -> any Contract {
        let contract = try WebAssemblyContract(code)
        halves.withLock { keep(contract, hash, &$0) }
        return contract
    }

    /// How many there are, those twice that are in both halves.
    var count: Int { halves.withLock { $0.young.count + $0.old.count } }

    private func keep(_ contract: WebAssemblyContract, _ hash: Digest, _ halves: inout Halves) {
        guard halves.young[hash] == nil else { return }
        let bytes = contract.byteCount
        if halves.youngBytes + bytes > halfMax, !halves.young.isEmpty {
            halves.old = halves.young
            halves.young = [:]
            halves.youngBytes = 0
        }
        halves.young[hash] = contract
        halves.youngBytes += bytes
    }
}
