public import Client
public import Contracts
public import Cryptography
public import Execution
import Interface
import Ledger
public import Primitives

/// Posts reports to the contract of agreements, as the calls of one transaction. The transaction is the monitor's signature.
public actor AgreementSink: MeasurementSink {
    /// What a sink needs of the contract.
    public static let measure = MethodReference<Agreements.Measurement, Nothing>("measure")

    private let client: Client
    private let key: SigningKey
    private let contract: Address

    public init(_ client: Client, key: SigningKey, contract: Address = .agreements) {
        self.client = client
        self.key = key
        self.contract = contract
    }

    public func post(_ reports: [Report]) async throws(SinkError) -> String {
        let calls = reports.map { Self.measure.call(on: contract, $0.posted) }
        let answer: TransactionReport
        do { answer = try await client.send(calls, by: key) } catch {
            // A report whose acknowledgement was lost is there already.
            if reports.count == 1, Self.rejection(error) == .sequenceStale { return "posted before" }
            throw Self.failure(error)
        }
        if let failure = answer.receipt?.failure { throw Self.failure(.wouldFail(failure)) }
        return answer.id.text
    }

    /// What the contract refused it for; nil when it was something else that refused.
    private static func rejection(_ error: ClientError) -> AgreementsRejection? {
        if case .wouldFail(let failure) = error { AgreementsRejection(rawValue: failure.code) } else { nil }
    }

    /// What the contract refuses is refused for good, unless the block time is behind; so is what can never be sent. What is wrong with the
    /// node or the account passes.
    static func failure(_ error: ClientError) -> SinkError {
        let isForGood = switch error {
        case .wouldFail: rejection(error) != .measurementEarly
        case .transactionInvalid: true
        default: false
        }
        return SinkError(isPassing: !isForGood, code: error.code, text: error.description)
    }
}
