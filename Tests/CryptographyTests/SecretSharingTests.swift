import Cryptography
import Primitives
import Testing

@Suite struct SecretSharingTests {
    struct File: Decodable {
        struct Share: Decodable { let index: UInt16, share: Hex }
        let threshold: Int, coefficients, commitments: [Hex], shares: [Share], secret: Hex, bad_share: Share
    }

    static func share(_ vector: File.Share) -> SecretShare {
        SecretShare(encoded: SecretBytes(copying: [UInt8(vector.index), 0] + vector.share.bytes))!
    }

    static func dealing(threshold: Int = 3, holders: Int = 5, seed: UInt64 = 1) -> SecretSharing.Dealing {
        var random = SeededGenerator(seed: seed)
        return SecretSharing.deal(
            threshold: threshold, holders: holders, randomness: SecretBytes(copying: random.bytes(64 * threshold)))
    }

    @Test func dealsTheVectorsShares() throws {
        let file = try Vectors.load("feldman-ed25519-3of5", as: File.self)
        // A scalar below L, continued with zeros to 64 bytes, is its own remainder.
        let randomness = file.coefficients.flatMap { $0.bytes + [UInt8](repeating: 0, count: 32) }
        let dealing = SecretSharing.deal(threshold: file.threshold, holders: 5, randomness: SecretBytes(copying: randomness))
        #expect(dealing.commitments.points == file.commitments.map { PublicShare($0) })
        #expect(dealing.secret.matches(SecretBytes(copying: file.secret.bytes)))
        #expect(dealing.shares.count == file.shares.count)
        for (share, vector) in zip(dealing.shares, file.shares) {
            #expect(share.encoded.matches(Self.share(vector).encoded))
            #expect(dealing.commitments.accepts(Self.share(vector)))
        }
        #expect(!dealing.commitments.accepts(Self.share(file.bad_share)))
    }

