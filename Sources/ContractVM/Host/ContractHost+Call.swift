import Execution
import Ledger
import Primitives

extension ContractHost {
    /// What the contract asks about its own call and about the block.
    func answerAboutCall(_ function: HostFunction, _ request: borrowing Request) throws(CallError) -> UInt64? {
        switch function {
        case .methodRead: return try copy(method, from: 0, capacity: request.length(1), request)
        case .inputRead:
            return try copy(input, from: request.length(1), capacity: request.length(2), request)
        case .output:
            let bytes = try request.bytes(0, most: Limits.returnDataBytesMax)
            guard bytes.count <= Limits.returnDataBytesMax else { throw context.failure(.resultTooLong) }
            try context.charge(GasSchedule.codecPerByte * UInt64(bytes.count))
            output = bytes
        case .revert: throw refusal(UInt32(truncatingIfNeeded: request.number(0)), try request.bytes(1, most: Self.refusalBytesMax))
        case .caller: try request.write(context.caller.bytes, at: 0)
        case .contract: try request.write(context.contract.bytes, at: 0)
        case .origin: try request.write(context.origin.bytes, at: 0)
        case .value: try request.write(context.value, at: 0)
        case .height: return context.block.height.rawValue
        case .time: return context.block.time.rawValue
        case .epoch: return context.block.epoch.rawValue
        case .chainID: try request.write(context.block.chainID.bytes, at: 0)
        case .gasLeft: return context.gasLeft
        case .debug: try request.check(0, Int(request.length(1)))
        default: preconditionFailure("not a question about the call")
        }
        return nil
    }
}
