internal import CInterpreter

/// A module that was decoded, validated and translated: everything that can be refused has been. Preparation takes time linear in
/// the module's bytes; a prepared module is immutable and any number of instances run it, on any thread.
///
/// `@unchecked Sendable`: the code and the bytes behind the pointers are written once, before the initialiser returns, and released
/// when nobody refers to the module any more.
public final class PreparedModule: @unchecked Sendable {
    let module: Module
    let bytes: UnsafeMutableBufferPointer<UInt8>
    let code: UnsafeMutableBufferPointer<UInt64>
    let entries: [Int]
    let items: [Name: Module.Item]
    /// Of all segments together.
    private let elementCount: Int
    public let profile: Profile

    public init(_ bytes: [UInt8], profile: Profile) throws(Refusal) {
        var module = try ModuleDecoder.decode(bytes, profile: profile)
        var translator = FunctionTranslator(module, profile: profile, bytes: bytes)
        try translator.translateModule()
        var items: [Name: Module.Item] = [:]
        for export in module.exports { items[export.name] = export.item }
        if let interface = profile.interface { try Self.check(module, items, interface, end: bytes.count) }

        // Translated and looked up: nobody asks for them again.
        module.bodies = []
        module.exports = []
        self.module = module
        self.profile = profile
        self.items = items
        elementCount = module.elements.reduce(0) { $0 + $1.functions.count }
        entries = translator.entries
        self.bytes = .allocate(capacity: bytes.count)
        _ = self.bytes.initialize(fromContentsOf: bytes)
        code = .allocate(capacity: translator.code.words.count)
        _ = code.initialize(fromContentsOf: translator.code.words)
    }

    deinit {
        bytes.deallocate()
        code.deallocate()
    }

    private static func check(_ module: Module, _ items: [Name: Module.Item], _ interface: Interface, end: Int) throws(Refusal) {
        for export in interface.exports {
            guard let item = items[Name(export.name)], module.type(of: item) == .function(export.type) else {
                throw Refusal(.missingExport(export.name), at: end)
            }
        }
        if let name = interface.memoryExport, items[Name(name)] != .memory(0) { throw Refusal(.missingExport(name), at: end) }
    }

    /// What an instantiation costs: by the module's bytes, the pages its memory begins with, its segments, and the elements of its tables
    /// and segments.
    public var instantiationGas: UInt64 {
        let places = module.tables.dropFirst(module.importedTables).reduce(0) { $0 + UInt64($1.minimum) }
        let pages = module.importsMemory ? 0 : UInt64(module.memory?.minimum ?? 0)
        return OperatorGas.instantiation + OperatorGas.moduleByte * (UInt64(bytes.count + elementCount) + places)
            + UInt64(OperatorGas.page) * pages + OperatorGas.segment * UInt64(module.elements.count + module.data.count)
    }

    /// What the module imports, in its order.
    public var imports: [(module: String, name: String, type: ExternalType)] {
        module.imports.map { ($0.module.text, $0.name.text, $0.type) }
    }

    /// Bytes of the translated code: a small multiple of the module's.
    public var codeBytes: Int { code.count * 8 }

    /// Bytes that the prepared module takes in memory at most: its own, those of the translated code, and what is made of each declared
    /// thing, with what an allocation takes beside its content. Names stand twice, in the imports or exports and in the module.
    public var memoryBytes: Int {
        let allocation = 64, segments = module.elements.count + module.data.count
        return 2 * bytes.count + codeBytes + 8 * entries.count + 8 * module.functions.count + 4 * elementCount
            + module.types.count * (3 * allocation) + segments * 2 * allocation + module.globals.count * allocation
            + (module.imports.count + items.count) * 4 * allocation
    }

    /// The content of the first custom section of a name. The sections are in order: the decoder has seen them.
    public func customSection(_ name: String) -> [UInt8]? {
        let wanted = Name(name)
        var reader = ByteReader([UInt8](bytes))
        do {
            _ = try reader.skip(8)
            while !reader.isAtEnd {
                let id = try reader.byte()
                var section = try reader.part(try reader.u32())
                guard id == 0, try section.name() == wanted else { continue }
                return Array(section.bytes[section.position..<section.end])
            }
        } catch { preconditionFailure("a section that the decoder has not seen: \(error)") }
        return nil
    }
}
