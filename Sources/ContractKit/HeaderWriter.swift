import Execution

/// Writes `contract.h`: for each declaration of a contract in C the function, constant or prototype that its source uses, and the entry
/// `call`, which takes arguments apart, calls the method and encodes its result.
struct HeaderWriter {
    private let schema: ContractSchema
    private var lines: [String] = []

    static func text(_ schema: ContractSchema) -> String {
        var writer = HeaderWriter(schema: schema)
        writer.write()
        return writer.lines.joined(separator: "\n") + "\n"
    }

    private init(schema: ContractSchema) { self.schema = schema }

    private mutating func write() {
        let sizes = schema.methods.map { ValueForm.size($0.result) } + schema.events.map { ValueForm.size($0.fields) } + schema.storage.map { ValueForm.size($0.value) }
        lines += [
            "// Made by `trellis contract build` from the declarations in the contract's source: changes here are lost.", "#ifndef CONTRACT_H",
            "#define CONTRACT_H", "#include \"trellis.h\"", "",
            "// Where values are encoded; each is handed on before the next one begins.", "static uint8_t trellis_buffer[\(sizes.max().map { max($0, 1) } ?? 1)];", "",
        ]
        lines.append("enum {")
        for error in schema.errors { lines.append("    error_\(error.name) = \(error.code), // \(error.text)") }
        lines += ["};", ""]
        for method in schema.methods {
            let arguments = method.arguments.map { "\(ValueForm.c($0.type)) \($0.name)" }.joined(separator: ", ")
            lines += ["// \(method.documentation)", "\(ValueForm.c(method.result)) \(method.name)(\(arguments.isEmpty ? "void" : arguments));"]
        }
        lines.append("")
        for event in schema.events { write(event) }
        for region in schema.storage { write(region) }
        writeEntry()
        lines.append("#endif")
    }

    private mutating func write(_ event: EventSchema) {
        let arguments = event.fields.map { "\(ValueForm.c($0.type)) \($0.name)" }.joined(separator: ", ")
        lines += ["// \(event.documentation)", "static inline void emit_\(event.name)(\(arguments.isEmpty ? "void" : arguments)) {", "    trellis_writer trellis_out = {trellis_buffer, 0};"]
        for field in event.fields { lines.append("    \(ValueForm.put(field.type, field.name))") }
        lines += ["    trellis_host_emit(\"\(event.name)\", \(event.name.utf8.count), trellis_out.start, trellis_out.count);", "}", ""]
    }

    private mutating func write(_ region: StorageSchema) {
        let parts = ValueForm.keyParts(region.key), type = ValueForm.c(region.value)
        let names = parts.count == 2 ? ["first", "second"] : parts.isEmpty ? [] : ["key"]
        let parameters = zip(names, parts).map { "\(ValueForm.c($1)) \($0)" }
        let size = 1 + parts.reduce(0) { $0 + ValueForm.size($1) }
        func key() -> [String] {
            ["    uint8_t trellis_bytes_of_key[\(size)] = {\(region.tag)};", "    trellis_writer trellis_key = {trellis_bytes_of_key, 1};"] + zip(names, parts).map { "    \(ValueForm.putKey($1, $0))" }
        }
        func head(_ result: String, _ name: String, _ more: [String]) -> String {
            let all = parameters + more
            return "static inline \(result) \(region.name)_\(name)(\(all.isEmpty ? "void" : all.joined(separator: ", "))) {"
        }
        lines.append("// \(region.documentation)")
        let place: String
        switch region.value {
        case .bytes(let most), .text(let most):
            lines.append("// What is read lies in memory of the region's own until the region is read again, under whichever key.")
            // A value that is longer than it should be is none of this contract's.
            place = "static uint8_t kept[\(ValueForm.size(region.value))];"
            lines += [head("bool", "read", ["\(type) *value"])] + key() + [
                "    \(place)", "    uint32_t count = trellis_host_read(trellis_bytes_of_key, trellis_key.count, kept, sizeof kept);", "    if (count == TRELLIS_ABSENT) return false;",
                "    if (count > sizeof kept) __builtin_trap();", "    trellis_reader trellis_in = {kept, count};", "    *value = trellis_take_bytes(&trellis_in, \(most));",
                "    return true;", "}",
            ]
        default:
            lines += [head("bool", "read", ["\(type) *value"])] + key() + [
                "    uint32_t count = trellis_host_read(trellis_bytes_of_key, trellis_key.count, value, sizeof *value);", "    if (count == TRELLIS_ABSENT) return false;",
                "    if (count != sizeof *value) __builtin_trap();", "    return true;", "}",
            ]
        }
        let passed = (names + ["&value"]).joined(separator: ", ")
        lines += [head(type, "get", []), "    \(type) value = {0};", "    \(region.name)_read(\(passed));", "    return value;", "}"]
        lines += [head("void", "set", ["\(type) value"])] + key() + [
            "    trellis_writer trellis_out = {trellis_buffer, 0};", "    \(ValueForm.put(region.value, "value"))",
            "    trellis_host_write(trellis_bytes_of_key, trellis_key.count, trellis_out.start, trellis_out.count);", "}",
        ]
        lines += [head("void", "remove", [])] + key() + ["    trellis_host_remove(trellis_bytes_of_key, trellis_key.count);", "}", ""]
    }

