@_spi(Fuzzing) import Networking
import Primitives

extension FuzzTargets {
    static let network: [FuzzTarget] = [
        .roundTrip("control-message", samples: ControlMessageBytes.samples) { (input: [UInt8]) throws(BCSError) in
            try ControlMessageBytes.again(input)
        },
        .canonical("network-address", NetworkAddress.self, samples: ["node.example:4000", "[2001:db8::1]:1"].map { NetworkAddress($0)! }),
        // However a stream is cut, the same frames come out of it, or the same refusal; and they stand for nothing but its bytes.
        FuzzTarget(name: "frames", samples: FrameSamples.all) { input in
            let whole = FrameSamples.decode(input, by: input.count + 1)
            for step in [1, 2, 1000] where FrameSamples.decode(input, by: step) != whole { return "decodes differently in steps of \(step)" }
            let (frames, failure) = (whole.frames, whole.failure)
            let bytes = frames.reduce(0) { $0 + $1.encoded.count }
            guard bytes <= input.count else { return "\(bytes) bytes of frames from \(input.count)" }
            return failure == nil && !whole.isInsideFrame && bytes != input.count ? "bytes are lost" : nil
        },
    ]
}

private enum FrameSamples {
    static let all: [[UInt8]] = [
        Frame.message(.transactions, [1, 2, 3]).encoded + Frame.control([5]).encoded,
        [0x81, 0, 0x40], Frame.message(.discovery, [UInt8](repeating: 7, count: 300)).encoded + [2, 9, 0, 1],
    ]

    struct Outcome: Equatable {
        var frames: [Frame] = []
        var failure: FrameDecoder.Failure?
        var isInsideFrame = false
    }

    static func decode(_ input: [UInt8], by step: Int) -> Outcome {
        var decoder = FrameDecoder(takesConsensus: true), outcome = Outcome()
        for start in stride(from: 0, to: input.count, by: step) {
            let piece = Array(input[start..<min(start + step, input.count)])
            do {
                try piece.withUnsafeBytes { try decoder.decode($0, into: &outcome.frames) }
            } catch {
                outcome.failure = error as? FrameDecoder.Failure
                return outcome
            }
        }
        outcome.isInsideFrame = decoder.isInsideFrame
        return outcome
    }
}
