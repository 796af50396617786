import ChainKit
import Contracts
import ContractVM
import Execution
import Ledger
import ModuleKit
import Primitives
import Testing

/// Deploying, replacing and handing over.
@Suite struct DeploymentTests {
    private let alice = Person(1), bob = Person(2)

    private static func answering(_ byte: UInt8) -> [UInt8] { Puppet.module(Puppet.ask("output", 0, 1), data: [0: [byte]]) }

    private func answer(_ chain: TestChain, _ contract: Address) -> [UInt8]? {
        if case .succeeded(let results) = chain.send(alice, Call(contract: contract, method: "run", arguments: [])).outcome { results.values[0] } else { nil }
    }

    private func upgrade(_ contract: Address, _ code: [UInt8], arguments: [UInt8] = []) -> Call {
        Deployment.upgrade.reference.call(on: .contracts, contract, Deployment.Code(code)!, Deployment.SetupArguments(arguments)!)
    }

    @Test func whatIsNoContractIsRefusedWithItsPlace() {
        let chain = TestChain.withPuppets([alice])
        func refusal(_ code: [UInt8]) -> String? {
            let failure = chain.send(alice, chain.deployment(code), gasLimit: 100_000_000).outcome.failure
            return failure?.code == DeploymentRejection.codeRefused.rawValue ? failure?.message.text : nil
        }
        #expect(refusal([1, 2, 3])?.contains("offset") == true)
        let first = Puppet.names.count
        #expect(refusal(Puppet.module(.get(9) + .drop))?.hasPrefix("function \(first), offset ") == true)
        #expect(refusal(Puppet.module([0x43, 0, 0, 0, 0] + .drop))?.contains("floating point may not be used") == true)
        #expect(refusal(Puppet.module([], schema: nil))?.contains("trellis_schema") == true)
        #expect(refusal(Puppet.module([], schema: [9]))?.hasPrefix("the schema") == true)
        #expect(refusal(Puppet.module([], schema: PuppetSchema.contractSchema.bcs + [0]))?.hasPrefix("the schema") == true)
        #expect(refusal(ModuleBuilder().bytes)?.contains("must export") == true)
        // Without a loader nothing is deployed and nothing breaks.
        let plain = TestChain([Accounts.self, Deployment.self], people: [alice])
        #expect(plain.send(alice, plain.deployment(Self.answering(1)), gasLimit: 100_000_000).code == DeploymentRejection.codeRefused.rawValue)
        #expect(chain.send(alice, chain.deployment(Self.answering(1), value: Amount(1)), gasLimit: 100_000_000).code == DeploymentRejection.setupMissing.rawValue)
    }

    /// Each kind of bad module through a real transaction: refused with what is wrong, and where the limits and instructions are known, where.
    @Test func everyKindOfBadModuleIsRefusedAtDeployment() {
        let chain = TestChain.withPuppets([alice]), first = Puppet.names.count
        func body(_ code: Code) -> [UInt8] { Puppet.module(code) }
        func changed(_ change: @escaping (inout ModuleBuilder) -> Void) -> [UInt8] { Puppet.module([], change: change) }
        let i32 = ModuleBuilder.i32
        let cases: [(code: [UInt8], function: Bool, reason: String)] = [
            (body([0x43, 0, 0, 0, 0] + .drop), true, "floating point may not be used"), (body([0xfd, 0x0c]), true, "vector instructions may not be used"),
            (body([0xfe, 0x00]), true, "threads may not be used"), (body([0xd0, 0x70]), true, "reference types may not be used"),
            (body([0x12, 0x00]), true, "tail calls may not be used"), (body([0x06, 0x40]), true, "exceptions may not be used"),
            (Puppet.module([], locals: [ModuleBuilder.f64]), true, "floating point may not be used"),
            (changed { $0.start(UInt32(first)) }, false, "a start function may not be used"),
            (changed { $0.importFunction("trellis", "random", [], [i32]) }, false, "nothing to import as trellis.random with this type"),
            (changed { $0.importFunction("env", "output", [i32, i32], []) }, false, "nothing to import as env.output with this type"),
            (changed { $0.importFunction("trellis", "output", [i32], []) }, false, "nothing to import as trellis.output with this type"),
            (changed { builder in for _ in 0..<4_100 { builder.function([], [], []) } }, false, "types: "),
            (changed { builder in for _ in 0..<4_100 { builder.function(type: 0, body: [0, 0x0b]) } }, false, "is more than the 4096 allowed"),
            (changed { $0.item(5, [0, 1]) }, false, "memories"), (changed { builder in for _ in 0..<70 { builder.global(i32, .i32(0)) } }, false, "is more than the 64 allowed"),
            (Puppet.module([], locals: [UInt8](repeating: i32, count: 1_025)), true, "is more than the 1024 allowed"),
            (body((0..<260).reduce(Code()) { code, _ in .block(code) }), true, "is more than the 256 allowed"),
            (changed { $0.table(5_000) }, false, "is more than the 4096 allowed"), (body(.i32(0)), true, ""), (body(.call(9_999)), true, ""),
        ]
        for (index, bad) in cases.enumerated() {
            let receipt = chain.send(alice, chain.deployment(bad.code), gasLimit: 100_000_000), text = receipt.outcome.failure?.message.text ?? ""
            #expect(receipt.code == DeploymentRejection.codeRefused.rawValue && text.contains("offset ") && text.contains(bad.reason), "case \(index): \(text)")
            #expect(text.hasPrefix("function ") == bad.function, "case \(index): \(text)")
            #expect(chain.last!.events.isEmpty && chain.ask(Deployment.list.reference, of: .contracts, nil).elements.isEmpty)
        }
        // Nothing longer than a contract may be is even an argument.
        let long = Deployment.deploy.reference.encode(Deployment.Code(Self.answering(1))!, .immutable, Deployment.SetupArguments([])!)
        let claimed: [UInt8] = [0x81, 0x80, 0x20] + long.dropFirst(2)
        #expect(chain.send(alice, Call(contract: .contracts, method: "deploy", arguments: claimed), gasLimit: 100_000_000).code == SystemRejection.argumentsMalformed.rawValue)
    }

