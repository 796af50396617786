import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives

/// A chain with governance over powers that a test sets.
struct GovernanceFixture {
    typealias Delegation = (validator: Person, power: UInt128)

    let chain: TestChain
    let people: [Person]

    static let deposit = Amount(1_000_000)
    static let voting: UInt64 = 60_000
    static let timeLock: UInt64 = 30_000

    init(people count: Int = 8, _ change: @escaping (inout NetworkParameters) -> Void = { _ in }) {
        people = (0..<count).map { Person(UInt64($0)) }
        chain = TestChain(
            [Accounts.self, StandInStaking.self, Groups.self, Governance.self, Module.self], people: people
        ) { parameters in
            parameters.proposalDeposit = Self.deposit
            parameters.votingMilliseconds = Self.voting
            parameters.timeLockMilliseconds = Self.timeLock
            parameters.pauseMillisecondsMax = 50_000
            change(&parameters)
        }
    }

    /// Sets the stakes at the beginning of `epoch`: pools and total follow from them.
    func stake(_ stakes: [(Person, [Delegation])], epoch: Epoch = 0) {
        var pools: [Address: UInt128] = [:]
        var calls: [Call] = []
        for (person, delegations) in stakes {
            let list = delegations.map { Governance.DelegatedPower(validator: $0.validator.address, power: Amount($0.power)) }
            calls.append(StandInStaking.setPower.reference.call(on: .staking, person.address, epoch, Bounded(list)!))
            for delegation in delegations { pools[delegation.validator.address, default: 0] += delegation.power }
        }
        for (validator, power) in pools.sorted(by: { $0.key < $1.key }) {
            calls.append(StandInStaking.setPool.reference.call(on: .staking, validator, epoch, Amount(power)))
        }
        calls.append(StandInStaking.setTotal.reference.call(on: .staking, epoch, Amount(pools.values.reduce(0, +))))
        chain.advance([chain.transaction(people[0], calls)])
        precondition(chain.last?.receipts[0].succeeded == true)
    }

    func proposeCall(_ action: Governance.Action, deposit: Amount = GovernanceFixture.deposit) -> Call {
        let content = Governance.Content(title: "A proposal", text: "Because.", action: action)
        return Governance.propose.reference.call(on: .governance, content, value: deposit)
    }

    @discardableResult
    func propose(_ person: Person, _ action: Governance.Action, deposit: Amount = GovernanceFixture.deposit) -> Receipt {
        chain.send(person, proposeCall(action, deposit: deposit))
    }

    /// Proposes and returns the number.
    func proposal(_ person: Person, _ action: Governance.Action) throws -> UInt64 {
        let receipt = propose(person, action)
        guard case .succeeded(let results) = receipt.outcome else { throw Refused(receipt: receipt) }
        return try Governance.propose.reference.result(results.values[0])
    }

    struct Refused: Error { let receipt: Receipt }

    @discardableResult
    func vote(_ person: Person, _ number: UInt64, _ option: Governance.VoteOption, gasLimit: UInt64 = 20_000_000) -> Receipt {
        chain.send(person, Governance.vote.reference.call(on: .governance, number, option), gasLimit: gasLimit)
    }

    func execute(_ person: Person, _ number: UInt64, gasLimit: UInt64 = 40_000_000) -> Receipt {
        chain.send(person, Governance.execute.reference.call(on: .governance, number), gasLimit: gasLimit)
    }

    func cancel(_ person: Person, _ number: UInt64) -> Receipt {
        chain.send(person, Governance.cancel.reference.call(on: .governance, number))
    }

    func view(_ number: UInt64) -> Governance.ProposalView? { chain.ask(Governance.proposal.reference, of: .governance, number) }
    func status(_ number: UInt64) -> Governance.Status? { view(number)?.proposal.status }
    /// Why it could not be executed.
    func failure(_ number: UInt64) -> RecordedFailure? { if case .failed(let failure) = status(number) { failure } else { nil } }
    /// When its time lock ends.
    func due(_ number: UInt64) -> Timestamp? { if case .accepted(let time) = status(number) { time } else { nil } }
    func tally(_ number: UInt64) -> [UInt128] {
        guard let tally = view(number)?.tally else { return [] }
        return [tally.yes.units, tally.no.units, tally.abstain.units, tally.veto.units]
    }
    func numbers(_ stage: Governance.Stage) -> [UInt64] {
        chain.ask(Governance.proposals.reference, of: .governance, stage, nil).map(\.proposal.number)
    }

    func endVoting() { chain.advance(time: Timestamp(chain.time.rawValue + Self.voting)) }
    func endTimeLock() { chain.advance(time: Timestamp(chain.time.rawValue + Self.timeLock)) }

    /// Deposits that lie with the contract.
    var deposits: Amount { chain.balance(.subaccount(Governance.deposits, of: .governance)) }

    func change(_ name: StaticString, _ value: UInt128) -> Governance.Action {
        .parameters(Bounded([Governance.ParameterChange(name: .init(name.description)!, value: value)])!)
    }

    func calls(_ list: Call...) -> Governance.Action { .calls(Bounded(list)!) }
}
