import Execution
import Interface
public import Ledger
public import Primitives
public import WorldState

/// Reads a node's answers and believes none: each comes with a proof that leads to a header, and that to one that is trusted already.
///
/// ```swift
/// var reader = try LightReader(client, genesis: document, chainID: known)
/// let balance = try await reader.account(address).state?.balance
/// ```
public struct LightReader: Sendable {
    public let client: Client
    /// What is believed; it moves on with every answer.
    public private(set) var trusted: TrustedHeader
    private let chainID: ChainID
    private let trustingMilliseconds: UInt64
    private let driftMilliseconds: UInt64
    /// The time by which trust is judged: the system's, unless a test says otherwise.
    private let now: @Sendable () -> Timestamp

    /// - Parameter chainID: known from elsewhere; the document may come from the node itself.
    public init(
        _ client: Client, genesis: Genesis, chainID: ChainID, now: @escaping @Sendable () -> Timestamp = { .system }
    ) throws(ClientError) {
        let header: TrustedHeader
        do throws(LightClientError) { header = try TrustedHeader(genesis: genesis, chainID: chainID) } catch { throw .unproven("\(error)") }
        self.init(client, from: header, chainID: chainID, parameters: genesis.charter.parameters, now: now)
    }

    /// - Parameter trusted: a header that is believed, such as one that was kept from the last time.
    public init(
        _ client: Client, from trusted: TrustedHeader, chainID: ChainID, parameters: NetworkParameters,
        now: @escaping @Sendable () -> Timestamp = { .system }
    ) {
        self.client = client
        self.trusted = trusted
        self.chainID = chainID
        self.now = now
        trustingMilliseconds = parameters.trustingMilliseconds
        driftMilliseconds = parameters.precisionMilliseconds + parameters.messageDelayMilliseconds
    }

    /// The record of an account after a block, proven; the state is nil when the account never had anything.
    public mutating func account(_ address: Address) async throws(ClientError) -> (state: AccountState?, height: Height) {
        let key = AccountRecords.key(address)
        let (values, height) = try await values(of: [key])
        guard let bytes = values[0] else { return (nil, height) }
        do throws(BCSError) { return (try AccountState(bcs: bytes), height) } catch { throw .unproven("a proven record that is none: \(error)") }
    }

    /// Values of state keys after a block, proven; nil for those that are proven absent.
    public mutating func values(of keys: [StateKey]) async throws(ClientError) -> (values: [[UInt8]?], height: Height) {
        let bundle = try await client.proof(of: keys)
        try await believe(bundle)
        guard case .state(let claims, _) = bundle.content else { throw .unproven("a proof of something else") }
        var values: [[UInt8]?] = []
        for key in keys {
            guard let claim = claims.first(where: { $0.key == key }) else { throw .unproven("the proof leaves out a key that was asked for") }
            values.append(claim.value)
        }
        return (values, bundle.block.height)
    }

    /// Checks a bundle, and moves the trusted header to its block when that is newer. Where the validators have changed since the
    /// trusted header, headers between are fetched, at most 64.
    public mutating func believe(_ bundle: ProofBundle) async throws(ClientError) {
        // A node may answer from a block below the trusted one; that answer is old, and another one is asked for.
        if bundle.block.height > trusted.height, bundle.block.header != trusted.header {
            var steps = LightClient(from: trusted, to: bundle.block.height), fetched = 0
            while case .fetch(let height) = steps.next {
                let block = height == bundle.block.height ? bundle.block : try await lightBlock(at: height)
                do throws(LightClientError) { try steps.receive(block, rules: rules) } catch { throw .unproven("\(error)") }
                fetched += 1
                guard fetched <= 64 else { throw .unproven("the header at \(bundle.block.height) is too far from the trusted one at \(trusted.height)") }
            }
            trusted = steps.trusted
        }
        do throws(ProofBundleError) { trusted = try bundle.verify(from: trusted, rules: rules) } catch { throw .unproven("\(error)") }
    }

    private var rules: LightClientRules {
        LightClientRules(chainID: chainID, now: now(), trustingMilliseconds: trustingMilliseconds, driftMilliseconds: driftMilliseconds)
    }

    /// A header with its certificate and its voters, as the node tells them: whether they fit is for the light client to say.
    private func lightBlock(at height: Height) async throws(ClientError) -> LightBlock {
        let block = try await client.block(height.description), voters = try await client.validators(of: Epoch(block.epoch))
        guard let header = block.header, let certificate = block.certificate else { throw .unproven("block \(height) came without its certificate") }
        do throws(BCSError) {
            let header = try Header(bcs: header.bytes), certificate = try CommitCertificate(bcs: certificate.bytes)
            let members = voters.validators.map {
                Validator(consensusKey: $0.consensusKey.value, vrfKey: $0.vrfKey.value, weight: UInt64(clamping: $0.weight.value))
            }
            if let set = try? ValidatorSet(epoch: header.draft.epoch, validators: members) {
                return LightBlock(header: header, certificate: certificate, validators: set)
            }
        } catch { throw .unproven("block \(height): \(error)") }
        throw .unproven("the voters of block \(height) are no set")
    }
}
