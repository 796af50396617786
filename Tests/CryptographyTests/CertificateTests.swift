@testable import Cryptography
import Primitives
import Testing

/// Certificates and the signatures of their keys, against the openssl command line, Python's parser and Project Wycheproof.
@Suite struct CertificateTests {
    private let vectors = CertificateVectors.all

    /// What is kept of a certificate, in the words of the vectors.
    private func fields(_ certificate: Certificate) -> CertificateVectors.Fields {
        .init(
            serial: decimal(certificate.serial), issuer: certificate.issuer.hex, subject: certificate.subject.hex,
            fingerprint: certificate.fingerprint.hex, keyFingerprint: certificate.keyFingerprint.hex, version: "v3",
            commonName: certificate.commonName, notBefore: certificate.notBefore.rawValue, notAfter: certificate.notAfter.rawValue)
    }

    /// A number of up to 20 bytes in decimal digits, by schoolbook division.
    private func decimal(_ bytes: [UInt8]) -> String {
        var digits = [0]
        for byte in bytes {
            var carry = Int(byte)
            for place in digits.indices {
                carry += digits[place] * 256
                digits[place] = carry % 10
                carry /= 10
            }
            while carry > 0 { digits.append(carry % 10); carry /= 10 }
        }
        return String(digits.reversed().map { Character("\($0)") })
    }

    @Test func certificatesReadAsOtherProgramsReadThem() throws {
        for entry in vectors.certificates {
            let bytes = [UInt8](hex: entry.der)!
            let certificate = try Certificate(bytes)
            #expect(fields(certificate) == entry.fields, "\(entry.name)")
            #expect(try CertificateKey(info: certificate.keyInfo) == certificate.key)
        }
    }

    @Test func whatIsNotAcceptedIsRefusedForItsReason() {
        for entry in vectors.refused {
            do {
                _ = try Certificate([UInt8](hex: entry.der)!)
                Issue.record("\(entry.name) is accepted")
            } catch {
                #expect((error == .keyUnsupported) == (entry.why == "key"), "\(entry.name): \(error)")
            }
        }
        #expect(throws: CertificateFailure.tooLong(Certificate.bytesMax + 1)) { try Certificate([UInt8](repeating: 0x30, count: Certificate.bytesMax + 1)) }
    }

    /// Nodes agree on these texts, because receipts hold them.
    @Test func failuresHaveTheirTexts() {
        #expect("\(CertificateFailure.tooLong(5_000))" == "5000 bytes, at most 8192")
        #expect("\(CertificateFailure.malformed(offset: 12, "no such thing"))" == "offset 12: no such thing")
        #expect("\(CertificateFailure.keyUnsupported)" == "the key is of no supported kind")
    }

    /// Thousands of altered certificates: none traps, and whatever is accepted is read as Python reads it.
    @Test func alteredCertificatesAreRefusedOrReadAlike() throws {
        var accepted = 0, refusedByPython = 0
        for mutation in vectors.mutations {
            let original = vectors.certificates.first { $0.name == mutation.of }!.fields
            let bytes = mutation.apply(to: vectors.der(mutation.of))
            guard let certificate = try? Certificate(bytes) else { continue }
            accepted += 1
            guard case .read(let changed) = mutation.verdict else {
                refusedByPython += 1
                Issue.record("accepted, but not by Python: \(bytes.hex)")
                continue
            }
            let expected = CertificateVectors.Fields(
                serial: changed.serial ?? original.serial, issuer: changed.issuer ?? original.issuer,
                subject: changed.subject ?? original.subject, fingerprint: SHA256.hash(bytes).hex,
                keyFingerprint: changed.keyFingerprint ?? original.keyFingerprint, version: changed.version ?? original.version,
                commonName: changed.commonName ?? original.commonName, notBefore: changed.notBefore.map { UInt64(clamping: $0) } ?? original.notBefore,
                notAfter: changed.notAfter.map { UInt64(clamping: $0) } ?? original.notAfter)
            #expect(fields(certificate) == expected)
        }
        // Most changes that keep the form are in keys, signatures, serial numbers and names.
        #expect(accepted > vectors.mutations.count / 10 && refusedByPython == 0, "\(accepted)")
    }

