import Client
import Execution
import Interface
import Ledger
import Primitives

/// Clients that read one account after the other, with or without proof.
struct ReadLoad {
    enum Kind: CaseIterable {
        case plain, proven

        var figure: String {
            switch self {
            case .plain: "reads"
            case .proven: "proven_reads"
            }
        }
    }

    private let network: LocalNetwork
    private let payers: [Payer]
    private let kind: Kind

    init(_ network: LocalNetwork, _ payers: [Payer], _ kind: Kind) { (self.network, self.payers, self.kind) = (network, payers, kind) }

    func run(clients count: Int, seconds: Int) async throws -> (perSecond: Double, p99: Double) {
        let client = network.clients[0], payers = payers, kind = kind
        let begin = ContinuousClock.now, end = begin + .seconds(seconds)
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for number in 0..<count {
                group.addTask {
                    var times: [Double] = [], place = number * 7_919
                    while ContinuousClock.now < end {
                        let address = payers[place % payers.count].address, since = ContinuousClock.now
                        switch kind {
                        case .plain: _ = try await client.account(address)
                        case .proven: _ = try await client.proof(of: [AccountRecords.key(address)])
                        }
                        times.append((ContinuousClock.now - since).milliseconds)
                        place += 1
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return (Double(times.count) / (ContinuousClock.now - begin).inSeconds, (times.percentile(0.99) * 100).rounded() / 100)
    }
}
