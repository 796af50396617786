internal import CInterpreter

/// A module with its state: memory, globals, tables. Used by one thread at a time, like the ``Interpreter`` that runs it.
///
/// The interpreter reads this state through C structures whose pointers lead into buffers that the instance owns and releases last; the
/// module, the imports and everything else they point to are kept by strong references.
public final class Instance {
    public let module: PreparedModule
    public let host: (any HostFunctions)?
    let record: UnsafeMutablePointer<vm_instance>
    private let functions: UnsafeMutablePointer<vm_function>
    private let functionList: UnsafeMutablePointer<UnsafeMutablePointer<vm_function>?>
    private let globals: UnsafeMutablePointer<UInt64>
    private let tableList: UnsafeMutablePointer<UnsafeMutablePointer<vm_table>?>
    private let data: UnsafeMutablePointer<vm_data>
    private let elements: UnsafeMutablePointer<vm_elements>
    private var elementLists: [UnsafeMutablePointer<UnsafeMutablePointer<vm_function>?>] = []
    public private(set) var memory: Memory?
    private var tables: [Table] = []
    private var importedFunctions: [FunctionReference] = []
    private var importedGlobals: [Int: Global] = [:]

    /// Why there is no instance.
    public enum Failure: Error, Equatable {
        /// The import of this number is missing or has another type.
        case incompatibleImport(Int)
        /// A segment does not fit where it belongs.
        case trap(Trap)
        /// The host cannot reserve the memory; see ``Memory``.
        case noAddressSpace
    }

    /// Links the imports, in the module's order, sets up the state and applies the segments. A start function, where the profile allows
    /// one, is the caller's to run: ``startFunction``.
    public init(_ module: PreparedModule, imports: [ExternalValue] = [], host: (any HostFunctions)? = nil) throws(Failure) {
        let decoded = module.module
        self.module = module
        self.host = host
        record = .allocate(capacity: 1)
        functions = .allocate(capacity: decoded.functions.count)
        functionList = .allocate(capacity: decoded.functions.count)
        globals = .allocate(capacity: decoded.globals.count)
        tableList = .allocate(capacity: decoded.tables.count)
        data = .allocate(capacity: decoded.data.count)
        elements = .allocate(capacity: decoded.elements.count)
        record.initialize(to: vm_instance(
            memory: nil, globals: globals, functions: functionList, tables: tableList, data: data, elements: elements,
            owner: Unmanaged.passUnretained(self).toOpaque()))
        try link(imports)
        try define()
        try applySegments()
    }

    deinit {
        for list in elementLists { list.deallocate() }
        elements.deallocate()
        data.deallocate()
        tableList.deallocate()
        globals.deallocate()
        functionList.deallocate()
        functions.deallocate()
        record.deallocate()
    }

    private func link(_ imports: [ExternalValue]) throws(Failure) {
        let wanted = module.module.imports
        guard imports.count >= wanted.count else { throw .incompatibleImport(imports.count) }
        var functionCount = 0, globalCount = 0
        for (number, (value, declared)) in zip(imports, wanted).enumerated() {
            switch (value, declared.type) {
            case (.host(let type), .function(let expected)) where type == expected && host != nil:
                initialize(function: functionCount, code: nil)
                functionCount += 1
            case (.function(let reference), .function(let expected)) where reference.type == expected:
                importedFunctions.append(reference)
                functionList[functionCount] = reference.record
                functionCount += 1
            case (.table(let table), .table(let expected)) where Self.fits(table.type, expected):
                tableList[tables.count] = table.record
                tables.append(table)
                table.importers.append(self)
            case (.memory(let memory), .memory(let expected)) where Self.fits(memory.type, expected):
                self.memory = memory
            case (.global(let global), .global(let expected)) where global.type == expected:
                importedGlobals[globalCount] = global
                globals[globalCount] = expected.isMutable ? UInt64(UInt(bitPattern: global.cell)) : global.value
                globalCount += 1
            default: throw .incompatibleImport(number)
            }
        }
    }

    /// Whether something of one size may be imported as another: at least as large, and it cannot grow further.
    private static func fits(_ found: SizeRange, _ expected: SizeRange) -> Bool {
        guard found.minimum >= expected.minimum else { return false }
        guard let bound = expected.maximum else { return true }
        return found.maximum.map { $0 <= bound } ?? false
    }

