import Primitives

/// A Name of RFC 5280 §4.1.2.4: a sequence of sets of attributes.
struct DistinguishedName {
    let bytes: [UInt8]
    let commonName: String?

    static let bytesMax = 1024
    static let partsMax = 16
    static let attributesMax = 4
    static let commonNameBytesMax = 128

    init(reading reader: inout DERReader) throws(CertificateFailure) {
        let start = reader.position
        var parts = try reader.open(DERReader.Tag.sequence)
        var found: String?
        var count = 0
        while !parts.isAtEnd {
            count += 1
            guard count <= Self.partsMax else { throw parts.fail("a name has too many parts") }
            var part = try parts.open(DERReader.Tag.set)
            var previous: ArraySlice<UInt8>?
            var attributes = 0
            repeat {
                attributes += 1
                guard attributes <= Self.attributesMax else { throw part.fail("a part of a name has too many attributes") }
                let place = part.position
                var attribute = try part.open(DERReader.Tag.sequence)
                let encoded = part.bytes[place..<part.position]
                // The members of a set ascend by their bytes (X.690 §11.6).
                if let previous, !previous.lexicographicallyPrecedes(encoded) { throw part.fail("the members of a set are not in order") }
                previous = encoded
                let identifier = try attribute.objectIdentifier()
                let text = try Self.text(&attribute)
                try attribute.finish()
                guard identifier == ObjectIdentifier.commonName[...] else { continue }
                guard found == nil else { throw part.fail("a name has two common names") }
                guard !text.isEmpty, text.utf8.count <= Self.commonNameBytesMax else { throw part.fail("a common name is empty or too long") }
                found = text
            } while !part.isAtEnd
        }
        bytes = Array(reader.bytes[start..<reader.position])
        guard bytes.count <= Self.bytesMax else { throw reader.fail("a name is too long") }
        commonName = found
    }

    /// A text in one of the three encodings that mean the same everywhere; Teletex and the wide ones are refused.
    private static func text(_ reader: inout DERReader) throws(CertificateFailure) -> String {
        let tag = reader.nextTag
        let content = reader.bytes[try reader.anyElement()]
        let isRight = switch tag {
        case DERReader.Tag.utf8String: true
        case DERReader.Tag.printableString: content.allSatisfy(isPrintable)
        case DERReader.Tag.ia5String: content.allSatisfy { $0 < 0x80 }
        default: false
        }
        guard isRight, let text = String(validating: content, as: UTF8.self) else {
            throw reader.fail("a text is of another kind, or not of its kind")
        }
        return text
    }

    /// X.680 §41.4.
    private static func isPrintable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: " '()+,-./:=?".utf8.contains(byte)
        }
    }
}

/// The extensions of RFC 5280 §4.2 that decide whether a certificate may issue others; the rest is read for its form.
struct CertificateExtensions {
    private(set) var authority: Certificate.Authority?
    private(set) var hasUnknownCritical = false

    static let countMax = 32

    /// Reads `[3]` if it is there.
    init(reading reader: inout DERReader) throws(CertificateFailure) {
        guard reader.nextTag == DERReader.Tag.context(3) else { return }
        var explicit = try reader.open(DERReader.Tag.context(3))
        var list = try explicit.open(DERReader.Tag.sequence)
        try explicit.finish()
        var seen: [ArraySlice<UInt8>] = []
        var mayIssue: Bool?
        repeat {
            var one = try list.open(DERReader.Tag.sequence)
            let identifier = try one.objectIdentifier()
            guard seen.count < Self.countMax, !seen.contains(identifier) else {
                throw one.fail("an extension stands there twice, or there are too many")
            }
            seen.append(identifier)
            var isCritical = false
            if one.nextTag == DERReader.Tag.boolean {
                isCritical = try one.boolean()
                guard isCritical else { throw one.fail("a default is written out") }
            }
            let value = one.part(try one.element(DERReader.Tag.octetString))
            try one.finish()
            switch identifier {
            case ObjectIdentifier.basicConstraints[...]: authority = try Self.constraints(value)
            case ObjectIdentifier.keyUsage[...]: mayIssue = try Self.allowsIssuing(value)
            case ObjectIdentifier.subjectAlternativeName[...], ObjectIdentifier.extendedKeyUsage[...]: break
            default: hasUnknownCritical = hasUnknownCritical || isCritical
            }
        } while !list.isAtEnd
        if mayIssue == false { authority = nil }
    }

    /// BasicConstraints: nil unless it says that the subject is an authority.
    private static func constraints(_ value: DERReader) throws(CertificateFailure) -> Certificate.Authority? {
        var value = value
        var fields = try value.open(DERReader.Tag.sequence)
        try value.finish()
        guard fields.nextTag == DERReader.Tag.boolean else {
            try fields.finish()
            return nil
        }
        guard try fields.boolean() else { throw fields.fail("a default is written out") }
        let length = fields.isAtEnd ? nil : try fields.unsignedInteger(size: 1)[0]
        try fields.finish()
        return Certificate.Authority(pathLength: length)
    }

    /// KeyUsage: whether bit 5, keyCertSign, is set. Named bits end with one that is set (X.690 §11.2.2).
    private static func allowsIssuing(_ value: DERReader) throws(CertificateFailure) -> Bool {
        var value = value
        let content = value.bytes[try value.element(DERReader.Tag.bitString)]
        try value.finish()
        guard (2...3).contains(content.count), let unused = content.first, unused < 8, let last = content.last,
              last != 0, last.trailingZeroBitCount == Int(unused) else { throw value.fail("the usage of the key has another form") }
        return content[content.startIndex + 1] & 0x04 != 0
    }
}
