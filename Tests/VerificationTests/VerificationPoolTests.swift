import Cryptography
import Foundation
@_spi(Verification) import Primitives
import Testing
@testable import Verification

/// What the pool promises about verdicts, order, haste and room.
@Suite struct VerificationPoolTests {
    typealias Verdicts = [Verdict<Int, Unacceptable>]

    static func expected(_ numbers: some Sequence<Int>, refuses: (Int) -> Bool = { _ in false }) -> Verdicts {
        numbers.map { refuses($0) ? .refused(Unacceptable(number: $0)) : .verified(Verified(checked: $0)) }
    }

    @Test(arguments: [1, 2, 5]) func verdictsComeInTheOrderOfTheMessages(workers: Int) async {
        let pool = VerificationPool(workers: workers)
        for count in [0, 1, 2, 7, 8, 9, 1000] {
            for lane in VerificationPool.Lane.allCases {
                let verdicts = await pool.verify(Array(0..<count), as: .numbers(refuses: { $0 % 3 == 1 }), lane: lane)
                #expect(verdicts == Self.expected(0..<count, refuses: { $0 % 3 == 1 }))
            }
        }
    }

    @Test func realSignaturesAreJudged() async throws {
        let chain = ChainID(hex: String(repeating: "09", count: 32))!
        let keys = (1...4).map { SigningKey(seed: SecretBytes(copying: [UInt8](repeating: $0, count: 32))) }
        let set = try ValidatorSet(epoch: 5, validators: keys.map {
            Validator(consensusKey: $0.publicKey, vrfKey: VRFPublicKey($0.publicKey.bytes)!, weight: 1)
        })
        let verifier = SignatureVerifier(chainID: chain, validatorSets: [set])
        let pool = VerificationPool(workers: 2)

        let notes = (0..<40).map { Note($0, key: keys[Int($0) % 4], chain: chain, forged: $0 % 7 == 3) }
        let noteVerdicts = await pool.verify(notes, as: .account(chainID: chain), lane: .bulk)
        for (index, verdict) in noteVerdicts.enumerated() {
            if index % 7 == 3 {
                #expect(verdict == .refused(.signatureInvalid(key: 0)))
            } else {
                #expect(verdict.verified?.value == notes[index])
            }
        }

        let ballots = (0..<6).map { number in
            let key = keys[min(number, 3)]
            return Ballot(
                epoch: 5, signer: ValidatorIndex(UInt16(number)), signedBody: 7,
                signature: key.sign(UInt64(number == 1 ? 8 : 7), as: .prepare, chainID: chain))
        }
        let ballotVerdicts = await pool.verify(ballots, as: .validator(verifier), lane: .consensus)
        #expect(ballotVerdicts.map { $0.verified?.value } == [ballots[0], nil, ballots[2], ballots[3], nil, nil])
        #expect(ballotVerdicts[1] == .refused(.signatureInvalid(ValidatorIndex(1))))
        #expect(ballotVerdicts[4] == .refused(.signerUnknown(ValidatorIndex(4), 5)))

        let statement = CommitStatement(epoch: 5, height: 1, view: 0, draftDigest: .zero, headerHash: .zero)
        let certificates = [3, 2].map { (count: Int) in
            CommitCertificate(statement: statement, signatures: keys.prefix(count).enumerated().map { index, key in
                CertificateSignature(signer: ValidatorIndex(UInt16(index)), signature: key.sign(statement, as: .commit, chainID: chain))
            })!
        }
        let certificateVerdicts = await pool.verify(certificates, as: .certificate(verifier), lane: .consensus)
        #expect(certificateVerdicts[0].verified?.value == certificates[0])
        #expect(certificateVerdicts[1] == .refused(.quorumMissing(weight: 2, total: 4)))
    }

    /// A pool of one thread that is held at the gate, so that the test decides what waits when it goes on.
    private struct Held {
        let pool: VerificationPool
        let gate = Gate()

