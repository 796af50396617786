import Execution
import Ledger
import Primitives
import WorldState

/// A contract that does what a test asks of it, good or bad. Several of them, at different addresses, call one another.
protocol ProbeContract: BuiltInContract where Rejections == ProbeRejection {}

enum ProbeRejection: UInt32, RejectionCode {
    case asked = 100, childFailed = 101
    var text: String { self == .asked ? "The test asked for it." : "The inner call failed." }
    var hint: String { "Ask for something else." }
}

struct Probed: Hashable, ContractEvent {
    static let name: EventName = "Probed"
    static let documentation: StaticString = "A probe was touched."
    let number: UInt64
    static let fields = Fields(Field("number", "Which time.") { $0.number }, make: Probed.init)
}

/// A choice with all kinds of cases.
enum Shape: Hashable, Choice {
    case point
    case circle(UInt64)
    case path(Bounded<4, Corner>)

    static let cases: [Case<Shape>] = [
        Case("point", "Has no extent.", .point),
        Case("circle", "Round.", Shape.circle) { if case .circle(let radius) = $0 { radius } else { nil } },
        Case("path", "Several corners.", Shape.path) { if case .path(let corners) = $0 { corners } else { nil } },
    ]
}

/// A record with a rule: `x` is not above `y`.
struct Corner: Hashable, Record {
    let x, y: UInt16
    init?(x: UInt16, y: UInt16) {
        guard x <= y else { return nil }
        self.x = x
        self.y = y
    }
    static let fields = Fields(Field("x", "To the east.") { $0.x }, Field("y", "To the north.") { $0.y }, make: Corner.init)
}

enum Probes {
    static let counter = StoredValue(0, "counter", "Touches so far.", UInt64.self)
    static let marks = StoredMap(1, "marks", "Whatever a test puts there.", KeyPair<UInt16, UInt32>.self, Shape.self)
    static let raw = StoredMap(2, "raw", "Bytes by number.", UInt32.self, BoundedBytes<65_536>.self)
    typealias Bytes = BoundedBytes<600_000>

