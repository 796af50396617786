import Execution

/// Writes `Interface.swift`: what ``HeaderWriter`` writes for C, for a contract in Embedded Swift. The methods are requirements of a
/// protocol, to which the contract's type conforms.
struct InterfaceWriter {
    static func text(_ schema: ContractSchema) -> String {
        var lines = ["// Made by `trellis contract build` from the declarations in the contract's source: changes here are lost.", ""]
        lines.append("protocol ContractMethods {")
        for method in schema.methods {
            let arguments = method.arguments.map { "\(camel($0.name)): \(type($0.type))" }.joined(separator: ", ")
            lines += ["    /// \(method.documentation)", "    static func \(quoted(method.name))(\(arguments))\(method.result == .nothing ? "" : " -> \(type(method.result))")"]
        }
        lines += ["}", "", "enum Refusal: UInt32 {"]
        for error in schema.errors { lines += ["    /// \(error.text)", "    case \(camel(error.name)) = \(error.code)"] }
        lines += ["}", "", "/// Ends the call: nothing of what it did stays. The schema has text and hint for the reason.",
                  "func refuse(_ reason: Refusal) -> Never { refuse(code: reason.rawValue) }", "",
                  "protocol Event {", "    static var name: StaticString { get }", "    func write(to writer: inout Writer)", "}",
                  "func emit<Emitted: Event>(_ event: Emitted) {", "    var writer = Writer()", "    event.write(to: &writer)",
                  "    trellis_host_emit(Emitted.name.utf8Start, UInt32(Emitted.name.utf8CodeUnitCount), writer.bytes, UInt32(writer.bytes.count))", "}", ""]
        for event in schema.events {
            lines += ["/// \(event.documentation)", "struct \(event.name): Event {", "    static var name: StaticString { \"\(event.name)\" }"]
            lines += event.fields.map { "    let \(camel($0.name)): \(type($0.type))" }
            lines += ["    func write(to writer: inout Writer) {"] + event.fields.map { "        self.\(camel($0.name)).\(write($0.type))" } + ["    }", "}", ""]
        }
        lines.append("/// What the contract keeps.")
        lines.append("enum Stores {")
        for region in schema.storage {
            let parts = ValueForm.keyParts(region.key).map(type)
            let form = switch parts.count {
            case 0: "Stored<\(type(region.value))>"
            case 1: "StoredMap<\(parts[0]), \(type(region.value))>"
            default: "StoredMap<Pair<\(parts[0]), \(parts[1])>, \(type(region.value))>"
            }
            let most = most(region.value).map { ", most: \($0)" } ?? ""
            lines += ["    /// \(region.documentation)", "    static var \(camel(region.name)): \(form) { \(form)(tag: \(region.tag)\(most)) }"]
        }
        lines += ["}", ""] + entry(schema)
        return lines.joined(separator: "\n") + "\n"
    }

    /// The entry: the machine has checked that the schema has the method.
    private static func entry(_ schema: ContractSchema) -> [String] {
        let most = schema.methods.map { ValueForm.size($0.arguments) }.max() ?? 0
        var lines = [
            "@_cdecl(\"call\") public func trellisCall() -> Int32 {", "    var name = [UInt8](repeating: 0, count: 64)",
            "    let length = Int(trellis_host_method(&name, 64))", "    var input = [UInt8](repeating: 0, count: \(most))",
            "    let count = Int(trellis_host_input(&input, 0, \(most)))", "    guard count <= \(most) else { Reader.malformed() }",
            "    input.removeLast(\(most) - count)", "    var reader = Reader(input)", "    var writer = Writer()",
            "    func isCalled(_ method: StaticString) -> Bool { length == method.utf8CodeUnitCount && trellis_equal(name, method.utf8Start, UInt32(length)) }",
        ]
        for (place, method) in schema.methods.enumerated() {
            lines.append("    \(place == 0 ? "if" : "} else if") isCalled(\"\(method.name)\") {")
            for (place, field) in method.arguments.enumerated() {
                let value = switch field.type {
                case .bytes(let most): "reader.bytes(\(most))"
                case .text(let most): "reader.text(\(most))"
                default: "\(type(field.type))(from: &reader)"
                }
                lines.append("        let argument\(place) = \(value)")
            }
            lines.append("        reader.end()")
            let call = "Contract.\(quoted(method.name))(\(method.arguments.enumerated().map { "\(camel($1.name)): argument\($0)" }.joined(separator: ", ")))"
            lines.append(method.result == .nothing ? "        \(call)" : "        \(call).\(write(method.result))")
        }
        if !schema.methods.isEmpty { lines += ["    } else {", "        return 1", "    }"] }
        return lines + ["    trellis_host_output(writer.bytes, UInt32(writer.bytes.count))", "    return 0", "}", "", "@_cdecl(\"trellis_abi_1\") public func trellisABI() {}"]
    }

    /// The bound of bytes or text.
    private static func most(_ type: TypeSchema) -> Int? {
        switch type {
        case .bytes(let most), .text(let most): most
        default: nil
        }
    }

    private static func write(_ type: TypeSchema) -> String { "write(to: &writer\(most(type).map { ", most: \($0)" } ?? ""))" }

    private static func type(_ type: TypeSchema) -> String {
        switch ValueForm.c(type) {
        case "bool": "Bool"
        case "uint8_t": "UInt8"
        case "uint16_t": "UInt16"
        case "uint32_t": "UInt32"
        case "uint64_t": "UInt64"
        case "trellis_amount": "UInt128"
        case "trellis_address": "Address"
        case "trellis_digest": "Digest"
        case "trellis_signature": "Signature"
        case "trellis_proof": "Proof"
        default: "[UInt8]"
        }
    }

    /// `count_of` as `countOf`.
    private static func camel(_ name: String) -> String {
        let parts = name.split(separator: "_")
        guard let first = parts.first else { return name }
        return String(first) + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func quoted(_ name: String) -> String { name == "init" ? "`init`" : camel(name) }
}
