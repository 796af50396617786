import ContractVM
public import Execution
import Foundation
import Primitives

/// A directory with a contract's source, its tests, and what it is built on.
///
/// | | |
/// |---|---|
/// | `contract.c` or `contract.swift` | the source, with declarations in comments, see ``Declarations`` |
/// | `contract.test` | what must hold, see ``Scenario`` |
/// | `kit/` | `trellis.h`, `runtime.c` and, for Swift, `Trellis.swift`: as they were when the directory was made, so that the same source makes the same code |
/// | `build/` | what `build` makes: the code that is generated from the declarations, and `contract.wasm` |
public struct ContractProject: Sendable {
    public let path: String
    public let language: ContractLanguage

    /// The contract in a directory.
    public init(_ path: String) throws(KitError) {
        let path = URL(fileURLWithPath: path).standardizedFileURL.path
        let found = ContractLanguage.allCases.filter { FileManager.default.fileExists(atPath: "\(path)/\($0.sourceName)") }
        guard found.count == 1 else {
            throw KitError(
                .projectUnknown, found.isEmpty ? "there is no contract.c or contract.swift in \(path)" : "there are both contract.c and contract.swift in \(path)",
                next: found.isEmpty ? "trellis contract new NAME" : "Take one away.")
        }
        self.path = path
        language = found[0]
    }

    /// Makes a directory with an example to begin with.
    public static func make(at path: String, _ language: ContractLanguage, from template: Template = .counter) throws(KitError) -> ContractProject {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw KitError(.projectExists, "\(path) exists already", next: "Choose another name, or move it away.")
        }
        try directory("\(path)/kit")
        try write(template.source(language), to: "\(path)/\(language.sourceName)")
        try write(template.test, to: "\(path)/contract.test")
        try write(Array("build/\n".utf8), to: "\(path)/.gitignore")
        for file in Template.support(language) { try write(file.bytes, to: "\(path)/kit/\(file.name)") }
        return try ContractProject(path)
    }

    public var codePath: String { "\(path)/build/contract.wasm" }
    public var testPath: String { "\(path)/contract.test" }
    public var sourcePath: String { "\(path)/\(language.sourceName)" }

    /// Generates what the declarations say, compiles, links, adds the schema, and lets the machine check the result as a network would.
    public func build() throws(KitError) -> BuiltContract {
        let source: String
        do { source = try String(contentsOfFile: sourcePath, encoding: .utf8) } catch { throw KitError(.projectUnknown, "\(sourcePath) cannot be read as text") }
        let schema: ContractSchema
        do throws(KitError) { schema = try Declarations.schema(of: source) } catch {
            throw KitError(error.code, "\(language.sourceName), \(error.what)", next: error.next)
        }
        try Self.directory("\(path)/build")
        let tools = Toolchain()
        switch language {
        case .c:
            try Self.write(Array(HeaderWriter.text(schema).utf8), to: "\(path)/build/contract.h")
            try compile(sourcePath, to: "contract.o", tools, ["-Wall", "-Wextra", "-I\(path)/build", "-I\(path)/kit"])
        case .swift:
            try Self.write(Array(InterfaceWriter.text(schema).utf8), to: "\(path)/build/Interface.swift")
            try tools.run("swiftc", [
                "-target", "wasm32-unknown-none-wasm", "-enable-experimental-feature", "Embedded", "-wmo", "-Osize", "-parse-as-library",
                "-Xfrontend", "-disable-stack-protector", "-import-objc-header", "\(path)/kit/trellis.h",
            ] + (Toolchain.features + ["-ffreestanding"]).flatMap { ["-Xcc", $0] } + [
                "-c", sourcePath, "\(path)/build/Interface.swift", "\(path)/kit/Trellis.swift", "-o", "\(path)/build/contract.o",
            ], in: path)
        }
        try compile("\(path)/kit/runtime.c", to: "runtime.o", tools, ["-fno-builtin"])
        // A stack of 16 KiB below the data, so that an overflow is a trap and not a change of data.
        try tools.run("wasm-ld", [
            "--no-entry", "--export=call", "--export=trellis_abi_1", "--strip-all", "--stack-first", "-z", "stack-size=16384", "build/contract.o", "build/runtime.o",
            "-o", "build/linked.wasm",
        ], in: path)
        let linked: [UInt8]
        do { linked = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/build/linked.wasm"))) } catch {
            throw KitError(.buildFailed, "wasm-ld has written no module", why: "\(error)")
        }
        let built = try BuiltContract(BuiltContract.adding(schema, to: linked))
        try Self.write(built.code, to: codePath)
        return built
    }

    private func compile(_ source: String, to object: String, _ tools: Toolchain, _ more: [String]) throws(KitError) {
        try tools.run(
            "clang", ["--target=wasm32"] + Toolchain.features + ["-nostdlib", "-ffreestanding", "-Oz"] + more + ["-c", source, "-o", "build/\(object)"], in: path)
    }

    private static func directory(_ path: String) throws(KitError) {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw KitError(.fileUnwritable, "the directory \(path) cannot be made", why: "\(error)")
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(KitError) {
        do { try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw KitError(.fileUnwritable, "\(path) cannot be written", why: "\(error)")
        }
    }
}

/// Code that the machine accepts.
public struct BuiltContract: Sendable {
    public let code: [UInt8]
    public let schema: ContractSchema

    public init(_ code: [UInt8]) throws(KitError) {
        do throws(CodeRefusal) { schema = try WebAssemblyContract(code).schema } catch {
            throw KitError(.codeRefused, "the network would refuse the code", why: error.description)
        }
        self.code = code
    }

    /// Gas that a transaction pays for the code when it first calls it.
    public var loadGas: UInt64 { GasSchedule.prepare + GasSchedule.loadPerByte * UInt64(code.count) }

    /// A module with the schema as a custom section behind everything else.
    static func adding(_ schema: ContractSchema, to module: [UInt8]) -> [UInt8] {
        func length(_ count: Int) -> [UInt8] {
            var bytes: [UInt8] = [], rest = count
            repeat {
                bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
                rest >>= 7
            } while rest > 0
            return bytes
        }
        let name = Array(WebAssemblyContract.schemaSection.utf8), content = length(name.count) + name + schema.bcs
        return module + [0] + length(content.count) + content
    }
}