    /// A group owns the contract: its members decide together, and users still have the delay.
    @Test func aGroupUpgradesAfterItsDelay() throws {
        let chain = TestChain([Accounts.self, Groups.self, Deployment.self], people: [alice, bob], loader: WebAssemblyLoader())
        let members = Bounded<32, Address>([alice.address, bob.address])!
        chain.send(alice, Groups.create.reference.call(on: Groups.address, members, 2, Groups.Label("owners")))
        let group = try #require(chain.last?.receipts.first.flatMap { receipt in if case .succeeded(let results) = receipt.outcome { try? Address(bcs: results.values[0]) } else { nil } })
        let contract = chain.deploy(alice, Self.answering(1), .delayed(DelayedOwner(owner: group, delay: 60_000)))
        let action = Groups.Action.calls(Bounded([upgrade(contract, Self.answering(2))])!)
        let proposed = chain.send(alice, Groups.propose.reference.call(on: Groups.address, group, action, Timestamp(chain.time.rawValue + 600_000)), gasLimit: 100_000_000)
        #expect(proposed.succeeded, "\(proposed.outcome)")
        #expect(chain.ask(Deployment.pendingUpgrade.reference, of: .contracts, contract) == nil)
        let approved = chain.send(bob, Groups.approve.reference.call(on: Groups.address, group, 0), gasLimit: 100_000_000)
        #expect(approved.succeeded, "\(approved.outcome)")
        #expect(chain.ask(Deployment.pendingUpgrade.reference, of: .contracts, contract) != nil && answer(chain, contract) == [1])
        let apply = Deployment.applyUpgrade.reference.call(on: .contracts, contract)
        #expect(chain.send(bob, apply).code == DeploymentRejection.upgradeTooEarly.rawValue)
        chain.pass(milliseconds: 60_000)
        #expect(chain.send(bob, apply).succeeded && answer(chain, contract) == [2])
        // One member alone is not the owner.
        #expect(chain.send(alice, upgrade(contract, Self.answering(3)), gasLimit: 100_000_000).code == DeploymentRejection.notOwner.rawValue)
    }

    @Test func anOwnerReplacesCodeAndHandsItOver() {
        let chain = TestChain.withPuppets([alice, bob])
        let contract = chain.deploy(alice, Self.answering(1), .owner(alice.address))
        #expect(answer(chain, contract) == [1])
        #expect(chain.send(bob, upgrade(contract, Self.answering(2)), gasLimit: 100_000_000).code == DeploymentRejection.notOwner.rawValue)
        #expect(chain.send(alice, upgrade(contract, Self.answering(2)), gasLimit: 100_000_000).succeeded)
        #expect(answer(chain, contract) == [2])
        #expect(chain.ask(Deployment.show.reference, of: .contracts, contract)?.revision == 1)

        #expect(chain.send(bob, Deployment.acceptOwnership.reference.call(on: .contracts, contract)).code == DeploymentRejection.offerMissing.rawValue)
        #expect(chain.send(alice, Deployment.offerOwnership.reference.call(on: .contracts, contract, bob.address)).succeeded)
        #expect(chain.send(bob, Deployment.acceptOwnership.reference.call(on: .contracts, contract)).succeeded)
        #expect(chain.send(alice, upgrade(contract, Self.answering(3)), gasLimit: 100_000_000).code == DeploymentRejection.notOwner.rawValue)
        #expect(chain.send(bob, Deployment.freeze.reference.call(on: .contracts, contract)).succeeded)
        #expect(chain.send(bob, upgrade(contract, Self.answering(3)), gasLimit: 100_000_000).code == DeploymentRejection.notOwner.rawValue)
        #expect(answer(chain, contract) == [2])
    }

