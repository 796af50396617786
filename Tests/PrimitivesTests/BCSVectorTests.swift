import Foundation
import Primitives
import Testing

/// The published vectors of Binary Canonical Serialization (`Vectors/bcs.json`: the specification in diem/bcs), through an
/// interpreter of their type notation that knows only the public encoder and decoder.
@Suite struct BCSVectorTests {
    private struct Vector { let type, bytes: String, value: Any }

    private func vectors(_ key: String) throws -> [Vector] {
        let document = try #require(try JSONSerialization.jsonObject(with: Vectors.data("bcs.json")) as? [String: Any])
        return try #require(document[key] as? [[String: Any]]).map {
            Vector(type: $0["type"] as! String, bytes: $0["bytes"] as! String, value: $0["value"] ?? NSNull())
        }
    }

    @Test func validOnesBothWays() throws {
        let vectors = try vectors("valid")
        #expect(vectors.count == 43)
        for vector in vectors {
            let type = BCSType(parsing: vector.type)
            var encoder = BCSEncoder()
            type.encode(vector.value, into: &encoder)
            #expect(encoder.bytes.hex == vector.bytes, "\(vector.type)")
            var decoder = BCSDecoder(bytes(vector.bytes))
            let decoded = try type.decode(&decoder)
            try decoder.finish()
            #expect(BCSType.same(decoded, vector.value), "\(vector.type): \(decoded) is not \(vector.value)")
        }
    }

    @Test func invalidOnesAreRefused() throws {
        let vectors = try vectors("invalid")
        #expect(vectors.count == 13)
        for vector in vectors {
            #expect(throws: BCSError.self, "\(vector.type) \(vector.bytes)") {
                var decoder = BCSDecoder(bytes(vector.bytes))
                _ = try BCSType(parsing: vector.type).decode(&decoder)
                try decoder.finish()
            }
        }
    }
}

