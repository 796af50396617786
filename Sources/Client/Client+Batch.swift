public import Interface
public import Ledger
import NIOHTTP1
import Primitives

extension Client {
    /// Hands over many signed transactions in one request; the answer has one item for each, in the same order. At most
    /// 1 MiB of them fit into a request.
    public func submit(_ transactions: [SignedTransaction]) async throws(ClientError) -> [BatchItemResource] {
        var encoder = BCSEncoder(reserving: transactions.count * 256)
        encoder.encodeLength(transactions.count)
        for transaction in transactions { encoder.encodeBytes(transaction.envelope) }
        let answer = try await fetch(.POST, "/v1/transactions/batch", body: Body(type: "application/octet-stream", bytes: encoder.bytes)).bytes
        let items = try Self.read(BatchResource.self, answer).items
        guard items.count == transactions.count else { throw .answerUnexpected("\(items.count) items for \(transactions.count) transactions") }
        return items
    }
}
