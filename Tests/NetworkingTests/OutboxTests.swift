import Primitives
import Testing
@_spi(Fuzzing) @testable import Networking

/// What waits and in which order it goes, without sockets.
@Suite struct OutboxTests {
    private func bytes(_ chunks: [Outbox.Chunk]) -> [UInt8] {
        chunks.flatMap { chunk -> [UInt8] in
            let header = Frame.header(chunk.tag, continues: chunk.continues, length: chunk.payload.count)
            return [header.0, header.1, header.2] + chunk.payload
        }
    }

    /// A sender and a receiver that give credit back: every frame arrives, in the order of its class, and neither side's count of
    /// the credit ever differs.
    @Test(arguments: 0..<60 as Range<UInt64>) func bothSidesCountTheSame(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var outbox = Outbox(), decoder = FrameDecoder(takesConsensus: true)
        var sent = PerClass<[[UInt8]]> { _ in [] }, arrived = PerClass<[[UInt8]]> { _ in [] }, owed = PerClass { _ in 0 }
        for _ in 0..<400 {
            let trafficClass = TrafficClass.allCases[generator.below(4)]
            switch generator.below(4) {
            case 0, 1:
                let frame = generator.bytes(1 + generator.below(generator.chance(1, in: 3) ? 60_000 : 300))
                if outbox.queuedBytes < 100_000, outbox.enqueue(frame, as: trafficClass) == .queued(dropped: 0) { sent[trafficClass].append(frame) }
            case 2:
                var frames: [Frame] = []
                try bytes(outbox.take(upTo: 1 + generator.below(70_000))).withUnsafeBytes { try decoder.decode($0, into: &frames) }
                for case .message(let trafficClass, let frame) in frames {
                    arrived[trafficClass].append(frame)
                    owed[trafficClass] += frame.count + Frame.overheadBytes
                }
            default:
                guard owed[trafficClass] > 0 else { continue }
                let part = 1 + generator.below(owed[trafficClass])
                owed[trafficClass] -= part
                decoder.grant(part, to: trafficClass)
                let isTaken = outbox.grant(part, to: trafficClass)
                #expect(isTaken)
            }
        }
        while !outbox.isEmpty {
            for trafficClass in TrafficClass.allCases where owed[trafficClass] > 0 {
                decoder.grant(owed[trafficClass], to: trafficClass)
                let isTaken = outbox.grant(owed[trafficClass], to: trafficClass)
                #expect(isTaken)
                owed[trafficClass] = 0
            }
            var frames: [Frame] = []
            let chunks = outbox.take(upTo: .max)
            try #require(!chunks.isEmpty, "with all credit given back something leaves")
            try bytes(chunks).withUnsafeBytes { try decoder.decode($0, into: &frames) }
            for case .message(let trafficClass, let frame) in frames {
                arrived[trafficClass].append(frame)
                owed[trafficClass] += frame.count + Frame.overheadBytes
            }
        }
        for trafficClass in TrafficClass.allCases {
            let isSame = arrived[trafficClass] == sent[trafficClass]
            #expect(isSame, "\(trafficClass)")
        }
        let left = outbox.queuedBytes
        #expect(left == 0)
    }

    @Test func votesOvertakeALargeFrameAfterOneChunk() {
        var outbox = Outbox()
        _ = outbox.enqueue([UInt8](repeating: 1, count: 1_000_000), as: .sync)
        let begun = outbox.take(upTo: 1)
        #expect(begun.map(\.tag) == [2])
        _ = outbox.enqueue([7], as: .consensus)
        outbox.enqueue(control: .ping(1))
        let next = outbox.take(upTo: 40_000)
        #expect(next.map(\.tag) == [0, 1, 2, 2, 2])
    }

    @Test func bulkTakesTurnsAndIsNeverStarved() {
        var outbox = Outbox()
        for trafficClass in [TrafficClass.sync, .transactions, .discovery] {
            for _ in 0..<30 { _ = outbox.enqueue([UInt8](repeating: 1, count: 2_000), as: trafficClass) }
        }
        let tags = outbox.take(upTo: 2_003 * 18).map(\.tag)
        #expect(tags == [2, 2, 2, 2, 3, 3, 3, 3, 4, 2, 2, 2, 2, 3, 3, 3, 3, 4])
        for _ in 0..<1000 { _ = outbox.enqueue([9], as: .consensus) }
        let bulk = outbox.take(upTo: 100_000).map(\.tag).prefix(Outbox.consensusChunksInARowMax * 3 + 3).count { $0 != 1 }
        #expect(bulk == 3)
    }

    @Test func fullQueuesDropOrRefuse() {
        for trafficClass in TrafficClass.allCases {
            var outbox = Outbox()
            let frame = [UInt8](repeating: 1, count: trafficClass.frameBytesMax), cost = frame.count + Frame.overheadBytes
            let fits = trafficClass.queueBytesMax / cost
            for _ in 0..<fits {
                let result = outbox.enqueue(frame, as: trafficClass)
                #expect(result == .queued(dropped: 0))
            }
            // One has been begun; it is never dropped.
            let begun = outbox.take(upTo: 1)
            #expect(begun.count == 1)
            for _ in 0..<3 {
                _ = outbox.enqueue(frame, as: trafficClass)
                #expect(outbox.queuedBytes <= trafficClass.queueBytesMax)
            }
            let small = outbox.enqueue([2], as: trafficClass)
            #expect(small.isQueued || trafficClass.overflow == .refuse || small == .queueFull)
            let traffic = outbox.takeTraffic()[trafficClass]
            #expect(trafficClass.overflow == .dropOldest ? traffic.framesDropped >= 2 : traffic.framesRefused >= 2)
        }
    }

    @Test func withoutCreditNothingLeaves() {
        var outbox = Outbox()
        for _ in 0..<4 { _ = outbox.enqueue([UInt8](repeating: 1, count: 60_000), as: .discovery) }
        _ = outbox.take(upTo: .max)
        let waiting = outbox.queuedBytes
        #expect(waiting > 0)
        _ = outbox.enqueue([1], as: .transactions)
        let others = outbox.take(upTo: .max)
        #expect(others.map(\.tag) == [3])
        #expect(outbox.queuedBytes == waiting)
        let tooMuch = outbox.grant(TrafficClass.discovery.windowBytes + 1, to: .discovery)
        #expect(!tooMuch)
        let farTooMuch = outbox.grant(Int(UInt32.max), to: .sync)
        #expect(!farTooMuch)
        let isTaken = outbox.grant(30_000, to: .discovery)
        #expect(isTaken)
        let rest = outbox.take(upTo: .max)
        #expect(!rest.isEmpty)
    }
}
