import ContractVM
import Execution
import Ledger
import Primitives
import Synchronization

/// What contracts asked of their host during one call, for whoever wants to know why it failed.
final class Trace: HostObserver {
    /// Lines of one call that are kept, the newest.
    private static let linesMax = 200

    private let state = Mutex<(lines: [String], dropped: Int, depth: Int)>(([], 0, 0))

    func begin() { state.withLock { $0 = ([], 0, 0) } }

    func asked(_ question: HostQuestion) {
        let indent = String(repeating: "  ", count: question.depth)
        var line = indent + question.function
        if !question.inputs.isEmpty { line += " " + question.inputs.map(Self.text).joined(separator: ", ") }
        if let failure = question.failure {
            line += " → \(Self.word(failure)): \(failure.message.text)"
        } else if let result = question.result {
            line += " → \(Self.number(result))"
        }
        line += "  (\(question.gas) gas)"
        state.withLock { state in
            state.lines.append(line)
            if state.lines.count > Self.linesMax {
                state.lines.removeFirst()
                state.dropped += 1
            }
        }
    }

    var text: String {
        state.withLock { state in
            if state.lines.isEmpty { return "the contract asked nothing of its host" }
            return ((state.dropped > 0 ? ["… \(state.dropped) earlier requests"] : []) + state.lines).joined(separator: "\n")
        }
    }

    private static func word(_ error: CallError) -> String {
        switch error.kind {
        case .reverted: "refused with \(error.code)"
        case .trapped: "trapped"
        case .outOfGas: "out of gas"
        case .stateFailed: "the state failed"
        }
    }

    private static func number(_ result: UInt64) -> String { result == UInt64.max || result == UInt64(UInt32.max) ? "none" : String(result) }

    /// Text as text, everything else in hexadecimal.
    private static func text(_ bytes: [UInt8]) -> String {
        if bytes.count > 1, bytes.allSatisfy({ (0x20...0x7e).contains($0) }) { return "\"\(String(decoding: bytes, as: UTF8.self))\"" }
        return bytes.isEmpty ? "nothing" : bytes.count > HostQuestion.inputBytesMax ? bytes.prefix(HostQuestion.inputBytesMax).hex + "…" : bytes.hex
    }
}
