import Primitives
import Testing
@_spi(Fuzzing) @testable import Networking

/// Frames and chunks without sockets.
@Suite struct FrameTests {
    static func decode(_ bytes: [UInt8], pieces: [Int] = [], takesConsensus: Bool = true) throws -> [Frame] {
        var decoder = FrameDecoder(takesConsensus: takesConsensus), frames: [Frame] = [], position = 0
        for piece in pieces + [bytes.count] {
            let end = min(position + piece, bytes.count)
            try Array(bytes[position..<end]).withUnsafeBytes { piece in
                try decoder.decode(piece, into: &frames)
            }
            position = end
        }
        return frames
    }

    static func randomFrames(_ generator: inout SeededGenerator) -> [Frame] {
        (0..<1 + generator.below(6)).map { _ in
            if generator.chance(1, in: 4) { return .control(generator.bytes(1 + generator.below(Frame.controlBytesMax))) }
            let trafficClass = TrafficClass.allCases[generator.below(4)]
            let lengths = [1, 2, Frame.chunkBytesMax - 1, Frame.chunkBytesMax, Frame.chunkBytesMax + 1, 2 * Frame.chunkBytesMax, 50_000]
            // Six of them stay within the smallest window.
            let most = trafficClass == .discovery ? 11_000 : trafficClass.frameBytesMax
            return .message(trafficClass, generator.bytes(min(lengths[generator.below(7)], most)))
        }
    }

    @Test func theFormIsFixed() {
        #expect(Frame.message(.transactions, [9, 8]).encoded == [3, 2, 0, 9, 8])
        #expect(Frame.control([1]).encoded == [0, 1, 0, 1])
        let long = [UInt8](repeating: 5, count: Frame.chunkBytesMax + 1)
        let encoded = Frame.message(.consensus, long).encoded
        #expect(encoded.prefix(3) == [0x81, 0x00, 0x40])
        #expect(encoded.suffix(4) == [0x01, 1, 0, 5])
    }

    /// However the bytes are cut on their way, the same frames come out.
    @Test(arguments: 0..<100 as Range<UInt64>) func anyCutGivesTheSameFrames(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let frames = Self.randomFrames(&generator)
        let bytes = frames.flatMap(\.encoded)
        let pieces = (0..<generator.below(200)).map { _ in generator.below(generator.chance(1, in: 2) ? 8 : 9_000) }
        let isSame = try Self.decode(bytes, pieces: pieces) == frames
        #expect(isSame)
    }

    @Test func classesMayInterleave() throws {
        let long = (0..<40_000).map { UInt8(truncatingIfNeeded: $0) }
        let sync = Frame.message(.sync, long).encoded
        let cut = Frame.chunkBytesMax + Frame.headerBytes
        let bytes = sync[..<cut] + Frame.message(.consensus, [1]).encoded + sync[cut..<2 * cut] + Frame.control([3]).encoded + sync[(2 * cut)...]
        let isSame = try Self.decode(Array(bytes)) == [.message(.consensus, [1]), .control([3]), .message(.sync, long)]
        #expect(isSame)
    }

    @Test func eachMistakeHasAName() {
        let cases: [([UInt8], FrameDecoder.Failure)] = [
            ([5, 1, 0], .classUnknown(tag: 5)), ([2, 0, 0], .chunkEmpty(tag: 2)), ([2, 1, 0x40], .chunkTooLong(tag: 2, length: 16_385)),
            ([0x83, 1, 0], .chunkNotFull(.transactions, length: 1)), ([0x80, 1, 0], .controlTooLong(length: 1)),
            ([0, 1, 4], .controlTooLong(length: 1025)),
        ]
        for (bytes, failure) in cases {
            #expect(throws: failure) { try Self.decode(bytes) }
        }
        let chunk = [0x84, 0, 0x40] + [UInt8](repeating: 0, count: Frame.chunkBytesMax)
        #expect(throws: FrameDecoder.Failure.frameTooLong(.discovery, length: 65_537)) { try Self.decode((0..<4).flatMap { _ in chunk }) }
    }

    /// What a peer has sent and not been given back never passes the window, in whatever lengths it comes.
    @Test(arguments: TrafficClass.allCases) func creditIsABound(_ trafficClass: TrafficClass) {
        var generator = SeededGenerator(seed: UInt64(trafficClass.rawValue))
        var decoder = FrameDecoder(takesConsensus: true), frames: [Frame] = [], cost = 0
        while true {
            let length = 1 + generator.below(20_000), before = cost
            cost += length + Frame.overheadBytes
            let bytes = Frame.message(trafficClass, [UInt8](repeating: 0, count: length)).encoded
            do {
                try bytes.withUnsafeBytes { try decoder.decode($0, into: &frames) }
                #expect(cost <= trafficClass.windowBytes)
            } catch {
                guard case FrameDecoder.Failure.creditExceeded(trafficClass, _, _) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(cost > trafficClass.windowBytes)
                #expect(before <= trafficClass.windowBytes)
                return
            }
        }
    }

    @Test func consensusOfStrangersIsReadOver() throws {
        var decoder = FrameDecoder(takesConsensus: false), frames: [Frame] = []
        let vote = Frame.message(.consensus, [UInt8](repeating: 1, count: 40_000)).encoded
        try vote.withUnsafeBytes { try decoder.decode($0, into: &frames) }
        #expect(frames.isEmpty)
        let discarded = decoder.takeDiscardedFrames(), costs = [decoder.takeDiscardedCost(), decoder.takeDiscardedCost()]
        #expect(discarded == 1)
        #expect(costs == [40_000 + Frame.overheadBytes, 0])
        // A change in the middle of a frame counts from the next frame on, in both directions.
        try Array(vote.prefix(20_000)).withUnsafeBytes { try decoder.decode($0, into: &frames) }
        decoder.takesConsensus = true
        try Array(vote.dropFirst(20_000)).withUnsafeBytes { try decoder.decode($0, into: &frames) }
        #expect(frames.isEmpty)
        try Array(vote.prefix(20_000)).withUnsafeBytes { try decoder.decode($0, into: &frames) }
        decoder.takesConsensus = false
        try Array(vote.dropFirst(20_000)).withUnsafeBytes { try decoder.decode($0, into: &frames) }
        let cost = decoder.takeDiscardedCost()
        #expect(frames.count == 1)
        #expect(cost == 40_000 + Frame.overheadBytes)
    }
}