        init(consensusCostMax: Int = 100, bulkCostMax: Int = 100) {
            pool = VerificationPool(workers: 1, consensusCostMax: consensusCostMax, bulkCostMax: bulkCostMax)
            let taken = Gate()
            // It lies in the consensus lane, so that the bulk lane is empty.
            #expect(pool.submit([-1], as: .held(by: gate, taken: taken), lane: .consensus) { _ in }.isAccepted)
            taken.wait()
        }
    }

    @Test func consensusOvertakesBulk() {
        let held = Held(), seen = Notes<Int>(), done = Notes<Int>()
        let check = SignatureCheck<Int, Unacceptable>.numbers(seen: seen.add)
        #expect(held.pool.submit(Array(100..<150), as: check, lane: .bulk) { _ in done.add(2) }.isAccepted)
        #expect(held.pool.submit(Array(0..<5), as: check, lane: .consensus) { _ in done.add(1) }.isAccepted)
        held.gate.open()
        #expect(done.wait(for: 2) == [1, 2])
        #expect(seen.all == Array(0..<5) + Array(100..<150))
    }

    @Test func aVoteWaitsForOnePieceOnly() {
        // The thread is inside a large bulk submission when the vote comes.
        let pool = VerificationPool(workers: 1), gate = Gate(), taken = Gate(), seen = Notes<Int>(), done = Notes<Int>()
        let slow = SignatureCheck<Int, Unacceptable>.numbers(seen: { number in
            seen.add(number)
            if number == 3 {
                taken.open()
                gate.wait()
            }
        })
        #expect(pool.submit(Array(0..<500), as: slow, lane: .bulk) { _ in done.add(2) }.isAccepted)
        taken.wait()
        #expect(pool.submit([-1], as: slow, lane: .consensus) { _ in done.add(1) }.isAccepted)
        gate.open()
        #expect(done.wait(for: 2) == [1, 2])
        let before = seen.all.firstIndex(of: -1)!
        #expect(before == VerificationPool.bulkPieceCost)
    }

    @Test func bulkIsNeverStarved() {
        let held = Held(consensusCostMax: 10_000), seen = Notes<Int>(), done = Notes<Int>()
        let check = SignatureCheck<Int, Unacceptable>.numbers(seen: seen.add)
        #expect(held.pool.submit(Array(-24 ..< 0), as: check, lane: .bulk) { _ in done.add(0) }.isAccepted)
        #expect(held.pool.submit(Array(0..<2000), as: check, lane: .consensus) { _ in done.add(0) }.isAccepted)
        held.gate.open()
        _ = done.wait(for: 2)
        let places = seen.all.enumerated().filter { $0.element < 0 }.map(\.offset)
        // Three pieces of eight, after 16, 32 and 48 pieces of two.
        #expect(places == Array(32..<40) + Array(72..<80) + Array(112..<120))
    }

    @Test func aFullLaneRefusesAndOnlyThatLane() {
        let held = Held(), done = Notes<Int>()
        let check = SignatureCheck<Int, Unacceptable>.numbers(cost: 10)
        func submit(_ count: Int, _ lane: VerificationPool.Lane) -> VerificationPool.Reception {
            held.pool.submit(Array(0..<count), as: check, lane: lane) { done.add($0.count) }
        }
        #expect(submit(6, .bulk).isAccepted)
        #expect(submit(5, .bulk).isFull)
        #expect(submit(4, .bulk).isAccepted)
        #expect(submit(1, .bulk).isFull)
        // One unit is that of the message at the gate.
        #expect(submit(9, .consensus).isAccepted)
        #expect(submit(1, .consensus).isFull)
        held.gate.open()
        #expect(done.wait(for: 3).sorted() == [4, 6, 9])
        // An empty lane takes even what is above its bound.
        while !submit(200, .bulk).isAccepted {}
        #expect(done.wait(for: 4).last == 200)
    }

    @Test func theRoomIsFreeWhenTheVerdictsCome() {
        let pool = VerificationPool(workers: 1, consensusCostMax: 8, bulkCostMax: 8), done = Notes<Bool>()
        let first = pool.submit(Array(0..<8), as: .numbers(), lane: .bulk) { _ in
            done.add(pool.submit(Array(0..<8), as: .numbers(), lane: .bulk) { _ in done.add(true) }.isAccepted)
        }
        #expect(first.isAccepted)
        #expect(done.wait(for: 2) == [true, true])
    }

