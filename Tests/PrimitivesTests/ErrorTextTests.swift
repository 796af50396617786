import Primitives
import Testing

/// Texts of errors that come into receipts: they are part of what nodes agree on, so that none may change without a new protocol.
@Suite struct ErrorTextTests {
    @Test func encodings() {
        let texts: [(BCSError, String)] = [
            (.truncated(offset: 3, needed: 8, available: 2), "offset 3: 8 bytes are needed, 2 are left"),
            (.trailingBytes(offset: 9, count: 4), "offset 9: 4 bytes follow the value"),
            (.lengthNotMinimal(offset: 1), "offset 1: the length has superfluous zero bytes"),
            (.lengthTooWide(offset: 1), "offset 1: the length has more than 32 bits"),
            (.lengthOverLimit(offset: 0, length: 70, limit: 64), "offset 0: a length of 70, at most 64"),
            (.tagNotBoolean(offset: 5, tag: 2), "offset 5: 2 is neither 0 nor 1"),
            (.variantUnknown(offset: 6, variant: 77), "offset 6: there is no case 77"),
            (.textNotUTF8(offset: 2), "offset 2: the text is not UTF-8"),
            (.keysNotAscending(offset: 4), "offset 4: the keys do not ascend"),
            (.nestedTooDeep(offset: 8), "offset 8: values are nested too deep"),
            (.valueInvalid(offset: 7, reason: "no such day"), "offset 7: no such day"),
        ]
        for (error, text) in texts { #expect("\(error)" == text) }
    }

    @Test func signatures() {
        let three = ValidatorIndex(3)
        let certificates: [(CertificateError, String)] = [
            (.epochUnknown(5), "the voters of epoch 5 are not known"),
            (.signerUnknown(three, 5), "epoch 5 has no voter 3"),
            (.signerNotAscending(three), "voter 3 stands twice or out of order"),
            (.signatureInvalid(three), "the signature of voter 3 does not hold"),
            (.quorumMissing(weight: 4, total: 6), "the signers hold 4 of 6, no more than two thirds"),
        ]
        for (error, text) in certificates { #expect("\(error)" == text && "\(SignatureError.certificate(error))" == "a certificate inside: \(text)") }
        let signatures: [(SignatureError, String)] = [
            (.epochUnknown(5), "the voters of epoch 5 are not known"),
            (.signerUnknown(three, 5), "epoch 5 has no voter 3"),
            (.signatureInvalid(three), "the signature of voter 3 does not hold"),
            (.embeddedInvalid("another height"), "another height"),
        ]
        for (error, text) in signatures { #expect("\(error)" == text) }
    }
}
