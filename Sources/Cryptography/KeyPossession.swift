import Primitives

/// What a proof of possession says: whoever holds the private key of `key` wants it registered for `account`. The account is in it
/// because a proof travels in the open before it is registered: without, anyone could hand it in first, for an account of theirs.
struct KeyPossession<Key: BCSCodable>: BCSCodable {
    let account: Address
    let key: Key

    init(_ key: Key, of account: Address) {
        self.account = account
        self.key = key
    }

    /// The bytes that are signed, or are the input of a proof.
    func bytes(chainID: ChainID) -> [UInt8] { SigningDomain.keyPossession.signedBytes(self, chainID: chainID) }

    func encode(into encoder: inout BCSEncoder) {
        encoder.encode(account)
        encoder.encode(key)
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        account = try decoder.decode(Address.self)
        key = try decoder.decode(Key.self)
    }
}
