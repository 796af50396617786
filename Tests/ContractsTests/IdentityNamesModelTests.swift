import ChainKit
import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing

/// Thousands of random calls on few names, by few people, against a model that walks over everything: children are removed with
/// their parents there, while the contract only compares numbers.
@Suite struct IdentityNamesModelTests {
    private struct Held: Equatable {
        var owner: Address
        var expires: UInt64
        var offeredTo: Address?
        var records: Address?
    }

    private struct Model {
        static let grace: UInt64 = 30 * 86_400_000, year: UInt64 = 365 * 86_400_000
        var names: [String: Held] = [:]
        var primary: [Address: String] = [:]

        static func parent(_ name: String) -> String? { name.firstIndex(of: ".").map { String(name[name.index(after: $0)...]) } }

        mutating func drop(_ name: String) {
            for below in names.keys where below == name || below.hasSuffix("." + name) { names[below] = nil }
        }

        /// Forgets what has ended; whatever is left is active or in grace.
        mutating func sweep(_ now: UInt64) {
            for (name, held) in names {
                if Model.parent(name) == nil ? held.expires + Model.grace <= now : held.expires <= now { drop(name) }
            }
        }

        func isActive(_ name: String, _ now: UInt64) -> Bool {
            guard let held = names[name], held.expires > now else { return false }
            return Model.parent(name).map { isActive($0, now) } ?? true
        }

        func owns(_ person: Address, _ name: String, _ now: UInt64) -> Bool { isActive(name, now) && names[name]?.owner == person }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func namesAgreeWithAModel(_ seed: UInt64) {
        let people = (0..<4).map { Person(200 + $0) }
        let chain = TestChain([Accounts.self, Identity.self], people: people)
        var model = Model(), generator = SeededGenerator(seed: seed), done = 0
        let roots = ["aaa", "bbb"], subs = ["x.aaa", "y.aaa", "x.bbb"], leaves = ["m.x.aaa", "n.x.aaa", "m.x.bbb"]
        let salt = Digest.zero, fee = Amount(100 * Amount.unitsPerToken)
        func name(_ text: String) -> Identity.Name { Identity.Name(text)! }
        for _ in 0..<120 {
            // Everybody has commitments of the right age to everything at all times.
            chain.advance(people.map { person in
                chain.transaction(person, roots.map { root in
                    let claim = Identity.NameClaim(chainID: chain.genesis.chainID, name: name(root), owner: person.address, salt: salt)
                    return Identity.commit.reference.call(on: .identity, SHA256.hash(.nameCommitment, of: claim))
                })
            })
            chain.advance(); chain.advance(); chain.advance()
            let step: UInt64 = generator.chance(1, in: 4) ? 25 * 86_400_000 + UInt64(generator.below(10)) * 86_400_000 : 60_000 + UInt64(generator.below(3_600_000))
            let now = chain.time.rawValue + step
            // A long step makes the commitments too old.
            let committed = step + 3_000 <= 86_400_000
            model.sweep(now)
            var revealed: Set<String> = []
            var expected: [Bool] = [], transactions: [SignedTransaction] = []
            for _ in 0..<8 {
                let person = people[generator.below(people.count)], other = people[generator.below(people.count)].address, me = person.address
                let any = (roots + subs + leaves)[generator.below(8)], root = roots[generator.below(2)], below = (subs + leaves)[generator.below(6)]
                let later = now + UInt64(generator.below(400)) * 86_400_000 + 1
                let call: Call, works: Bool
                switch generator.below(9) {
                case 0:
                    let free = model.names[root] == nil, key = "\(me)\(root)"
                    works = committed && free && !revealed.contains(key)
                    if works {
                        model.names[root] = Held(owner: me, expires: now + Model.year)
                        revealed.insert(key)
                    }
                    call = Identity.registerName.reference.call(on: .identity, name(root), me, salt, 1, value: fee)
                case 1:
                    works = model.names[root].map { $0.expires + Model.year <= now + 10 * Model.year } ?? false
                    if works { model.names[root]!.expires += Model.year }
                    call = Identity.renewName.reference.call(on: .identity, name(root), 1, value: fee)
                case 2, 3:
                    works = model.owns(me, Model.parent(below)!, now) && model.names[below] == nil
                    if works { model.names[below] = Held(owner: other, expires: later) }
                    call = Identity.createChild.reference.call(on: .identity, name(below), other, Timestamp(later))
                case 4:
                    works = model.owns(me, Model.parent(below)!, now) && model.isActive(below, now) && model.names[below]!.expires < later
                    if works { model.names[below]!.expires = later }
                    call = Identity.extendChild.reference.call(on: .identity, name(below), Timestamp(later))
                case 5:
                    works = model.owns(me, any, now)
                    if works { model.names[any]!.offeredTo = other }
                    call = Identity.offerName.reference.call(on: .identity, name(any), other)
                case 6:
                    works = model.isActive(any, now) && model.names[any]!.offeredTo == me
                    if works {
                        model.names[any]!.owner = me
                        model.names[any]!.offeredTo = nil
                        model.names[any]!.records = nil
                    }
                    call = Identity.acceptName.reference.call(on: .identity, name(any))
                case 7:
                    works = model.owns(me, any, now)
                    if generator.chance(1, in: 4) {
                        if works { model.drop(any) }
                        call = Identity.releaseName.reference.call(on: .identity, name(any))
                    } else {
                        if works { model.names[any]!.records = other }
                        call = Identity.setRecords.reference.call(on: .identity, name(any), .init(account: other))
                    }
                default:
                    works = model.isActive(any, now) && model.names[any]!.records == me
                    if works { model.primary[me] = any }
                    call = Identity.setPrimaryName.reference.call(on: .identity, name(any))
                }
                expected.append(works)
                done += works ? 1 : 0
                transactions.append(chain.transaction(person, [call]))
            }
            #expect(chain.advance(transactions, time: Timestamp(now)).receipts.map(\.succeeded) == expected)
            compare(chain, model, people, now, roots + subs + leaves)
        }
        #expect(done > 50)
    }

    private func compare(_ chain: TestChain, _ model: Model, _ people: [Person], _ now: UInt64, _ all: [String]) {
        for text in all {
            let entry = chain.ask(Identity.nameEntry.reference, of: .identity, Identity.Name(text)!)
            let held = model.names[text]
            #expect(entry.standing == (held == nil ? .free : model.isActive(text, now) ? .active : .grace), "\(text)")
            if let held { #expect(entry.registration?.owner == held.owner && entry.registration?.expires.rawValue == held.expires) }
            let resolved = chain.ask(Identity.resolve.reference, of: .identity, Identity.Name(text)!)
            #expect(resolved?.account == (model.isActive(text, now) ? held?.records : nil))
        }
        for person in people {
            let page = chain.ask(Identity.namesOf.reference, of: .identity, person.address, nil, 20)
            let live = page.entries.filter { $0.standing != .free }.map(\.name.text)
            #expect(live.sorted() == model.names.filter { $0.value.owner == person.address }.keys.sorted())
            let reverse = chain.ask(Identity.reverse.reference, of: .identity, person.address)
            let primary = model.primary[person.address].flatMap {
                model.isActive($0, now) && model.names[$0]?.records == person.address ? $0 : nil
            }
            #expect(reverse?.text == primary)
        }
        #expect(chain.balance(.identity) == .zero)
    }
}
