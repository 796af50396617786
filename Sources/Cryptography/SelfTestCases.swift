import Primitives

/// The known answers of ``SelfTest``. They are text of the program because they must be at hand before any file is read.
enum SelfTestCases {
    struct KnownDigest {
        let name: StaticReason
        let message: [UInt8]
        let digest: Digest
    }

    struct KnownPoint {
        let name: StaticReason
        let point: PublicKey
        let isValid: Bool
    }

    struct KnownSignature {
        let name: StaticReason
        let isValid: Bool
        let key: PublicKey
        let message: [UInt8]
        let signature: Signature
    }

    struct KnownProof {
        let name: StaticReason
        let key: VRFPublicKey
        let alpha: [UInt8]
        let proof: VRFProof
        /// nil for a proof that must be refused.
        let output: VRFOutput?
    }

    struct KnownCertificateSignature {
        let name: StaticReason
        let isValid: Bool
        let key: CertificateKey
        let message: [UInt8]
        let signature: [UInt8]
    }

    static func bytes(_ hex: String) -> [UInt8] {
        guard let bytes = [UInt8](hex: hex) else { preconditionFailure("a known answer is not hexadecimal") }
        return bytes
    }

    static func fixed<Value: FixedBytes>(_ hex: String) -> Value {
        guard let value = Value(hex: hex) else { preconditionFailure("a known answer has another length") }
        return value
    }

    /// FIPS 180-4, example of one block; and a message of 64 bytes, which pads to two.
    static let digests: [KnownDigest] = [
        KnownDigest(
            name: "\"abc\"", message: Array("abc".utf8),
            digest: fixed("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")),
        KnownDigest(
            name: "64 zero bytes", message: [UInt8](repeating: 0, count: 64),
            digest: fixed("f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b")),
    ]

    /// The base point and points that an unrepaired library takes for members of the prime-order group, and small orders.
    static let points: [KnownPoint] = [
        KnownPoint(
            name: "base point",
            point: fixed("5866666666666666666666666666666666666666666666666666666666666666"), isValid: true),
        KnownPoint(
            name: "Gamma plus a point of order 2",
            point: fixed("e711349724da70228e9e2d35b57a05a61109ce029f11ab93b30ac4fcabe5bbe9"), isValid: false),
        KnownPoint(
            name: "public key with a component of order 2",
            point: fixed("16a567fe7d4ef5482ab4012c369bf8c5f11e8d0c2559dcda50fde59708f8aee5"), isValid: false),
        KnownPoint(
            name: "Gamma plus a point of order 8",
            point: fixed("92d30d033e65e01dba69df23454203911f7dea23e64c74c03616813428046395"), isValid: false),
        KnownPoint(
            name: "identity",
            point: fixed("0100000000000000000000000000000000000000000000000000000000000000"), isValid: false),
        KnownPoint(
            name: "order 2",
            point: fixed("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), isValid: false),
        KnownPoint(
            name: "order 4",
            point: fixed("0000000000000000000000000000000000000000000000000000000000000000"), isValid: false),
        KnownPoint(
            name: "order 8",
            point: fixed("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), isValid: false),
        KnownPoint(
            name: "y = p + 1",
            point: fixed("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), isValid: false),
    ]

    /// RFC 8032 §7.1 test 3, and cases of ed25519-speccheck (IACR ePrint 2020/1244) on which verifiers disagree.
    static let signatures: [KnownSignature] = [
        KnownSignature(
            name: "RFC 8032 test 3", isValid: true,
            key: fixed("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
            message: bytes("af82"),
            signature: fixed(
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")),
        KnownSignature(
            name: "small A and R", isValid: false,
            key: fixed("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
            message: bytes("8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6"),
            signature: fixed(
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
                + "0000000000000000000000000000000000000000000000000000000000000000")),
        KnownSignature(
            name: "small A only", isValid: false,
            key: fixed("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
            message: bytes("9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79"),
            signature: fixed(
                "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"
                + "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04")),
        KnownSignature(
            name: "small R only", isValid: false,
            key: fixed("f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"),
            message: bytes("aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab"),
            signature: fixed(
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
                + "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e")),
        KnownSignature(
            name: "mixed A, R, both equations hold", isValid: true,
            key: fixed("cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d"),
            message: bytes("9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79"),
            signature: fixed(
                "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f"
                + "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009")),
        KnownSignature(
            name: "mixed, cofactored only", isValid: false,
            key: fixed("cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d"),
            message: bytes("e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c"),
            signature: fixed(
                "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512"
                + "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09")),
        KnownSignature(
            name: "mixed A, cofactored only, fails if 8h prereduced", isValid: false,
            key: fixed("cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d"),
            message: bytes("e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c"),
            signature: fixed(
                "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7"
                + "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405")),
        KnownSignature(
            name: "S > L", isValid: false,
            key: fixed("442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623"),
            message: bytes("85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40"),
            signature: fixed(
                "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e"
                + "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514")),
        KnownSignature(
            name: "non-canonical R, reduced for hash", isValid: false,
            key: fixed("f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"),
            message: bytes("9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41"),
            signature: fixed(
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                + "03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f")),
        KnownSignature(
            name: "non-canonical A, reduced for hash", isValid: false,
            key: fixed("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
            message: bytes("e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b"),
            signature: fixed(
                "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc"
                + "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04")),
    ]
}
