import COpenSSL
import Cryptography
import NIOSSL
import Primitives
import Testing
@testable import Networking

@Suite struct NodeCertificateTests {
    /// The form around another key, without a signature that fits.
    static func certificate(withKey key: [UInt8]) -> [UInt8] {
        let certificate = NodeCertificate.make(for: signingKey(1))
        let start = certificate.firstRange(of: signingKey(1).publicKey.bytes)!.lowerBound
        return Array(certificate[..<start]) + key + Array(certificate[(start + 32)...])
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func itHoldsTheKeyAndNothingElse(_ number: UInt64) throws {
        let key = signingKey(number), certificate = NodeCertificate.make(for: key)
        #expect(certificate == NodeCertificate.make(for: key))
        #expect(try NodeCertificate.key(of: certificate) == key.publicKey)
        #expect(certificate.count == 223)
    }

    /// The oracle is another library: OpenSSL reads the certificate, finds the key in it and accepts its signature.
    @Test func openSSLAcceptsIt() throws {
        let key = signingKey(4), certificate = NodeCertificate.make(for: key)
        let parsed = try #require(certificate.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_X509(nil, &start, bytes.count)
        })
        defer { X509_free(parsed) }
        let publicKey = try #require(X509_get_pubkey(parsed))
        defer { EVP_PKEY_free(publicKey) }
        #expect(X509_verify(parsed, publicKey) == 1)
        var raw = [UInt8](repeating: 0, count: 32), count = 32
        #expect(EVP_PKEY_get_raw_public_key(publicKey, &raw, &count) == 1)
        #expect(raw == key.publicKey.bytes)
        #expect(X509_get_version(parsed) == 2)
        #expect(X509_cmp_current_time(X509_get0_notBefore(parsed)) < 0)
        #expect(X509_cmp_current_time(X509_get0_notAfter(parsed)) > 0)
    }

    /// Whatever bit is changed, it is no longer a certificate of any node.
    @Test func everyBitCounts() throws {
        let certificate = NodeCertificate.make(for: signingKey(5))
        for bit in 0..<8 * certificate.count {
            var changed = certificate
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: NetworkError.self, "bit \(bit)") { try NodeCertificate.key(of: changed) }
        }
        for count in [0, 1, certificate.count - 1] {
            #expect(throws: NetworkError.self) { try NodeCertificate.key(of: Array(certificate.prefix(count))) }
        }
        #expect(throws: NetworkError.self) { try NodeCertificate.key(of: certificate + [0]) }
    }

    @Test(arguments: ForeignCertificate.allCases) func othersAreRefused(_ foreign: ForeignCertificate) throws {
        #expect(throws: NetworkError.self) { try NodeCertificate.key(of: foreign.certificate) }
    }

    @Test(arguments: [
        [1] + [UInt8](repeating: 0, count: 31),
        [UInt8](repeating: 0, count: 32),
        [0xec] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        [UInt8](repeating: 0xff, count: 32),
    ]) func unacceptableKeysAreTold(_ key: [UInt8]) throws {
        let error = #expect(throws: NetworkError.self) { try NodeCertificate.key(of: Self.certificate(withKey: key)) }
        #expect(error?.code == .certificateKey)
    }
}
