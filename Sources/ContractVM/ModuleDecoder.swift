/// Decodes a module strictly: sections in order and once, every length exact, every index in range, every count within the profile
/// before memory is set aside for it. Bodies are validated later, by the translator. (WebAssembly Core Specification 2.0, §5.5, §3.4.)
struct ModuleDecoder {
    let profile: Profile
    var reader: ByteReader
    var module = Module()
    var localsTotal = 0
    private var bodiesSeen = false

    static func decode(_ bytes: [UInt8], profile: Profile) throws(Refusal) -> Module {
        var decoder = ModuleDecoder(profile: profile, reader: ByteReader(bytes))
        try decoder.decode()
        return decoder.module
    }

    private mutating func decode() throws(Refusal) {
        try reader.bound("bytes of the module", reader.remaining, profile.moduleBytesMax)
        for expected in [0x00, 0x61, 0x73, 0x6d] as [UInt8] where try reader.byte() != expected { throw reader.malformed("magic header not detected") }
        for expected in [0x01, 0x00, 0x00, 0x00] as [UInt8] where try reader.byte() != expected { throw reader.malformed("unknown binary version") }
        var last = 0
        while !reader.isAtEnd {
            let id = try reader.byte(), size = try reader.u32()
            var rest = reader
            let section = try rest.part(size)
            let outer = rest
            reader = section
            if id == 0 {
                // Custom sections are names and tools' notes: well-formed, then ignored.
                _ = try reader.name()
            } else {
                let rank = try Self.rank(of: id, reader)
                guard rank > last else { throw reader.malformed("unexpected content after last section") }
                last = rank
                try decodeSection(id)
                guard reader.isAtEnd else { throw reader.malformed("section size mismatch") }
            }
            reader = outer
        }
        if !bodiesSeen, module.functions.count != module.importedFunctions {
            throw reader.malformed("function and code section have inconsistent lengths")
        }
        if let count = module.dataCount, count != module.data.count {
            throw reader.malformed("data count and data section have inconsistent lengths")
        }
    }

    /// The place of a section: the data count stands between elements and code.
    private static func rank(of id: UInt8, _ reader: ByteReader) throws(Refusal) -> Int {
        switch id {
        case 1...9: Int(id)
        case 12: 10
        case 10: 11
        case 11: 12
        case 13: throw reader.unsupported(.exceptions)
        default: throw reader.malformed("malformed section id")
        }
    }

    private mutating func decodeSection(_ id: UInt8) throws(Refusal) {
        switch id {
        case 1: try decodeTypes()
        case 2: try decodeImports()
        case 3: try decodeFunctions()
        case 4: try decodeTables()
        case 5: try decodeMemories()
        case 6: try decodeGlobals()
        case 7: try decodeExports()
        case 8: try decodeStart()
        case 9: try decodeElements()
        case 10: try decodeBodies()
        case 11: try decodeData()
        default: module.dataCount = try reader.count("data segments", Int(UInt32.max), itemBytes: 0)
        }
    }

    private mutating func decodeTypes() throws(Refusal) {
        let count = try reader.count("types", profile.typesMax)
        var first: [FunctionType: UInt32] = [:]
        for index in 0..<UInt32(count) {
            let form = try reader.byte()
            guard form == 0x60 else {
                if form == 0x5f || form == 0x5e || form == 0x50 || form == 0x4f || form == 0x4e { throw reader.unsupported(.garbageCollection) }
                throw reader.malformed("malformed functype")
            }
            let parameters = try decodeValueTypes("parameters", profile.parametersMax)
            let type = FunctionType(parameters, try decodeValueTypes("results", profile.resultsMax))
            module.types.append(type)
            if first[type] == nil { first[type] = index }
            module.canonicalTypes.append(first[type] ?? index)
        }
    }

