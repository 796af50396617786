import ChainKit
@testable import Contracts
import Cryptography
@testable import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// A chain with staking whose periods are a few epochs long, and the calls that tests make on it.
final class StakingChain {
    let chain: TestChain
    private(set) var numbers: [Address: Founder] = [:]

    /// Milliseconds of an epoch; evidence counts for five of them, unbonding takes eight.
    static let epoch: UInt64 = 100_000
    static let token = Amount.unitsPerToken

    init(founders: [Founder] = (0..<4).map { Founder($0) }, people: [Person] = [], fortune: Amount = TestChain.fortune, _ change: (inout NetworkParameters) -> Void = { _ in }) {
        chain = TestChain([Accounts.self, Staking.self], founders: founders, people: people + founders.map(\.person), fortune: fortune) { parameters in
            parameters.epochMilliseconds = StakingChain.epoch
            parameters.evidenceMilliseconds = 5 * StakingChain.epoch
            parameters.trustingMilliseconds = 6 * StakingChain.epoch
            parameters.unbondingMilliseconds = 8 * StakingChain.epoch
            parameters.votingMilliseconds = 3 * StakingChain.epoch
            parameters.timeLockMilliseconds = StakingChain.epoch
            parameters.jailMilliseconds = 150_000
            change(&parameters)
        }
        for founder in founders { numbers[founder.address] = founder }
    }

    // ── Calls ──

    static func tokens(_ count: UInt64) -> Amount { Amount(UInt128(count) * token) }

    func keys(_ founder: Founder, for account: Address? = nil, chainID: ChainID? = nil) -> ValidatorKeys {
        let account = account ?? founder.address, chainID = chainID ?? chain.genesis.chainID
        return ValidatorKeys(
            consensusKey: founder.consensus.publicKey,
            consensusPossession: founder.consensus.provePossession(for: account, chainID: chainID),
            vrfKey: founder.vrf.publicKey, vrfPossession: founder.vrf.provePossession(for: account, chainID: chainID))
    }

    func registration(_ founder: Founder, bond: Amount, commission: UInt32 = 0) -> Call {
        Staking.register.reference.call(
            on: .staking, keys(founder), commission, ValidatorDescription(name: "name"), value: bond)
    }

    @discardableResult
    func register(_ founder: Founder, bond: Amount = tokens(10_000), commission: UInt32 = 0) -> Receipt {
        numbers[founder.address] = founder
        return send(founder.person, registration(founder, bond: bond, commission: commission))
    }

    @discardableResult
    func send(_ person: Person, _ call: Call) -> Receipt {
        let receipt = chain.send(person, call)
        audit()
        return receipt
    }

    @discardableResult
    func delegate(_ person: Person, _ validator: Founder, _ amount: Amount) -> Receipt {
        send(person, Staking.delegate.reference.call(on: .staking, validator.address, value: amount))
    }

    @discardableResult
    func undelegate(_ person: Person, _ validator: Founder, _ amount: Amount? = nil) -> Receipt {
        send(person, Staking.undelegate.reference.call(on: .staking, validator.address, amount))
    }

    @discardableResult
    func redelegate(_ person: Person, _ from: Founder, _ to: Founder, _ amount: Amount? = nil) -> Receipt {
        send(person, Staking.redelegate.reference.call(on: .staking, from.address, to.address, amount))
    }

    @discardableResult
    func withdraw(_ person: Person, _ validator: Founder) -> Receipt {
        send(person, Staking.withdraw.reference.call(on: .staking, validator.address))
    }

    @discardableResult
    func claim(_ person: Person, _ validator: Founder) -> Receipt {
        send(person, Staking.claim.reference.call(on: .staking, validator.address))
    }

    @discardableResult
    func settle(_ person: Person, _ account: Address, _ validator: Founder) -> Receipt {
        send(person, Staking.settle.reference.call(on: .staking, account, validator.address))
    }

    @discardableResult
    func report(_ person: Person, _ evidence: Evidence) -> Receipt {
        send(person, Staking.submitEvidence.reference.call(on: .staking, BoundedBytes(evidence.bcs)!))
    }

    func endEpochs(_ count: Int = 1) {
        for _ in 0..<count {
            chain.endEpochs()
            audit()
        }
    }

    // ── Questions ──

    func info(_ validator: Founder) -> ValidatorInfo? { chain.ask(Staking.validator.reference, of: .staking, validator.address) }
    func delegation(_ account: Address, _ validator: Founder) -> DelegationInfo? {
        chain.ask(Staking.delegation.reference, of: .staking, account, validator.address)
    }
    func worth(_ account: Address, _ validator: Founder) -> Amount { delegation(account, validator)?.worth ?? .zero }
    func unbonding(_ account: Address, _ validator: Founder) -> [UnbondingInfo] {
        chain.ask(Staking.unbonding.reference, of: .staking, account, validator.address).elements
    }
    func rewards(_ account: Address, _ validator: Founder) -> Amount {
        chain.ask(Staking.rewards.reference, of: .staking, account, validator.address)
    }
    var voters: [PublicKey] { chain.validators.validators.map(\.consensusKey) }

