import Primitives

extension FuzzTargets {
    static let primitives: [FuzzTarget] = [
        .canonical("header", Header.self, samples: [Sample.header(1), Sample.header(2)]),
        .canonical("header-draft", HeaderDraft.self, samples: [Sample.header(1).draft, Sample.header(2).draft]),
        .canonical("header-result", HeaderResult.self, samples: [Sample.header(1).result]),
        .canonical("commit-statement", CommitStatement.self, samples: [Sample.statement(1)]),
        .canonical("commit-certificate", CommitCertificate.self, samples: [Sample.certificate([]), Sample.certificate([0, 2, 3])]),
        .canonical("validator", Validator.self, samples: [Sample.validator(1)]),
        .canonical("validator-set", ValidatorSet.self, samples: [Sample.validators(1), Sample.validators(4)]),
        // Built again from its members: a set has one encoding, not only a byte string.
        .roundTrip("validator-bitmap", samples: [ValidatorBitmap().bcs, Sample.certificate([0, 9, 1023]).signers.bcs]) {
            (input: [UInt8]) throws(BCSError) in ValidatorBitmap(try ValidatorBitmap(bcs: input).indices).bcs
        },
        .canonical("amount", Amount.self, samples: [Amount(0), Amount(.max)]),
        .canonical("height", Height.self, samples: [1, Height(.max)]),
        .canonical("address", Address.self, samples: [Sample.fixed(1)]),
        .canonical("bounded", Bounded<16, UInt32>.self, samples: [Bounded(), Bounded([1, 2, 3]) ?? Bounded()]),
        .canonical("codec", Everything.self, samples: [.sample]),
        .text("bech32m", samples: [Sample.fixed(3, Address.self).text(on: .main), Bech32m.encode(prefix: "a", [1, 2, 3])]) { text in
            guard let (prefix, payload) = try? Bech32m.decode(text) else { return nil }
            let again = Bech32m.encode(prefix: prefix, payload)
            return again == text.lowercased() ? nil : "decodes, but encodes as \(again)"
        },
        .text("hexadecimal", samples: ["0x00ff", "abCD"]) { text in
            guard let bytes = [UInt8](hex: text) else { return nil }
            return text.lowercased().hasSuffix(bytes.hex) ? nil : "reads as \(bytes.hex)"
        },
        .text("amount-text", samples: ["12.5", "340282366920938463463374607431768.211455"]) { text in
            guard let amount = Amount(tokens: text) else { return nil }
            return Amount(tokens: amount.tokens) == amount ? nil : "\(amount.units) prints as \(amount.tokens)"
        },
    ]
}

/// One of everything that the codec itself offers, recursion included.
struct Everything: BCSCodable {
    /// A text as a map key.
    struct Name: BCSCodable, Hashable {
        let text: String
        func encode(into encoder: inout BCSEncoder) { encoder.encode(text) }
        init(from decoder: inout BCSDecoder) throws(BCSError) { text = try decoder.decodeText(limit: 16) }
        init(_ text: String) { self.text = text }
    }

    let flag: Bool
    let wide: Int128
    let option: UInt16?
    let data: [UInt8]
    let map: [Name: UInt8]
    let children: [Everything]

    static let sample = Everything(
        flag: true, wide: -1, option: 7, data: [1, 2], map: [Name("a"): 1, Name("bb"): 2],
        children: [Everything(flag: false, wide: 0, option: nil, data: [], map: [:], children: [])])

    init(flag: Bool, wide: Int128, option: UInt16?, data: [UInt8], map: [Name: UInt8], children: [Everything]) {
        self.flag = flag
        self.wide = wide
        self.option = option
        self.data = data
        self.map = map
        self.children = children
    }

    func encode(into encoder: inout BCSEncoder) {
        encoder.encode(flag)
        encoder.encode(wide)
        encoder.encode(option)
        encoder.encodeBytes(data)
        encoder.encode(map)
        encoder.encode(children)
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        flag = try decoder.decode(Bool.self)
        wide = try decoder.decode(Int128.self)
        option = try decoder.decodeOption(UInt16.self)
        data = try decoder.decodeBytes(limit: 64)
        map = try decoder.decodeMap(Name.self, UInt8.self, limit: 8)
        children = try decoder.nested { (inner: inout BCSDecoder) throws(BCSError) in
            try inner.decodeSequence(of: Everything.self, limit: 4)
        }
    }
}

/// Valid values to start from.
enum Sample {
    static func fixed<Value: FixedBytes>(_ seed: UInt64, _: Value.Type = Value.self) -> Value {
        var generator = SeededGenerator(seed: seed)
        let bytes = generator.bytes(Value.byteCount)
        return bytes.withUnsafeBytes { Value(reading: $0) }
    }

    static func header(_ seed: UInt64) -> Header {
        Header(
            draft: HeaderDraft(
                height: Height(seed), epoch: 1, originView: 2, time: 1_760_000_000_000, proposer: ValidatorIndex(3), parentHash: fixed(seed),
                transactionsRoot: fixed(seed + 1), validatorsHash: fixed(seed + 2), vrfProof: fixed(seed + 3), beacon: fixed(seed + 4),
                protocolVersion: 1, parentVotes: ValidatorBitmap((0..<UInt16(seed * 9)).map(ValidatorIndex.init))),
            result: HeaderResult(
                stateRoot: fixed(seed + 5), receiptsRoot: fixed(seed + 6), eventsRoot: fixed(seed + 7), gasUsed: 9,
                nextValidatorsHash: fixed(seed + 8)))
    }

    static func statement(_ seed: UInt64) -> CommitStatement {
        CommitStatement(epoch: 1, height: Height(seed), view: 0, draftDigest: fixed(seed), headerHash: fixed(seed + 1))
    }

    static func certificate(_ signers: [UInt16]) -> CommitCertificate {
        let signatures = signers.map { CertificateSignature(signer: ValidatorIndex($0), signature: fixed(UInt64($0))) }
        guard let certificate = CommitCertificate(statement: statement(5), signatures: signatures) else {
            preconditionFailure("the sample's signers ascend")
        }
        return certificate
    }

    static func validator(_ seed: UInt64) -> Validator {
        Validator(consensusKey: fixed(seed), vrfKey: fixed(seed + 1_000), weight: seed)
    }

    static func validators(_ count: UInt64) -> ValidatorSet {
        do { return try ValidatorSet(epoch: 1, validators: (1...count).map(validator)) } catch { preconditionFailure("\(error)") }
    }
}
