import Cryptography
import NIOCore
import NIOSSL
import Primitives

/// Mutual TLS 1.3 between nodes. This is the only place that makes contexts and handlers of the TLS library, and neither side
/// can be had without a judge of the peer's certificate: a server that lets everybody in cannot be written with this type.
struct NodeTLS: Sendable {
    /// Spoken inside TLS; the number is the version of what is under it.
    static let applicationProtocol = "trellis/1"

    /// Decides on the certificates that a peer has shown, in DER. It runs on the connection's event loop, in every handshake.
    typealias Judge = @Sendable ([[UInt8]]) throws(NetworkError) -> Void

    private let context: NIOSSLContext

    /// `farewell` bounds how long a connection that is being closed waits for the peer's own end of TLS.
    init(key: SigningKey, farewell: Duration) throws {
        let certificate = try NIOSSLCertificate(bytes: NodeCertificate.make(for: key), format: .der)
        var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
            certificateChain: [.certificate(certificate)],
            privateKey: .privateKey(NIOSSLPrivateKey(customPrivateKey: HandshakeSigner(key: key))),
            trustRoots: .certificates([]))
        // The library's default for servers asks no client for a certificate and then never calls the judge.
        configuration.certificateVerification = .noHostnameVerification
        configuration.minimumTLSVersion = .tlsv13
        configuration.maximumTLSVersion = .tlsv13
        // Without both lists BoringSSL neither offers nor takes Ed25519.
        configuration.verifySignatureAlgorithms = [.ed25519]
        configuration.signingSignatureAlgorithms = [.ed25519]
        configuration.applicationProtocols = [Self.applicationProtocol]
        configuration.shutdownTimeout = TimeAmount(farewell)
        context = try NIOSSLContext(configuration: configuration)
    }

    func serverHandler(judge: @escaping Judge) -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: context, customVerificationCallback: Self.callback(judge))
    }

    func clientHandler(judge: @escaping Judge) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: nil, customVerificationCallback: Self.callback(judge))
    }

    private static func callback(_ judge: @escaping Judge) -> NIOSSLCustomVerificationCallback {
        { certificates, promise in
            do {
                try judge(certificates.map { try $0.toDERBytes() })
                promise.succeed(.certificateVerified)
            } catch {
                promise.succeed(.failed)
            }
        }
    }
}

/// Signs TLS handshakes with the node key where it lies, in guarded memory: the TLS library never sees the key itself.
private struct HandshakeSigner: NIOSSLCustomPrivateKey, Hashable {
    let key: SigningKey
    var signatureAlgorithms: [SignatureAlgorithm] { [.ed25519] }

    func sign(channel: any Channel, algorithm: SignatureAlgorithm, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        channel.eventLoop.makeSucceededFuture(ByteBuffer(bytes: key.sign(Array(data.readableBytesView)).bytes))
    }

    /// TLS 1.3 has no key exchange by decryption.
    func decrypt(channel: any Channel, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        channel.eventLoop.makeFailedFuture(NetworkError(.tlsFailed, "decryption with a signing key"))
    }

    static func == (left: Self, right: Self) -> Bool { left.key.publicKey == right.key.publicKey }
    func hash(into hasher: inout Hasher) { hasher.combine(key.publicKey) }
}
