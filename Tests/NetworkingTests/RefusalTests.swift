import Cryptography
import NIOSSL
import Primitives
import Testing
@testable import Networking

/// Whoever cannot prove a node key, or speaks of something else, is refused with a code, and never becomes a peer.
@Suite struct RefusalTests {
    /// Runs `attack` against a node that listens, waits for one of `codes`, and sees that nobody was let in or told anything.
    private func refused(
        _ codes: NetworkCode..., sourceLocation: SourceLocation = #_sourceLocation, attack: (TestNode) async throws -> RawPeer
    ) async throws {
        let node = try await TestNode(1)
        let raw = try await attack(node)
        await eventually("one of \(codes), but \(node.refusals)", sourceLocation: sourceLocation) {
            node.refusals.contains { codes.contains($0.error.code) }
        }
        await eventually("the socket is closed", sourceLocation: sourceLocation) { raw.isClosed }
        #expect(node.connections.isEmpty, sourceLocation: sourceLocation)
        #expect(node.transport.counters.refusals.values.reduce(0, +) == 1, sourceLocation: sourceLocation)
        // To whom speaks no TLS, TLS itself may answer with an alert of seven bytes.
        let isAlert = raw.bytes.count == 7 && raw.bytes.starts(with: [21, 3])
        #expect(raw.bytes.isEmpty || isAlert, "the node said something to a stranger", sourceLocation: sourceLocation)
        #expect(node.refusals[0].peer == nil)
        await node.stop()
    }

    @Test func aClientWithoutACertificate() async throws {
        try await refused(.certificateMissing) { node in
            var tls = try RawPeer.nodeTLS(signingKey(2))
            tls.certificateChain = []
            tls.privateKey = nil
            return try await RawPeer(to: node.address, tls)
        }
    }

    @Test func anotherVersionOfTLS() async throws {
        try await refused(.tlsVersion) { node in
            var tls = try RawPeer.nodeTLS(signingKey(2))
            tls.minimumTLSVersion = .tlsv1
            tls.maximumTLSVersion = .tlsv12
            return try await RawPeer(to: node.address, tls)
        }
    }

