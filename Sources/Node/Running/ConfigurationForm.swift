import Networking
import Primitives

/// How a kind of setting is written as text, in a file, a variable or a flag alike.
struct ConfigurationForm<Value>: Sendable {
    /// What a value looks like, to complete the sentence "must be …".
    let expectation: String
    let shape: ConfigurationShape
    /// nil when the text is no such value.
    let read: @Sendable (String) -> Value?
    let print: @Sendable (Value) -> String
}

/// The forms that settings have.
enum Forms {
    static let address = ConfigurationForm<NetworkAddress>(expectation: "host:port", shape: .text, read: { NetworkAddress($0) }, print: \.description)
    /// Port 0 lets the system choose.
    static let listening = ConfigurationForm<ListenAddress>(expectation: "host:port", shape: .text, read: { ListenAddress($0) }, print: \.description)
    static let peer = ConfigurationForm<PeerAddress>(expectation: "key@host:port", shape: .text, read: { PeerAddress($0) }, print: \.description)
    static let publicKey = ConfigurationForm<PublicKey>(
        expectation: "a public key of 64 hexadecimal digits", shape: .text, read: { PublicKey(hex: $0) }, print: \.hex)
    /// A name or an address of the web: visible ASCII without blanks, commas and quotes.
    static let token = ConfigurationForm<String>(
        expectation: "a name without blanks", shape: .text,
        read: { text in
            let isToken = (1...253).contains(text.utf8.count) && text.utf8.allSatisfy { (33...126).contains($0) && $0 != 34 && $0 != 44 && $0 != 92 }
            return isToken ? text : nil
        },
        print: { $0 })
    static let trustedBlock = ConfigurationForm<NodeConfiguration.TrustedBlock>(
        expectation: "height:hash", shape: .text, read: { NodeConfiguration.TrustedBlock($0) }, print: \.description)
    static let bool = ConfigurationForm<Bool>(expectation: "true or false", shape: .bool, read: { Bool($0) }, print: { String($0) })

    /// Digits alone, within bounds.
    static func number<Value: FixedWidthInteger & Sendable>(_ range: ClosedRange<Value>) -> ConfigurationForm<Value> {
        ConfigurationForm(
            expectation: "a number from \(range.lowerBound) to \(range.upperBound)", shape: .number,
            read: { text in
                guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Value(text),
                      range.contains(number) else { return nil }
                return number
            },
            print: { String($0) })
    }

    /// One of the names of an enumeration.
    static func word<Value: RawRepresentable<String> & CaseIterable & Sendable>(_: Value.Type) -> ConfigurationForm<Value> {
        ConfigurationForm(
            expectation: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "), shape: .text, read: { Value(rawValue: $0) }, print: \.rawValue)
    }
}

extension ConfigurationForm {
    /// The same, or a word for "nothing".
    func optional(_ nothing: String) -> ConfigurationForm<Value?> {
        ConfigurationForm<Value?>(
            expectation: "\(expectation), or \(nothing)", shape: shape == .number ? .number : .text,
            read: { text in
                if text == nothing { return .some(nil) }
                guard let value = read(text) else { return nil }
                return .some(value)
            },
            print: { $0.map(print) ?? nothing })
    }

    /// Several of them with commas between; empty text is an empty list.
    func list(max: Int) -> ConfigurationForm<[Value]> {
        ConfigurationForm<[Value]>(
            expectation: "at most \(max) of \(expectation) with commas between", shape: .list,
            read: { text in
                let parts = text.split(separator: ",", omittingEmptySubsequences: true)
                guard parts.count <= max else { return nil }
                var values: [Value] = []
                for part in parts {
                    guard let value = read(part.trimming) else { return nil }
                    values.append(value)
                }
                return values
            },
            print: { $0.map(print).joined(separator: ",") })
    }
}

extension Substring {
    /// Without blanks at both ends.
    fileprivate var trimming: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
