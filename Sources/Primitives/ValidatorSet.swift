/// The place of a validator in its epoch's set.
@frozen public struct ValidatorIndex: Hashable, Comparable, Sendable, BCSCodable, CustomStringConvertible {
    public let rawValue: UInt16
    @inlinable public init(_ rawValue: UInt16) { self.rawValue = rawValue }
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
    @inlinable public func encode(into encoder: inout BCSEncoder) { encoder.encode(rawValue) }
    @inlinable public init(from decoder: inout BCSDecoder) throws(BCSError) { self.init(try decoder.decode(UInt16.self)) }
}

/// A voter of one epoch.
public struct Validator: Hashable, Sendable, BCSCodable {
    /// Signs votes; unique for ever, also after the validator has left.
    public let consensusKey: PublicKey
    /// Proves the randomness of the validator's proposals.
    public let vrfKey: VRFPublicKey
    /// Voting weight: whole tokens of bonded stake; at least 1.
    public let weight: UInt64

    public init(consensusKey: PublicKey, vrfKey: VRFPublicKey, weight: UInt64) {
        self.consensusKey = consensusKey
        self.vrfKey = vrfKey
        self.weight = weight
    }

    public func encode(into encoder: inout BCSEncoder) {
        consensusKey.encode(into: &encoder)
        vrfKey.encode(into: &encoder)
        encoder.encode(weight)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        consensusKey = try decoder.decode(PublicKey.self)
        vrfKey = try decoder.decode(VRFPublicKey.self)
        weight = try decoder.decode(UInt64.self)
    }
}

/// The voters of one epoch in index order. Its hash covers keys, weights, order and epoch, so that votes of one epoch never
/// count in another.
///
/// Invariants: 1 … ``Limits/validatorsMax`` validators; every weight ≥ 1; Σ weight ≤ ``Limits/totalWeightMax``; consensus keys
/// and VRF keys are each distinct.
public struct ValidatorSet: Hashable, Sendable {
    public let epoch: Epoch
    public let validators: [Validator]
    public let totalWeight: UInt64
    private let indices: [PublicKey: ValidatorIndex]

    /// Which invariant a list of validators breaks.
    public enum Failure: Error, Equatable, Sendable {
        case empty
        case tooMany(Int)
        case weightZero(ValidatorIndex)
        case weightOverflow
        case keyDuplicate(ValidatorIndex)
    }

    public init(epoch: Epoch, validators: [Validator]) throws(Failure) {
        guard !validators.isEmpty else { throw .empty }
        guard validators.count <= Limits.validatorsMax else { throw .tooMany(validators.count) }
        var total: UInt64 = 0
        var indices: [PublicKey: ValidatorIndex] = [:]
        var vrfKeys: Set<VRFPublicKey> = []
        for (position, validator) in validators.enumerated() {
            let index = ValidatorIndex(UInt16(position))
            guard validator.weight > 0 else { throw .weightZero(index) }
            let (sum, overflow) = total.addingReportingOverflow(validator.weight)
            guard !overflow, sum <= Limits.totalWeightMax else { throw .weightOverflow }
            total = sum
            guard indices.updateValue(index, forKey: validator.consensusKey) == nil,
                  vrfKeys.insert(validator.vrfKey).inserted else { throw .keyDuplicate(index) }
        }
        self.epoch = epoch
        self.validators = validators
        self.totalWeight = total
        self.indices = indices
    }

    /// The validator at `index`, or nil when the set is smaller.
    public subscript(index: ValidatorIndex) -> Validator? {
        Int(index.rawValue) < validators.count ? validators[Int(index.rawValue)] : nil
    }

    public func index(of consensusKey: PublicKey) -> ValidatorIndex? { indices[consensusKey] }

    /// More than two thirds of the weight: any two such groups share an honest validator.
    @inlinable public func isQuorum(_ weight: UInt64) -> Bool { 3 * weight > 2 * totalWeight }

    /// More than one third of the weight: such a group contains an honest validator.
    @inlinable public func isWeakQuorum(_ weight: UInt64) -> Bool { 3 * weight > totalWeight }

    public static func == (left: Self, right: Self) -> Bool {
        left.epoch == right.epoch && left.validators == right.validators
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(epoch)
        hasher.combine(validators)
    }
}

extension ValidatorSet: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        epoch.encode(into: &encoder)
        encoder.encode(validators)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        let epoch = try decoder.decode(Epoch.self)
        let validators = try decoder.decodeSequence(of: Validator.self, limit: Limits.validatorsMax)
        do { self = try ValidatorSet(epoch: epoch, validators: validators) } catch {
            throw decoder.refuse("the validator set breaks an invariant")
        }
    }
}