    /// Two contradictory votes of `offender` in `epoch`.
    func evidence(_ offender: Founder, epoch: Epoch? = nil, key: SigningKey? = nil, height: Height = 1) -> Evidence {
        let epoch = epoch ?? chain.epoch
        let key = key ?? offender.consensus
        do {
            guard let set = try ChainRecords.validatorSet(of: epoch, in: chain.state.view),
                  let index = set.index(of: offender.consensus.publicKey) else { preconditionFailure("the offender does not vote") }
            func vote(_ number: UInt8) -> AnyVote {
                let statement = PrepareStatement(
                    epoch: epoch, height: height, view: 0, draftDigest: Digest(Array(repeating: number, count: 32))!)
                return .prepare(Vote(
                    signer: index, statement: statement, signature: key.sign(statement, as: .prepare, chainID: chain.genesis.chainID)))
            }
            return Evidence(vote(1), vote(2), chainID: chain.genesis.chainID, hash: SHA256.hash)!
        } catch { preconditionFailure("\(error)") }
    }

    // ── Audit ──

    func entries<Key, Value>(_ map: StoredMap<Key, Value>) -> [(key: Key, value: Value)] {
        do {
            let keys = try chain.state.view.keys(prefix: Address.staking.bytes + [map.tag], from: nil, .ascending, limit: .max)
            return try keys.map { key in
                var position = Address.byteCount + 1
                return (Key(reading: key.bytes, at: &position)!, try Value(bcs: chain.state.view.value(key)!))
            }
        } catch { preconditionFailure("\(error)") }
    }

    /// Adds up the whole storage and compares it with the books, the books with the balance, and shares with pools.
    func audit(donated: Amount = .zero, sourceLocation: SourceLocation = #_sourceLocation) {
        func sum(_ amounts: [Amount]) -> UInt128 { amounts.reduce(0) { $0 + $1.units } }
        let books = chain.ask(Staking.books.reference, of: .staking)
        let records = entries(Staking.records), shares = entries(Staking.shares), pools = entries(Staking.unbondingPools)
        let rewards = sum(records.map(\.value.rewards.delegators)) + sum(records.map(\.value.rewards.validator))
        #expect(books.bonded.units == sum(records.map(\.value.pool.tokens)), sourceLocation: sourceLocation)
        #expect(books.unbonding.units == sum(pools.map(\.value.pool.tokens)), sourceLocation: sourceLocation)
        #expect(books.rewards.units == rewards, sourceLocation: sourceLocation)
        #expect(books.balance.units == sum([books.bonded, books.unbonding, books.rewards, books.collected, donated]), sourceLocation: sourceLocation)
        #expect(chain.balance(.staking) == books.balance, sourceLocation: sourceLocation)

        var owned: [Address: UInt128] = [:], owed: [Address: UInt128] = [:]
        for (key, delegation) in shares {
            let record = records.first { $0.key == key.second }!.value
            owned[key.second, default: 0] += delegation.shares
            owed[key.second, default: 0] += Ratio.multiply(delegation.shares, record.rewards.perShare - delegation.paid, dividedBy: 1 << 64, .down)!
            #expect(delegation.exposures.reduce(0) { $0 + $1.shares } <= delegation.shares, sourceLocation: sourceLocation)
            if key.first == key.second { #expect(record.ownShares == delegation.shares, sourceLocation: sourceLocation) }
        }
        for (address, record) in records {
            #expect(owned[address, default: 0] == record.pool.shares, sourceLocation: sourceLocation)
            #expect(owed[address, default: 0] <= record.rewards.delegators.units, sourceLocation: sourceLocation)
        }
        let candidates = records.filter { $0.value.listed != nil }.map { KeyPair(UInt64.max - $0.value.weight, $0.key) }
        #expect(Set(entries(Staking.ranking).map(\.key)) == Set(candidates), sourceLocation: sourceLocation)

        var waiting: [KeyPair<Address, Epoch>: UInt128] = [:]
        for (key, list) in entries(Staking.unbondings) {
            for entry in list { waiting[KeyPair(key.second, entry.epoch), default: 0] += entry.shares }
        }
        #expect(waiting.count == pools.count, sourceLocation: sourceLocation)
        for (key, pool) in pools { #expect(waiting[key] == pool.pool.shares, sourceLocation: sourceLocation) }
        // Hooks that failed would have left a receipt.
        for receipt in chain.last?.receipts ?? [] {
            if case .hook = receipt.origin { #expect(receipt.succeeded, "\(receipt.outcome)", sourceLocation: sourceLocation) }
        }
    }
}
