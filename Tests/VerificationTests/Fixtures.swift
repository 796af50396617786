import Cryptography
import Foundation
@_spi(Verification) import Primitives
@testable import Verification

/// A check without curve arithmetic: a number is good unless `refuses` says otherwise.
struct Unacceptable: Error, Equatable { let number: Int }

extension SignatureCheck where Message == Int, Failure == Unacceptable {
    static func numbers(
        cost: Int = 1, refuses: @escaping @Sendable (Int) -> Bool = { _ in false }, seen: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> SignatureCheck {
        SignatureCheck(cost: { _ in cost }) { number throws(Unacceptable) in
            seen(number)
            if refuses(number) { throw Unacceptable(number: number) }
            return Verified(checked: number)
        }
    }

    /// Holds the thread that takes it until `gate` opens, and says when it has been taken.
    static func held(by gate: Gate, taken: Gate) -> SignatureCheck {
        numbers(seen: { _ in
            taken.open()
            gate.wait()
        })
    }
}

/// How long a test waits for what must happen: far longer than it takes, because the machine may be running everything else at
/// the same time.
private let patienceSeconds = 900.0

/// Something to wait for; once open it stays open. `open()` never loses a waiter, and a test never waits for ever.
final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOpen = false

    func open() {
        condition.lock()
        isOpen = true
        condition.broadcast()
        condition.unlock()
    }

    func wait() {
        let deadline = Date(timeIntervalSinceNow: patienceSeconds)
        condition.lock()
        while !isOpen { precondition(condition.wait(until: deadline), "nobody opens the gate") }
        condition.unlock()
    }
}

/// What several threads write down, and when they have written enough.
final class Notes<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var values: [Value] = []

    func add(_ value: Value) {
        condition.lock()
        values.append(value)
        condition.broadcast()
        condition.unlock()
    }

    var all: [Value] {
        condition.lock()
        defer { condition.unlock() }
        return values
    }

    /// The notes, once there are at least `count`.
    func wait(for count: Int) -> [Value] {
        let deadline = Date(timeIntervalSinceNow: patienceSeconds)
        condition.lock()
        defer { condition.unlock() }
        while values.count < count { precondition(condition.wait(until: deadline), "\(values.count) notes instead of \(count)") }
        return values
    }
}

extension VerificationPool.Reception {
    var isAccepted: Bool { ticket != nil }
    var isFull: Bool { if case .full = self { true } else { false } }
    var isClosed: Bool { if case .closed = self { true } else { false } }
    var ticket: Ticket? { if case .accepted(let ticket) = self { ticket } else { nil } }
}

/// A message of an account with a body of its own.
struct Note: AccountSigned, Equatable {
    let sender: Address
    let signedBody: UInt64
    let authenticator: Authenticator
    var signingDomain: SigningDomain { .transaction }
    var registersKeys: Bool { false }

    init(_ number: UInt64, key: SigningKey, chain: ChainID, forged: Bool = false) {
        sender = Address(of: key.publicKey)
        signedBody = number
        authenticator = .single(key.publicKey, key.sign(forged ? number + 1 : number, as: .transaction, chainID: chain))
    }
}

/// A message of a validator.
struct Ballot: ValidatorSigned, Equatable {
    let epoch: Epoch
    let signer: ValidatorIndex
    let signedBody: UInt64
    let signature: Signature
    var signingDomain: SigningDomain { .prepare }
}
