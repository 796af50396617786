/// What a contract may import from the module `trellis`: the first version of the interface between contracts and their host.
///
/// Pointers and lengths are i32 and unsigned. A function that gives bytes takes a destination and its capacity, copies what fits and
/// returns the full length. Addresses have 20 bytes, amounts 16 (little-endian), digests and keys 32, signatures 64, proofs 80.
enum HostFunction: String, CaseIterable, Sendable {
    // ── The call ──
    case methodRead = "method_read", inputRead = "input_read", output, revert
    case caller, contract = "self_addr", origin, value
    // ── The block ──
    case height, time = "block_time", epoch, chainID = "chain_id"
    case gasLeft = "gas_left"
    // ── Storage ──
    case storageRead = "storage_read", storageWrite = "storage_write", storageRemove = "storage_remove", storageHas = "storage_has"
    case iteratorOpen = "iter_open", iteratorNext = "iter_next", iteratorClose = "iter_close"
    // ── Effects ──
    case emit, balance, transfer
    case call, returnRead = "ret_read", returnCode = "ret_code"
    // ── Randomness ──
    case drawRequest = "draw_request", draw, drawClose = "draw_close"
    // ── Cryptography ──
    case sha256, verifySignature = "ed25519_verify", verifyProof = "vrf_verify"
    /// Does nothing under consensus; a test's host may show the text.
    case debug

    static let module = "trellis"

    var type: FunctionType {
        let pointer = ValueType.i32, length = ValueType.i32
        return switch self {
        case .methodRead: FunctionType([pointer, length], [length])
        case .inputRead, .returnRead: FunctionType([pointer, .i32, length], [length])
        case .output, .debug: FunctionType([pointer, length], [])
        case .revert: FunctionType([.i32, pointer, length], [])
        case .caller, .contract, .origin, .value, .chainID: FunctionType([pointer], [])
        case .height, .time, .epoch, .gasLeft: FunctionType([], [.i64])
        case .storageRead: FunctionType([pointer, length, pointer, length], [length])
        case .storageWrite: FunctionType([pointer, length, pointer, length], [])
        case .storageRemove: FunctionType([pointer, length], [])
        case .storageHas: FunctionType([pointer, length], [.i32])
        case .iteratorOpen: FunctionType([pointer, length, pointer, length, .i32], [.i32])
        case .iteratorNext: FunctionType([.i32, pointer, length, pointer, length], [.i64])
        case .iteratorClose: FunctionType([.i32], [])
        case .emit: FunctionType([pointer, length, pointer, length], [])
        case .balance: FunctionType([pointer, pointer], [])
        case .transfer: FunctionType([pointer, pointer], [.i32])
        case .call: FunctionType([pointer, pointer, length, pointer, length, pointer, .i64, .i32], [.i32])
        case .returnCode: FunctionType([], [.i32])
        case .drawRequest, .drawClose: FunctionType([.i64], [])
        case .draw: FunctionType([.i64, pointer], [.i32])
        case .sha256: FunctionType([pointer, length, pointer], [])
        case .verifySignature: FunctionType([pointer, pointer, pointer, length], [.i32])
        case .verifyProof: FunctionType([pointer, pointer, pointer, length, pointer], [.i32])
        }
    }
}

extension Profile {
    /// The limits and the interface of deployed contracts.
    public static let contracts = Profile.contracts(Interface(
        imports: HostFunction.allCases.map { Interface.Function(HostFunction.module, $0.rawValue, $0.type) },
        exports: [("call", FunctionType([], [.i32])), ("trellis_abi_1", FunctionType([], []))], memoryExport: "memory"))
}
