import Ledger
public import Primitives

/// What a unit of gas should be offered, in base units.
public struct FeeEstimate: Hashable, Sendable {
    /// The lowest price that the chain accepts.
    public let minimum: Amount
    /// Suffices while blocks have room; else what a tenth of the transactions in full blocks paid at most.
    public let low: Amount
    /// The median of what was paid in blocks that were nearly full, or the minimum.
    public let medium: Amount
    /// More than nine of ten paid.
    public let high: Amount
}

/// The prices in the last blocks. A block with room would have taken anything that pays the minimum, therefore it counts as such.
struct PriceHistory {
    private var blocks: [(low: Amount, medium: Amount, high: Amount)?] = []

    mutating func add(_ transactions: [SignedTransaction], rules: TransactionRules) {
        let parameters = rules.parameters
        let bytes = transactions.reduce(0) { $0 + $1.envelope.count }
        // A committed block's gas limits sum up to less than 2^64.
        let gas = transactions.reduce(UInt64(0)) { $0 &+ $1.transaction.gasLimit.rawValue }
        let isFull = transactions.count >= Int(parameters.blockTransactionsMax) / 10 * 9 || bytes >= Int(parameters.blockBytesMax) / 10 * 9
            || gas >= parameters.blockGasMax / 10 * 9
        if blocks.count == GossipLimits.priceBlocksMax { blocks.removeFirst() }
        guard isFull, !transactions.isEmpty else { return blocks.append(nil) }
        let prices = transactions.map(\.transaction.gasPrice).sorted()
        blocks.append((prices[prices.count / 10], prices[prices.count / 2], prices[prices.count * 9 / 10]))
    }

    func estimate(minimum: Amount) -> FeeEstimate {
        func median(_ field: (((low: Amount, medium: Amount, high: Amount)) -> Amount)) -> Amount {
            let sorted = blocks.map { $0.map { max(field($0), minimum) } ?? minimum }.sorted()
            return sorted.isEmpty ? minimum : sorted[sorted.count / 2]
        }
        return FeeEstimate(minimum: minimum, low: median { $0.low }, medium: median { $0.medium }, high: median { $0.high })
    }
}
