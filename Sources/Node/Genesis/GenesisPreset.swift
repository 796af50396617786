public import Execution
public import Foundation
public import Ledger
public import Primitives

/// The settings of a kind of network, as a file under `Genesis/`: everything of a genesis document but people and time.
///
/// ```json
/// {
///   "chainName": "devnet", "network": "development", "protocolVersion": 1,
///   "founders": {"count": 4, "stake": "10000"},
///   "allocations": {"faucet": "1000000000"},
///   "parameters": {"epochMilliseconds": "60000"}
/// }
/// ```
/// Amounts are TRL with up to six decimals; parameters are integers in the unit of their name, as text, and those left out have their
/// defaults.
public struct GenesisPreset: Equatable, Sendable {
    public let chainName: ChainName
    public let network: NetworkKind
    public let protocolVersion: UInt32
    /// How many founders a local network starts with.
    public let founderCount: Int
    /// Base units that each founder bonds: whole tokens.
    public let founderStake: Amount
    /// Balances of accounts that are named here and given their addresses when the network is made.
    public let allocations: [String: Amount]
    public let parameters: NetworkParameters
}

/// What is wrong with a preset or with what was given to it, as `path: reason`, for people.
public struct PresetError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where in the document, like `parameters.epochHeights`.
    public let path: String
    public let reason: String

    public var description: String { "\(path): \(reason)" }
}

extension GenesisPreset {
    /// Bytes of a preset file; a larger one is not read.
    public static let bytesMax = 64 * 1024

    /// Reads a preset and checks that a network can start from it.
    public init(json: Data) throws(PresetError) {
        guard json.count <= Self.bytesMax else { throw PresetError(path: "file", reason: "is larger than \(Self.bytesMax) bytes") }
        let form: Form
        do { form = try JSONDecoder().decode(Form.self, from: json) } catch { throw Self.explain(error) }
        guard let name = ChainName(form.chainName), !form.chainName.isEmpty else {
            throw PresetError(path: "chainName", reason: "must be 1 to 64 bytes long")
        }
        switch form.network {
        case "main": network = .main
        case "development": network = .development
        default: throw PresetError(path: "network", reason: "must be main or development")
        }
        guard (1...Limits.validatorsMax).contains(form.founders.count) else {
            throw PresetError(path: "founders.count", reason: "must be from 1 to \(Limits.validatorsMax)")
        }
        guard let stake = Amount(tokens: form.founders.stake), stake.units % Amount.unitsPerToken == 0 else {
            throw PresetError(path: "founders.stake", reason: "must be a whole number of TRL")
        }
        var allocations: [String: Amount] = [:]
        for (account, text) in form.allocations {
            guard let amount = Amount(tokens: text), amount != .zero else {
                throw PresetError(path: "allocations.\(account)", reason: "must be an amount of TRL above zero")
            }
            allocations[account] = amount
        }
        var parameters = NetworkParameters()
        for (field, text) in form.parameters.sorted(by: { $0.key < $1.key }) {
            guard let known = NetworkParameters.field(field) else {
                throw PresetError(path: "parameters.\(field)", reason: "is not a parameter")
            }
            guard let number = UInt128(text), known.set(&parameters, number) else {
                throw PresetError(path: "parameters.\(field)", reason: "must be an integer that fits the field")
            }
        }
        do { try parameters.validate() } catch { throw PresetError(path: "parameters.\(error.field)", reason: error.reason.description) }
        guard stake >= parameters.selfBondMin else {
            throw PresetError(path: "founders.stake", reason: "is below parameters.selfBondMin, \(parameters.selfBondMin.tokens) TRL")
        }
        chainName = name
        protocolVersion = form.protocolVersion
        founderCount = form.founders.count
        founderStake = stake
        self.allocations = allocations
        self.parameters = parameters
    }

    /// What the founders' proofs of possession are made for.
    public func charter(time: Timestamp) -> GenesisCharter {
        GenesisCharter(chainName: chainName, network: network, time: time, protocolVersion: protocolVersion, parameters: parameters)
    }

    /// Weight of a founder's vote.
    public var founderWeight: UInt64 { UInt64(founderStake.units / Amount.unitsPerToken) }

    /// The genesis document of a new network, with the root of its first state.
    ///
    /// - Parameters:
    ///   - founders: with proofs for the identifier of ``charter(time:)``.
    ///   - accounts: the address of each account that the preset names.
    public func genesis(
        time: Timestamp, founders: [GenesisValidator], accounts: [String: Address], contracts: [any BuiltInContract.Type]
    ) throws(PresetError) -> Genesis {
        var balances: [Address: Amount] = [:]
        for (account, amount) in allocations.sorted(by: { $0.key < $1.key }) {
            guard let address = accounts[account] else { throw PresetError(path: "allocations.\(account)", reason: "no address was given") }
            guard let sum = (balances[address] ?? .zero).adding(amount) else {
                throw PresetError(path: "allocations.\(account)", reason: "is above the largest supply")
            }
            balances[address] = sum
        }
        let document = Genesis(
            charter: charter(time: time), validators: founders,
            allocations: balances.map { GenesisAllocation(account: $0.key, balance: $0.value) }.sorted { $0.account < $1.account },
            stateRoot: .zero)
        do { return try GenesisState.sealed(document, contracts) } catch { throw PresetError(path: "genesis", reason: "\(error)") }
    }

    private struct Form: Decodable {
        struct Founders: Decodable {
            let count: Int
            let stake: String
        }
        let chainName: String
        let network: String
        let protocolVersion: UInt32
        let founders: Founders
        let allocations: [String: String]
        let parameters: [String: String]
    }

    private static func explain(_ error: any Error) -> PresetError {
        func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
            (context.codingPath + (last.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
        }
        return switch error as? DecodingError {
        case .keyNotFound(let key, let context): PresetError(path: path(context, key), reason: "is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context): PresetError(path: path(context), reason: context.debugDescription)
        default: PresetError(path: "file", reason: "is not JSON")
        }
    }
}
