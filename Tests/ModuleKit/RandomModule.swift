internal import Primitives

/// Valid modules by chance: every operator of integers, blocks with and without values, branches, calls, memory and globals. They end
/// after a bounded number of steps, because every loop counts down and functions call only those before them; they may trap.
public struct RandomModule {
    private static let functionsMax = 4
    private static let i32 = ModuleBuilder.i32, i64 = ModuleBuilder.i64

    private var random: SeededGenerator
    private var builder = ModuleBuilder()
    /// Parameters are an i32 and an i64; locals: two of each type and a counter for each loop depth.
    private let localTypes: [UInt8] = [i32, i64, i32, i32, i64, i64]
    private let loopDepthMax = 2
    private var loopDepth = 0
    private var callable: UInt32 = 0
    /// What a branch to each open label carries, the innermost last.
    private var labels: [Label] = []
    private enum Label: Equatable { case value(UInt8), nothing, loop }

    /// A module with an exported `run`, from an i32 to an i64.
    public static func bytes(seed: UInt64) -> [UInt8] {
        var module = RandomModule(random: SeededGenerator(seed: seed))
        return module.build()
    }

    private init(random: SeededGenerator) { self.random = random }

    private mutating func build() -> [UInt8] {
        builder.memory(1, 2)
        builder.global(Self.i32, .i32(7))
        builder.global(Self.i64, .i64(-9))
        builder.table(8)
        let count = 1 + random.below(Self.functionsMax)
        let declared = localTypes.dropFirst(2) + [UInt8](repeating: Self.i32, count: loopDepthMax)
        for number in 0..<count {
            callable = UInt32(number)
            labels = [.value(Self.i64)]
            builder.function([Self.i32, Self.i64], [Self.i64], locals: Array(declared), statements(3) + expression(Self.i64, 4))
        }
        builder.elements(at: 0, (0..<UInt32(min(count, 6))).map { $0 })
        builder.data(at: 16, random.bytes(64))
        builder.passiveData(random.bytes(32))
        // Everything that a run leaves behind goes into its result.
        var mixed: Code = .get(0)
        for part in [
            Code.i64(Int64(bitPattern: random.next())), .call(UInt32(count - 1)), .op(0x23, 0), .op(0xad), .op(0x85), .op(0x23, 1), .op(0x85),
            .i32(24), .load(0x29), .op(0x85),
        ] { mixed += part }
        builder.function([Self.i32], [Self.i64], export: "run", mixed)
        return builder.bytes
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element { choices[random.below(choices.count)] }
    private mutating func local(_ type: UInt8) -> UInt32 { UInt32(pick(localTypes.indices.filter { localTypes[$0] == type })) }
    private mutating func anyType() -> UInt8 { random.chance(1, in: 2) ? Self.i32 : Self.i64 }

    private mutating func constant(_ type: UInt8) -> Code {
        let telling: [UInt64] = [0, 1, 2, 31, 63, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, .max]
        let value = random.chance(1, in: 3) ? random.next() >> UInt64(random.below(64)) : pick(telling)
        return type == Self.i32 ? .i32(Int32(truncatingIfNeeded: value)) : .i64(Int64(bitPattern: value))
    }

    /// Mostly inside the first page; now and then anywhere.
    private mutating func address() -> Code {
        random.chance(1, in: 40) ? expression(Self.i32, 1) : expression(Self.i32, 1) + .i32(0xff8) + [0x71]
    }

    /// Code that leaves one value.
    private mutating func expression(_ type: UInt8, _ depth: Int) -> Code {
        let is32 = type == Self.i32
        if depth == 0 { return random.chance(1, in: 2) ? constant(type) : .get(local(type)) }
        switch random.below(16) {
        case 0: return constant(type)
        case 1: return .get(local(type))
        case 2, 3, 4:
            let base: UInt8 = is32 ? 0x6a : 0x7c
            // Divisions trap often: fewer of them, and with a divisor that is rarely zero.
            let index = UInt8(pick([0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 14]))
            return expression(type, depth - 1) + expression(type, depth - 1) + .op(base + index)
        case 5:
            let divisor = expression(type, depth - 1) + constant(type) + .op(is32 ? 0x72 : 0x84)
            return expression(type, depth - 1) + divisor + .op((is32 ? 0x6d : 0x7f) + UInt8(random.below(4)))
        case 6:
            let unary: [UInt8] = is32 ? [0x67, 0x68, 0x69, 0xc0, 0xc1, 0x45] : [0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4]
            return expression(type, depth - 1) + .op(pick(unary))
        case 7:
            if is32 { return expression(Self.i64, depth - 1) + .op(pick([0xa7, 0x50])) }
            return expression(Self.i32, depth - 1) + .op(pick([0xac, 0xad]))
        case 8:
            guard is32 else { return expression(Self.i32, depth - 1) + .op(0xad) }
            let operand = anyType()
            let base: UInt8 = operand == Self.i32 ? 0x46 : 0x51
            return expression(operand, depth - 1) + expression(operand, depth - 1) + .op(base + UInt8(random.below(10)))
        case 9:
            return expression(type, depth - 1) + expression(type, depth - 1) + expression(Self.i32, depth - 1) + [0x1b]
        case 10:
            let loads: [UInt8] = is32 ? [0x28, 0x2c, 0x2d, 0x2e, 0x2f] : [0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35]
            return address() + .load(pick(loads), UInt32(random.below(64)))
        case 11: return expression(type, depth - 1) + .tee(local(type))
        case 12: return .op(0x23, is32 ? 0 : 1)
        case 13:
            let condition = expression(Self.i32, depth - 1)
            return condition + .block(0x04, [type], within(type) { $0.body(type, depth - 1) + Code.otherwise + $0.body(type, depth - 1) })
        case 14: return .block(0x02, [type], within(type) { $0.body(type, depth - 1) })
        default:
            guard !is32, callable > 0 else { return .op(0x3f, 0) + (is32 ? [] : .op(0xad)) }
            let arguments = expression(Self.i32, depth - 1) + expression(Self.i64, depth - 1)
            if random.chance(1, in: 3) {
                // Type 0 is the type of all these functions; a number that is not in the table traps.
                return arguments + .i32(Int32(random.below(random.chance(1, in: 20) ? 10 : Int(min(callable, 6))))) + .op(0x11, 0, 0)
            }
            return arguments + .call(UInt32(random.below(Int(callable))))
        }
    }

    private mutating func within(_ label: UInt8?, _ body: (inout RandomModule) -> Code) -> Code {
        labels.append(label.map(Label.value) ?? .nothing)
        defer { labels.removeLast() }
        return body(&self)
    }

    /// The inside of a block that leaves a value; it may branch out early.
    private mutating func body(_ type: UInt8, _ depth: Int) -> Code {
        var code = random.chance(1, in: 2) ? statement(depth) : Code()
        if random.chance(1, in: 3) { code += expression(type, depth - 1 < 0 ? 0 : depth - 1) + expression(Self.i32, 1) + .brIf(0) + .drop }
        return code + expression(type, max(depth - 1, 0))
    }

    private mutating func statements(_ depth: Int) -> Code {
        (0..<1 + random.below(4)).reduce(into: Code()) { code, _ in code += statement(depth) }
    }

    /// Code that leaves nothing.
    private mutating func statement(_ depth: Int) -> Code {
        let depth = max(depth, 1), type = anyType()
        switch random.below(12) {
        case 0, 1, 2: return expression(type, depth) + .set(local(type))
        case 3:
            let stores: [UInt8] = type == Self.i32 ? [0x36, 0x3a, 0x3b] : [0x37, 0x3c, 0x3d, 0x3e]
            return address() + expression(type, depth - 1) + .load(pick(stores), UInt32(random.below(64)))
        case 4: return expression(type, depth - 1) + .op(0x24, type == Self.i32 ? 0 : 1)
        case 5:
            let condition = expression(Self.i32, depth - 1)
            let arms = within(nil) { module -> Code in module.statements(depth - 1) + Code.otherwise + module.statement(depth - 1) }
            return condition + Code.block(0x04, [0x40], arms)
        case 6: return Code.block(within(nil) { module -> Code in module.statements(depth - 1) + module.leave() + module.statement(depth - 1) })
        case 7 where loopDepth < loopDepthMax: return loop(depth)
        case 8:
            // A table of branches out of two blocks.
            return Code.block(within(nil) { outer -> Code in
                let inner = outer.within(nil) { $0.expression(Self.i32, depth - 1) }
                return Code.block(inner + Code.brTable([0, 1, 0], default: 1)) + outer.statement(depth - 1)
            })
        case 9:
            let place = address(), from = address(), count = Code.i32(Int32(random.below(48)))
            switch random.below(3) {
            case 0: return place + from + count + .bulk(10, 0, 0)
            case 1: return place + expression(Self.i32, 1) + count + .bulk(11, 0)
            default: return place + .i32(Int32(random.below(16))) + .i32(Int32(random.below(18))) + .bulk(8, 1, 0)
            }
        case 10: return .i32(Int32(random.below(2))) + .op(0x40, 0) + .drop
        default: return expression(type, depth) + .drop
        }
    }

    /// Leaves a block, or not: with a condition, or for good, which makes what follows dead.
    private mutating func leave() -> Code {
        let targets = labels.indices.filter { labels[$0] == .nothing }
        guard !targets.isEmpty else { return Code() }
        let target = pick(targets)
        let depth = UInt32(labels.count - 1 - target)
        return random.chance(1, in: 5) ? .br(depth) : expression(Self.i32, 2) + .brIf(depth)
    }

    private mutating func loop(_ depth: Int) -> Code {
        let counter = UInt32(localTypes.count + loopDepth)
        loopDepth += 1
        defer { loopDepth -= 1 }
        labels.append(.loop)
        let body = statements(depth - 1)
        labels.removeLast()
        // Down from a small number; the comparison and the branch are one instruction after translation.
        var round = body
        for part in [Code.get(counter), .i32(1), .sub32, .tee(counter), .brIf(0)] { round += part }
        return Code.i32(Int32(1 + random.below(12))) + Code.set(counter) + Code.block(0x03, [0x40], round)
    }
}
