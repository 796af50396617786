public import Ledger
public import Primitives

/// What a contract may know of the block that it runs in. There is no other time, place or chance.
public struct BlockContext: Sendable {
    public let chainID: ChainID
    public let height: Height
    public let time: Timestamp
    public let epoch: Epoch
    public let proposer: ValidatorIndex
    /// The beacon of this block. Contracts read it through draws only, see ``CallContext/draw(_:)``.
    let beacon: Beacon
    /// Who signed the block below; of the epoch of that block.
    public let parentVotes: ValidatorBitmap
    public let parameters: NetworkParameters
    /// Contracts that an emergency decision has stopped.
    let pauses: [Pause]
    /// What the block's transactions paid and the hooks share out; zero before the hooks.
    public internal(set) var fees = BlockFees()

    init(
        chainID: ChainID, height: Height, time: Timestamp, epoch: Epoch, proposer: ValidatorIndex, beacon: Beacon,
        parentVotes: ValidatorBitmap, parameters: NetworkParameters, pauses: [Pause]
    ) {
        self.chainID = chainID
        self.height = height
        self.time = time
        self.epoch = epoch
        self.proposer = proposer
        self.beacon = beacon
        self.parentVotes = parentVotes
        self.parameters = parameters
        self.pauses = pauses
    }

    func isPaused(_ contract: Address) -> Bool { pauses.contains { $0.contract == contract && time < $0.until } }
}

/// How the fees of a block are divided. The shares of proposer and validators lie in the staking contract's account.
///
/// Invariant: `burned + proposer + validators` are all fees of the block.
public struct BlockFees: Hashable, Sendable {
    public var burned = Amount.zero
    public var proposer = Amount.zero
    public var validators = Amount.zero

    public init() {}

    /// Divides `total` as the parameters say; what rounding leaves goes to the validators.
    public init(total: Amount, parameters: NetworkParameters) {
        // No overflow: a total is below the supply, and the two parts are together at most the whole.
        guard let burned = total.share(partsPerMillion: parameters.feeBurnPartsPerMillion, rounding: .down),
              let proposer = total.share(partsPerMillion: parameters.feeProposerPartsPerMillion, rounding: .down),
              let rest = total.subtracting(burned)?.subtracting(proposer) else {
            preconditionFailure("fees above the supply")
        }
        self.burned = burned
        self.proposer = proposer
        validators = rest
    }

    var total: Amount? { Amount.sum([burned, proposer, validators]) }
}

/// A contract that an emergency decision has stopped for a while. Its balance stays where it is.
public struct Pause: Hashable, Record {
    public let contract: Address
    /// Block time at which calls are possible again.
    public let until: Timestamp

    public init(contract: Address, until: Timestamp) {
        self.contract = contract
        self.until = until
    }

    public static let fields = Fields(
        Field("contract", "Who is paused.") { $0.contract },
        Field("until", "Block time at which calls are possible again.") { $0.until }, make: Pause.init)
}
