public import Client
public import Contracts
public import Cryptography
public import Execution
import Interface
import Ledger
public import Primitives

/// Posts reports to the contract, as the calls of one transaction. The transaction is the monitor's signature.
public actor AgreementSink: MeasurementSink {
    public typealias Method = MethodReference<Agreements.Measurement, Nothing>

    private let client: Client
    private let key: SigningKey
    private let contract: Address
    private let method: Method

    public init(_ client: Client, key: SigningKey, contract: Address, method: Method) {
        self.client = client
        self.key = key
        self.contract = contract
        self.method = method
    }

    public func post(_ reports: [Report]) async throws(SinkError) -> String {
        let calls = reports.map { method.call(on: contract, $0.posted) }
        let answer: TransactionReport
        do { answer = try await client.send(calls, by: key) } catch { throw Self.failure(error) }
        if let failure = answer.receipt?.failure { throw Self.failure(.wouldFail(failure)) }
        return answer.id.text
    }

    /// What the contract refuses is refused for good; so is what can never be sent. What is wrong with the node or the account passes.
    static func failure(_ error: ClientError) -> SinkError {
        let isForGood = switch error {
        case .wouldFail, .transactionInvalid: true
        default: false
        }
        return SinkError(isPassing: !isForGood, code: error.code, text: error.description)
    }
}