    @Test func aDelayGivesUsersTime() {
        let chain = TestChain.withPuppets([alice, bob])
        let contract = chain.deploy(alice, Self.answering(1), .delayed(DelayedOwner(owner: alice.address, delay: 60_000)))
        let apply = Deployment.applyUpgrade.reference.call(on: .contracts, contract)
        #expect(chain.send(bob, apply).code == DeploymentRejection.upgradeMissing.rawValue)
        #expect(chain.send(alice, upgrade(contract, Self.answering(2)), gasLimit: 100_000_000).succeeded)
        let due = chain.ask(Deployment.pendingUpgrade.reference, of: .contracts, contract)!.due
        #expect(due.rawValue == chain.time.rawValue + 60_000)
        #expect(chain.send(bob, apply).code == DeploymentRejection.upgradeTooEarly.rawValue)
        #expect(answer(chain, contract) == [1])
        chain.advance(time: Timestamp(due.rawValue - 1_000))
        #expect(chain.send(bob, apply).succeeded)
        #expect(answer(chain, contract) == [2])
        #expect(chain.send(alice, upgrade(contract, Self.answering(3)), gasLimit: 100_000_000).succeeded)
        #expect(chain.send(alice, Deployment.cancelUpgrade.reference.call(on: .contracts, contract)).succeeded)
        chain.pass(milliseconds: 70_000)
        #expect(chain.send(bob, apply).code == DeploymentRejection.upgradeMissing.rawValue)
        let page = chain.ask(Deployment.list.reference, of: .contracts, nil)
        #expect(page.elements.map(\.address) == [contract])
        let record = page.elements[0].contract
        #expect(chain.ask(Deployment.codePiece.reference, of: .contracts, record.codeHash, 0)?.bytes == Self.answering(2))
    }

    /// What one owner announced is not the next one's, and nothing that was announced hangs over its users for ever.
    @Test func anAnnouncedUpgradeEnds() {
        let chain = TestChain.withPuppets([alice, bob])
        let contract = chain.deploy(alice, Self.answering(1), .delayed(DelayedOwner(owner: alice.address, delay: 60_000)))
        let apply = Deployment.applyUpgrade.reference.call(on: .contracts, contract)
        func announce(_ person: Person, _ byte: UInt8) -> Bool { chain.send(person, upgrade(contract, Self.answering(byte)), gasLimit: 100_000_000).succeeded }
        #expect(announce(alice, 2))
        chain.pass(milliseconds: 60_000 + Deployment.upgradeLife)
        #expect(chain.send(bob, apply).code == DeploymentRejection.upgradeExpired.rawValue && answer(chain, contract) == [1])
        // Announced again it has its whole life, to the last millisecond.
        #expect(announce(alice, 3))
        let due = chain.ask(Deployment.pendingUpgrade.reference, of: .contracts, contract)!.due.rawValue
        chain.pass(milliseconds: due + Deployment.upgradeLife - chain.interval - chain.time.rawValue)
        #expect(chain.send(bob, apply).succeeded && answer(chain, contract) == [3])
        #expect(announce(alice, 4))
        #expect(chain.send(alice, Deployment.offerOwnership.reference.call(on: .contracts, contract, bob.address)).succeeded)
        #expect(chain.ask(Deployment.pendingUpgrade.reference, of: .contracts, contract) != nil)
        #expect(chain.send(bob, Deployment.acceptOwnership.reference.call(on: .contracts, contract)).succeeded)
        chain.pass(milliseconds: 70_000)
        #expect(chain.send(alice, apply).code == DeploymentRejection.upgradeMissing.rawValue && answer(chain, contract) == [3])
        #expect(announce(bob, 5))
    }

    @Test func largeCodeIsKeptInPiecesAndAsItCame() {
        let chain = TestChain.withPuppets([alice])
        let code = Puppet.module(Puppet.ask("output", 0, 1), data: [0: [5], 16: (0..<65_000).map { UInt8(truncatingIfNeeded: $0) }])
        let contract = chain.deploy(alice, code)
        #expect(answer(chain, contract) == [5])
        let hash = chain.ask(Deployment.show.reference, of: .contracts, contract)!.codeHash
        let pieces = (0..<3).map { chain.ask(Deployment.codePiece.reference, of: .contracts, hash, UInt16($0))?.bytes }
        #expect(pieces[2] == nil && pieces[0]! + pieces[1]! == code)
    }
}
