public import Execution
public import Interface
public import Ledger
import NIOHTTP1
public import Primitives
import Synchronization
public import WorldState

// Everything that can be asked of a node. Heights are those of final blocks; nil asks for the newest.
extension Client {
    // ── Chain ──

    public func chain() async throws(ClientError) -> ChainResource { try await resource(ChainResource.self, "/v1/chain") }
    public func status() async throws(ClientError) -> StatusResource { try await resource(StatusResource.self, "/v1/status") }
    public func head() async throws(ClientError) -> HeadResource { try await resource(HeadResource.self, "/v1/chain/head") }
    public func peers() async throws(ClientError) -> PeersResource { try await resource(PeersResource.self, "/v1/peers") }
    /// The node's numbers, in the text form of Prometheus.
    public func metrics() async throws(ClientError) -> String { String(decoding: try await fetch(.GET, "/metrics").bytes, as: UTF8.self) }
    public func fees() async throws(ClientError) -> FeesResource { try await resource(FeesResource.self, "/v1/fees") }

    public func parameters(at height: Height? = nil) async throws(ClientError) -> ParametersResource {
        try await resource(ParametersResource.self, "/v1/parameters", query: [("height", height?.description)])
    }

    public func validators(of epoch: Epoch? = nil) async throws(ClientError) -> ValidatorsResource {
        try await resource(ValidatorsResource.self, "/v1/validators", query: [("epoch", epoch?.description)])
    }

    /// The genesis document. Its chain identifier must be compared with one that is known.
    public func genesis() async throws(ClientError) -> Genesis {
        let bytes = try await fetch(.GET, "/v1/chain/genesis/document").bytes
        do throws(BCSError) { return try Genesis(bcs: bytes) } catch { throw .answerUnexpected("no genesis document: \(error)") }
    }

    /// The kind of network, for the form of addresses; asked for once.
    public func networkKind() async throws(ClientError) -> NetworkKind {
        if let known = network.withLock({ $0 }) { return known }
        let kind: NetworkKind = try await chain().network == .main ? .main : .development
        network.withLock { $0 = kind }
        return kind
    }

    // ── Accounts ──

    public func account(_ address: Address, at height: Height? = nil) async throws(ClientError) -> AccountResource {
        try await account(address, at: height, proof: false)
    }

    func account(_ address: Address, at height: Height?, proof: Bool) async throws(ClientError) -> AccountResource {
        let path = "/v1/accounts/\(address.text(on: try await networkKind()))"
        return try await resource(AccountResource.self, path, query: [("height", height?.description), ("proof", proof ? "1" : nil)])
    }

    /// Transactions that the account sent or that paid it, newest first.
    public func transactions(of address: Address, limit: Int = 20, cursor: String? = nil) async throws(ClientError) -> PageResource<TransactionReport> {
        let path = "/v1/accounts/\(address.text(on: try await networkKind()))/transactions"
        return try await resource(PageResource<TransactionReport>.self, path, query: [("limit", String(limit)), ("cursor", cursor)])
    }

    /// Transactions of the account that wait.
    public func pending(of address: Address) async throws(ClientError) -> PendingListResource {
        try await resource(PendingListResource.self, "/v1/accounts/\(address.text(on: try await networkKind()))/pending")
    }

    // ── Blocks and transactions ──

    /// - Parameter reference: a height, a hash, or `head`.
    public func block(_ reference: String) async throws(ClientError) -> BlockResource {
        try await resource(BlockResource.self, "/v1/blocks/\(Self.escape(reference))")
    }

    public func blocks(limit: Int = 20, cursor: String? = nil) async throws(ClientError) -> PageResource<BlockResource> {
        try await resource(PageResource<BlockResource>.self, "/v1/blocks", query: [("limit", String(limit)), ("cursor", cursor)])
    }

    public func transactions(inBlock reference: String, limit: Int = 20, cursor: String? = nil) async throws(ClientError) -> PageResource<TransactionResource> {
        try await resource(
            PageResource<TransactionResource>.self, "/v1/blocks/\(Self.escape(reference))/transactions", query: [("limit", String(limit)), ("cursor", cursor)])
    }

    public func events(inBlock reference: String, limit: Int = 20, cursor: String? = nil) async throws(ClientError) -> PageResource<EventResource> {
        try await resource(
            PageResource<EventResource>.self, "/v1/blocks/\(Self.escape(reference))/events", query: [("limit", String(limit)), ("cursor", cursor)])
    }