    private mutating func decodeValueTypes(_ limit: String, _ allowed: Int) throws(Refusal) -> [ValueType] {
        let count = try reader.count(limit, allowed)
        var types: [ValueType] = []
        types.reserveCapacity(count)
        for _ in 0..<count { types.append(try reader.valueType()) }
        return types
    }

    private mutating func decodeImports() throws(Refusal) {
        for _ in 0..<(try reader.count("imports", profile.importsMax)) {
            let start = reader.position
            let from = try reader.name(), name = try reader.name()
            var typeIndex: UInt32 = 0
            let type: ExternalType
            switch try reader.byte() {
            case 0:
                typeIndex = try decodeTypeIndex()
                module.functions.append(typeIndex)
                module.importedFunctions += 1
                type = .function(module.types[Int(typeIndex)])
            case 1:
                let size = try decodeTableType()
                module.tables.append(size)
                module.importedTables += 1
                type = .table(size)
            case 2:
                let size = try decodeMemoryType()
                try declareMemory(size)
                module.importsMemory = true
                type = .memory(size)
            case 3:
                let global = try decodeGlobalType()
                module.globals.append(Module.Global(type: global, start: nil))
                module.importedGlobals += 1
                type = .global(global)
            case 4: throw reader.unsupported(.exceptions)
            default: throw reader.malformed("malformed import kind")
            }
            try check(from, name, type, at: start)
            module.imports.append(Module.Import(module: from, name: name, type: type, typeIndex: typeIndex))
        }
        try reader.bound("tables", module.tables.count, profile.tablesMax)
        try reader.bound("globals", module.globals.count, profile.globalsMax)
    }

    private func check(_ from: Name, _ name: Name, _ type: ExternalType, at offset: Int) throws(Refusal) {
        guard let interface = profile.interface else { return }
        guard case .function(let signature) = type else { throw Refusal(.unsupported(.globalImports), at: offset) }
        guard interface.type(of: name, from: from) == signature else {
            throw Refusal(.unknownImport("\(from.text).\(name.text)"), at: offset)
        }
    }

    private mutating func decodeTypeIndex() throws(Refusal) -> UInt32 {
        let index = try reader.u32()
        guard index < module.types.count else { throw reader.invalid("unknown type") }
        return index
    }

    private mutating func decodeFunctions() throws(Refusal) {
        let count = try reader.count("functions", profile.functionsMax)
        try reader.bound("functions", count + module.functions.count, profile.functionsMax)
        for _ in 0..<count { module.functions.append(try decodeTypeIndex()) }
    }

    private mutating func decodeSize(_ limit: UInt32, _ message: String) throws(Refusal) -> SizeRange {
        let flags = try reader.byte()
        guard flags < 2 else {
            if flags == 2 || flags == 3 { throw reader.unsupported(.threads) }
            if flags < 8 { throw reader.unsupported(.memory64) }
            throw reader.malformed("malformed limits flags")
        }
        let minimum = try reader.u32(), maximum = flags == 1 ? try reader.u32() : nil
        if minimum > limit || (maximum ?? 0) > limit { throw reader.invalid(message) }
        if let maximum, maximum < minimum { throw reader.invalid("size minimum must not be greater than maximum") }
        return SizeRange(minimum, maximum)
    }

    private mutating func decodeTableType() throws(Refusal) -> SizeRange {
        switch try reader.byte() {
        case 0x70: break
        case 0x6f: throw reader.unsupported(.references)
        default: throw reader.malformed("malformed reference type")
        }
        let size = try decodeSize(.max, "")
        try reader.bound("elements of a table", size.minimum, profile.tableElementsMax)
        return size
    }

    private mutating func decodeTables() throws(Refusal) {
        let count = try reader.count("tables", profile.tablesMax)
        try reader.bound("tables", count + module.tables.count, profile.tablesMax)
        for _ in 0..<count { module.tables.append(try decodeTableType()) }
    }

    private mutating func decodeMemoryType() throws(Refusal) -> SizeRange {
        let size = try decodeSize(65_536, "memory size must be at most 65536 pages (4GiB)")
        try reader.bound("pages of memory", size.minimum, profile.memoryPagesMax)
        return size
    }