    private mutating func writeEntry() {
        let input = max(1, schema.methods.map { ValueForm.size($0.arguments) }.max() ?? 1)
        lines += [
            "// The entry: the machine has checked that the schema has the method.", "int32_t call(void) {", "    static uint8_t trellis_input[\(input)];", "    uint8_t trellis_name[64];",
            "    uint32_t trellis_length = trellis_host_method(trellis_name, sizeof trellis_name), trellis_count = trellis_host_input(trellis_input, 0, sizeof trellis_input);",
            "    trellis_require(trellis_count <= sizeof trellis_input);", "    trellis_reader trellis_in = {trellis_input, trellis_count};",
        ]
        for method in schema.methods {
            lines.append("    if (trellis_length == \(method.name.utf8.count) && trellis_equal(trellis_name, \"\(method.name)\", trellis_length)) {")
            for field in method.arguments { lines.append("        \(ValueForm.c(field.type)) argument_\(field.name) = \(ValueForm.take(field.type));") }
            lines.append("        trellis_take_end(&trellis_in);")
            let call = "\(method.name)(\(method.arguments.map { "argument_\($0.name)" }.joined(separator: ", ")))"
            if method.result == .nothing {
                lines.append("        \(call);")
            } else {
                lines += [
                    "        \(ValueForm.c(method.result)) trellis_result = \(call);", "        trellis_writer trellis_out = {trellis_buffer, 0};",
                    "        \(ValueForm.put(method.result, "trellis_result"))", "        trellis_host_output(trellis_out.start, trellis_out.count);",
                ]
            }
            lines += ["        return 0;", "    }"]
        }
        lines += ["    __builtin_trap();", "}", "", "void trellis_abi_1(void) {}", ""]
    }
}

/// What a type of the declarations is in C.
enum ValueForm {
    static func c(_ type: TypeSchema) -> String {
        switch type {
        case .scalar(let scalar):
            switch scalar {
            case .bool: "bool"
            case .u8: "uint8_t"
            case .u16, .validatorIndex: "uint16_t"
            case .u32: "uint32_t"
            case .u64, .height, .epoch, .nonce, .gas, .timestamp: "uint64_t"
            case .u128, .amount: "trellis_amount"
            case .address: "trellis_address"
            case .digest, .publicKey, .vrfPublicKey, .beacon, .transactionID, .chainID: "trellis_digest"
            case .signature: "trellis_signature"
            case .vrfProof: "trellis_proof"
            }
        case .bytes, .text: "trellis_bytes"
        case .nothing: "void"
        default: preconditionFailure("not a type of the declarations")
        }
    }

    /// Bytes of the longest encoding.
    static func size(_ type: TypeSchema) -> Int {
        switch type {
        case .scalar(let scalar):
            switch scalar {
            case .bool, .u8: 1
            case .u16, .validatorIndex: 2
            case .u32: 4
            case .u64, .height, .epoch, .nonce, .gas, .timestamp: 8
            case .u128, .amount: 16
            case .address: 20
            case .digest, .publicKey, .vrfPublicKey, .beacon, .transactionID, .chainID: 32
            case .signature: 64
            case .vrfProof: 80
            }
        case .bytes(let most), .text(let most): most + 3
        case .nothing: 0
        default: preconditionFailure("not a type of the declarations")
        }
    }

    static func size(_ fields: [FieldSchema]) -> Int { fields.reduce(0) { $0 + size($1.type) } }

    static func keyParts(_ key: TypeSchema?) -> [TypeSchema] {
        switch key {
        case .record(_, let fields): fields.map(\.type)
        case .some(let type): [type]
        case nil: []
        }
    }

    static func put(_ type: TypeSchema, _ name: String) -> String {
        switch type {
        case .bytes(let most), .text(let most): "trellis_put_bytes(&trellis_out, \(name), \(most));"
        default: "trellis_put(&trellis_out, &\(name), sizeof \(name));"
        }
    }

    /// Numbers with their most significant byte first, everything else as it is.
    static func putKey(_ type: TypeSchema, _ name: String) -> String {
        isNumber(type) ? "trellis_put_key(&trellis_key, &\(name), sizeof \(name));" : "trellis_put(&trellis_key, &\(name), sizeof \(name));"
    }

    /// An expression for the next value of `trellis_in`.
    static func take(_ type: TypeSchema) -> String {
        switch type {
        case .scalar(.bool): "trellis_take_bool(&trellis_in)"
        case .bytes(let most): "trellis_take_bytes(&trellis_in, \(most))"
        case .text(let most): "trellis_take_text(&trellis_in, \(most))"
        default: "({ \(c(type)) taken; trellis_take(&trellis_in, &taken, sizeof taken); taken; })"
        }
    }

    static func isNumber(_ type: TypeSchema) -> Bool { ["uint8_t", "uint16_t", "uint32_t", "uint64_t"].contains(c(type)) }
}
