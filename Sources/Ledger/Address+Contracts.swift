import Cryptography
public import Primitives

/// Where contracts live. An account's address is a hash of its keys; a contract's is made here, and no key leads to it.
extension Address {
    /// The address of the built-in contract `name`: its name in ASCII, filled with zero bytes.
    ///
    /// Built-in addresses are the same on every network, can be read in a hex dump, and need no list of assigned numbers.
    /// Nobody can make an account or deploy a contract there: both have hashes for addresses, and to meet a given one takes
    /// about 2¹⁶⁰ hashes. The zero address is nobody's, as a name is not empty.
    public static func builtIn(_ name: StaticString) -> Address {
        let ascii = [UInt8](name.description.utf8)
        precondition((1...Address.byteCount).contains(ascii.count) && ascii.allSatisfy { (0x21...0x7e).contains($0) })
        guard let address = Address(ascii + [UInt8](repeating: 0, count: Address.byteCount - ascii.count)) else {
            preconditionFailure("a padded name has the length of an address")
        }
        return address
    }

    /// The address of a contract that `deployer` deploys: the first 20 bytes of
    /// `SHA-256("trellis/contract/1" || deployer || le64 nonce || le32 call index)`, so that it is known before the transaction
    /// is sent, and no two deployments share one.
    ///
    /// - Parameters:
    ///   - nonce: the nonce of the deploying transaction.
    ///   - callIndex: the place of the deploying call in it.
    public static func deployedContract(by deployer: Address, nonce: Nonce, callIndex: UInt32) -> Address {
        var encoder = BCSEncoder()
        encoder.encode(deployer)
        encoder.encode(nonce)
        encoder.encode(callIndex)
        return Address(truncating: SHA256.hash(.contract, encoder.bytes))
    }
}