    /// Every cut, and every single bit of a certificate, decides without trapping; a bit of the signed part breaks the signature.
    @Test func noBitIsWithoutMeaning() throws {
        for name in ["cli-ed25519", "cli-p256"] {
            let bytes = vectors.der(name)
            for end in bytes.indices { #expect((try? Certificate(Array(bytes[..<end]))) == nil) }
            #expect((try? Certificate(bytes + [0])) == nil)
            let original = try Certificate(bytes)
            #expect(original.isSigned(by: original.key))
            for bit in 0..<(8 * bytes.count) {
                guard let altered = try? Certificate(bytes.flipping(bit)) else { continue }
                #expect(!altered.isSigned(by: original.key), "bit \(bit)")
            }
        }
    }

    @Test func issuersSignaturesHold() throws {
        let all = try Dictionary(uniqueKeysWithValues: vectors.certificates.map { ($0.name, try Certificate([UInt8](hex: $0.der)!)) })
        for entry in vectors.certificates {
            for (issuer, other) in all {
                let isSigner = all[entry.signer].map { $0.keyFingerprint == other.keyFingerprint } ?? false
                #expect(all[entry.name]!.isSigned(by: other.key) == isSigner, "\(entry.name) by \(issuer)")
            }
        }
        #expect(all["root"]?.authority == .init(pathLength: nil) && all["root-short"]?.authority == .init(pathLength: 0))
        #expect(all["middle-no-authority"]?.authority == nil && all["middle-no-signing"]?.authority == nil && all["cli-p256"]?.authority == .init(pathLength: nil))
        #expect(all.filter { $0.value.hasUnknownCriticalExtension }.keys.sorted() == ["leaf-critical", "middle-constrained"])
    }

    @Test func validityHasBothItsEnds() throws {
        let certificate = try Certificate(vectors.der("not-yet"))
        // 2055-02-28T01:02:03Z and 2056-02-29T23:59:59Z, by `date`.
        #expect(certificate.notBefore.rawValue == 2_687_389_323_000 && certificate.notAfter.rawValue == 2_719_094_399_000)
        #expect(!certificate.isValid(at: Timestamp(2_687_389_322_999)) && certificate.isValid(at: Timestamp(2_687_389_323_000)))
        #expect(certificate.isValid(at: Timestamp(2_719_094_399_999)) && !certificate.isValid(at: Timestamp(2_719_094_400_000)))
    }

    @Test func theCalendarIsGregorian() {
        #expect(Calendar.days(year: 1970, month: 1, day: 1) == 0 && Calendar.days(year: 2000, month: 3, day: 1) == 11_017)
        #expect(Calendar.days(year: 2100, month: 2, day: 29) == nil && Calendar.days(year: 2000, month: 2, day: 29) != nil)
        #expect(Calendar.days(year: 9999, month: 12, day: 31) == 2_932_896)
        var next: UInt64 = 0
        for year in UInt64(1970)...2500 {
            for month in UInt64(1)...12 {
                for day in UInt64(0)...32 {
                    guard let days = Calendar.days(year: year, month: month, day: day) else { continue }
                    #expect(days == next)
                    next += 1
                }
            }
        }
    }

    // ── Signatures ──

    @Test func signaturesOfTheCommandLineHoldAndNoOthers() throws {
        for vector in vectors.signatures {
            let key = try Certificate(vectors.der(vector.certificate)).key
            let message = [UInt8](hex: vector.message)!, signature = [UInt8](hex: vector.signature)!
            #expect(signature.count == key.signatureBytes)
            #expect(key.isValid(signature, of: message), "\(vector.certificate)")
            #expect(!key.isValid(signature, of: message + [0]) && !key.isValid(signature, of: message.flipping(0)))
            for bit in stride(from: 0, to: 8 * signature.count, by: 13) { #expect(!key.isValid(signature.flipping(bit), of: message)) }
            for wrong in [[], Array(signature.dropLast()), signature + [0], [0] + signature, [UInt8](repeating: 0, count: signature.count),
                          [UInt8](repeating: 0xff, count: signature.count)] {
                #expect(!key.isValid(wrong, of: message))
            }
        }
    }

    @Test func aSumAtInfinityIsNoSignature() throws {
        let key = try Certificate(vectors.der(vectors.infinite.certificate)).key
        #expect(!key.isValid([UInt8](hex: vectors.infinite.signature)!, of: [UInt8](hex: vectors.infinite.message)!))
    }

    @Test func wycheproofAgrees() throws {
        let suite: WycheproofSignatures = try Vectors.load("signatures-wycheproof")
        var decided = 0
        for group in suite.groups {
            let info = [UInt8](hex: group.key)!
            let hash: CertificateKey.Hash = ["sha256": .sha256, "sha384": .sha384, "sha512": .sha512][group.hash]!
            guard let key = try? CertificateKey(info: info) else {
                // Only RSA keys with another exponent are not accepted here.
                #expect(group.source.hasPrefix("rsa"), "\(group.source)")
                continue
            }
            for test in group.tests {
                // What implementations may differ on, a DigestInfo without NULL, is refused here.
                let expected = test.result == "valid"
                #expect(key.isValid([UInt8](hex: test.sig)!, of: [UInt8](hex: test.msg)!, hash: hash) == expected, "\(group.source): \(test.comment)")
                decided += 1
            }
        }
        #expect(decided > 750, "\(decided)")
    }
}