    private func initialize(function index: Int, code: UnsafePointer<UInt64>?) {
        let type = module.module.canonicalTypes[Int(module.module.functions[index])]
        (functions + index).initialize(to: vm_function(instance: record, code: code, type: type, index: UInt32(index)))
        functionList[index] = functions + index
    }

    private func define() throws(Failure) {
        let decoded = module.module
        for index in decoded.importedFunctions..<decoded.functions.count {
            initialize(function: index, code: UnsafePointer(module.code.baseAddress!) + module.entries[index])
        }
        for size in decoded.tables.dropFirst(decoded.importedTables) {
            let table = Table(size)
            tableList[tables.count] = table.record
            tables.append(table)
        }
        if memory == nil, let size = decoded.memory {
            guard let memory = Memory(size, pagesMax: module.profile.memoryPagesMax) else { throw .noAddressSpace }
            self.memory = memory
        }
        record.pointee.memory = memory?.record
        for index in decoded.importedGlobals..<decoded.globals.count {
            if let start = decoded.globals[index].start { (globals + index).initialize(to: value(of: start)) }
        }
        for (index, segment) in decoded.data.enumerated() {
            let bytes = module.bytes.baseAddress.map { UnsafePointer($0) + segment.bytes.lowerBound }
            (data + index).initialize(to: vm_data(bytes: bytes, count: UInt64(segment.bytes.count)))
        }
        for (index, segment) in decoded.elements.enumerated() {
            // Only those that instructions can still use have a list of their own.
            guard case .passive = segment.placement else {
                (elements + index).initialize(to: vm_elements(functions: nil, count: 0))
                continue
            }
            let list = UnsafeMutablePointer<UnsafeMutablePointer<vm_function>?>.allocate(capacity: segment.functions.count)
            write(segment, to: list)
            elementLists.append(list)
            (elements + index).initialize(to: vm_elements(functions: list, count: UInt64(segment.functions.count)))
        }
    }

    private func write(_ segment: Module.ElementSegment, to place: UnsafeMutablePointer<UnsafeMutablePointer<vm_function>?>) {
        for (offset, function) in segment.functions.enumerated() {
            (place + offset).initialize(to: function == Module.ElementSegment.null ? nil : functionList[Int(function)])
        }
    }

    private func value(of constant: Module.Constant) -> UInt64 {
        switch constant {
        case .value(let value): value
        case .global(let index): globals[index]
        }
    }

    /// In the specification's order: elements, then data, each checked as a whole before it is written; what was written before a
    /// segment that does not fit stays.
    private func applySegments() throws(Failure) {
        for segment in module.module.elements {
            guard case .active(let table, let offset) = segment.placement else { continue }
            let start = Int(UInt32(truncatingIfNeeded: value(of: offset))), target = tables[table].record.pointee
            guard start + segment.functions.count <= Int(target.size) else { throw .trap(.tableOutOfBounds) }
            write(segment, to: target.elements + start)
        }
        for (index, segment) in module.module.data.enumerated() {
            guard case .active(_, let offset) = segment.placement else { continue }
            let start = UInt32(truncatingIfNeeded: value(of: offset))
            guard let memory, memory.write(module.bytes[segment.bytes], at: start) else { throw .trap(.memoryOutOfBounds) }
            data[index].count = 0
        }
    }

    /// What is exported under a name.
    public func export(_ name: String) -> ExternalValue? {
        guard let item = module.items[Name(name)] else { return nil }
        switch item {
        case .function(let index): return .function(reference(to: index))
        case .table(let index): return .table(tables[index])
        case .memory: return memory.map { .memory($0) }
        case .global(let index): return .global(importedGlobals[index] ?? global(index))
        }
    }

    /// The function exported under a name.
    public func function(_ name: String) -> FunctionReference? {
        if case .function(let reference) = export(name) { reference } else { nil }
    }

    public var startFunction: FunctionReference? { module.module.startFunction.map(reference) }

    private func reference(to index: Int) -> FunctionReference {
        let record = functionList[index]!
        // An imported function belongs to the instance that it came from.
        let owner = importedFunctions.first { $0.record == record }?.instance ?? self
        return FunctionReference(record: record, instance: owner)
    }

    /// An own global as others see it. It shares the cell for as long as this instance lives.
    private func global(_ index: Int) -> Global { Global(module.module.globals[index].type, cell: globals + index, owner: self) }
}
