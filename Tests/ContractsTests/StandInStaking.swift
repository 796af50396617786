import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives

/// A contract at the address of staking whose powers a test sets as it likes: what governance asks of staking, and nothing else.
enum StandInStaking: BuiltInContract {
    static let name: StaticString = "staking"
    static let documentation: StaticString = "Powers that a test sets."
    typealias Rejections = StandInRejection
    static var methods: [any ContractMethod] { [setPower, setPool, setTotal, votingPower, validatorPower, totalPower] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [powers, pools, totals] }

    static let powers = StoredMap(0, "powers", "By account and epoch.", KeyPair<Address, Epoch>.self, Bounded<32, Governance.DelegatedPower>.self)
    static let pools = StoredMap(1, "pools", "By validator and epoch.", KeyPair<Address, Epoch>.self, Amount.self)
    static let totals = StoredMap(2, "totals", "By epoch.", Epoch.self, Amount.self)

    static let setPower = Method(
        "set_power", "Sets where an account's stake is.", Argument("account", "Whose.", Address.self),
        Argument("epoch", "When.", Epoch.self), Argument("powers", "Where.", Bounded<32, Governance.DelegatedPower>.self)
    ) { context, account, epoch, list throws(CallError) in
        try context.write(powers, KeyPair(account, epoch), list)
        return Nothing()
    }
    static let setPool = Method(
        "set_pool", "Sets a validator's power.", Argument("validator", "Whose.", Address.self), Argument("epoch", "When.", Epoch.self),
        Argument("power", "How much.", Amount.self)
    ) { context, validator, epoch, power throws(CallError) in
        try context.write(pools, KeyPair(validator, epoch), power)
        return Nothing()
    }
    static let setTotal = Method(
        "set_total", "Sets all power; zero forgets the epoch.", Argument("epoch", "When.", Epoch.self), Argument("power", "How much.", Amount.self)
    ) { context, epoch, power throws(CallError) in
        if power == .zero { try context.remove(totals, epoch) } else { try context.write(totals, epoch, power) }
        return Nothing()
    }
    static let votingPower = Method(
        "voting_power", "Where an account's stake was.", kind: .view, Argument("account", "Whose.", Address.self),
        Argument("epoch", "At the beginning of which epoch.", Epoch.self)
    ) { context, account, epoch throws(CallError) in
        try context.require(try context.contains(totals, epoch), StandInRejection.epochForgotten)
        return try context.read(powers, KeyPair(account, epoch)) ?? Bounded()
    }
    static let validatorPower = Method(
        "validator_power", "A validator's stake.", kind: .view, Argument("validator", "Whose.", Address.self),
        Argument("epoch", "At the beginning of which epoch.", Epoch.self)
    ) { context, validator, epoch throws(CallError) in
        try context.require(try context.contains(totals, epoch), StandInRejection.epochForgotten)
        return try context.read(pools, KeyPair(validator, epoch)) ?? .zero
    }
    static let totalPower = Method(
        "total_power", "All stake.", kind: .view, Argument("epoch", "At the beginning of which epoch.", Epoch.self)
    ) { context, epoch throws(CallError) in
        guard let total = try context.read(totals, epoch) else { throw context.rejection(StandInRejection.epochForgotten) }
        return total
    }
}

enum StandInRejection: UInt32, RejectionCode {
    case epochForgotten = 100
    var text: String { "The epoch is not kept." }
    var hint: String { "Ask for another one." }
}

/// A contract with a module that a permission guards, and methods that misbehave on purpose.
enum Module: BuiltInContract {
    static let name: StaticString = "module"
    static let documentation: StaticString = "A value behind a permission."
    typealias Rejections = StandInRejection
    static var methods: [any ContractMethod] { [begin, set, offer, accept, value, held, fail, burnGas, callBack, shout, keep] }
    static var events: [any ContractEvent.Type] { [Said.self] }
    static var storage: [any StorageDeclaration] { [number, permission] }

    static let number = StoredValue(0, "number", "What is guarded.", UInt64.self)
    static let permission = StoredValue(1, "permission", "Who may set it.", HeldPermission.self)

    static let begin = Method("begin", "Sets the first holder.", Argument("holder", "Who.", Permission.self)) { context, holder throws(CallError) in
        try context.write(permission, HeldPermission(holder))
        return Nothing()
    }
    static let set = Method("set", "Sets the value.", takesValue: true, Argument("value", "To what.", UInt64.self)) { context, value throws(CallError) in
        guard let held = try context.read(permission) else { throw context.failure(.unauthorised) }
        try held.require(context)
        try context.write(number, value)
        return Nothing()
    }
    static let offer = Method("offer", "Offers the permission.", Argument("to", "To whom.", Permission?.self)) { context, to throws(CallError) in
        guard var held = try context.read(permission) else { throw context.failure(.unauthorised) }
        try held.offer(to, context)
        try context.write(permission, held)
        return Nothing()
    }
    static let accept = Method("accept", "Accepts the permission.") { context throws(CallError) in
        guard var held = try context.read(permission) else { throw context.failure(.unauthorised) }
        try held.accept(context)
        try context.write(permission, held)
        return Nothing()
    }
    static let value = Method("value", "The value.", kind: .view) { context throws(CallError) in try context.read(number) ?? 0 }
    static let held = Method("held", "The permission.", kind: .view) { context throws(CallError) in try context.read(permission) }
    static let fail = Method("fail", "Refuses.") { context throws(CallError) -> Nothing in
        throw context.rejection(StandInRejection.epochForgotten, "as asked")
    }
    static let burnGas = Method("burn_gas", "Uses all gas.") { context throws(CallError) -> Nothing in
        while true { try context.charge(1_000_000) }
    }
    /// Calls whatever it is told: a contract between the caller and its target.
    static let callBack = Method(
        "call_back", "Calls another contract.", Argument("call", "What.", Call.self)
    ) { context, call throws(CallError) in
        _ = try context.call(call.contract, call.method, call.arguments)
        return Nothing()
    }
    static let shout = Method("shout", "Emits events.", Argument("count", "How many.", UInt32.self)) { context, count throws(CallError) in
        for one in 0..<count { try context.emit(Said(word: one)) }
        return Nothing()
    }
    static let keep = Method("keep", "Keeps the attached value.", takesValue: true) { _ throws(CallError) in Nothing() }

    struct Said: Hashable, ContractEvent {
        static let name: EventName = "Said"
        static let documentation: StaticString = "Something was said."
        let word: UInt32
        static let fields = Fields(Field("word", "What.") { $0.word }, make: { Said(word: $0) })
    }
}