    static let touch = Method("touch", "Counts.", takesValue: true) { context throws(CallError) in
        let count = (try context.read(counter) ?? 0) + 1
        try context.write(counter, count)
        try context.emit(Probed(number: count))
        return count
    }
    static let count = Method("count", "The touches.", kind: .view) { context throws(CallError) in try context.read(counter) ?? 0 }
    static let fail = Method("fail", "Touches, then refuses.", takesValue: true) { context throws(CallError) -> Nothing in
        try context.write(counter, 1_000)
        try context.emit(Probed(number: 1_000))
        throw context.rejection(ProbeRejection.asked)
    }
    static let trap = Method("trap", "Breaks a rule.") { context throws(CallError) -> Nothing in
        throw CallError(.trapped, contract: context.contract, code: 7, message: "broken")
    }
    static let spin = Method("spin", "Uses gas.", Argument("gas", "How much.", UInt64.self)) { context, gas throws(CallError) in
        try context.charge(gas)
        return Nothing()
    }
    /// Calls another contract; `catches` makes it go on when that fails.
    static let forward = Method(
        "forward", "Calls another contract.", takesValue: true, Argument("to", "Whom.", Address.self), Argument("method", "What.", MethodName.self),
        Argument("arguments", "With what.", Bytes.self), Argument("value", "With how much.", Amount.self),
        Argument("gas", "With how much gas.", UInt64?.self), Argument("catches", "Whether a failure is survived.", Bool.self)
    ) { context, to, method, arguments, value, gas, catches throws(CallError) in
        try context.write(counter, (try context.read(counter) ?? 0) + 1)
        do throws(CallError) {
            return Bytes(try context.call(to, method, arguments.bytes, value: value, gas: gas))!
        } catch {
            guard catches, case .reverted = error.kind else { throw error }
            return Bytes([])!
        }
    }
    static let sneaky = Method("sneaky", "A view that writes.", kind: .view) { context throws(CallError) in
        try context.write(counter, 5)
        return Nothing()
    }
    static let sneakyForward = Method("sneaky_forward", "A view that calls.", kind: .view, Argument("to", "Whom.", Address.self)) { context, to throws(CallError) in
        try context.call(touch.reference, on: to)
    }
    static let put = Method("put", "Stores bytes.", Argument("number", "Where.", UInt32.self), Argument("bytes", "What.", BoundedBytes<65_536>.self)) {
        context, number, bytes throws(CallError) in
        try context.write(raw, number, bytes)
        return Nothing()
    }
    static let emitMany = Method("emit_many", "Emits.", Argument("count", "How often.", UInt32.self)) { context, count throws(CallError) in
        for number in 0..<count { try context.emit(Probed(number: UInt64(number))) }
        return Nothing()
    }
    static let emitLong = Method("emit_long", "Emits bytes.", Argument("size", "How many.", UInt32.self)) { context, size throws(CallError) in
        try context.emit("Long", [UInt8](repeating: 1, count: Int(size)))
        return Nothing()
    }
    static let echo = Method("echo", "Returns its argument.", Argument("bytes", "What.", Bytes.self)) { _, bytes throws(CallError) in bytes }
    static let mirror = Method("mirror", "Returns its argument.", kind: .view, Argument("bytes", "What.", Bytes.self)) { _, bytes throws(CallError) in bytes }
    /// Catches everything, which a careful contract does not.
    static let swallow = Method("swallow", "Goes on whatever happens, or refuses.", Argument("to", "Whom it calls.", Address.self),
                                Argument("method", "What.", MethodName.self), Argument("refuses", "Whether it ends with a refusal.", Bool.self)) {
        context, to, method, refuses throws(CallError) in
        do throws(CallError) { _ = try context.call(to, method, []) } catch {}
        if refuses { throw context.rejection(ProbeRejection.asked) }
        return Nothing()
    }
    static let collapse = Method("collapse", "Ends as on a node that cannot run it.") { context throws(CallError) -> Nothing in
        throw context.nodeFailure("no room")
    }
    static let idle = Method("idle", "Uses gas and changes nothing.", kind: .view, Argument("gas", "How much.", UInt64.self)) { context, gas throws(CallError) in
        try context.charge(gas)
        return Nothing()
    }
    static let erase = Method("erase", "Removes bytes.", Argument("number", "Where.", UInt32.self)) { context, number throws(CallError) in
        try context.remove(raw, number)
        return Nothing()
    }
    static let delayDraws = Method("delay_draws", "Changes a parameter, if it may.", Argument("blocks", "The new delay.", UInt32.self)) { context, blocks throws(CallError) in
        var parameters = context.block.parameters
        parameters.drawDelay = blocks
        try context.schedule(parameters: parameters)
        return Nothing()
    }
    static let fill = Method("fill", "Stores many values.", Argument("count", "How many.", UInt32.self)) { context, count throws(CallError) in
        for number in 0..<count { try context.write(raw, number, BoundedBytes([1])!) }
        return Nothing()
    }
    static let sweep = Method("sweep", "Removes them, and returns what it costs to find the next.", Argument("count", "How many.", UInt32.self)) {
        context, count throws(CallError) in
        for number in 0..<count { try context.remove(raw, number) }
        let before = context.gasLeft
        _ = try context.keys(prefix: [2], from: nil, .ascending, limit: 1)
        return before - context.gasLeft
    }
    static let mint = Method("mint", "Makes money, if it may.") { context throws(CallError) in
        try context.mint(Amount(1))
        return Nothing()
    }
    static let pay = Method("pay", "Pays from its balance.", Argument("to", "Whom.", Address.self), Argument("amount", "How much.", Amount.self),
                            Argument("from", "From which subaccount.", UInt64?.self)) { context, to, amount, from throws(CallError) in
        try context.transfer(amount, to: to, from: from)
        return Nothing()
    }
    static let request = Method("request", "Asks for randomness.", Argument("number", "Which.", UInt64.self)) { context, number throws(CallError) in
        try context.requestDraw(number)
        return Nothing()
    }
    static let draw = Method("draw", "The randomness.", kind: .view, Argument("number", "Which.", UInt64.self)) { context, number throws(CallError) in
        try context.draw(number)
    }
    static let pause = Method("pause", "Pauses a contract, if it may.", Argument("contract", "Which.", Address.self), Argument("until", "Until when.", Timestamp.self)) {
        context, contract, until throws(CallError) in
        try context.setPauses([Pause(contract: contract, until: until)])
    }
    static let reschedule = Method("reschedule", "Changes a parameter, if it may.", Argument("limit", "The new limit.", UInt32.self)) { context, limit throws(CallError) in
        var parameters = context.block.parameters
        parameters.blockTransactionsMax = limit
        try context.schedule(parameters: parameters)
        return Nothing()
    }
    static let context = Method("context", "What it sees.", kind: .view) { context throws(CallError) in
        Seen(caller: context.caller, origin: context.origin, height: context.block.height, time: context.block.time, epoch: context.block.epoch)
    }

