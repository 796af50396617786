import ChainKit
import Contracts
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// No number that a caller may write stops the program: every method and view of every contract is called with the least and the most that its
/// arguments can be, about things that exist, by somebody who may do much.
@Suite struct EdgeTests {
    /// A chain with an application that was assigned twice, a group and a proposal of it, a proposal of governance, and agreements: one that is
    /// active, with a report of a failure, one that is signed, and one that is offered.
    private static func chain() -> (chain: TestChain, people: [Person], addresses: [Address]) {
        let people = (0..<5).map { Person($0 + 1) }, owner = people[0], app: ApplicationName = "shop"
        let chain = TestChain(Catalogue.definitions, people: people) { $0.drawDelay = 1 }
        let group = Address.subaccount(0, of: Groups.address), members = Bounded<32, Address>(people[0...2].map(\.address))!
        let settings = Infrastructure.Settings(stakeThreshold: .zero, unitStake: Amount(1), epochBlocks: 1)
        let document = InfrastructureFixture.document(
            InfrastructureFixture.worker("a", count: 3), InfrastructureFixture.worker("b", count: 2), InfrastructureFixture.shard("shop", copies: 2, of: "a"))
        func calls(_ list: Call...) { for call in list { #expect(chain.send(owner, call).succeeded, "\(call.method)") } }
        calls(
            Groups.create.reference.call(on: Groups.address, members, 2, "shop"),
            Groups.propose.reference.call(on: Groups.address, group, .calls(Bounded([Accounts.transfer.reference.call(on: .accounts, owner.address)])!), Timestamp(chain.time.rawValue + 9_000_000)),
            Governance.propose.reference.call(
                on: .governance, Governance.Content(title: "shop", text: "", action: .calls(Bounded([Accounts.transfer.reference.call(on: .accounts, owner.address)])!)),
                value: chain.parameters.proposalDeposit),
            Infrastructure.create.reference.call(on: .infrastructure, app, .account(owner.address), settings),
            Infrastructure.importDocument.reference.call(on: .infrastructure, app, 0, .full(document), ""),
            Infrastructure.setArtifact.reference.call(
                on: .infrastructure, app, "shop", Infrastructure.Artifact(content: "QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR", type: "image", bytes: 1)))
        for (place, person) in people.enumerated() {
            let place = Infrastructure.OperatorName("op-\(place)")!
            let home = Infrastructure.Place(continent: .europe, region: "DE")
            #expect(chain.send(person, Infrastructure.join.reference.call(on: .infrastructure, app, place, home, nil, value: Amount(9))).succeeded)
        }
        for round in 0..<2 {
            calls(Infrastructure.freeze.reference.call(on: .infrastructure, app), Infrastructure.map.reference.call(on: .infrastructure, app))
            guard round == 0 else { continue }
            calls(Infrastructure.report.reference.call(on: .infrastructure, app, 0, 1, "", .running, Bounded()))
        }
        agree(chain, people)
        let drafted = Infrastructure.Change.delta(Infrastructure.Delta(objects: InfrastructureFixture.document(InfrastructureFixture.worker("c")))!)
        calls(Infrastructure.draft.reference.call(on: .infrastructure, app, 1, drafted, ""))
        return (chain, people, people.map(\.address) + [group, Address()] + chain.executor.catalogue.addresses + chain.founders.map(\.person.address))
    }

    /// The first two people are the parties, and everything else besides.
    private static func agree(_ chain: TestChain, _ people: [Person]) {
        let now = chain.time.rawValue, chainID = chain.genesis.chainID
        let terms = (0..<3).map { number in
            Agreements.Terms(
                consumer: people[0].address, service: "shop",
                providers: Bounded([Agreements.Provider(account: people[1].address, collateral: Amount(5))])!,
                monitors: Bounded(people[0...1].map { Agreements.Monitor(account: $0.address, source: "own") })!, arbiter: people[1].address, partiesMayMonitor: true,
                level: .amazonEC2,
                schedule: Agreements.Schedule(start: Timestamp(now + 30_000), intervalMilliseconds: 1_000, periodIntervals: 3, periods: 2),
                payment: Agreements.Payment(fee: Amount(1_000), prepaidPeriods: 1, monitorBond: Amount(1)),
                windows: Agreements.Windows(settleMilliseconds: 0, lateMilliseconds: 86_400_000, rulingMilliseconds: 1_000, challengeMilliseconds: 1_000),
                expires: Timestamp(now + 30_000), salt: Digest([UInt8](repeating: UInt8(number), count: 32))!)
        }
        func send(_ person: Int, _ call: Call) { #expect(chain.send(people[person], call).succeeded, "\(call.method)") }
        for (number, terms) in terms.enumerated() {
            send(0, Agreements.propose.reference.call(on: .agreements, terms))
            guard number < 2 else { continue }
            send(1, Agreements.accept.reference.call(on: .agreements, UInt64(number), terms.digest(chainID: chainID)))
        }
        send(0, Agreements.fund.reference.call(on: .agreements, 0, 1, value: Amount(1_000)))
        send(1, Agreements.deposit.reference.call(on: .agreements, 0, value: Amount(5)))
        for person in 0...1 { send(person, Agreements.enlist.reference.call(on: .agreements, 0, value: Amount(1))) }
        chain.advance(time: Timestamp(now + 32_000))
        let failure = Agreements.Measurement(
            agreement: 0, metric: 0, period: 0, first: 0, readings: Bounded([.state(false)])!, evidence: .zero, sequence: 1)
        send(0, Agreements.measure.reference.call(on: .agreements, failure))
    }

    @Test(arguments: EdgeArguments.Edge.allCases) func numbersAtTheirEdgesAreRefusedOrTaken(edge: EdgeArguments.Edge) throws {
        let (chain, people, addresses) = Self.chain(), texts = ["shop", "shop", "shop", "a", "op-1", "alice.trl", ""]
        var succeeded = 0, methods = 0
        for (address, schema) in chain.executor.catalogue.schemas {
            for method in schema.methods where method.kind != .hook {
                methods += 1
                var isTaken = false
                for seed in 0..<(edge == .either ? 48 : 16) as Range<UInt64> {
                    var edges = EdgeArguments(edge, seed: seed, addresses: addresses, texts: texts)
                    let value = !method.takesValue ? Amount.zero : edge == .least ? .zero : edge == .most ? Amount(TestChain.fortune.units / 2) : Amount(UInt128(seed % 3))
                    let call = Call(contract: address, method: MethodName(truncating: method.name), arguments: edges.arguments(method), value: value)
                    let sender = people[Int(seed % 2)].address
                    let transaction = try #require(Transaction(
                        chainID: chain.genesis.chainID, sender: sender, nonce: 0, validUntilHeight: Height(.max), gasLimit: Gas(.max), gasPrice: Amount(1), calls: [call]))
                    let outcome = try chain.executor.simulate(transaction, at: chain.header, in: chain.state.view).outcome
                    #expect(outcome.receiptClass != 2, "\(schema.name).\(method.name) traps: \(outcome)")
                    #expect(outcome.failure?.code != SystemRejection.stateMalformed.rawValue, "\(schema.name).\(method.name): \(outcome)")
                    if outcome.failure == nil { isTaken = true }
                }
                if isTaken { succeeded += 1 }
            }
        }
        // Such calls get somewhere: many are about things that exist and are done.
        #expect(succeeded * 4 > methods, "\(succeeded) of \(methods)")
    }
}