    /// BoringSSL's client has nothing that it may sign with and gives up; one that signed anyway would fail at the judge.
    @Test(arguments: [ForeignCertificate.p256, .rsa]) func keysOfOtherKinds(_ foreign: ForeignCertificate) async throws {
        try await refused(.tlsFailed, .certificateMissing, .certificateMalformed) { node in
            var tls = try RawPeer.nodeTLS(signingKey(2))
            tls.certificateChain = [.certificate(try NIOSSLCertificate(bytes: foreign.certificate, format: .der))]
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: foreign.key, format: .der))
            tls.signingSignatureAlgorithms = nil
            return try await RawPeer(to: node.address, tls)
        }
    }

    @Test func anEd25519CertificateOfAnotherForm() async throws {
        try await refused(.certificateMalformed) { node in
            var tls = try RawPeer.nodeTLS(signingKey(2))
            tls.certificateChain = [.certificate(try NIOSSLCertificate(bytes: ForeignCertificate.ed25519.certificate, format: .der))]
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: ForeignCertificate.ed25519.key, format: .der))
            return try await RawPeer(to: node.address, tls)
        }
    }

    @Test func theCertificateOfSomebodyElse() async throws {
        try await refused(.tlsFailed) { node in
            try await RawPeer(to: node.address, try RawPeer.nodeTLS(signingKey(2), signer: signingKey(3)))
        }
    }

    @Test func aCertificateThatIsNotSignedByItsKey() async throws {
        try await refused(.certificateSignature) { node in
            var certificate = NodeCertificate.make(for: signingKey(2))
            certificate[certificate.count - 1] ^= 1
            return try await RawPeer(to: node.address, try RawPeer.nodeTLS(signingKey(2), certificate: certificate))
        }
    }

    /// With a key of small order one signature fits many messages: such a key proves nothing.
    @Test func aKeyOfSmallOrder() async throws {
        try await refused(.certificateKey) { node in
            let certificate = NodeCertificateTests.certificate(withKey: [1] + [UInt8](repeating: 0, count: 31))
            return try await RawPeer(to: node.address, try RawPeer.nodeTLS(signingKey(2), certificate: certificate))
        }
    }

    @Test func twoCertificates() async throws {
        try await refused(.certificateMalformed) { node in
            var tls = try RawPeer.nodeTLS(signingKey(2))
            tls.certificateChain += try RawPeer.nodeTLS(signingKey(3)).certificateChain
            return try await RawPeer(to: node.address, tls)
        }
    }

    @Test(arguments: [[], ["h2"], ["trellis/2"]]) func anotherProtocolInsideTLS(_ protocols: [String]) async throws {
        let node = try await TestNode(1)
        var tls = try RawPeer.nodeTLS(signingKey(2))
        tls.applicationProtocols = protocols
        let raw = try await RawPeer(to: node.address, tls)
        await node.refusal(.protocolUnknown)
        await eventually("closed") { raw.isClosed }
        #expect(node.connections.isEmpty)
        await node.stop()
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: node\r\n\r\n", "SSH-2.0-client\r\n", "\0\0\0\0\0\0\0\0\0\0\0\0", "\u{16}\u{3}\u{1}\0\u{5}hello"])
    func plainTCP(_ text: String) async throws {
        try await refused(.notTLS, .tlsFailed) { node in
            let raw = try await RawPeer(to: node.address)
            raw.write(Array(text.utf8))
            return raw
        }
    }

    // MARK: This node as the client

    /// The dialling side has to prove as little trust as the listening one: a server that is not the node is not talked to.
    @Test func aServerWithAnotherKey() async throws {
        let one = try await TestNode(1), two = try await TestNode(2)
        one.transport.dial(two.address, expecting: signingKey(3).publicKey)
        await one.refusal(.peerUnexpected)
        #expect(one.refusals[0].direction == .outbound)
        await eventually("the other side gives up") { !two.refusals.isEmpty }
        #expect(one.connections.isEmpty && two.connections.isEmpty)
        await one.stop()
        await two.stop()
    }

    @Test func oneself() async throws {
        let one = try await TestNode(1)
        one.transport.dial(one.address)
        await one.refusal(.selfConnection)
        #expect(one.connections.isEmpty)
        #expect(throws: NetworkError.self) { try one.transport.keepConnected(one.peerAddress) }
        await one.stop()
    }

    @Test func nobodyListens() async throws {
        let one = try await TestNode(1)
        // A port that is held but not listened on refuses, and nobody else can get it meanwhile.
        let held = try HeldPort()
        one.transport.dial(held.address)
        await one.refusal(.dialFailed)
        held.release()
        await one.stop()
    }

    // MARK: HELLO

    @Test func anotherChain() async throws {
        let one = try await TestNode(1), two = try await TestNode(2) { $0.chainID = ChainID() }
        one.dial(two)
        await one.refusal(.chainMismatch)
        await two.refusal(.chainMismatch)
        #expect(one.connections.isEmpty && two.connections.isEmpty)
        #expect(two.refusals.contains { $0.peer == one.peer })
        await one.stop()
        await two.stop()
    }

    @Test func noCommonVersion() async throws {
        let one = try await TestNode(1) { $0.versions = 1...3 }
        let two = try await TestNode(2) { $0.versions = 4...5 }, three = try await TestNode(3) { $0.versions = 2...9 }
        one.dial(two)
        await one.refusal(.versionMismatch)
        await two.refusal(.versionMismatch)
        await connect(one, three)
        #expect(one.transport.peers.map(\.info.version) == [3])
        #expect(three.transport.peers.map(\.info.version) == [3])
        for node in [one, two, three] { await node.stop() }
    }
}
