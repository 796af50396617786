import Execution
import Ledger
import Primitives

extension ContractHost {
    func compute(_ function: HostFunction, _ request: borrowing Request) throws(CallError) -> UInt64? {
        switch function {
        case .drawRequest: try context.requestDraw(request.number(0))
        case .drawClose: try context.closeDraw(request.number(0))
        case .draw: return try draw(request)
        case .sha256:
            try request.check(2, Digest.byteCount)
            try request.write(try context.sha256(try request.payableBytes(0)).bytes, at: 2)
        case .verifySignature:
            let key = try request.fixed(0, PublicKey.self), signature = try request.fixed(1, Signature.self)
            return try context.verifySignature(signature, of: try request.payableBytes(2), by: key) ? 1 : 0
        case .verifyProof:
            // Key, proof, alpha, and where the output goes.
            try request.check(4, VRFOutput.byteCount)
            let key = try request.fixed(0, VRFPublicKey.self), proof = try request.fixed(1, VRFProof.self)
            guard let output = try context.verifyProof(proof, alpha: try request.payableBytes(2), by: key) else { return 0 }
            try request.write(output.bytes, at: 4)
            return 1
        default: preconditionFailure("not a computation")
        }
        return nil
    }

    /// The number of the request, and where the beacon goes; 0, or the code of the refusal.
    private func draw(_ request: borrowing Request) throws(CallError) -> UInt64 {
        try request.check(1, Beacon.byteCount)
        do throws(CallError) {
            try request.write(try context.draw(request.number(0)).bytes, at: 1)
            return 0
        } catch {
            guard error.kind == .reverted else { throw error }
            return UInt64(error.code)
        }
    }
}