    private mutating func declareMemory(_ size: SizeRange) throws(Refusal) {
        guard module.memory == nil else { throw reader.invalid("multiple memories") }
        module.memory = size
    }

    private mutating func decodeMemories() throws(Refusal) {
        for _ in 0..<(try reader.count("memories", Int(UInt32.max))) { try declareMemory(decodeMemoryType()) }
    }

    private mutating func decodeGlobalType() throws(Refusal) -> GlobalType {
        let value = try reader.valueType()
        switch try reader.byte() {
        case 0: return GlobalType(value, isMutable: false)
        case 1: return GlobalType(value, isMutable: true)
        default: throw reader.malformed("malformed mutability")
        }
    }

    private mutating func decodeGlobals() throws(Refusal) {
        let count = try reader.count("globals", profile.globalsMax)
        try reader.bound("globals", count + module.globals.count, profile.globalsMax)
        for _ in 0..<count {
            let type = try decodeGlobalType()
            module.globals.append(Module.Global(type: type, start: try decodeConstant(type.value)))
        }
    }

    private mutating func decodeExports() throws(Refusal) {
        var names = Set<Name>()
        for _ in 0..<(try reader.count("exports", profile.exportsMax)) {
            let name = try reader.name(), kind = try reader.byte(), index = Int(try reader.u32())
            guard names.insert(name).inserted else { throw reader.invalid("duplicate export name") }
            let item: Module.Item, known: Bool, what: String
            switch kind {
            case 0: (item, known, what) = (.function(index), index < module.functions.count, "function")
            case 1: (item, known, what) = (.table(index), index < module.tables.count, "table")
            case 2: (item, known, what) = (.memory(index), index == 0 && module.memory != nil, "memory")
            case 3: (item, known, what) = (.global(index), index < module.globals.count, "global")
            case 4: throw reader.unsupported(.exceptions)
            default: throw reader.malformed("malformed export kind")
            }
            guard known else { throw reader.invalid("unknown \(what)") }
            module.exports.append((name, item))
        }
    }

    private mutating func decodeStart() throws(Refusal) {
        guard profile.allowsStartFunction else { throw reader.unsupported(.startFunction) }
        let index = Int(try reader.u32())
        guard index < module.functions.count else { throw reader.invalid("unknown function") }
        guard module.type(ofFunction: index) == FunctionType([], []) else { throw reader.invalid("start function") }
        module.startFunction = index
    }

    private mutating func decodeBodies() throws(Refusal) {
        bodiesSeen = true
        let count = try reader.count("bodies", profile.functionsMax)
        guard count == module.functions.count - module.importedFunctions else {
            throw reader.malformed("function and code section have inconsistent lengths")
        }
        module.bodies.reserveCapacity(count)
        for number in 0..<count {
            reader.function = module.importedFunctions + number
            let size = try reader.u32()
            var body = try reader.part(size)
            module.bodies.append(try decodeLocals(&body))
        }
        reader.function = nil
    }

    private mutating func decodeLocals(_ body: inout ByteReader) throws(Refusal) -> Module.Body {
        var runs: [(count: UInt32, type: ValueType)] = [], sum: UInt64 = 0
        let count = try body.count("runs of locals", Int(UInt32.max))
        for _ in 0..<count {
            let run = try body.u32()
            // More than 2³² locals are no module at all, whatever the profile says.
            sum += UInt64(run)
            if sum > UInt64(UInt32.max) { throw body.malformed("too many locals") }
            runs.append((run, try body.valueType()))
        }
        try body.bound("locals of a function", sum, profile.localsMax)
        localsTotal += Int(sum)
        try body.bound("locals of all functions", localsTotal, profile.localsTotalMax)
        return Module.Body(code: body.position..<body.end, locals: runs, localCount: Int(sum))
    }
}
