public import Ledger
public import Primitives
public import WorldState

/// What the machine needs to know of the chain, kept in the state so that a snapshot carries it and a proof can show it.
public enum ChainRecords {
    public static let parameters = StoredValue(0, "parameters", "The parameters of this epoch.", NetworkParameters.self)
    public static let nextParameters = StoredValue(
        1, "next_parameters", "The parameters from the next epoch on, when they were changed.", NetworkParameters.self)
    public static let epoch = StoredValue(2, "epoch", "The epoch of the next block.", Epoch.self)
    public static let epochStarts = StoredMap(
        3, "epoch_starts", "The block behind which each epoch began.", Epoch.self, EpochStart.self)
    public static let validatorSets = StoredMap(
        4, "validator_sets", "Who votes in each epoch: recent ones, this one and the next.", Epoch.self, ValidatorSet.self)
    static let beacons = StoredMap(
        5, "beacons", "Recent beacons, by height modulo their number.", UInt32.self, BeaconRecord.self)
    static let draws = StoredMap(
        6, "draws", "Heights whose beacons answer the contracts that asked for randomness.", KeyPair<Address, UInt64>.self, Height.self)
    public static let pauses = StoredValue(7, "pauses", "Contracts that are stopped.", Bounded<16, Pause>.self)

    /// Beacons that are kept: a draw that nobody looked at for so many blocks must be requested again.
    public static let beaconsKept: UInt32 = 65_536

    /// Where the beacon of `height` is kept, until that of a later block takes its place.
    public static func beaconKey(_ height: Height) -> StateKey { beacons.stateKey(slot(height), of: .chain) }

    /// What a value at ``beaconKey(_:)`` says of `height`; nil when it is of a later block.
    public static func beacon(_ height: Height, in value: [UInt8]) throws(BCSError) -> Beacon? {
        let record = try BeaconRecord(bcs: value)
        return record.height == height ? record.beacon : nil
    }

    static func slot(_ height: Height) -> UInt32 { UInt32(height.rawValue % UInt64(beaconsKept)) }

    /// Regions, for schemas and documentation.
    public static var storage: [StorageSchema] {
        [parameters.schema, nextParameters.schema, epoch.schema, epochStarts.schema, validatorSets.schema, beacons.schema,
         draws.schema, pauses.schema]
    }

    /// The parameters in `state`.
    public static func parameters(in state: some StateReader) throws(StoreError) -> NetworkParameters {
        try require(parameters, in: state)
    }

    /// The set of `epoch` in `state`; nil when it is no longer or not yet kept.
    public static func validatorSet(of epoch: Epoch, in state: some StateReader) throws(StoreError) -> ValidatorSet? {
        try read(StateKey(contract: .chain, validatorSets.key(epoch))!, in: state)
    }

    /// The epoch of the block above `state`, and the block behind which it began.
    public static func epoch(in state: some StateReader) throws(StoreError) -> (epoch: Epoch, start: EpochStart) {
        let epoch = try require(epoch, in: state)
        guard let start = try start(of: epoch, in: state) else {
            throw StoreError(.corrupt, "the state has no start of epoch \(epoch)")
        }
        return (epoch, start)
    }

    /// The block behind which `epoch` began; nil when that is no longer or not yet kept.
    public static func start(of epoch: Epoch, in state: some StateReader) throws(StoreError) -> EpochStart? {
        try read(StateKey(contract: .chain, epochStarts.key(epoch))!, in: state)
    }

    static func require<Value>(_ stored: StoredValue<Value>, in state: some StateReader) throws(StoreError) -> Value {
        guard let value: Value = try read(StateKey(contract: .chain, stored.key)!, in: state) else {
            throw StoreError(.corrupt, "the state has no \(stored.schema.name)")
        }
        return value
    }

    static func read<Value: BCSCodable>(_ key: StateKey, in state: some StateReader) throws(StoreError) -> Value? {
        guard let bytes = try state.value(key) else { return nil }
        do { return try Value(bcs: bytes) } catch { throw StoreError(.corrupt, "\(Value.self): \(error)") }
    }
}

/// A beacon with the height it belongs to.
struct BeaconRecord: Hashable, Record {
    let height: Height
    let beacon: Beacon

    static let fields = Fields(
        Field("height", "The block.") { $0.height }, Field("beacon", "Its beacon.") { $0.beacon }, make: BeaconRecord.init)
}

extension EpochStart: SchemaValue {
    public static var schema: TypeSchema {
        .record(name: "EpochStart", [
            FieldSchema(name: "height", documentation: "The last block of the epoch before, or genesis.", type: Height.schema),
            FieldSchema(name: "time", documentation: "Its time.", type: Timestamp.schema),
        ])
    }
}

extension NetworkParameters: SchemaValue {
    public static var schema: TypeSchema {
        .record(name: "NetworkParameters", [
            FieldSchema(name: "version", documentation: "Always 0.", type: .scalar(.u8)),
        ] + fields.map { FieldSchema(name: $0.name.description, documentation: $0.meaning.description, type: .scalar($0.scalar)) })
    }
}

extension NetworkParameters.Field {
    fileprivate var scalar: TypeSchema.Scalar {
        switch kind {
        case .u32: .u32
        case .u64: .u64
        case .amount: .amount
        }
    }
}

extension ValidatorSet: SchemaValue {
    public static var schema: TypeSchema {
        .record(name: "ValidatorSet", [
            FieldSchema(name: "version", documentation: "Always 0.", type: .scalar(.u8)),
            FieldSchema(name: "epoch", documentation: "Whose voters they are.", type: Epoch.schema),
            FieldSchema(name: "validators", documentation: "In index order.", type: .list(of: Validator.schema, max: Limits.validatorsMax)),
        ])
    }
}

extension Validator: SchemaValue {
    public static var schema: TypeSchema {
        .record(name: "Validator", [
            FieldSchema(name: "consensusKey", documentation: "Signs votes.", type: PublicKey.schema),
            FieldSchema(name: "vrfKey", documentation: "Proves randomness.", type: VRFPublicKey.schema),
            FieldSchema(name: "weight", documentation: "Whole tokens of stake.", type: .scalar(.u64)),
        ])
    }
}
