import Cryptography

/// A key of Amazon Web Services, as read for one question.
struct AWSCredentials: Sendable {
    let accessKey: String
    let secretKey: SecretBytes
    let sessionToken: String?
}

/// Where the parts of a key are kept.
public struct AWSCredentialPlaces: Hashable, Sendable {
    public var accessKey: SecretPlace
    public var secretKey: SecretPlace
    /// Of temporary keys.
    public var sessionToken: SecretPlace?

    public init(
        accessKey: SecretPlace = .environment("AWS_ACCESS_KEY_ID"), secretKey: SecretPlace = .environment("AWS_SECRET_ACCESS_KEY"),
        sessionToken: SecretPlace? = nil
    ) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    func read() throws(SourceError) -> AWSCredentials {
        AWSCredentials(accessKey: try accessKey.headerText(), secretKey: try secretKey.read(), sessionToken: try token())
    }

    private func token() throws(SourceError) -> String? {
        guard let sessionToken else { return nil }
        return try sessionToken.headerText()
    }
}
