public import Cryptography
public import Ledger
public import Primitives

/// Somebody with an account, told apart by a number.
public struct Person: Sendable {
    public let key: SigningKey
    public var address: Address { Address(of: key.publicKey) }

    public init(_ number: UInt64) {
        var generator = SeededGenerator(seed: number &+ 0x7065_7273_6f6e)
        key = SigningKey(seed: SecretBytes(copying: generator.bytes(SigningKey.seedBytes)))
    }
}

/// Somebody who votes: an account with a consensus key and a VRF key.
public struct Founder: Sendable {
    public let person: Person
    public let consensus: SigningKey
    public let vrf: VRFKey
    /// Whole tokens.
    public let weight: UInt64
    public var address: Address { person.address }

    public init(_ number: UInt64, weight: UInt64 = 10_000) {
        person = Person(number &+ 1_000_000)
        var generator = SeededGenerator(seed: number &+ 0x666f_756e_6465)
        consensus = SigningKey(seed: SecretBytes(copying: generator.bytes(SigningKey.seedBytes)))
        vrf = VRFKey(seed: SecretBytes(copying: generator.bytes(VRFKey.seedBytes)))
        self.weight = weight
    }

    public var validator: Validator { Validator(consensusKey: consensus.publicKey, vrfKey: vrf.publicKey, weight: weight) }

    public func entry(of charter: GenesisCharter) -> GenesisValidator {
        GenesisValidator(
            account: address, validator: validator,
            consensusPossession: consensus.provePossession(for: address, chainID: charter.id),
            vrfPossession: vrf.provePossession(for: address, chainID: charter.id))
    }
}
