import ChainKit
import Contracts
import ContractVM
import Execution
import Ledger
import ModuleKit
import Primitives
import Testing
import WorldState

/// At the address of governance, to pause without a vote.
private enum Pauser: BuiltInContract {
    typealias Rejections = PuppetSchema.Rejections
    static let name: StaticString = "governance"
    static let documentation: StaticString = "Pauses."
    static let pause = Method("pause", "Pauses.", Argument("contract", "Which.", Address.self), Argument("until", "Until when.", Timestamp.self)) {
        context, contract, until throws(CallError) in
        try context.setPauses([Pause(contract: contract, until: until)])
    }
    static var methods: [any ContractMethod] { [pause] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }
}

/// The methods that run when code comes to its address: `init` and `migrate`.
@Suite struct SetupTests {
    private let alice = Person(1), bob = Person(2)

    /// What code with both methods says of itself.
    private enum Schema: BuiltInContract {
        typealias Rejections = PuppetSchema.Rejections
        static let name: StaticString = "founded"
        static let documentation: StaticString = "Notes how it was set up."
        static let setUp = Method("init", "Sets up.", takesValue: true) { _ throws(CallError) in Nothing() }
        static let migrate = Method("migrate", "Moves on.") { _ throws(CallError) in Nothing() }
        static var methods: [any ContractMethod] { [setUp, migrate, PuppetSchema.run] }
        static var events: [any ContractEvent.Type] { [] }
        static var storage: [any StorageDeclaration] { [] }
    }

    /// Writes under the first letter of the method what it knows of its call, and a mark that tells one code from another.
    private func noting(_ mark: UInt8, then: Code = []) -> [UInt8] {
        let body: Code = Puppet.ask("method_read", 0, 8) + Puppet.ask("input_read", 8, 0, 4) + Puppet.ask("caller", 12)
            + Puppet.ask("origin", 32) + Puppet.ask("value", 52) + Puppet.ask("storage_write", 0, 1, 0, 69)
        return Puppet.module(body + then, data: [68: [mark]], schema: Schema.contractSchema.bcs)
    }

    private func note(_ method: String, _ input: [UInt8], caller: Address, origin: Address, value: UInt128 = 0, _ mark: UInt8) -> [UInt8] {
        func padded(_ bytes: [UInt8], _ count: Int) -> [UInt8] { bytes + [UInt8](repeating: 0, count: count - bytes.count) }
        return padded(Array(method.utf8), 8) + padded(input, 4) + caller.bytes + origin.bytes + Amount(value).bcs + [mark]
    }

    private func stored(_ chain: TestChain, _ contract: Address, _ method: String) throws -> [UInt8]? {
        try chain.state.view.value(StateKey(contract: contract, [method.utf8.first!])!)
    }

    private func upgrade(_ contract: Address, _ code: [UInt8], _ arguments: [UInt8] = []) -> Call {
        Deployment.upgrade.reference.call(on: .contracts, contract, Deployment.Code(code)!, Deployment.SetupArguments(arguments)!)
    }

    private func send(_ chain: TestChain, _ person: Person, _ call: Call) -> Receipt { chain.send(person, call, gasLimit: 100_000_000) }

    @Test func initGetsArgumentsAndValueOnce() throws {
        let chain = TestChain.withPuppets([alice])
        let address = Address.deployedContract(by: alice.address, nonce: 0, callIndex: 0)
        #expect(send(chain, alice, chain.deployment(noting(1), arguments: [5, 6], value: Amount(7))).succeeded)
        #expect(try stored(chain, address, "init") == note("init", [5, 6], caller: alice.address, origin: alice.address, value: 7, 1))
        #expect(chain.balance(address) == Amount(7) && chain.balance(.contracts) == .zero)
        // Nobody else may call it, neither an account nor a contract.
        #expect(send(chain, alice, Call(contract: address, method: "init", arguments: [])).code == SystemRejection.hookNotCallable.rawValue)
        #expect(send(chain, alice, Call(contract: address, method: "migrate", arguments: [])).code == SystemRejection.hookNotCallable.rawValue)
        let stranger = chain.run(alice, Puppet.module(
            Puppet.ask("call", 0, 20, 4, 0, 0, 40, -1, 2), data: [0: address.bytes, 20: Array("init".utf8)]))
        #expect(stranger.outcome.failure?.contract == address && stranger.code == SystemRejection.hookNotCallable.rawValue)
    }

    @Test func aFailedInitLeavesNothing() throws {
        let chain = TestChain.withPuppets([alice])
        let address = Address.deployedContract(by: alice.address, nonce: 0, callIndex: 0), code = noting(1, then: .i32(101) + .return)
        let receipt = send(chain, alice, chain.deployment(code, arguments: [5], value: Amount(7)))
        #expect(receipt.outcome.failure?.contract == address && receipt.code == 101)
        #expect(chain.ask(Deployment.show.reference, of: .contracts, address) == nil)
        #expect(try stored(chain, address, "init") == nil && chain.balance(address) == .zero && chain.last!.events.isEmpty)
        #expect(chain.ask(Deployment.list.reference, of: .contracts, nil).elements.isEmpty)
    }

    @Test func migrateRunsInTheNewCodeWithItsArguments() throws {
        let chain = TestChain.withPuppets([alice])
        let address = chain.deploy(alice, noting(1), .owner(alice.address))
        #expect(send(chain, alice, upgrade(address, noting(2), [9])).succeeded)
        #expect(try stored(chain, address, "migrate") == note("migrate", [9], caller: .contracts, origin: alice.address, 2))
        // One that fails leaves the old code.
        #expect(send(chain, alice, upgrade(address, noting(3, then: .i32(102) + .return), [9])).code == 102)
        #expect(chain.ask(Deployment.show.reference, of: .contracts, address)?.revision == 1)
        #expect(try stored(chain, address, "migrate")?.last == 2)
        // Code without the method takes no arguments for it.
        #expect(send(chain, alice, upgrade(address, Puppet.module([]), [9])).code == DeploymentRejection.setupMissing.rawValue)
        #expect(send(chain, alice, upgrade(address, Puppet.module([]))).succeeded)
    }