    public func transaction(_ id: TransactionID) async throws(ClientError) -> TransactionReport {
        try await resource(TransactionReport.self, "/v1/transactions/0x\(id.hex)")
    }

    // ── Contracts ──

    public func contracts() async throws(ClientError) -> ContractListResource { try await resource(ContractListResource.self, "/v1/contracts") }

    /// - Parameter contract: an address, or the name of a contract of the protocol.
    public func contract(_ contract: String, at height: Height? = nil) async throws(ClientError) -> ContractResource {
        try await resource(ContractResource.self, "/v1/contracts/\(Self.escape(contract))", query: [("height", height?.description)])
    }

    /// What a contract told, newest first.
    public func events(
        of contract: String, named type: String? = nil, limit: Int = 20, cursor: String? = nil
    ) async throws(ClientError) -> PageResource<EventResource> {
        try await resource(
            PageResource<EventResource>.self, "/v1/contracts/\(Self.escape(contract))/events",
            query: [("type", type), ("limit", String(limit)), ("cursor", cursor)])
    }

    /// Asks a contract whose types are known only by its schema.
    public func view(_ request: ViewRequest, of contract: String, at height: Height? = nil) async throws(ClientError) -> ViewResource {
        try await post(
            ViewResource.self, "/v1/contracts/\(Self.escape(contract))/view", query: [("height", height?.description)], request)
    }

    /// Asks a contract whose method is known with its types.
    ///
    /// ```swift
    /// let balance = try await client.view(Accounts.balance.reference, of: .accounts, address)
    /// ```
    public func view<each Value: SchemaValue, Result: SchemaValue>(
        _ method: MethodReference<repeat each Value, Result>, of contract: Address, _ values: repeat each Value, caller: Address? = nil,
        at height: Height? = nil
    ) async throws(ClientError) -> Result {
        let kind = try await networkKind()
        let request = ViewRequest(
            method: method.name.text, data: Hex(method.encode(repeat each values)), caller: caller.map { AddressText($0, on: kind) })
        let answer = try await view(request, of: contract.text(on: kind), at: height)
        if let failure = answer.failure { throw .wouldFail(failure) }
        guard let result = answer.result else { throw .answerUnexpected("a view without a result") }
        do throws(BCSError) { return try method.result(result.data.bytes) } catch {
            throw .answerUnexpected("the result of \(method.name) is not what its types say: \(error)")
        }
    }

    // ── Infrastructures ──

    /// Applications by name, at most 50; see ``TopologyReader`` for their documents and assignments with types.
    public func infrastructures(from name: String? = nil, at height: Height? = nil) async throws(ClientError) -> AnswerResource<DynamicValue> {
        try await resource(AnswerResource<DynamicValue>.self, "/v1/infrastructures", query: [("from", name), ("height", height?.description)])
    }

    public func infrastructure(_ name: String, at height: Height? = nil) async throws(ClientError) -> AnswerResource<DynamicValue> {
        try await resource(AnswerResource<DynamicValue>.self, "/v1/infrastructures/\(Self.escape(name))", query: [("height", height?.description)])
    }

    /// A list of an application: `revisions`, `drafts`, `operators`, `assignment`, `instances`, `artifacts`; or one thing: `mapping`, `spread`, `revisions/2`.
    public func infrastructure(
        _ name: String, _ part: String, query: [(String, String?)] = [], at height: Height? = nil
    ) async throws(ClientError) -> AnswerResource<DynamicValue> {
        try await resource(
            AnswerResource<DynamicValue>.self, "/v1/infrastructures/\(Self.escape(name))/\(part)", query: query + [("height", height?.description)])
    }

    /// The document of a revision; the newest without a number.
    public func infrastructureDocument(_ name: String, revision: UInt64? = nil, at height: Height? = nil) async throws(ClientError) -> InfrastructureDocumentResource {
        try await resource(
            InfrastructureDocumentResource.self, "/v1/infrastructures/\(Self.escape(name))/document",
            query: [("revision", revision.map { String($0) }), ("height", height?.description)])
    }

    // ── Offers and agreements ──

    /// Offers, the newest first, at most 50; with a `kind` among the keys a search, whose keys `/docs` lists.
    public func offers(query: [(String, String?)] = [], at height: Height? = nil) async throws(ClientError) -> AnswerResource<DynamicValue> {
        try await resource(AnswerResource<DynamicValue>.self, "/v1/offers", query: query + [("height", height?.description)])
    }

