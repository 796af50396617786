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
        #expect(refusal(Puppet.module([0x43, 0, 0, 0, 0] + .drop))?.contains("floating point is not supported") == true)
        #expect(refusal(Puppet.module([], schema: nil))?.contains("trellis_schema") == true)
        #expect(refusal(Puppet.module([], schema: [9]))?.hasPrefix("the schema") == true)
        #expect(refusal(Puppet.module([], schema: PuppetSchema.contractSchema.bcs + [0]))?.hasPrefix("the schema") == true)
        #expect(refusal(ModuleBuilder().bytes)?.contains("must export") == true)
        // Without a loader nothing is deployed and nothing breaks.
        let plain = TestChain([Accounts.self, Deployment.self], people: [alice])
        #expect(plain.send(alice, plain.deployment(Self.answering(1)), gasLimit: 100_000_000).code == DeploymentRejection.codeRefused.rawValue)
        #expect(chain.send(alice, chain.deployment(Self.answering(1), value: Amount(1)), gasLimit: 100_000_000).code == DeploymentRejection.setupMissing.rawValue)
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
