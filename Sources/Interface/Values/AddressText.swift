public import Primitives

/// An address as people see it: bech32m with the prefix of its network.
public struct AddressText: TextValue {
    public let address: Address
    public let network: NetworkKind

    public init(_ address: Address, on network: NetworkKind) {
        self.address = address
        self.network = network
    }

    public init?(text: String) {
        for network in NetworkKind.allCases {
            if let address = try? Address(text: text, on: network) {
                self.init(address, on: network)
                return
            }
        }
        return nil
    }

    public var text: String { address.text(on: network) }
    public static let expectation = "an address, trl1… or ttrl1…"
    public static var schema: JSONSchema { .text(format: "address", pattern: "^t?trl1[02-9ac-hj-np-z]{38}$", "An address in bech32m.") }
    public static var sample: Self { Self(Address(), on: .main) }
}
