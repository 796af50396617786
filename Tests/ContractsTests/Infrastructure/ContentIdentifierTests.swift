import Contracts
import Cryptography
import Primitives
import Testing

/// Content identifiers against published ones.
@Suite struct ContentIdentifierTests {
    struct Published: Sendable {
        let text: String
        let version: UInt8
        let codec: UInt64
        let function: UInt64
        let hash: String
    }

    static let readme = "6e6ff7950a36187a801613426e858dce686cd7d7e3c0fc42ee0330072d245c95"
    static let published = [
        // From the specification of CID: raw bytes in base 58.
        Published(text: "zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA", version: 1, codec: 0x55, function: 0x12, hash: readme),
        // One node of files as version 0, from the documentation of IPFS, and the same in three bases as version 1.
        Published(text: "QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR", version: 0, codec: 0x70, function: 0x12, hash: picture),
        Published(text: "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", version: 1, codec: 0x70, function: 0x12, hash: picture),
        Published(text: "f01701220" + picture, version: 1, codec: 0x70, function: 0x12, hash: picture),
        Published(text: "F01701220" + picture.uppercased(), version: 1, codec: 0x70, function: 0x12, hash: picture),
        Published(text: "BAFYBEIGDYRZT5SFP7UDM7HU76UH7Y26NF3EFUYLQABF3OCLGTQY55FBZDI", version: 1, codec: 0x70, function: 0x12, hash: picture),
    ]
    static let picture = "c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a"

    @Test(arguments: published) func publishedOnesAreRead(_ one: Published) throws {
        let read = try #require(ContentIdentifier(one.text))
        #expect(read.version == one.version && read.codec == one.codec && read.hashFunction == one.function && read.hash.hex == one.hash)
    }

    @Test func keysOfPeersAreRead() throws {
        // A key of the InterPlanetary Name System, from its documentation: an Ed25519 key as itself, in base 36.
        let key = try #require(ContentIdentifier("k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8"))
        #expect(key.codec == 0x72 && key.hashFunction == 0 && key.hash.count == 36)
    }

    @Test(arguments: [
        "", "Q", "Qm", "hello", "bafy", "x01701220c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a",
        // A character that the base does not have, a byte too few, a byte too many.
        "QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMn0", "f01701220c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de9439",
        "f01701220c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a00",
        // Version 0 behind a base, version 2, a hash of another length, SHA-1, a number that is not in its shortest form.
        "f1220c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a", "f02701220c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a",
        "f0170121fc3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de9439", "f01701114c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a61",
        "f8100701220c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a",
        // Bits that are left over and not zero.
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdj",
        "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
    ]) func othersAreRefused(_ text: String) {
        #expect(ContentIdentifier(text) == nil)
    }

    @Test func longTextsAreRefusedAtOnce() {
        #expect(ContentIdentifier(String(repeating: "z", count: 100_000)) == nil)
        #expect(ContentIdentifier("z" + String(repeating: "2", count: 159)) == nil)
    }
}