    public func offer(_ number: UInt64, at height: Height? = nil) async throws(ClientError) -> AnswerResource<DynamicValue> {
        try await resource(AnswerResource<DynamicValue>.self, "/v1/offers/\(number)", query: [("height", height?.description)])
    }

    /// Agreements, the newest first, at most 50: all, or those that an account has to do with.
    public func agreements(of account: Address? = nil, before: UInt64? = nil, at height: Height? = nil) async throws(ClientError) -> AnswerResource<DynamicValue> {
        let text = if let account { account.text(on: try await networkKind()) } else { String?.none }
        return try await resource(
            AnswerResource<DynamicValue>.self, "/v1/agreements",
            query: [("account", text), ("before", before.map { String($0) }), ("height", height?.description)])
    }

    public func agreement(_ number: UInt64, at height: Height? = nil) async throws(ClientError) -> AnswerResource<DynamicValue> {
        try await resource(AnswerResource<DynamicValue>.self, "/v1/agreements/\(number)", query: [("height", height?.description)])
    }

    /// Billing periods of an agreement, at most 50.
    public func periods(of agreement: UInt64, from period: UInt32 = 0, at height: Height? = nil) async throws(ClientError) -> AnswerResource<AgreementPeriodListResource> {
        try await resource(
            AnswerResource<AgreementPeriodListResource>.self, "/v1/agreements/\(agreement)/periods", query: [("from", String(period)), ("height", height?.description)])
    }

    /// Intervals of a period: what was decided, and what each monitor reported. Without a period, of the one that runs or ran last.
    public func timeline(
        of agreement: UInt64, period: UInt32? = nil, from interval: UInt32 = 0, limit: Int = 64, at height: Height? = nil
    ) async throws(ClientError) -> AnswerResource<TimelineResource> {
        try await resource(
            AnswerResource<TimelineResource>.self, "/v1/agreements/\(agreement)/timeline",
            query: [("period", period.map { String($0) }), ("from", String(interval)), ("limit", String(limit)), ("height", height?.description)])
    }

    /// The outages of a period, and what each brought the consumer.
    public func violations(
        of agreement: UInt64, period: UInt32? = nil, from interval: UInt32 = 0, at height: Height? = nil
    ) async throws(ClientError) -> AnswerResource<ViolationListResource> {
        try await resource(
            AnswerResource<ViolationListResource>.self, "/v1/agreements/\(agreement)/violations",
            query: [("period", period.map { String($0) }), ("from", String(interval)), ("height", height?.description)])
    }

    /// Measurements and what followed from them, newest first.
    public func evidence(of agreement: UInt64, limit: Int = 20, cursor: String? = nil) async throws(ClientError) -> PageResource<EvidenceResource> {
        try await resource(
            PageResource<EvidenceResource>.self, "/v1/agreements/\(agreement)/evidence", query: [("limit", String(limit)), ("cursor", cursor)])
    }

    /// Money that came into the escrow of an agreement and left it, newest first.
    public func payments(of agreement: UInt64, limit: Int = 20, cursor: String? = nil) async throws(ClientError) -> PageResource<AgreementPaymentResource> {
        try await resource(
            PageResource<AgreementPaymentResource>.self, "/v1/agreements/\(agreement)/payments", query: [("limit", String(limit)), ("cursor", cursor)])
    }

    // ── Proofs ──

    /// A bundle that proves values and absences; see ``LightReader`` for checking it.
    public func proof(of keys: [StateKey], at height: Height? = nil) async throws(ClientError) -> ProofBundle {
        let request = ProofRequest(keys: keys.map { Hex($0.bytes) })
        return try Self.bundle(try await post(ProofResource.self, "/v1/proofs/state", query: [("height", height?.description)], request).bundle)
    }

    public func proofResource(ofTransaction id: TransactionID) async throws(ClientError) -> ProofResource {
        try await resource(ProofResource.self, "/v1/proofs/transactions/0x\(id.hex)")
    }

    public func proofResource(ofReceipt id: TransactionID) async throws(ClientError) -> ProofResource {
        try await resource(ProofResource.self, "/v1/proofs/receipts/0x\(id.hex)")
    }

    static func bundle(_ hex: Hex) throws(ClientError) -> ProofBundle {
        do throws(BCSError) { return try ProofBundle(bcs: hex.bytes) } catch { throw .answerUnexpected("no proof bundle: \(error)") }
    }
}
