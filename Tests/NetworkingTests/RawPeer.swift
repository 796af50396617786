import Cryptography
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Primitives
import Synchronization
import Testing
@_spi(Fuzzing) @testable import Networking

/// A peer that does what it likes: a socket, perhaps with TLS, and bytes.
final class RawPeer: Sendable {
    struct State {
        var bytes: [UInt8] = []
        var isSecured = false
        var isClosed = false
        var error: String?
    }

    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let channel: any Channel
    private let state: CollectingHandler.Box

    /// Connects; with a configuration, TLS begins at once.
    init(to address: NetworkAddress, _ tls: TLSConfiguration? = nil, reads: Bool = true) async throws {
        let box = CollectingHandler.Box()
        state = box
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        channel = try await ClientBootstrap(group: Self.group)
            .connectTimeout(.seconds(240))
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(
                            context: context, serverHostname: nil,
                            customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }))
                    }
                    try channel.pipeline.syncOperations.addHandler(CollectingHandler(box))
                }
            }
            .connect(host: address.host, port: Int(address.port)).get()
    }

    var bytes: [UInt8] { state.value.withLock { $0.bytes } }
    var isSecured: Bool { state.value.withLock { $0.isSecured } }
    var isClosed: Bool { state.value.withLock { $0.isClosed } }

    func write(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
    func write(_ message: ControlMessage) { write(Frame.control(message.bcs).encoded) }
    func close() { channel.close(mode: .all, promise: nil) }

    /// The control messages that have come, and how many frames of other classes.
    var controls: [ControlMessage] {
        var decoder = FrameDecoder(takesConsensus: true), frames: [Frame] = []
        bytes.withUnsafeBytes { try? decoder.decode($0, into: &frames) }
        return frames.compactMap { if case .control(let bytes) = $0 { try? ControlMessage(bcs: bytes) } else { nil } }
    }

    /// Goes through HELLO as a node with `key` that is no validator, and is welcome. The node's key must be larger or smaller
    /// than ours; both orders work.
    func greet(as key: SigningKey, node: PublicKey, _ change: (inout Hello) -> Void = { _ in }) async {
        write(.hello(Self.hello(change)))
        write(.claim(nil))
        if key.publicKey < node {
            await eventually("the node's claim") { self.controls.contains { if case .claim = $0 { true } else { false } } }
            write(.welcome)
        } else {
            await eventually("the welcome") { self.controls.contains(.welcome) }
        }
    }

    static func hello(_ change: (inout Hello) -> Void = { _ in }) -> Hello {
        var hello = Hello(
            chainID: testChain, versionLowest: 1, versionHighest: 1, nonce: Digest.zero, height: 5, listenAddress: nil, agent: "raw")
        change(&hello)
        return hello
    }

    /// TLS as a node speaks it.
    static func nodeTLS(_ key: SigningKey, certificate: [UInt8]? = nil, signer: SigningKey? = nil) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        let bytes = certificate ?? NodeCertificate.make(for: key)
        tls.certificateChain = [.certificate(try NIOSSLCertificate(bytes: bytes, format: .der))]
        tls.privateKey = .privateKey(NIOSSLPrivateKey(customPrivateKey: RawSigner(key: signer ?? key)))
        tls.certificateVerification = .noHostnameVerification
        tls.trustRoots = .certificates([])
        tls.minimumTLSVersion = .tlsv13
        tls.verifySignatureAlgorithms = [.ed25519]
        tls.signingSignatureAlgorithms = [.ed25519]
        tls.applicationProtocols = ["trellis/1"]
        return tls
    }
}

private struct RawSigner: NIOSSLCustomPrivateKey, Hashable {
    let key: SigningKey
    var signatureAlgorithms: [SignatureAlgorithm] { [.ed25519] }
    func sign(channel: any Channel, algorithm: SignatureAlgorithm, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        channel.eventLoop.makeSucceededFuture(ByteBuffer(bytes: key.sign(Array(data.readableBytesView)).bytes))
    }
    func decrypt(channel: any Channel, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }
    static func == (left: Self, right: Self) -> Bool { left.key === right.key }
    func hash(into hasher: inout Hasher) { hasher.combine(key.publicKey) }
}

private final class CollectingHandler: ChannelInboundHandler {
    final class Box: Sendable { let value = Mutex(RawPeer.State()) }
    typealias InboundIn = ByteBuffer
    let box: Box
    init(_ box: Box) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        box.value.withLock { $0.bytes += bytes }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if "\(event)".contains("handshakeCompleted") { box.value.withLock { $0.isSecured = true } }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        box.value.withLock { $0.error = "\(error)" }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { box.value.withLock { $0.isClosed = true } }
}
