import HTTPTypes
import Interface
import Primitives

/// What every answer says of the chain.
struct ChainHeaders: Sendable {
    static let meanings: [(String, String)] = [
        ("X-Chain-Id", "The hash of the genesis document."),
        ("X-Height", "The block behind which the answer holds; the newest one, when it speaks of none."),
        ("X-Block-Hash", "The hash of that block."),
        ("X-Oldest-Height", "The oldest block that this node keeps."),
    ]

    private static let chainID = HTTPField.Name("X-Chain-Id")!
    private static let height = HTTPField.Name("X-Height")!
    private static let blockHash = HTTPField.Name("X-Block-Hash")!
    private static let oldestHeight = HTTPField.Name("X-Oldest-Height")!

    private let chain: String

    init(_ chainID: ChainID) { chain = FixedHex(chainID).text }

    func add(to headers: inout HTTPFields, head: ChainHead, position: Position?) {
        let position = position ?? Position(head.height, head.hash)
        headers[Self.chainID] = chain
        headers[Self.height] = String(position.height.rawValue)
        headers[Self.blockHash] = FixedHex(position.hash).text
        headers[Self.oldestHeight] = String(head.oldestBlock.rawValue)
    }
}