/// A type in the notation of the vectors, and how JSON values of it are encoded and decoded.
private indirect enum BCSType {
    case bool, text, bytes, uleb128
    case integer(String)
    case option(BCSType)
    case array(BCSType, Int)
    case vector(BCSType)
    case tuple([BCSType])
    case enumeration([(name: String, fields: [BCSType], labels: [String])])
    case map(textKeys: Bool, BCSType)

    static let lengthMax = Int(Int32.max)

    init(parsing text: String) {
        func inner(_ prefix: String, _ suffix: String) -> String? {
            text.hasPrefix(prefix) && text.hasSuffix(suffix) ? String(text.dropFirst(prefix.count).dropLast(suffix.count)) : nil
        }
        func unlabelled(_ field: String) -> BCSType {
            let parts = field.split(separator: ":", maxSplits: 1)
            return parts.count == 2 && parts[0].allSatisfy(\.isLetter) ? BCSType(parsing: String(parts[1])) : BCSType(parsing: field)
        }
        switch text {
        case "bool": self = .bool
        case "string": self = .text
        case "vec<u8>": self = .bytes
        case "uleb128": self = .uleb128
        default:
            if let element = inner("option<", ">") {
                self = .option(BCSType(parsing: element))
            } else if let element = inner("vec<", ">") {
                self = .vector(BCSType(parsing: element))
            } else if let entries = inner("map<", ">") {
                let parts = Self.split(entries)
                self = .map(textKeys: parts[0] == "string", BCSType(parsing: parts[1]))
            } else if let array = inner("[", "]") {
                let parts = array.split(separator: ";")
                self = .array(BCSType(parsing: String(parts[0])), Int(parts[1])!)
            } else if let fields = inner("(", ")") ?? inner("struct{", "}") {
                self = .tuple(Self.split(fields).map(unlabelled))
            } else if let cases = inner("enum{", "}") {
                self = .enumeration(Self.split(cases).map { part in
                    let name = String(part.prefix(while: { $0 != "(" && $0 != "{" }))
                    let fields = Self.split(String(part.dropFirst(name.count + 1).dropLast()))
                    let labels = part.hasSuffix("}") ? fields.map { String($0.split(separator: ":")[0]) } : []
                    return (name, fields.map(unlabelled), labels)
                })
            } else {
                precondition(["u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128"].contains(text), text)
                self = .integer(text)
            }
        }
    }

    /// At the commas outside all brackets.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = [], current = "", depth = 0
        for character in text {
            if "<({[".contains(character) { depth += 1 }
            if ">)}]".contains(character) { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append(current)
                current = ""
            } else {
                current.append(character)
            }
        }
        return current.isEmpty ? parts : parts + [current]
    }

    /// Equal as texts and numbers: JSON writes wide integers as strings.
    static func same(_ left: Any, _ right: Any) -> Bool { canonical(left) == canonical(right) }

    private static func canonical(_ value: Any) -> String {
        switch value {
        case is NSNull: "null"
        case let list as [Any]: "[" + list.map(canonical).joined(separator: ",") + "]"
        case let map as [String: Any]: "{" + map.sorted { $0.key < $1.key }.map { "\($0.key):\(canonical($0.value))" }.joined(separator: ",") + "}"
        case let number as NSNumber: number.stringValue
        default: "\(value)"
        }
    }

    func encode(_ value: Any, into encoder: inout BCSEncoder) {
        func number<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer { Integer(Self.canonical(value))! }
        switch self {
        case .bool: encoder.encode((value as! NSNumber).boolValue)
        case .text: encoder.encode(value as! String)
        case .bytes: encoder.encodeBytes([UInt8](hex: value as! String)!)
        case .uleb128: encoder.encodeLength(number(Int.self))
        case .integer("u8"): encoder.encode(number(UInt8.self))
        case .integer("u16"): encoder.encode(number(UInt16.self))
        case .integer("u32"): encoder.encode(number(UInt32.self))
        case .integer("u64"): encoder.encode(number(UInt64.self))
        case .integer("u128"): encoder.encode(number(UInt128.self))
        case .integer("i8"): encoder.encode(number(Int8.self))
        case .integer("i16"): encoder.encode(number(Int16.self))
        case .integer("i32"): encoder.encode(number(Int32.self))
        case .integer("i64"): encoder.encode(number(Int64.self))
        case .integer: encoder.encode(number(Int128.self))
        case .option(let wrapped):
            encoder.encode(!(value is NSNull))
            if !(value is NSNull) { wrapped.encode(value, into: &encoder) }
        case .array(let element, _): for item in value as! [Any] { element.encode(item, into: &encoder) }
        case .vector(let element):
            let items = value as! [Any]
            encoder.encodeLength(items.count)
            for item in items { element.encode(item, into: &encoder) }
        case .tuple(let fields): for (field, item) in zip(fields, value as! [Any]) { field.encode(item, into: &encoder) }
        case .enumeration(let cases):
            let entry = (value as? [String: Any])?.first
            let name = entry?.key ?? value as! String
            let variant = cases.firstIndex { $0.name == name }!
            encoder.encodeVariant(variant)
            guard let content = entry?.value else { return }
            let chosen = cases[variant]
            let items = (content as? [String: Any]).map { named in chosen.labels.map { named[$0]! } }
                ?? (chosen.fields.count == 1 ? [content] : content as! [Any])
            for (field, item) in zip(chosen.fields, items) { field.encode(item, into: &encoder) }
        case .map(let textKeys, _):
            let map = value as! [String: Any]
            // Both maps of the vectors have values of type u8.
            let entries = map.mapValues { UInt8(Self.canonical($0))! }
            if textKeys {
                encoder.encode(Dictionary(uniqueKeysWithValues: entries.map { (Text($0.key), $0.value) }))
            } else {
                encoder.encode(Dictionary(uniqueKeysWithValues: entries.map { (UInt8($0.key)!, $0.value) }))
            }
        }
    }

    func decode(_ decoder: inout BCSDecoder) throws -> Any {
        switch self {
        case .bool: return NSNumber(value: try decoder.decode(Bool.self))
        case .text: return try decoder.decodeText(limit: Self.lengthMax)
        case .bytes: return try decoder.decodeBytes(limit: Self.lengthMax).hex
        case .uleb128: return String(try decoder.decodeULEB128())
        case .integer("u8"): return String(try decoder.decode(UInt8.self))
        case .integer("u16"): return String(try decoder.decode(UInt16.self))
        case .integer("u32"): return String(try decoder.decode(UInt32.self))
        case .integer("u64"): return String(try decoder.decode(UInt64.self))
        case .integer("u128"): return String(try decoder.decode(UInt128.self))
        case .integer("i8"): return String(try decoder.decode(Int8.self))
        case .integer("i16"): return String(try decoder.decode(Int16.self))
        case .integer("i32"): return String(try decoder.decode(Int32.self))
        case .integer("i64"): return String(try decoder.decode(Int64.self))
        case .integer: return String(try decoder.decode(Int128.self))
        case .option(let wrapped): return try decoder.decode(Bool.self) ? try wrapped.decode(&decoder) : NSNull()
        case .array(let element, let count): return try (0..<count).map { _ in try element.decode(&decoder) }
        case .vector(let element):
            return try (0..<(try decoder.decodeLength(limit: Self.lengthMax))).map { _ in try element.decode(&decoder) }
        case .tuple(let fields): return try fields.map { try $0.decode(&decoder) }
        case .enumeration(let cases):
            let chosen = cases[try decoder.decodeVariant(count: cases.count)]
            let items = try chosen.fields.map { try $0.decode(&decoder) }
            if items.isEmpty { return chosen.name }
            if !chosen.labels.isEmpty { return [chosen.name: Dictionary(uniqueKeysWithValues: zip(chosen.labels, items))] }
            return [chosen.name: items.count == 1 ? items[0] : items]
        case .map(let textKeys, _):
            if textKeys {
                let map = try decoder.decodeMap(Text.self, UInt8.self, limit: Self.lengthMax)
                return Dictionary(uniqueKeysWithValues: map.map { ($0.key.text, String($0.value)) })
            }
            let map = try decoder.decodeMap(UInt8.self, UInt8.self, limit: Self.lengthMax)
            return Dictionary(uniqueKeysWithValues: map.map { (String($0.key), String($0.value)) })
        }
    }
}

/// A text as a map key.
struct Text: BCSCodable, Hashable {
    let text: String
    init(_ text: String) { self.text = text }
    func encode(into encoder: inout BCSEncoder) { encoder.encode(text) }
    init(from decoder: inout BCSDecoder) throws(BCSError) { text = try decoder.decodeText(limit: 64) }
}
