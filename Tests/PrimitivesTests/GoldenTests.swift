import Cryptography
import Foundation
import Primitives
import PythonRunner
import Testing

/// Every encoding and hash of this room against vectors from an independent program.
@Suite struct GoldenTests {
    private let golden = Golden.vectors

    /// The value encodes to the bytes, and the bytes decode to the value.
    private func check<Value: BCSCodable & Equatable>(_ value: Value, _ hex: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(value.bcs.hex == hex, sourceLocation: sourceLocation)
        #expect((try? Value(bcs: bytes(hex))) == value, sourceLocation: sourceLocation)
    }

    @Test func byteStringsAreBare() throws {
        func check<Value: FixedBytes>(_: Value.Type) throws {
            let vector = try #require(golden.fixed.first { $0.type == String(describing: Value.self) })
            let value = try #require(Value(hex: vector.bytes))
            self.check(value, vector.bytes)
            #expect(value.hex == vector.bytes)
            #expect(Value(bytes(vector.bytes).dropLast()) == nil)
            #expect(Value(bytes(vector.bytes) + [0]) == nil)
        }
        try check(Digest.self)
        try check(ChainID.self)
        try check(Beacon.self)
        try check(PublicKey.self)
        try check(Signature.self)
        try check(VRFPublicKey.self)
        try check(VRFProof.self)
        try check(VRFOutput.self)
        try check(Address.self)
        #expect(golden.fixed.count == 9)
    }

    @Test func counters() {
        for vector in golden.counters {
            let value = UInt64(vector.value)!
            check(Height(value), vector.bcs)
            check(View(value), vector.bcs)
            check(Epoch(value), vector.bcs)
            check(Nonce(value), vector.bcs)
            check(Gas(value), vector.bcs)
            check(Timestamp(value), vector.bcs)
        }
    }

    @Test func amounts() { for vector in golden.amounts { check(Amount(UInt128(vector.units)!), vector.bcs) } }

    @Test func bitmaps() {
        for vector in golden.bitmaps {
            let bitmap = ValidatorBitmap(vector.indices.map(ValidatorIndex.init))
            check(bitmap, vector.bcs)
            #expect(bitmap.indices.map(\.rawValue) == vector.indices)
            #expect(bitmap.count == vector.indices.count)
        }
    }

    @Test func validatorSets() throws {
        for vector in golden.validatorSets {
            let set = try vector.value
            check(set, vector.bcs)
            #expect(set.totalWeight == UInt64(vector.totalWeight))
            #expect(SHA256.hash(.validators, of: set).hex == vector.hash)
            for (position, validator) in set.validators.enumerated() {
                #expect(set.index(of: validator.consensusKey) == ValidatorIndex(UInt16(position)))
                #expect(set[ValidatorIndex(UInt16(position))] == validator)
            }
            #expect(set[ValidatorIndex(UInt16(set.validators.count))] == nil)
        }
    }

    @Test func headers() {
        for vector in golden.headers {
            check(vector.draft.value, vector.draft.bcs)
            check(vector.result.value, vector.result.bcs)
            let header = Header(draft: vector.draft.value, result: vector.result.value)
            check(header, vector.bcs)
            #expect(SHA256.hash(.draft, of: header.draft).hex == vector.draft.hash)
            #expect(SHA256.hash(.header, of: header).hex == vector.hash)
        }
    }

    @Test func certificates() {
        for vector in golden.certificates {
            check(vector.statement.value, vector.statement.bcs)
            check(vector.value, vector.bcs)
            #expect(vector.value.signers == ValidatorBitmap(vector.signatures.map { ValidatorIndex($0.signer) }))
            for (signature, expected) in zip(vector.value.signatures, vector.signatures) { check(signature, expected.bcs) }
        }
    }

    @Test func signedBytesOfEveryKind() throws {
        let statement = golden.certificates[1].statement.value
        #expect(golden.signed.count == SigningDomain.allCases.count)
        for vector in golden.signed {
            let domain = try #require(SigningDomain(rawValue: "trellis/\(vector.kind)/1"))
            #expect(domain.signedBytes(statement, chainID: ChainID(hex: vector.chainID)!).hex == vector.bytes)
        }
    }

    @Test func hashesOfEveryKind() throws {
        let statement = golden.certificates[1].statement.value
        #expect(golden.hashDomains.count == HashDomain.allCases.count)
        for vector in golden.hashDomains {
            let domain = try #require(HashDomain(rawValue: "trellis/\(vector.kind)/1"))
            #expect(SHA256.hash(domain, of: statement).hex == vector.hash)
            #expect(SHA256.hash(domain, statement.bcs).hex == vector.hash)
        }
    }

    @Test func noPrefixBeginsAnother() {
        for family in [HashDomain.allCases.map(\.prefix), SigningDomain.allCases.map(\.prefix)] {
            for (place, prefix) in family.enumerated() {
                for (other, longer) in family.enumerated() where other != place { #expect(!longer.starts(with: prefix)) }
            }
        }
    }

    @Test func seededGenerators() {
        for vector in golden.generators {
            let seed = UInt64(vector.seed)!
            var raw = SeededGenerator(seed: seed), bounded = raw, filling = raw
            for expected in vector.next { #expect(String(raw.next()) == expected) }
            for (bound, expected) in zip(vector.bounds, vector.below) { #expect(String(bounded.below(UInt64(bound)!)) == expected) }
            #expect(filling.bytes(21).hex == vector.bytes)
        }
    }

    /// The vectors in the tree are what the script in the tree writes.
    @Test(.enabled(if: Python.path != nil, Python.missing))
    func vectorsComeFromTheScript() throws {
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [try #require(Python.path), Vectors.url("make_golden.py").path]
        process.standardOutput = output
        try process.run()
        let written = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(written == (try Vectors.data("golden.json")))
    }
}
