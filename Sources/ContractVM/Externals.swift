internal import CInterpreter

/// A linear memory, which instances may share. Its address range is reserved for the largest size at once.
public final class Memory {
    let record: UnsafeMutablePointer<vm_memory>
    let declaredMaximum: UInt32?

    /// Nil when the host has no address space left. That is the node's trouble, not the contract's: the caller must not take it for
    /// an outcome of the contract.
    public init?(_ size: SizeRange, pagesMax: UInt32) {
        let capacity = min(size.maximum ?? pagesMax, pagesMax)
        precondition(size.minimum <= pagesMax)
        let reserved = vm_memory_reserve(UInt64(size.minimum) << 16, UInt64(max(capacity, size.minimum)) << 16)
        guard reserved.base != nil else { return nil }
        record = .allocate(capacity: 1)
        record.initialize(to: reserved)
        declaredMaximum = size.maximum
    }

    deinit {
        vm_memory_release(record.pointee)
        record.deallocate()
    }

    public var byteCount: Int { Int(record.pointee.size) }

    var type: SizeRange { SizeRange(UInt32(record.pointee.size >> 16), declaredMaximum) }

    func contains(_ address: UInt32, _ count: Int) -> Bool { count >= 0 && UInt64(address) + UInt64(count) <= record.pointee.size }

    /// The bytes at an address, or nil if they are not all inside.
    public func read(at address: UInt32, count: Int) -> [UInt8]? {
        guard contains(address, count) else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: record.pointee.base + Int(address), count: count))
    }

    /// Writes bytes at an address; false if they do not fit, and nothing is written.
    public func write(_ bytes: some Collection<UInt8>, at address: UInt32) -> Bool {
        guard contains(address, bytes.count) else { return false }
        UnsafeMutableRawBufferPointer(start: record.pointee.base + Int(address), count: bytes.count).copyBytes(from: bytes)
        return true
    }
}

/// A table of functions, which instances may share. An instance that imports a table may leave functions in it and lives as long.
public final class Table {
    let record: UnsafeMutablePointer<vm_table>
    let type: SizeRange
    var importers: [Instance] = []

    public init(_ size: SizeRange) {
        type = size
        let elements = UnsafeMutablePointer<UnsafeMutablePointer<vm_function>?>.allocate(capacity: Int(size.minimum))
        elements.initialize(repeating: nil, count: Int(size.minimum))
        record = .allocate(capacity: 1)
        record.initialize(to: vm_table(elements: elements, size: size.minimum))
    }

    deinit {
        record.pointee.elements.deallocate()
        record.deallocate()
    }
}

/// A global variable, which instances may share.
public final class Global {
    let cell: UnsafeMutablePointer<UInt64>
    public let type: GlobalType
    /// The instance whose cell it is; nil when it is the global's own.
    private let owner: Instance?

    public init(_ type: GlobalType, _ value: UInt64) {
        self.type = type
        owner = nil
        cell = .allocate(capacity: 1)
        cell.initialize(to: value)
    }

    init(_ type: GlobalType, cell: UnsafeMutablePointer<UInt64>, owner: Instance) {
        self.type = type
        self.cell = cell
        self.owner = owner
    }

    deinit { if owner == nil { cell.deallocate() } }

    public var value: UInt64 { cell.pointee }
}

/// A function of an instance.
public struct FunctionReference {
    let record: UnsafeMutablePointer<vm_function>
    /// Keeps the record alive.
    let instance: Instance

    public var type: FunctionType { instance.module.module.type(ofFunction: Int(record.pointee.index)) }
}

/// What fills an import, or is found behind an export.
public enum ExternalValue {
    /// A function that the instance's ``HostFunctions`` provides; it is called with the number of the import.
    case host(FunctionType)
    case function(FunctionReference)
    case table(Table)
    case memory(Memory)
    case global(Global)
}
