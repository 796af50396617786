import Cryptography
import Primitives
import Testing
@_spi(Fuzzing) @testable import Networking

/// The words between TLS and the first frame, without sockets.
@Suite struct HelloTests {
    /// Vectors of the encoding, written by hand from the rules of BCS; a change here is a change of the protocol.
    @Test func theEncodingIsFixed() throws {
        let chain = String(repeating: "07", count: 32), nonce = String(repeating: "0a", count: 32), signature = String(repeating: "0b", count: 64)
        let hello = Hello(
            chainID: testChain, versionLowest: 1, versionHighest: 2, nonce: Digest([UInt8](repeating: 10, count: 32))!, height: 258,
            listenAddress: NetworkAddress(host: "ab", port: 513), agent: "x")
        let claim = ValidatorClaim(epoch: 3, index: ValidatorIndex(4), signature: Signature([UInt8](repeating: 11, count: 64))!)
        let vectors: [(ControlMessage, String)] = [
            (.hello(hello), "0000" + chain + "01000200" + nonce + "0201000000000000" + "01" + "026162" + "0102" + "0178"),
            (.claim(nil), "0100"),
            (.claim(claim), "0101" + "0300000000000000" + "0400" + signature),
            (.welcome, "02"),
            (.credit(.transactions, 65_536), "0303" + "00000100"),
            (.ping(1), "040100000000000000"),
            (.pong(2), "050200000000000000"),
            (.goodbye(7), "0607"),
        ]
        for (message, hex) in vectors {
            #expect(message.bcs.hex == hex)
            #expect(try ControlMessage(bcs: [UInt8](hex: hex)!) == message)
        }
        let longest = RawPeer.hello {
            $0.listenAddress = NetworkAddress(host: String(repeating: "a", count: 253), port: 1)
            $0.agent = String(repeating: "a", count: 64)
        }
        #expect(ControlMessage.hello(longest).bcs.count <= Frame.controlBytesMax)
        let statement = ClaimStatement(epoch: 1, index: ValidatorIndex(2), claimant: PublicKey(), listener: PublicKey(), nonce: .zero)
        #expect(try ClaimStatement(bcs: statement.bcs) == statement)
        #expect(statement.bcs.count == 8 + 2 + 32 + 32 + 32)
    }

    @Test(arguments: ["07", "0300" + "01000000", "0305" + "01000000", "0301" + "00000000", "0102", "", "0200"]) func wrongWordsAreRefused(_ hex: String) {
        #expect(throws: BCSError.self) { try ControlMessage(bcs: [UInt8](hex: hex)!) }
    }

    @Test func agentsArePrintable() {
        for agent in ["a\n", "\u{1b}[31m", "é", String(repeating: "a", count: 65)] {
            #expect(throws: BCSError.self) { try Hello(bcs: RawPeer.hello { $0.agent = agent }.bcs) }
        }
        #expect(throws: BCSError.self) { try Hello(bcs: RawPeer.hello { $0.versionLowest = 2 }.bcs) }
    }

    @Test func codesAreUnique() {
        #expect(Set(NetworkCode.allCases.map(\.rawValue)).count == NetworkCode.allCases.count)
        let numbers = NetworkCode.allCases.compactMap(\.wire)
        #expect(Set(numbers).count == numbers.count)
        for code in NetworkCode.allCases { if let number = code.wire { #expect(NetworkCode(wire: number) == code) } }
        #expect(NetworkCode(wire: 200) == .reasonUnknown)
    }

    /// In every order of words exactly one is right, and both sides end together.
    @Test func onlyOneOrderIsRight() throws {
        let small = min(signingKey(1).publicKey, signingKey(2).publicKey), large = max(signingKey(1).publicKey, signingKey(2).publicKey)
        let hello = RawPeer.hello()
        let words: [ControlMessage] = [.hello(hello), .claim(nil), .welcome, .ping(1), .credit(.sync, 1), .goodbye(0)]
        for (own, peer, right) in [(small, large, [0, 1]), (large, small, [0, 1, 2])] {
            for first in 0..<6 {
                for second in 0..<6 {
                    for third in 0..<6 {
                        var handshake = Handshake(own: hello, ownKey: own, peer: peer), taken: [Int] = []
                        for word in [first, second, third] {
                            guard (try? handshake.receive(words[word])) != nil else { break }
                            taken.append(word)
                        }
                        #expect(right.starts(with: taken))
                        #expect((handshake.phase == .done) == (taken == right))
                    }
                }
            }
        }
        var handshake = Handshake(own: hello, ownKey: small, peer: large)
        #expect(handshake.isArbiter)
        let effects = [try handshake.receive(.hello(hello)), try handshake.receive(.claim(nil))]
        #expect(effects == [.sendClaim(nonce: hello.nonce), .decide(hello, nil)])
    }
}