    @Test func tasksWaitForRoomInTheOrderOfArrival() async {
        let pool = VerificationPool(workers: 1, consensusCostMax: 10, bulkCostMax: 10), gate = Gate(), taken = Gate(), seen = Notes<Int>()
        async let first = pool.verify(Array(0..<10), as: .numbers(seen: { number in
            seen.add(number)
            taken.open()
            gate.wait()
        }), lane: .bulk)
        await Task.detached { taken.wait() }.value
        // Each is too large for the room that the one before leaves.
        async let second = pool.verify(Array(10..<18), as: .numbers(seen: seen.add), lane: .bulk)
        while pool.submit([0], as: .numbers(), lane: .bulk, deliver: { _ in }).isAccepted { Issue.record("full"); break }
        gate.open()
        let verdicts = await (first, second)
        #expect(verdicts.0.count == 10 && verdicts.1 == Self.expected(10..<18))
        #expect(seen.all == Array(0..<18))
    }

    @Test func aTicketSparesWhatHasNotBegun() {
        let pool = VerificationPool(workers: 1), gate = Gate(), taken = Gate(), done = Notes<Verdicts>()
        let reception = pool.submit(Array(0..<100), as: .numbers(seen: { number in
            if number == 20 {
                taken.open()
                gate.wait()
            }
        }), lane: .bulk, deliver: done.add)
        taken.wait()
        reception.ticket?.cancel()
        gate.open()
        #expect(done.wait(for: 1)[0] == Self.expected(0...20) + [Verdict](repeating: .cancelled, count: 79))
    }

    @Test func aCancelledTaskIsAnswered() async {
        let held = Held()
        let task = Task { await held.pool.verify(Array(0..<50), as: .numbers(), lane: .bulk) }
        // Too large for the lane beside the first, if that is there; cancelled in either place.
        let second = Task { await held.pool.verify(Array(0..<90), as: .numbers(), lane: .bulk) }
        task.cancel()
        second.cancel()
        held.gate.open()
        #expect(await task.value == [Verdict](repeating: .cancelled, count: 50))
        #expect(await second.value == [Verdict](repeating: .cancelled, count: 90))
    }

    @Test func closingAnswersEverything() async {
        let held = Held(), done = Notes<Verdicts>()
        let pool = held.pool
        #expect(pool.submit(Array(0..<60), as: .numbers(), lane: .bulk, deliver: done.add).isAccepted)
        let enlisted = Task { await pool.verify(Array(0..<70), as: .numbers(), lane: .bulk) }
        let closing = Task.detached { pool.close() }
        while !pool.submit([0], as: .numbers(), lane: .consensus, deliver: { _ in }).isClosed { await Task.yield() }
        held.gate.open()
        await closing.value
        // All threads have ended, so it is here already.
        #expect(done.all == [[Verdict](repeating: .cancelled, count: 60)])
        #expect(await enlisted.value == [Verdict](repeating: .cancelled, count: 70))
        #expect(await pool.verify([1, 2], as: .numbers(), lane: .bulk) == [.cancelled, .cancelled])
        #expect(pool.submit([], as: .numbers(), lane: .bulk, deliver: { _ in }).isClosed)
        pool.close()
    }

    @Test func aForgottenPoolAnswersToo() {
        let done = Notes<Verdicts>(), gate = Gate(), taken = Gate()
        var pool: VerificationPool? = VerificationPool(workers: 1)
        #expect(pool!.submit([0], as: .held(by: gate, taken: taken), lane: .bulk, deliver: done.add).isAccepted)
        taken.wait()
        #expect(pool!.submit(Array(0..<30), as: .numbers(), lane: .bulk, deliver: done.add).isAccepted)
        weak let forgotten = pool
        pool = nil
        #expect(forgotten == nil)
        gate.open()
        #expect(done.wait(for: 2) == [Self.expected([0]), [Verdict](repeating: .cancelled, count: 30)])
    }
}
