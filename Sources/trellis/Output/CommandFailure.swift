import Execution
import Keystore
import Ledger
import Node
import Primitives

/// Why a command did not do what was asked: what happened, why, and what to run next, under a stable code.
struct CommandFailure: Error, Equatable {
    let code: String
    /// What happened, without a full stop.
    let what: String
    /// What is behind it; nil when there is nothing to add.
    var why: String?
    /// What to do next; commands as they are typed.
    var next: String?
    var status = ExitStatus.failure

    /// Something that the user typed and that is not as it must be.
    static func usage(_ code: String, _ what: String, why: String? = nil, next: String? = nil) -> CommandFailure {
        CommandFailure(code: code, what: what, why: why, next: next, status: .usage)
    }

    /// The failure that any error is to a user.
    init(_ error: any Error) {
        self = switch error {
        case let failure as CommandFailure: failure
        case let failure as any FailureReport: failure.failure
        default: CommandFailure(code: "internal.unexpected", what: "\(error)")
        }
    }

    init(code: String, what: String, why: String? = nil, next: String? = nil, status: ExitStatus = .failure) {
        self.code = code
        self.what = what
        self.why = why
        self.next = next
        self.status = status
    }

    var value: DynamicValue {
        .fields([
            ("code", .text(code)), ("message", .text(what)), ("reason", why.map { .text($0) }), ("next", next.map { .text($0) }),
            ("status", .number(UInt64(status.rawValue))),
        ])
    }
}

/// An error of a room that knows what it is to a user.
protocol FailureReport: Error {
    var failure: CommandFailure { get }
}

extension KeystoreError: FailureReport {
    var failure: CommandFailure {
        let next: String? = switch code {
        case .wrongPassphrase: "Type the passphrase again, or check --passphrase-file."
        case .notFound: "trellis key list"
        case .alreadyExists: "Choose another name; a key is never overwritten."
        case .permissionsTooWide: "chmod 600 on the file, and make a new key if others may have read it."
        case .damaged: "Restore the file from its backup, or the key from its recovery phrase: trellis key import --help"
        case .roleMismatch: "trellis key list"
        case .readOnly: "Leave --keyring out: only key files can be written."
        default: nil
        }
        return CommandFailure(
            code: code.rawValue, what: context, next: next, status: code == .notFound ? .notFound : .failure)
    }
}

extension MnemonicError: FailureReport {
    var failure: CommandFailure {
        let what = switch self {
        case .phraseTooLong(let bytes): "a recovery phrase of \(bytes) bytes"
        case .wordCount(let count): "a recovery phrase of \(count) words; it has 12, 15, 18, 21 or 24"
        case .wordUnknown(let position): "word \(position) of the recovery phrase is not in the list of BIP-39"
        case .checksumWrong: "the words of the recovery phrase do not fit together: one is wrong, or their order"
        }
        return .usage("key.phrase-invalid", what, next: "Compare the words with what was written down.")
    }
}

extension ConfigurationError: FailureReport {
    var failure: CommandFailure {
        let status: ExitStatus = switch code {
        case .keyUnknown, .valueInvalid, .flagMalformed: .usage
        case .conflict, .fileMalformed, .fileInaccessible: .failure
        }
        return CommandFailure(code: code.rawValue, what: reason, next: remedy, status: status)
    }
}

extension PresetError: FailureReport {
    var failure: CommandFailure {
        CommandFailure(code: "genesis.preset-invalid", what: "the preset makes no genesis document", why: description, next: "trellis genesis new --help")
    }
}

extension BCSError: FailureReport {
    var failure: CommandFailure { CommandFailure(code: "encoding.invalid", what: "the bytes are not the encoding that they should be", why: "\(self)") }
}
