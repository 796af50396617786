public import Cryptography
public import Primitives

/// How messages of one type are verified, and what one costs. The pool knows nothing about signatures: the check comes from
/// `Cryptography`, which alone makes `Verified` values.
public struct SignatureCheck<Message: Sendable, Failure: Error>: Sendable {
    /// The message as verified, or why not. Runs on any thread of a pool and must not wait for anything.
    public let verify: @Sendable (Message) throws(Failure) -> Verified<Message>
    /// The number of signatures to check, for the bounds of a lane and the size of its pieces. Anything below one counts as one.
    public let cost: @Sendable (Message) -> Int

    public init(
        cost: @escaping @Sendable (Message) -> Int = { _ in 1 },
        verify: @escaping @Sendable (Message) throws(Failure) -> Verified<Message>
    ) {
        self.verify = verify
        self.cost = cost
    }
}

extension SignatureCheck where Message: AccountSigned, Failure == AuthenticationError {
    /// Messages of accounts on the network `chainID`, such as transactions.
    public static func account(chainID: ChainID) -> SignatureCheck {
        SignatureCheck(cost: { $0.authenticator.signatureCount }) { message throws(AuthenticationError) in
            try message.verified(chainID: chainID)
        }
    }
}

extension SignatureCheck where Message: ValidatorSigned, Failure == SignatureError {
    /// Messages of validators whose sets `checker` knows. `cost` counts the signatures inside a message as well.
    public static func validator(
        _ checker: some SignatureChecker, cost: @escaping @Sendable (Message) -> Int = { _ in 1 }
    ) -> SignatureCheck {
        SignatureCheck(cost: cost) { message throws(SignatureError) in try checker.verify(message) }
    }
}

extension SignatureCheck where Message: QuorumCertificate, Failure == CertificateError {
    /// Certificates of epochs whose sets `checker` knows.
    public static func certificate(_ checker: some SignatureChecker) -> SignatureCheck {
        SignatureCheck(cost: { $0.signatures.count }) { certificate throws(CertificateError) in try checker.verify(certificate) }
    }
}