    static let methods: [any ContractMethod] = [
        touch, count, fail, trap, spin, forward, sneaky, sneakyForward, put, emitMany, emitLong, echo, mirror, swallow, collapse, idle, erase, delayDraws, fill, sweep, mint, pay, request, draw, pause, reschedule, context,
    ]
}

struct Seen: Hashable, Record {
    let caller, origin: Address
    let height: Height
    let time: Timestamp
    let epoch: Epoch
    static let fields = Fields(
        Field("caller", "Who called.") { $0.caller }, Field("origin", "Who signed.") { $0.origin }, Field("height", "When.") { $0.height },
        Field("time", "When.") { $0.time }, Field("epoch", "When.") { $0.epoch }, make: Seen.init)
}

extension ProbeContract {
    static var documentation: StaticString { "Does what a test asks." }
    static var methods: [any ContractMethod] { Probes.methods }
    static var events: [any ContractEvent.Type] { [Probed.self] }
    static var storage: [any StorageDeclaration] { [Probes.counter, Probes.marks, Probes.raw] }
}

enum ProbeA: ProbeContract { static let name: StaticString = "probe-a" }
enum ProbeB: ProbeContract { static let name: StaticString = "probe-b" }
/// At the addresses that may do more.
enum ProbeGovernance: ProbeContract { static let name: StaticString = "governance" }

/// A staking contract of few words: it fails, makes money or names validators as the test has set it.
enum ProbeStaking: BuiltInContract {
    typealias Rejections = ProbeRejection
    static let name: StaticString = "staking"
    static let documentation: StaticString = "Hooks that do what a test asks."
    static let mode = StoredValue(0, "mode", "0 nothing, 1 fail, 2 make money, 3 spend all gas, 4 emit.", UInt8.self)
    static let candidates = StoredValue(1, "candidates", "Weights of the founders in the next choice.", Bounded<16, UInt64>.self)
    static let leaving = StoredValue(2, "leaving", "Indices that must leave.", Bounded<16, UInt16>.self)
    static let set = Method("set", "Sets the mode.", Argument("mode", "Which.", UInt8.self)) { context, value throws(CallError) in
        try context.write(mode, value)
        return Nothing()
    }
    static let plan = Method("plan", "Plans the next epochs.", Argument("weights", "Of the founders.", Bounded<16, UInt64>.self),
                             Argument("leaving", "Who must go.", Bounded<16, UInt16>.self)) { context, weights, gone throws(CallError) in
        try context.write(candidates, weights)
        try context.write(leaving, gone)
        return Nothing()
    }
    static let blockEnd = Method(Catalogue.blockEnd, "Misbehaves.", kind: .hook) { context throws(CallError) in
        switch try context.read(mode) ?? 0 {
        case 1: throw context.rejection(ProbeRejection.asked)
        case 2: try context.mint(Amount(1_000))
        case 3: try context.charge(.max)
        case 4: try context.emit(Probed(number: UInt64(truncatingIfNeeded: context.block.fees.proposer.units)))
        default: break
        }
        return Nothing()
    }
    static let epochEnd = Method(Catalogue.epochEnd, "Names validators.", kind: .hook) { context throws(CallError) in
        guard let weights = try context.read(candidates), let gone = try context.read(leaving),
              let current = try context.validatorSet(of: 0) else { return Nothing() }
        let validators = zip(current.validators, weights).filter { $0.1 > 0 }
            .map { Validator(consensusKey: $0.consensusKey, vrfKey: $0.vrfKey, weight: $1) }
        try context.schedule(validators: validators, removing: gone.map { current.validators[Int($0)].consensusKey })
        return Nothing()
    }
    static var methods: [any ContractMethod] { [set, plan, blockEnd, epochEnd] }
    static var events: [any ContractEvent.Type] { [Probed.self] }
    static var storage: [any StorageDeclaration] { [mode, candidates, leaving] }
}
