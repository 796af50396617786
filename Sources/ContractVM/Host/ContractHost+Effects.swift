import Execution
import Ledger
import Primitives

extension ContractHost {
    /// The callee must change nothing.
    private static let flagReadOnly: UInt64 = 1
    /// A failure of the callee is the caller's own, with the callee's address, code and text.
    private static let flagPassFailure: UInt64 = 2

    func act(_ function: HostFunction, _ request: borrowing Request) throws(CallError) -> UInt64? {
        switch function {
        case .emit:
            let name = try self.name(0, request, EventName.self)
            try context.emit(name, try request.bytes(2, most: Limits.eventDataBytesMax))
        case .balance:
            try request.check(1, 16)
            try request.write(try context.balance(of: try request.fixed(0)), at: 1)
        case .transfer: return try transfer(request)
        case .call: return try call(request)
        case .returnRead: return try copy(returned, from: request.length(1), capacity: request.length(2), request)
        case .returnCode: return UInt64(returnedCode)
        default: preconditionFailure("not an effect")
        }
        return nil
    }

    private func name<Bound: TextBound>(
        _ index: Int, _ request: borrowing Request, _: BoundedText<Bound>.Type
    ) throws(CallError) -> BoundedText<Bound> {
        guard let text = String(validating: try request.bytes(index, most: Bound.bytesMax), as: UTF8.self),
              let name = BoundedText<Bound>(text) else { throw context.trap(.nameMalformed) }
        return name
    }

    /// Receiver and amount; 0, or the code of the refusal.
    private func transfer(_ request: borrowing Request) throws(CallError) -> UInt64 {
        let receiver = try request.fixed(0, Address.self), amount = try request.amount(1)
        do throws(CallError) {
            try context.transfer(amount, to: receiver)
            return 0
        } catch {
            guard error.kind == .reverted else { throw error }
            return UInt64(error.code)
        }
    }

    /// Contract, method, arguments, amount, gas (all but a 64th when it is more), flags. The class of the outcome as receipts have it: 0
    /// succeeded, 1 reverted, 2 trapped, 3 out of gas; `ret_read` has the result or the text of the failure, `ret_code` its code.
    private func call(_ request: borrowing Request) throws(CallError) -> UInt64 {
        let callee = try request.fixed(0, Address.self), method = try name(1, request, MethodName.self)
        let arguments = try request.bytes(3, most: Self.argumentBytesMax), amount = try request.amount(5)
        let flags = request.number(7)
        guard flags < 4 else { throw context.trap(.flagUnknown) }
        guard arguments.count <= Self.argumentBytesMax else { throw context.failure(.argumentsMalformed) }
        // Without the price of the call it is the caller that has run dry, not the callee.
        if context.gasLeft < GasSchedule.call { try context.charge(.max) }
        do throws(CallError) {
            returned = try context.call(
                callee, method, arguments, value: amount, gas: request.number(6), readOnly: flags & Self.flagReadOnly != 0)
            returnedCode = 0
            return 0
        } catch {
            if flags & Self.flagPassFailure != 0 || context.hasEnded { throw error }
            returned = Array(error.message.text.utf8)
            returnedCode = error.code
            switch error.kind {
            case .reverted: return 1
            case .trapped: return 2
            case .outOfGas: return 3
            case .stateFailed: throw error
            }
        }
    }
}
