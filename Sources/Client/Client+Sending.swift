public import Cryptography
public import Interface
public import Ledger
import NIOHTTP1
public import Primitives

/// What a sender may decide about a transaction; the rest is found out.
public struct SendingChoices: Sendable {
    /// nil asks the node, which counts what waits.
    public var nonce: Nonce?
    /// nil tries the calls out and leaves a fifth of room.
    public var gasLimit: Gas?
    /// nil takes the middle of what the node advises.
    public var gasPrice: Amount?
    /// nil lets it be valid for ``Client/Settings/validityBlocks`` more blocks.
    public var validUntilHeight: Height?
    public var memo: Memo = ""
    /// Signatures that it will have, for its price: the threshold of a k-of-n account.
    public var signatureCount = 1

    public init() {}
}

/// A transaction that was tried out and waits to be signed.
public struct PreparedTransaction: Sendable {
    public let transaction: Transaction
    /// What it would do; nil when the sender chose the gas limit and did not want to know.
    public let simulation: SimulationResource?
}

extension Client {
    /// Makes a transaction of calls: nonce, price, limit and validity come from the node unless chosen. Calls that would fail are refused
    /// here, before they cost anything.
    public func prepare(_ calls: [Call], from sender: Address, _ choices: SendingChoices = SendingChoices()) async throws(ClientError) -> PreparedTransaction {
        let price: Amount
        if let chosen = choices.gasPrice { price = chosen } else { price = try await fees().medium.value }
        var limit = choices.gasLimit, simulation: SimulationResource?
        if limit == nil {
            let tried = try await simulate(calls, from: sender, gasPrice: price, signatureCount: choices.signatureCount)
            if let failure = tried.failure { throw .wouldFail(failure) }
            limit = Gas(tried.gasLimitSuggested)
            simulation = tried
        }
        let chain = try await chain()
        let nonce: Nonce
        if let chosen = choices.nonce { nonce = chosen } else { nonce = Nonce(try await account(sender).nextNonce) }
        guard let last = choices.validUntilHeight ?? Height(chain.head.height).advanced(by: settings.validityBlocks), let limit,
              let transaction = Transaction(
                chainID: chain.chainID.value, sender: sender, nonce: nonce, validUntilHeight: last, gasLimit: limit, gasPrice: price, calls: calls,
                memo: choices.memo)
        else { throw .transactionInvalid("a transaction has 1 to \(Limits.transactionCallsMax) calls") }
        return PreparedTransaction(transaction: transaction, simulation: simulation)
    }

    /// What calls would do and cost.
    public func simulate(
        _ calls: [Call], from sender: Address, gasPrice: Amount? = nil, signatureCount: Int = 1
    ) async throws(ClientError) -> SimulationResource {
        let kind = try await networkKind()
        let tried = calls.map {
            SimulatedCall(contract: $0.contract.text(on: kind), method: $0.method.text, data: Hex($0.arguments), value: AmountText($0.value))
        }
        let request = SimulationRequest(
            sender: AddressText(sender, on: kind), calls: tried, gasPrice: gasPrice.map { AmountText($0) }, signatureCount: UInt32(signatureCount))
        return try await post(SimulationResource.self, "/v1/simulate", request)
    }

    /// What an unsigned transaction would do and cost.
    public func simulate(_ transaction: Transaction, signatureCount: Int = 1) async throws(ClientError) -> SimulationResource {
        let request = SimulationRequest(transaction: Hex(transaction.bcs), signatureCount: UInt32(signatureCount))
        return try await post(SimulationResource.self, "/v1/simulate", request)
    }

    /// Hands a signed transaction to the node. The same bytes may be handed over again: the answer is the same. While the node is busy
    /// or away, it is tried again for a while.
    @discardableResult
    public func submit(_ transaction: SignedTransaction) async throws(ClientError) -> TransactionID {
        var pause = Backoff()
        while true {
            do throws(ClientError) {
                _ = try await fetch(.POST, "/v1/transactions", body: Body(type: "application/octet-stream", bytes: transaction.envelope))
                return transaction.id
            } catch {
                guard error.isPassing, pause.count < 4 else { throw error }
                await pause.wait()
            }
        }
    }

    /// Hands a signed transaction to the node, which answers when it is committed, and returns what came of it.
    ///
    /// - Parameter isBrief: whether the report comes without the transaction, which is known here.
    public func submitAndWait(_ transaction: SignedTransaction, seconds: Int? = nil, isBrief: Bool = false) async throws(ClientError) -> TransactionReport {
        let seconds = seconds ?? settings.commitSeconds, end = ContinuousClock.now + .seconds(seconds)
        // What a node waits at most for one request.
        let held = min(max(seconds, 1), 60)
        do throws(ClientError) {
            let answer = try await fetch(
                .POST, "/v1/transactions", query: [("wait", "committed"), ("timeout", "\(held)"), ("brief", isBrief ? "1" : nil)],
                body: Body(type: "application/octet-stream", bytes: transaction.envelope), seconds: held + settings.requestSeconds)
            if answer.status == 200 { return try Self.read(TransactionReport.self, answer.bytes) }
        } catch {
            // The node is busy, or so many wait at it that it holds no further request: then it is asked from time to time.
            guard error.isPassing else { throw error }
            try await submit(transaction)
        }
        return try await wait(for: transaction.id, seconds: max(0, Int((end - ContinuousClock.now).components.seconds)))
    }

    /// Waits until a transaction is committed, and returns what came of it.
    public func wait(for id: TransactionID, seconds: Int? = nil) async throws(ClientError) -> TransactionReport {
        let seconds = seconds ?? settings.commitSeconds
        let end = ContinuousClock.now + .seconds(seconds)
        var pause = Backoff(first: .milliseconds(100), last: .seconds(2))
        while true {
            do throws(ClientError) {
                let report = try await transaction(id)
                switch report.state {
                case .committed: return report
                case .dropped: throw .dropped(id, code: report.code ?? "tx.dropped")
                case .pending: break
                }
            } catch {
                // It may not have reached this node yet.
                guard error.isPassing || error.code == "tx.unknown" else { throw error }
            }
            guard ContinuousClock.now < end, !Task.isCancelled else { throw .timedOut("the transaction 0x\(id.hex) was not committed within \(seconds) seconds") }
            await pause.wait()
        }
    }

    /// Prepares, signs, submits and waits.
    @discardableResult
    public func send(_ calls: [Call], by key: SigningKey, _ choices: SendingChoices = SendingChoices()) async throws(ClientError) -> TransactionReport {
        let prepared = try await prepare(calls, from: Address(of: key.publicKey), choices)
        guard let signed = prepared.transaction.signed(by: key) else {
            throw .transactionInvalid("the transaction is larger than \(Limits.transactionBytesMax) bytes")
        }
        return try await submitAndWait(signed)
    }
}

/// Pauses that double, so that many clients do not press a node that is in trouble.
struct Backoff {
    private var next: Duration
    private let first: Duration
    private let last: Duration
    private(set) var count = 0

    init(first: Duration = .milliseconds(500), last: Duration = .seconds(30)) {
        self.first = first
        self.last = last
        next = first
    }

    /// Sleeps; less when the task is cancelled.
    mutating func wait() async {
        try? await Task.sleep(for: next)
        next = min(next * 2, last)
        count += 1
    }

    mutating func reset() {
        next = first
        count = 0
    }
}
