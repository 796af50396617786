import Foundation
@_spi(Verification) import Primitives
import Testing
@testable import Verification

/// Many submitters of all kinds at once: no verdict is lost, doubled or exchanged, and the bounds hold.
@Suite struct VerificationStressTests {
    @Test(arguments: [(1, UInt64(1)), (2, 2), (4, 3)])
    func noVerdictIsLostDoubledOrExchanged(workers: Int, seed: UInt64) async {
        let pool = VerificationPool(workers: workers, consensusCostMax: 60, bulkCostMax: 200)
        let checked = Counter(), answered = Counter()
        let check = SignatureCheck<Int, Unacceptable>.numbers(refuses: { $0 % 5 == 2 }, seen: { _ in checked.add(1) })

        /// Each verdict is the one of the message in its place, or says that nobody looked.
        @Sendable func judge(_ messages: [Int], _ verdicts: [Verdict<Int, Unacceptable>]) -> (sound: Bool, looked: Int) {
            var sound = messages.count == verdicts.count, looked = 0
            for (message, verdict) in zip(messages, verdicts) {
                switch verdict {
                case .verified(let verified): sound = sound && verified.value == message && message % 5 != 2
                case .refused(let failure): sound = sound && failure.number == message && message % 5 == 2
                case .cancelled: continue
                }
                looked += 1
            }
            answered.add(looked)
            return (sound, looked)
        }

        await withTaskGroup(of: Bool.self) { producers in
            for producer in 0..<6 {
                producers.addTask {
                    var generator = SeededGenerator(seed: seed * 100 + UInt64(producer)), sound = true
                    for round in 0..<120 {
                        let start = producer * 1_000_000 + round * 1000
                        let messages = (0..<generator.below(40)).map { start + $0 }
                        let lane: VerificationPool.Lane = generator.chance(1, in: 3) ? .consensus : .bulk
                        if generator.chance(1, in: 2) {
                            let task = Task { await pool.verify(messages, as: check, lane: lane) }
                            if generator.chance(1, in: 8) { task.cancel() }
                            sound = await judge(messages, task.value).sound && sound
                        } else {
                            // A delivery that came twice would resume the continuation twice, which traps; one that never
                            // came would hang here.
                            let cancels = generator.chance(1, in: 8)
                            let result: Bool? = await withCheckedContinuation { continuation in
                                let reception = pool.submit(messages, as: check, lane: lane) { verdicts in
                                    continuation.resume(returning: judge(messages, verdicts).sound)
                                }
                                switch reception {
                                case .accepted(let ticket): if cancels { ticket.cancel() }
                                case .full, .closed: continuation.resume(returning: nil)
                                }
                            }
                            sound = (result ?? true) && sound
                        }
                    }
                    return sound
                }
            }
            for await sound in producers { #expect(sound) }
        }
        // Nothing is checked twice, and nothing is checked without an answer.
        #expect(checked.value == answered.value)
        #expect(checked.value > 5_000)
    }

    @Test func closingInTheMiddleAnswersEverySubmissionOnce() async {
        for seed in 1...10 as ClosedRange<UInt64> {
            let pool = VerificationPool(workers: 2, consensusCostMax: 40, bulkCostMax: 40)
            await withTaskGroup(of: Bool.self) { producers in
                for producer in 0..<4 {
                    producers.addTask {
                        var generator = SeededGenerator(seed: seed * 10 + UInt64(producer))
                        for round in 0..<50 {
                            let messages = Array(0...generator.below(20))
                            if producer == 0, round == 25 { await Task.detached { pool.close() }.value }
                            let verdicts = await pool.verify(messages, as: .numbers(), lane: generator.chance(1, in: 2) ? .bulk : .consensus)
                            guard verdicts.count == messages.count else { return false }
                            // What follows the first unanswered message of a closed pool may still be finished by another thread,
                            // but no message gets another one's answer.
                            for (message, verdict) in zip(messages, verdicts) where verdict.verified.map({ $0.value != message }) ?? false {
                                return false
                            }
                        }
                        return true
                    }
                }
                for await sound in producers { #expect(sound) }
            }
        }
    }
}

/// A number that many threads add to.
final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var sum = 0
    func add(_ number: Int) { lock.withLock { sum += number } }
    var value: Int { lock.withLock { sum } }
}