    @Test func aDelayedMigrationWaitsAndSurvivesItsFailure() throws {
        let chain = TestChain.withPuppets([alice, bob])
        let address = chain.deploy(alice, noting(1), .delayed(DelayedOwner(owner: alice.address, delay: 60_000)))
        // It refuses until money is there.
        let patient: Code = Puppet.ask("self_addr", 100) + Puppet.ask("balance", 100, 120) + .i32(120) + .load(0x28) + [0x45]
            + .block(0x04, [0x40], .i32(103) + .return)
        #expect(send(chain, alice, upgrade(address, noting(2, then: patient), [4])).succeeded)
        #expect(try stored(chain, address, "migrate") == nil)
        chain.pass(milliseconds: 60_000)
        let apply = Deployment.applyUpgrade.reference.call(on: .contracts, address)
        #expect(send(chain, bob, apply).code == 103)
        #expect(chain.ask(Deployment.pendingUpgrade.reference, of: .contracts, address) != nil)
        #expect(chain.ask(Deployment.show.reference, of: .contracts, address)?.revision == 0)
        #expect(send(chain, bob, Call(contract: address, method: "run", arguments: [], value: Amount(3))).succeeded)
        #expect(send(chain, bob, apply).succeeded)
        #expect(try stored(chain, address, "migrate") == note("migrate", [4], caller: .contracts, origin: bob.address, 2))
        #expect(chain.ask(Deployment.pendingUpgrade.reference, of: .contracts, address) == nil)
    }

    /// The members of a group deploy together: what `init` gives to its caller is the group's, whoever sent the last approval.
    @Test func aGroupIsTheDeployer() throws {
        let chain = TestChain([Accounts.self, Groups.self, Deployment.self], people: [alice, bob], loader: WebAssemblyLoader())
        chain.send(alice, Groups.create.reference.call(on: Groups.address, Bounded([alice.address, bob.address])!, 2, Groups.Label("founders")))
        guard case .succeeded(let results)? = chain.last?.receipts.first?.outcome, let group = try? Address(bcs: results.values[0]) else {
            return #expect(Bool(false), "no group")
        }
        let action = Groups.Action.calls(Bounded([chain.deployment(noting(1), arguments: [5])])!)
        #expect(send(chain, alice, Groups.propose.reference.call(on: Groups.address, group, action, Timestamp(chain.time.rawValue + 600_000))).succeeded)
        #expect(send(chain, bob, Groups.approve.reference.call(on: Groups.address, group, 0)).succeeded)
        let contract = try #require(chain.ask(Deployment.list.reference, of: .contracts, nil).elements.first)
        #expect(contract.contract.deployer == group)
        #expect(try stored(chain, contract.address, "init") == note("init", [5], caller: group, origin: bob.address, 1))
    }

    /// A pause is there to mend what is wrong: the owner can, and nobody else can do anything.
    @Test func aPausedContractCanBeMended() throws {
        let chain = TestChain([Accounts.self, Deployment.self, Pauser.self], people: [alice], loader: WebAssemblyLoader())
        let address = chain.deploy(alice, noting(1), .owner(alice.address)), other = chain.deploy(alice, Puppet.module([]))
        #expect(chain.send(alice, Pauser.pause.reference.call(on: .governance, address, Timestamp(chain.time.rawValue + 600_000))).succeeded)
        chain.advance()
        let run = Call(contract: address, method: "run", arguments: []), migrate = Call(contract: address, method: "migrate", arguments: [])
        for _ in 0..<2 {
            #expect(send(chain, alice, run).code == SystemRejection.paused.rawValue && send(chain, alice, migrate).code == SystemRejection.paused.rawValue)
            #expect(send(chain, alice, Call(contract: other, method: "run", arguments: [])).succeeded)
            #expect(send(chain, alice, upgrade(address, noting(2), [9])).succeeded)
            #expect(try stored(chain, address, "migrate") == note("migrate", [9], caller: .contracts, origin: alice.address, 2))
        }
    }

    @Test func aContractDeploysContractsUnderItsOwnNumbers() throws {
        let chain = TestChain.withPuppets([alice])
        let arguments = Deployment.deploy.reference.encode(
            Deployment.Code(noting(1))!, .immutable, Deployment.SetupArguments([8])!)
        let body: Code = Puppet.ask("call", 0, 20, 6, 100, Int64(arguments.count), 40, -1, 2) + Puppet.ask("ret_read", 60, 0, 20)
            + Puppet.ask("output", 60, 20)
        let factory = chain.deploy(alice, Puppet.module(body, data: [0: Address.contracts.bytes, 20: Array("deploy".utf8), 100: arguments]))
        for number in 0..<2 {
            let receipt = send(chain, alice, Call(contract: factory, method: "run", arguments: []))
            let child = Address.deployedContract(by: factory, nonce: Nonce(UInt64(number)), callIndex: .max)
            #expect(receipt.outcome == .succeeded(CallResults([child.bytes])!))
            #expect(chain.ask(Deployment.show.reference, of: .contracts, child)?.deployer == factory)
            #expect(try stored(chain, child, "init") == note("init", [8], caller: factory, origin: alice.address, 1))
        }
    }
}
