/// Assembles binary modules for tests, good and bad ones: what it is told, it writes.
public struct ModuleBuilder: Sendable {
    public static let i32: UInt8 = 0x7f, i64: UInt8 = 0x7e, f32: UInt8 = 0x7d, f64: UInt8 = 0x7c, v128: UInt8 = 0x7b

    /// Sections by number, each a list of items.
    private var sections: [UInt8: [[UInt8]]] = [:]
    private var custom: [UInt8] = []
    /// Sections written as they are, by number, instead of a list.
    private var raw: [UInt8: [UInt8]] = [:]
    private var functionCount: UInt32 = 0

    public init() {}

    private mutating func add(_ section: UInt8, _ item: [UInt8]) -> UInt32 {
        sections[section, default: []].append(item)
        return UInt32(sections[section]!.count - 1)
    }

    public static func name(_ text: String) -> [UInt8] { Code.unsigned(UInt32(text.utf8.count)) + Array(text.utf8) }

    @discardableResult
    public mutating func type(_ parameters: [UInt8], _ results: [UInt8]) -> UInt32 {
        add(1, [0x60] + Code.unsigned(UInt32(parameters.count)) + parameters + Code.unsigned(UInt32(results.count)) + results)
    }

    /// Imports come before functions.
    @discardableResult
    public mutating func importFunction(_ module: String, _ name: String, _ parameters: [UInt8], _ results: [UInt8]) -> UInt32 {
        let type = type(parameters, results)
        _ = add(2, Self.name(module) + Self.name(name) + [0] + Code.unsigned(type))
        functionCount += 1
        return functionCount - 1
    }

    /// An import of any kind, as it is written behind the names.
    public mutating func importItem(_ module: String, _ name: String, _ description: [UInt8]) {
        _ = add(2, Self.name(module) + Self.name(name) + description)
    }

    /// A function whose code lacks the final `end`; returns its number.
    @discardableResult
    public mutating func function(
        _ parameters: [UInt8] = [], _ results: [UInt8] = [], locals: [UInt8] = [], export: String? = nil, _ code: Code
    ) -> UInt32 {
        let declared = Code.unsigned(UInt32(locals.count)) + locals.flatMap { [1, $0] }
        return function(type: type(parameters, results), export: export, body: declared + code.bytes + [0x0b])
    }

    @discardableResult
    public mutating func function(type: UInt32, export: String? = nil, body: [UInt8]) -> UInt32 {
        _ = add(3, Code.unsigned(type))
        _ = add(10, Code.unsigned(UInt32(body.count)) + body)
        functionCount += 1
        if let export { self.export(export, kind: 0, functionCount - 1) }
        return functionCount - 1
    }

    public mutating func memory(_ minimum: UInt32, _ maximum: UInt32? = nil) { _ = add(5, Self.limits(minimum, maximum)) }
    public mutating func table(_ minimum: UInt32, _ maximum: UInt32? = nil) { _ = add(4, [0x70] + Self.limits(minimum, maximum)) }

    public static func limits(_ minimum: UInt32, _ maximum: UInt32?) -> [UInt8] {
        [maximum == nil ? 0 : 1] + Code.unsigned(minimum) + (maximum.map(Code.unsigned) ?? [])
    }

    @discardableResult
    public mutating func global(_ type: UInt8, mutable: Bool = true, _ start: Code) -> UInt32 { add(6, [type, mutable ? 1 : 0] + start.bytes + [0x0b]) }
    public mutating func export(_ name: String, kind: UInt8, _ index: UInt32) { _ = add(7, Self.name(name) + [kind] + Code.unsigned(index)) }
    public mutating func elements(at offset: Int32, _ functions: [UInt32]) {
        _ = add(9, [0] + Code.i32(offset).bytes + [0x0b] + Code.unsigned(UInt32(functions.count)) + functions.flatMap(Code.unsigned))
    }
    public mutating func data(at offset: Int32, _ bytes: [UInt8]) {
        _ = add(11, [0] + Code.i32(offset).bytes + [0x0b] + Code.unsigned(UInt32(bytes.count)) + bytes)
    }
    public mutating func passiveData(_ bytes: [UInt8]) { _ = add(11, [1] + Code.unsigned(UInt32(bytes.count)) + bytes) }
    public mutating func start(_ function: UInt32) { raw[8] = Code.unsigned(function) }
    /// Writes a section as these bytes.
    public mutating func section(_ number: UInt8, _ bytes: [UInt8]) { raw[number] = bytes }
    /// An item of a section as these bytes.
    public mutating func item(_ section: UInt8, _ bytes: [UInt8]) { _ = add(section, bytes) }
    public mutating func customSection(_ name: String, _ bytes: [UInt8]) {
        let content = Self.name(name) + bytes
        custom += [0] + Code.unsigned(UInt32(content.count)) + content
    }

    public var bytes: [UInt8] {
        var written: [UInt8] = []
        for number in [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11] as [UInt8] {
            if let bytes = raw[number] {
                written += [number] + Self.sized(bytes)
            } else if number == 12, let data = sections[11] {
                written += [number] + Self.sized(Code.unsigned(UInt32(data.count)))
            } else if let items = sections[number] {
                written += [number] + Self.sized(Code.unsigned(UInt32(items.count)) + items.flatMap { $0 })
            }
        }
        return [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] + custom + written
    }

    private static func sized(_ bytes: [UInt8]) -> [UInt8] { Code.unsigned(UInt32(bytes.count)) + bytes }
}