    @Test func anyThresholdRecoversAndFewerDoNot() throws {
        let dealing = Self.dealing()
        for mask in 0..<32 {
            let shares = dealing.shares.filter { mask >> Int($0.index - 1) & 1 == 1 }
            if shares.count >= 3 {
                #expect(try SecretSharing.recover(from: shares.reversed(), commitments: dealing.commitments).matches(dealing.secret))
            } else {
                #expect(throws: SecretSharingError.sharesMissing(found: shares.count, threshold: 3)) {
                    try SecretSharing.recover(from: shares, commitments: dealing.commitments)
                }
            }
        }
    }

    @Test func wrongSharesAreNamed() throws {
        let dealing = Self.dealing(), other = Self.dealing(seed: 2)
        var shares = dealing.shares
        shares[3] = other.shares[3]
        #expect(throws: SecretSharingError.shareInvalid(4)) {
            try SecretSharing.recover(from: shares, commitments: dealing.commitments)
        }
        #expect(throws: SecretSharingError.indexDuplicate(2)) {
            try SecretSharing.recover(from: [shares[0], shares[1], shares[1]], commitments: dealing.commitments)
        }
        // The value of one holder under the index of another.
        let moved = SecretShare(encoded: SecretBytes(copying: [5, 0] + dealing.shares[0].encoded.withUnsafeBytes { Array($0[2...]) }))!
        #expect(!dealing.commitments.accepts(moved))
    }

    @Test func sharingAnewKeepsTheSecretAndMixesWithNothingOld() throws {
        let old = Self.dealing()
        var random = SeededGenerator(seed: 9)
        let new = SecretSharing.deal(
            threshold: 4, holders: 7, randomness: SecretBytes(copying: random.bytes(4 * 64)), secret: old.secret)
        #expect(new.commitments.groupKey == old.commitments.groupKey)
        #expect(try SecretSharing.recover(from: Array(new.shares[2..<6]), commitments: new.commitments).matches(old.secret))
        #expect(!new.commitments.accepts(old.shares[0]))
    }

    @Test func encodingsAreRefusedOutsideTheirRange() throws {
        let share = Self.dealing().shares[0]
        let value = share.encoded.withUnsafeBytes { Array($0[2...]) }
        func reads(_ bytes: [UInt8]) -> Bool { SecretShare(encoded: SecretBytes(copying: bytes)) != nil }
        #expect(reads([1, 0] + value))
        #expect(!reads([0, 0] + value))
        #expect(reads([0, 4] + value))
        #expect(!reads([1, 4] + value))
        #expect(!reads([1, 0] + value + [0]))
        // L itself, and L − 1.
        let order = [UInt8](hex: "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")!
        #expect(!reads([1, 0] + order))
        #expect(reads([1, 0, order[0] - 1] + order[1...]))

        let commitments = Self.dealing().commitments
        #expect(try ShareCommitments(bcs: commitments.bcs) == commitments)
        #expect(ShareCommitments([]) == nil)
        let identity = PublicShare(number: 1)
        #expect(ShareCommitments([identity]) == nil)
        #expect((try? ShareCommitments(bcs: [1] + identity.bytes)) == nil)
        let mixed = PublicShare(hex: "16a567fe7d4ef5482ab4012c369bf8c5f11e8d0c2559dcda50fde59708f8aee5")!
        #expect(ShareCommitments(commitments.points + [mixed]) == nil)
        #expect(commitments.publicShare(of: 0) == nil)
    }

    struct ThresholdFile: Decodable {
        struct Part: Decodable { let index: UInt16, public_share, proof: Hex }
        let group_public_key, alpha, beta: Hex, shares: [Part]
    }

    @Test func thresholdPartsAreThoseOfTheVectorsAndGiveOneOutput() throws {
        let sharing = try Vectors.load("feldman-ed25519-3of5", as: File.self)
        let file = try Vectors.load("threshold-ecvrf-3of5", as: ThresholdFile.self)
        let commitments = try #require(ShareCommitments(sharing.commitments.map { PublicShare($0) }))
        let group = try #require(ThresholdVRF.Group(commitments: commitments, holders: 5))
        #expect(group.groupKey == PublicShare(file.group_public_key))
        #expect(group.publicShares == file.shares.map { PublicShare($0.public_share) })
        let parts = file.shares.map { ThresholdVRF.Part(index: $0.index, proof: VRFProof($0.proof)) }
        for (vector, part) in zip(sharing.shares, parts) {
            // The nonce is the maker's own affair; Gamma is not.
            let own = try #require(ThresholdVRF.prove(Self.share(vector), in: group, alpha: file.alpha.bytes))
            #expect(own.proof.bytes.prefix(32) == part.proof.bytes.prefix(32))
            var collection = ThresholdVRF.Collection(group: group, alpha: file.alpha.bytes)
            let inserted = collection.insert(own)
            #expect(inserted)
        }
        for mask in 0..<32 {
            var collection = ThresholdVRF.Collection(group: group, alpha: file.alpha.bytes)
            for part in parts.reversed() where mask >> Int(part.index - 1) & 1 == 1 {
                let inserted = collection.insert(part)
                #expect(inserted)
            }
            #expect(collection.count == mask.nonzeroBitCount)
            #expect(collection.output == (mask.nonzeroBitCount >= 3 ? VRFOutput(file.beta) : nil))
        }
    }

    @Test func badPartsAreNotCollected() throws {
        let dealing = Self.dealing(), alpha = Array("height 7".utf8)
        let group = try #require(ThresholdVRF.Group(commitments: dealing.commitments, holders: 5))
        let part = try #require(ThresholdVRF.prove(dealing.shares[1], in: group, alpha: alpha))
        var collection = ThresholdVRF.Collection(group: group, alpha: alpha)
        var bad = stride(from: 0, to: 640, by: 7).map { ThresholdVRF.Part(index: 2, proof: part.proof.flipping($0)) }
        bad += [0, 1, 3, 6, .max].map { ThresholdVRF.Part(index: $0, proof: part.proof) }
        bad.append(try #require(ThresholdVRF.prove(dealing.shares[1], in: group, alpha: alpha + [0])))
        for part in bad {
            let inserted = collection.insert(part)
            #expect(!inserted)
        }
        // s + L is the same residue: a second form of the same proof.
        let order = [UInt8](hex: "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")!
        var carry = 0
        let shifted = zip(part.proof.bytes[48...], order).map { digit, addend -> UInt8 in
            let sum = Int(digit) + Int(addend) + carry
            carry = sum >> 8
            return UInt8(sum & 255)
        }
        let malleated = collection.insert(ThresholdVRF.Part(index: 2, proof: VRFProof(part.proof.bytes[..<48] + shifted)!))
        #expect(!malleated && carry == 0)
        let first = collection.insert(part), second = collection.insert(part)
        #expect(first && !second && collection.count == 1)
        #expect(try ThresholdVRF.Part(bcs: part.bcs) == part)
        // A proof of the plain VRF by the same scalar is none of the threshold variant: its suite byte differs.
        let share = PublicShare(group.publicShares[1].bytes)!
        #expect(ECVRF.verify(part.proof, alpha: alpha, by: VRFPublicKey(share.bytes)!) == nil)
    }

    /// A dealer chooses how many commitments it publishes and which share it sends: neither may stop a node.
    @Test func aDealersNumbersAreNoTrap() throws {
        let dealing = Self.dealing(threshold: 3, holders: 5), alpha = [1, 2, 3] as [UInt8]
        #expect(ThresholdVRF.Group(commitments: dealing.commitments, holders: 2) == nil)
        let group = try #require(ThresholdVRF.Group(commitments: dealing.commitments, holders: 3))
        #expect(ThresholdVRF.prove(dealing.shares[2], in: group, alpha: alpha) != nil)
        // A right share of a holder beyond the group, a wrong share, and the share zero.
        #expect(dealing.commitments.accepts(dealing.shares[3]))
        #expect(ThresholdVRF.prove(dealing.shares[3], in: group, alpha: alpha) == nil)
        #expect(ThresholdVRF.prove(Self.dealing(seed: 2).shares[0], in: group, alpha: alpha) == nil)
        let zero = try #require(SecretShare(encoded: SecretBytes(copying: [1, 0] + [UInt8](repeating: 0, count: 32))))
        #expect(!dealing.commitments.accepts(zero))
        #expect(ThresholdVRF.prove(zero, in: group, alpha: alpha) == nil)
    }
}
