import Primitives
import Testing

/// Invariants of a validator set, and the arithmetic on which agreement rests.
@Suite struct ValidatorSetTests {
    private func validator(_ number: Int, weight: UInt64 = 1, vrf: Int? = nil) -> Validator {
        func key(_ number: Int) -> [UInt8] { UInt64(number).bcs + [UInt8](repeating: 9, count: 24) }
        return Validator(consensusKey: PublicKey(key(number))!, vrfKey: VRFPublicKey(key(vrf ?? number))!, weight: weight)
    }

    private func set(_ weights: [UInt64]) throws -> ValidatorSet {
        try ValidatorSet(epoch: 3, validators: weights.enumerated().map { validator($0.offset, weight: $0.element) })
    }

    @Test func invariants() throws {
        #expect(throws: ValidatorSet.Failure.empty) { try ValidatorSet(epoch: 0, validators: []) }
        #expect(throws: ValidatorSet.Failure.tooMany(1025)) { try set([UInt64](repeating: 1, count: 1025)) }
        #expect(try set([UInt64](repeating: 1, count: 1024)).totalWeight == 1024)
        #expect(throws: ValidatorSet.Failure.weightZero(ValidatorIndex(1))) { try set([1, 0]) }
        #expect(throws: ValidatorSet.Failure.weightOverflow) { try set([Limits.totalWeightMax, 1]) }
        #expect(throws: ValidatorSet.Failure.weightOverflow) { try set([1, .max]) }
        #expect(try set([Limits.totalWeightMax - 1, 1]).totalWeight == Limits.totalWeightMax)
        #expect(throws: ValidatorSet.Failure.keyDuplicate(ValidatorIndex(2))) {
            try ValidatorSet(epoch: 0, validators: [validator(0), validator(1), validator(0, vrf: 7)])
        }
        #expect(throws: ValidatorSet.Failure.keyDuplicate(ValidatorIndex(1))) {
            try ValidatorSet(epoch: 0, validators: [validator(0), validator(1, vrf: 0)])
        }
    }

    @Test func bytesThatBreakAnInvariantAreRefused() throws {
        let good = try set([1, 2])
        var zero = good.bcs
        zero.replaceSubrange((zero.count - 8)..<zero.count, with: [UInt8](repeating: 0, count: 8))
        #expect(throws: BCSError.self) { try ValidatorSet(bcs: zero) }
        var twice: [UInt8] = [0] + UInt64(3).bcs + [2]
        for _ in 0..<2 { twice += validator(0).bcs }
        #expect(throws: BCSError.self) { try ValidatorSet(bcs: twice) }
        #expect(throws: BCSError.self) { try ValidatorSet(bcs: [0] + UInt64(3).bcs + [0]) }
    }

    @Test func quorumsAtTheEdges() throws {
        // n: the least number of equal validators that decide, and that must hold an honest one; n = 3f + 1 needs 2f + 1 and f + 1.
        for (count, quorum, weak) in [(1, 1, 1), (2, 2, 1), (3, 3, 2), (4, 3, 2), (5, 4, 2), (6, 5, 3), (7, 5, 3), (10, 7, 4), (100, 67, 34)] {
            let set = try set([UInt64](repeating: 1, count: count))
            #expect(!set.isQuorum(UInt64(quorum - 1)) && set.isQuorum(UInt64(quorum)))
            #expect(!set.isWeakQuorum(UInt64(weak - 1)) && set.isWeakQuorum(UInt64(weak)))
            #expect(set.isQuorum(UInt64(count)) && !set.isQuorum(0) && !set.isWeakQuorum(0))
        }
        let largest = try set([Limits.totalWeightMax])
        #expect(largest.isQuorum(Limits.totalWeightMax))
        #expect(!largest.isQuorum(Limits.totalWeightMax / 3 * 2) && largest.isQuorum(Limits.totalWeightMax / 3 * 2 + 1))
    }

    /// Over all subsets of random sets: two quorums share more than a third of the weight, so an honest validator when at most
    /// a third is not; and a quorum without any third still leaves a weak quorum.
    @Test func anyTwoQuorumsShareMoreThanAThird() throws {
        var generator = SeededGenerator(seed: 11)
        for round in 0..<60 {
            let count = 1 + round % 8
            let weights = (0..<count).map { _ in 1 + generator.below(round.isMultiple(of: 2) ? 4 : UInt64(1) << 50) }
            let set = try set(weights)
            let subsets = 0..<(1 << count)
            func weight(_ members: Int) -> UInt64 { (0..<count).reduce(0) { $0 + (members >> $1 & 1 == 1 ? weights[$1] : 0) } }
            let quorums = subsets.filter { set.isQuorum(weight($0)) }
            #expect(!quorums.isEmpty)
            for first in quorums {
                for second in quorums {
                    // 3 · shared > total, in numbers too wide to overflow.
                    #expect(UInt128(weight(first & second)) * 3 > UInt128(set.totalWeight))
                }
            }
            let faulty = subsets.filter { !set.isWeakQuorum(weight($0)) }
            for quorum in quorums { for lost in faulty { #expect(set.isWeakQuorum(weight(quorum & ~lost))) } }
        }
    }

    @Test func setsOfDifferentEpochsDiffer() throws {
        let members = [validator(0), validator(1)]
        let one = try ValidatorSet(epoch: 1, validators: members), two = try ValidatorSet(epoch: 2, validators: members)
        #expect(one != two && one.bcs != two.bcs)
        #expect(try one != ValidatorSet(epoch: 1, validators: members.reversed()))
        #expect(one.index(of: PublicKey()) == nil)
    }
}
