import ContractVM
import ModuleKit
import Testing

/// What may not be deployed, and that the answer says where and why.
struct RefusalTests {
    @Test("Floating point is refused wherever it can be written", arguments: [ModuleBuilder.f32, ModuleBuilder.f64])
    func floats(type: UInt8) {
        var builders = [ModuleBuilder.single([type], [], []), .single([], [type], .unreachable), .single(locals: [type], [])]
        builders.append(.single([]) { $0.global(type, Code([type == ModuleBuilder.f32 ? 0x43 : 0x44] + [UInt8](repeating: 0, count: type == ModuleBuilder.f32 ? 4 : 8))) })
        builders.append(.single(.block(0x02, [type], .unreachable) + .drop))
        for builder in builders { #expect(refusal(of: builder)?.reason == .unsupported(.floatingPoint)) }
    }

    @Test("Every opcode of floating point is refused") func floatOpcodes() {
        let opcodes: [UInt8] = [0x2a, 0x2b, 0x38, 0x39, 0x43, 0x44] + Array(0x5b...0x66) + Array(0x8b...0xa6) + Array(0xa8...0xab) + Array(0xae...0xbf)
        for opcode in opcodes {
            let found = refusal(of: .single(.unreachable + Code([opcode, 0, 0, 0, 0, 0, 0, 0, 0])))
            #expect(found?.reason == .unsupported(.floatingPoint), "\(opcode)")
        }
        for number in 0...7 { #expect(refusal(of: .single(.bulk(UInt8(number))))?.reason == .unsupported(.floatingPoint)) }
    }

    @Test("Vectors, threads, references, tail calls and exceptions are refused by name") func features() {
        func reason(_ code: Code) -> Refusal.Reason? { refusal(of: .single(code))?.reason }
        #expect(reason([0xfd, 0x0c]) == .unsupported(.vectors))
        #expect(refusal(of: .single(locals: [ModuleBuilder.v128], []))?.reason == .unsupported(.vectors))
        #expect(reason([0xfe, 0x00]) == .unsupported(.threads))
        #expect(reason([0xd0, 0x70]) == .unsupported(.references))
        #expect(reason([0x25, 0x00]) == .unsupported(.references))
        #expect(reason(.i32(0) + .i32(0) + .i32(0) + [0x1c, 0x01, 0x7f]) == .unsupported(.references))
        #expect(reason(.i32(0) + .i32(0) + .i32(0) + .bulk(14, 0, 0)) == .unsupported(.references))
        #expect(reason([0x12, 0x00]) == .unsupported(.tailCalls))
        #expect(reason([0x06, 0x40]) == .unsupported(.exceptions))
        #expect(refusal(of: .single([]) { $0.item(5, [3, 1, 1]) })?.reason == .unsupported(.threads))
        #expect(refusal(of: .single([]) { $0.item(5, [4, 1]) })?.reason == .unsupported(.memory64))
        #expect(refusal(of: .single([]) { $0.item(5, [0, 1]); $0.item(5, [0, 1]) })?.reason == .invalid("multiple memories"))
    }

    @Test("A start function is refused") func start() {
        #expect(refusal(of: .single([]) { $0.start(0) })?.reason == .unsupported(.startFunction))
    }

    @Test("An import must be offered under its exact name and type") func imports() throws {
        func reason(_ module: String, _ name: String, _ parameters: [UInt8], _ results: [UInt8]) -> Refusal.Reason? {
            refusal(of: .single([]) { $0.importFunction(module, name, parameters, results) })?.reason
        }
        #expect(reason("host", "delete", [i32, i64], [i64]) == .unknownImport("host.delete"))
        #expect(reason("env", "add", [i32, i64], [i64]) == .unknownImport("env.add"))
        #expect(reason("host", "add", [i64, i64], [i64]) == .unknownImport("host.add"))
        #expect(refusal(of: .single([]) { $0.importItem("host", "add", [0x02, 0, 1]) })?.reason == .unsupported(.globalImports))
        #expect(refusal(of: .single([]) { $0.importItem("host", "add", [0x03, i32, 0]) })?.reason == .unsupported(.globalImports))
        _ = try PreparedModule(ModuleBuilder.single([]) { $0.importFunction("host", "add", [i32, i64], [i64]) }.bytes, profile: testProfile)
    }

    @Test("What the interface asks for must be exported with its type") func exports() throws {
        let profile = Profile.contracts(Interface(imports: [], exports: [("run", FunctionType([], [.i32]))], memoryExport: "memory"))
        #expect(refusal(of: .single([], [i32], .i32(1)), profile: profile)?.reason == .missingExport("memory"))
        #expect(refusal(of: .single([], [i64], .i64(1)) { $0.memory(1); $0.export("memory", kind: 2, 0) }, profile: profile)?.reason == .missingExport("run"))
        _ = try PreparedModule(ModuleBuilder.single([], [i32], .i32(1)) { $0.memory(1); $0.export("memory", kind: 2, 0) }.bytes, profile: profile)
    }

    @Test("A refusal names the function and the byte") func place() {
        var builder = ModuleBuilder()
        builder.importFunction("host", "again", [i32], [i32])
        builder.function([], [], .i32(0) + .drop)
        let good = builder.bytes.count
        builder.function([], [], .i64(0) + .drop + Code([0x01, 0x01, 0x92, 0x0b]))
        let bytes = builder.bytes, found = refusal(of: bytes)
        #expect(found?.function == 2)
        // Just behind the opcode that is not allowed.
        #expect(found?.offset == bytes.lastIndex(of: 0x92)! + 1)
        #expect(bytes.count > good)
        #expect(found.map { "\($0)" } == "function 2, offset \(bytes.lastIndex(of: 0x92)! + 1): floating point may not be used")
    }

    struct Excess: Sendable, CustomTestStringConvertible {
        let limit: String
        let builder: ModuleBuilder
        var testDescription: String { limit }

        static let all: [Excess] = [
            Excess(limit: "bytes of the module", builder: .single([]) { $0.customSection("x", [UInt8](repeating: 0, count: 512 * 1024)) }),
            Excess(limit: "types", builder: .single([]) { for _ in 0..<1025 { $0.type([], []) } }),
            Excess(limit: "parameters", builder: .single([UInt8](repeating: i32, count: 33), [], [])),
            Excess(limit: "results", builder: .single([], [UInt8](repeating: i32, count: 9), .unreachable)),
            Excess(limit: "functions", builder: .single([]) { for _ in 0..<4096 { $0.item(3, [0]) } }),
            Excess(limit: "imports", builder: .single([]) { for _ in 0..<65 { $0.importFunction("host", "again", [i32], [i32]) } }),
            Excess(limit: "exports", builder: .single([]) { for number in 0..<257 { $0.export("\(number)", kind: 0, 0) } }),
            Excess(limit: "globals", builder: .single([]) { for _ in 0..<65 { $0.global(i32, .i32(0)) } }),
            Excess(limit: "locals of a function", builder: .single([]) { $0.function(type: $0.type([], []), body: [1] + Code.unsigned(1025) + [i32, 0x0b]) }),
            Excess(limit: "locals of all functions", builder: .single([]) { for _ in 0..<50 { $0.function(type: $0.type([], []), body: [1] + Code.unsigned(1024) + [i32, 0x0b]) } }),
            Excess(limit: "nesting of blocks", builder: .single((0..<256).reduce(Code()) { code, _ in .block(code) })),
            Excess(limit: "height of the operand stack", builder: .single([i32], [], (0..<4097).reduce(into: Code()) { code, _ in code += .get(0) } + .unreachable)),
            Excess(limit: "targets of a br_table", builder: .single(.i32(0) + .brTable([UInt32](repeating: 0, count: 1025), default: 0))),
            Excess(limit: "tables", builder: .single([]) { $0.table(1); $0.table(1) }),
            Excess(limit: "elements of a table", builder: .single([]) { $0.table(4097) }),
            Excess(limit: "element segments", builder: .single([]) { $0.table(1); for _ in 0..<1025 { $0.elements(at: 0, []) } }),
            Excess(limit: "data segments", builder: .single([]) { $0.memory(1); for _ in 0..<1025 { $0.data(at: 0, []) } }),
            Excess(limit: "pages of memory", builder: .single([]) { $0.memory(33) }),
        ]
    }

    @Test("One more than the profile allows is refused, and says so", arguments: Excess.all)
    func limits(excess: Excess) {
        guard case .exceeds(let limit, let found, let allowed) = refusal(of: excess.builder)?.reason else {
            Issue.record("refused for another reason")
            return
        }
        #expect(limit == excess.limit)
        #expect(found > allowed)
    }

    @Test("A count that announces more than there is sets nothing aside") func announcedCounts() {
        // Four bytes that announce 2³² - 1 locals, and the same as types, elements and a body.
        let many: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f]
        for section in [1, 2, 3, 4, 5, 6, 7, 9, 10, 11] as [UInt8] { #expect(refusal(of: .single([]) { $0.section(section, many) }) != nil) }
        #expect(refusal(of: .single([]) { $0.function(type: $0.type([], []), body: [1] + many + [i32, 0x0b]) }) != nil)
    }
}
