public import Primitives

/// What two transports say to each other. Nothing of it reaches the rooms above.
enum ControlMessage: Equatable, Sendable {
    case hello(Hello)
    /// Who the sender is among the validators, if it is one; sent after the peer's HELLO, and again when that changes.
    case claim(ValidatorClaim?)
    /// The connection is the one that both keep. It comes from the node with the smaller key.
    case welcome
    /// The sender takes so many bytes more of a class.
    case credit(TrafficClass, UInt32)
    case ping(UInt64)
    /// Answers the newest ping.
    case pong(UInt64)
    /// The sender closes the connection; the number is ``NetworkCode/wire``.
    case goodbye(UInt8)
}

extension ControlMessage: BCSCodable {
    func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .hello(let hello):
            encoder.encodeVariant(0)
            encoder.encode(hello)
        case .claim(let claim):
            encoder.encodeVariant(1)
            encoder.encode(claim)
        case .welcome:
            encoder.encodeVariant(2)
        case .credit(let trafficClass, let bytes):
            encoder.encodeVariant(3)
            encoder.encode(trafficClass.rawValue)
            encoder.encode(bytes)
        case .ping(let number):
            encoder.encodeVariant(4)
            encoder.encode(number)
        case .pong(let number):
            encoder.encodeVariant(5)
            encoder.encode(number)
        case .goodbye(let code):
            encoder.encodeVariant(6)
            encoder.encode(code)
        }
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 7) {
        case 0: self = .hello(try decoder.decode(Hello.self))
        case 1: self = .claim(try decoder.decodeOption(ValidatorClaim.self))
        case 2: self = .welcome
        case 3:
            guard let trafficClass = TrafficClass(rawValue: try decoder.decode(UInt8.self)) else {
                throw decoder.refuse("no such traffic class")
            }
            let bytes = try decoder.decode(UInt32.self)
            guard bytes > 0 else { throw decoder.refuse("a credit of nothing") }
            self = .credit(trafficClass, bytes)
        case 4: self = .ping(try decoder.decode(UInt64.self))
        case 5: self = .pong(try decoder.decode(UInt64.self))
        default: self = .goodbye(try decoder.decode(UInt8.self))
        }
    }
}

/// The encoding alone, for those who alter it.
@_spi(Fuzzing) public enum ControlMessageBytes {
    /// Reads a control message and writes it again.
    public static func again(_ bytes: [UInt8]) throws(BCSError) -> [UInt8] { try ControlMessage(bcs: bytes).bcs }

    public static var samples: [[UInt8]] {
        let hello = Hello(
            chainID: ChainID(), versionLowest: 1, versionHighest: 2, nonce: .zero, height: 3,
            listenAddress: NetworkAddress(host: "node.example", port: 4000), agent: "trellis/1")
        let claim = ValidatorClaim(epoch: 1, index: ValidatorIndex(2), signature: Signature())
        let messages: [ControlMessage] = [
            .hello(hello), .claim(claim), .claim(nil), .welcome, .credit(.sync, 4096), .ping(1), .pong(1), .goodbye(2),
        ]
        return messages.map(\.bcs)
    }
}
