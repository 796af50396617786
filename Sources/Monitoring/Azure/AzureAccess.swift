import Cryptography
import Foundation
import NIOHTTP1
import Primitives
import Synchronization

/// As whom Azure is asked, by the flow of client credentials (RFC 6749, section 4.4), and the token that this yields.
///
/// A token is kept until shortly before it ends, and nowhere but here.
public final class AzureAccess: Sendable {
    /// Seconds before its end from which a token is not used any more.
    private static let margin: UInt64 = 300
    private static let tokenBytesMax = 16 << 10

    let tenant: String
    let client: String
    let secret: SecretPlace
    let authority: String
    let resource: String
    let seconds: Int
    let authorityFile: String?
    private let clock: any MonitorClock
    private let held = Mutex<(token: String, ends: Timestamp)?>(nil)

    /// - Parameters:
    ///   - authority: who gives tokens.
    ///   - resource: what is asked with them.
    public init(
        tenant: String, client: String, secret: SecretPlace, authority: String = "https://login.microsoftonline.com",
        resource: String = "https://management.azure.com", seconds: Int = 15, authorityFile: String? = nil, clock: any MonitorClock = SystemClock()
    ) {
        self.tenant = tenant
        self.client = client
        self.secret = secret
        self.authority = authority.hasSuffix("/") ? String(authority.dropLast()) : authority
        self.resource = resource.hasSuffix("/") ? String(resource.dropLast()) : resource
        self.seconds = max(1, seconds)
        self.authorityFile = authorityFile
        self.clock = clock
    }

    /// A good answer; one that refuses the token gets a fresh one, once.
    func ask(_ path: String) async throws(SourceError) -> HTTPAnswer {
        for isLast in [false, true] {
            var question = HTTPQuestion(url: resource + path, seconds: seconds, authorityFile: authorityFile)
            question.headers = [("Accept", "application/json"), ("Authorization", "Bearer " + (try await token()))]
            let answer = try await HTTPFetcher.fetch(question)
            if (200..<300).contains(answer.status) { return answer }
            if answer.status == 401, !isLast {
                held.withLock { $0 = nil }
                continue
            }
            throw HTTPFetcher.refusal(answer, words: AzureAnswer.refusal(answer.body))
        }
        preconditionFailure("the second answer is returned or thrown")
    }

    private func token() async throws(SourceError) -> String {
        let now = clock.now
        if let held = held.withLock({ $0 }), now < held.ends { return held.token }
        let secret = try secret.read()
        let form = PercentEncoding.form([
            ("grant_type", "client_credentials"), ("client_id", client), ("scope", resource + "/.default"),
            ("client_secret", secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }),
        ])
        var question = HTTPQuestion(
            method: .POST, url: "\(authority)/\(PercentEncoding.encode(tenant))/oauth2/v2.0/token", seconds: seconds, authorityFile: authorityFile)
        question.headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        question.body = Array(form.utf8)
        let answer = try await HTTPFetcher.fetch(question)
        guard answer.status == 200 else {
            let words = AzureAnswer.refusal(answer.body)
            // A wrong secret and an unknown client are told with 400 and 401 alike.
            throw answer.status < 429 ? SourceError(.denied, "the status \(answer.status): \(words ?? "no token")") : HTTPFetcher.refusal(answer, words: words)
        }
        guard let grant = try? JSONDecoder().decode(Grant.self, from: Data(answer.body)), grant.token_type.lowercased() == "bearer",
              (1...Self.tokenBytesMax).contains(grant.access_token.utf8.count), grant.access_token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw SourceError(.answer, "not a token")
        }
        let lifetime = UInt64(min(max(grant.expires_in, 0), 86_400))
        let ends = Timestamp(now.rawValue + (lifetime > Self.margin ? lifetime - Self.margin : lifetime / 2) * 1_000)
        held.withLock { $0 = (grant.access_token, ends) }
        return grant.access_token
    }

    private struct Grant: Decodable {
        let token_type: String
        let access_token: String
        let expires_in: Int
    }
}
