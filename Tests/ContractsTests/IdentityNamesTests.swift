import ChainKit
import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing

/// Names: their rule, their registration against those who are faster, their hierarchy, and what they lead to.
@Suite struct IdentityNamesTests {
    private let alice = Person(1), bob = Person(2), carol = Person(3)
    private static let year: UInt64 = 365 * 86_400_000, day: UInt64 = 86_400_000
    private static let fee = Amount(5 * Amount.unitsPerToken)
    private let salt = Digest([UInt8](repeating: 3, count: 32))!

    private func chain() -> TestChain { TestChain([Accounts.self, Identity.self], people: [alice, bob, carol]) }
    private func name(_ text: String) -> Identity.Name { Identity.Name(text)! }

    private func hash(_ chain: TestChain, _ name: Identity.Name, _ owner: Person, _ salt: Digest) -> Digest {
        // Written out as the contract's page says it.
        SHA256.hash(Array("trellis/name-commitment/1".utf8) + chain.genesis.chainID.bytes + [UInt8(name.text.utf8.count)] + Array(name.text.utf8)
            + owner.address.bytes + salt.bytes)
    }

    private func commit(_ chain: TestChain, _ text: String, _ owner: Person, by person: Person? = nil) {
        #expect(chain.send(person ?? owner, Identity.commit.reference.call(on: .identity, hash(chain, name(text), owner, salt))).succeeded)
    }

    private func wait(_ chain: TestChain) {
        for _ in 0..<3 { chain.advance() }
        chain.pass(milliseconds: 60_000)
    }

    private func register(_ chain: TestChain, _ text: String, _ owner: Person, years: UInt8 = 1, value: Amount? = nil) -> UInt32? {
        let fee = value ?? chain.ask(Identity.nameFee.reference, of: .identity, name(text), years)
        return chain.send(owner, Identity.registerName.reference.call(on: .identity, name(text), owner.address, salt, years, value: fee)).code
    }

    private func own(_ chain: TestChain, _ text: String, _ owner: Person, years: UInt8 = 1) {
        commit(chain, text, owner)
        wait(chain)
        #expect(register(chain, text, owner, years: years) == nil)
    }

    private func standing(_ chain: TestChain, _ text: String) -> Identity.NameStanding {
        chain.ask(Identity.nameEntry.reference, of: .identity, name(text)).standing
    }

    @Test func aNameHasOneSpelling() {
        let long = String(repeating: "a", count: 63)
        for good in ["a", "0", "a-b", "shop", "alice.shop", "a.b.c.d", long, "\(long).\(long)", "1-2-3.4"] { #expect(Identity.Name(good)?.text == good) }
        for bad in ["", ".", "a.", ".a", "a..b", "-a", "a-", "a--b", "xn--bcher-kva", "A", "Shop", "a_b", "a b", "é", "а", "a\u{301}", "a.b.c.d.e",
                    long + "a", "\(long).\(long).b", "a\0", "ſhop", "K"] {
            #expect(Identity.Name(bad) == nil, "\(bad)")
        }
        #expect(Identity.Name("a.b.c")?.parent == Identity.Name("b.c") && Identity.Name("c")?.parent == nil)
        // The same for bytes that come as arguments.
        let chain = chain()
        for text in ["Shop", "a..b", "xn--a"] {
            let call = Call(contract: .identity, method: "resolve", arguments: [UInt8(text.utf8.count)] + Array(text.utf8))
            #expect(chain.send(alice, call).code == SystemRejection.argumentsMalformed.rawValue)
        }
    }

    @Test func aNameIsCommittedRegisteredAndPaidFor() {
        let chain = chain()
        #expect(register(chain, "shop", alice) == IdentityRejection.commitmentUnknown.rawValue)
        commit(chain, "shop", alice)
        #expect(register(chain, "shop", alice) == IdentityRejection.commitmentYoung.rawValue)
        wait(chain)
        let fee = chain.ask(Identity.nameFee.reference, of: .identity, name("shop"), 2)
        #expect(fee == Amount(2 * 25 * Amount.unitsPerToken))
        #expect(register(chain, "shop", alice, value: fee) == IdentityRejection.feeWrong.rawValue)
        #expect(register(chain, "shop", alice, years: 0, value: .zero) == IdentityRejection.yearsOutOfRange.rawValue)
        #expect(register(chain, "shop", alice, years: 11, value: fee) == IdentityRejection.yearsOutOfRange.rawValue)
        let supply = chain.supply
        #expect(register(chain, "shop", alice, years: 2) == nil)
        #expect(chain.supply == supply.subtracting(fee)?.subtracting(chain.last!.fees.burned))
        #expect(chain.balance(.identity) == .zero)
        let expires = Timestamp(chain.time.rawValue + 2 * Self.year)
        #expect(chain.events(Identity.NameRegistered.self) == [.init(name: name("shop"), owner: alice.address, expires: expires)])
        let entry = chain.ask(Identity.nameEntry.reference, of: .identity, name("shop"))
        #expect(entry.standing == .active && entry.registration?.owner == alice.address && entry.registration?.expires == expires)
        // The commitment is spent.
        #expect(register(chain, "shop", alice, years: 2) == IdentityRejection.commitmentUnknown.rawValue)
        commit(chain, "shop", bob)
        wait(chain)
        #expect(register(chain, "shop", bob) == IdentityRejection.nameTaken.rawValue)
        commit(chain, "ab", bob)
        commit(chain, "late", bob)
        chain.pass(milliseconds: Self.day - 3_000)
        #expect(register(chain, "ab", bob, value: Self.fee) == IdentityRejection.nameTooShort.rawValue)
        chain.pass(milliseconds: 5_000)
        #expect(register(chain, "late", bob) == IdentityRejection.commitmentOld.rawValue)
        #expect(chain.send(bob, Identity.registerName.reference.call(on: .identity, name("a.shop"), bob.address, salt, 1, value: Self.fee)).code == IdentityRejection.nameHasParent.rawValue)
        #expect(chain.send(bob, Identity.registerName.reference.call(on: .identity, name("none"), Address(), salt, 1, value: Self.fee)).code == IdentityRejection.ownerNobody.rawValue)
    }

    /// Much time between two blocks does not make a commitment old enough, nor do many blocks in a moment.
    @Test func aCommitmentNeedsBothTimeAndBlocks() {
        let chain = chain()
        commit(chain, "quick", alice)
        chain.pass(milliseconds: 3_600_000)
        #expect(register(chain, "quick", alice) == IdentityRejection.commitmentYoung.rawValue)
        chain.advance(); chain.advance()
        #expect(register(chain, "quick", alice) == nil)
        commit(chain, "blocks", alice)
        for _ in 0..<20 { chain.advance() }
        #expect(register(chain, "blocks", alice) == IdentityRejection.commitmentYoung.rawValue)
    }

    /// Whoever copies a commitment gains nothing by it, and whoever sees a registration is too late with one of its own.
    @Test func nobodyOvertakesARegistration() {
        let chain = chain()
        commit(chain, "prize", alice)
        // Bob repeats what he saw: the copy stands under his own address and does not touch hers.
        #expect(chain.send(bob, Identity.commit.reference.call(on: .identity, hash(chain, name("prize"), alice, salt))).succeeded)
        wait(chain)
        // Bob sees alice's registration and puts commitment and registration before it in the same block.
        let steal = chain.transaction(bob, [
            Identity.commit.reference.call(on: .identity, hash(chain, name("prize"), bob, salt)),
            Identity.registerName.reference.call(on: .identity, name("prize"), bob.address, salt, 1, value: Self.fee),
        ])
        let hers = chain.transaction(alice, [Identity.registerName.reference.call(on: .identity, name("prize"), alice.address, salt, 1, value: Self.fee)])
        let receipts = chain.advance([steal, hers]).receipts
        #expect(receipts[0].code == IdentityRejection.commitmentYoung.rawValue && receipts[1].succeeded)
        #expect(chain.ask(Identity.nameEntry.reference, of: .identity, name("prize")).registration?.owner == alice.address)
    }

    @Test func aNameExpiresHasItsGraceAndReturns() {
        let chain = chain()
        own(chain, "garden", alice)
        let records = Identity.NameRecords(account: alice.address)
        #expect(chain.send(alice, Identity.setRecords.reference.call(on: .identity, name("garden"), records)).succeeded)
        let expires = chain.ask(Identity.nameEntry.reference, of: .identity, name("garden")).registration!.expires
        commit(chain, "other", bob)
        chain.advance(time: Timestamp(expires.rawValue - 1))
        #expect(standing(chain, "garden") == .active && chain.ask(Identity.resolve.reference, of: .identity, name("garden")) == records)
        chain.advance(time: expires)
        #expect(standing(chain, "garden") == .grace && chain.ask(Identity.resolve.reference, of: .identity, name("garden")) == nil)
        #expect(chain.send(alice, Identity.setRecords.reference.call(on: .identity, name("garden"), records)).code == IdentityRejection.nameNotActive.rawValue)
        commit(chain, "garden", bob)
        wait(chain)
        #expect(register(chain, "garden", bob) == IdentityRejection.nameTaken.rawValue)
        // Anybody may renew; what it leads to is as before, and the time of grace was not for nothing.
        #expect(chain.send(carol, Identity.renewName.reference.call(on: .identity, name("garden"), 1, value: Self.fee)).succeeded)
        #expect(chain.events(Identity.NameRenewed.self) == [.init(name: name("garden"), expires: Timestamp(expires.rawValue + Self.year))])
        #expect(chain.ask(Identity.resolve.reference, of: .identity, name("garden")) == records)
        #expect(chain.send(carol, Identity.renewName.reference.call(on: .identity, name("garden"), 10, value: Amount(10 * Self.fee.units))).code == IdentityRejection.yearsOutOfRange.rawValue)
        let end = Timestamp(expires.rawValue + Self.year + 30 * Self.day)
        chain.advance(time: Timestamp(end.rawValue - 60_010))
        #expect(standing(chain, "garden") == .grace)
        commit(chain, "garden", bob)
        chain.advance(); chain.advance(); chain.advance()
        chain.advance(time: end)
        #expect(standing(chain, "garden") == .free)
        #expect(chain.send(alice, Identity.renewName.reference.call(on: .identity, name("garden"), 1, value: Self.fee)).code == IdentityRejection.nameNotActive.rawValue)
        chain.pass(milliseconds: 60_000)
        #expect(register(chain, "garden", bob) == nil)
        #expect(chain.ask(Identity.resolve.reference, of: .identity, name("garden")) == nil)
        #expect(chain.ask(Identity.namesOf.reference, of: .identity, alice.address, nil, 20).entries.isEmpty)
        #expect(chain.ask(Identity.namesOf.reference, of: .identity, bob.address, nil, 20).entries.map(\.name) == [name("garden")])
    }

    @Test func childrenLiveWithTheirParent() {
        let chain = chain()
        own(chain, "cloud", alice)
        let far = Timestamp(chain.time.rawValue + 5 * Self.year), near = Timestamp(chain.time.rawValue + Self.day)
        func create(_ person: Person, _ text: String, _ owner: Person, _ expires: Timestamp) -> UInt32? {
            chain.send(person, Identity.createChild.reference.call(on: .identity, name(text), owner.address, expires)).code
        }
        #expect(create(bob, "bob.cloud", bob, far) == IdentityRejection.nameNotOwned.rawValue)
        #expect(create(alice, "other", bob, far) == IdentityRejection.nameHasNoParent.rawValue)
        #expect(create(alice, "bob.nothing", bob, far) == IdentityRejection.nameNotActive.rawValue)
        #expect(create(alice, "bob.cloud", bob, chain.time) == IdentityRejection.expiryPast.rawValue)
        #expect(create(alice, "bob.cloud", bob, near) == nil)
        // It is bob's now: the parent's owner neither takes it back nor speaks for it.
        #expect(create(alice, "bob.cloud", alice, far) == IdentityRejection.nameTaken.rawValue)
        #expect(chain.send(alice, Identity.setRecords.reference.call(on: .identity, name("bob.cloud"), .init())).code == IdentityRejection.nameNotOwned.rawValue)
        #expect(chain.send(alice, Identity.releaseName.reference.call(on: .identity, name("bob.cloud"))).code == IdentityRejection.nameNotOwned.rawValue)
        #expect(chain.send(bob, Identity.extendChild.reference.call(on: .identity, name("bob.cloud"), far)).code == IdentityRejection.nameNotOwned.rawValue)
        #expect(chain.send(alice, Identity.extendChild.reference.call(on: .identity, name("bob.cloud"), near)).code == IdentityRejection.expiryPast.rawValue)
        #expect(chain.send(alice, Identity.extendChild.reference.call(on: .identity, name("bob.cloud"), far)).succeeded)
        #expect(create(bob, "www.bob.cloud", carol, far) == nil)
        let records = Identity.NameRecords(account: carol.address)
        #expect(chain.send(carol, Identity.setRecords.reference.call(on: .identity, name("www.bob.cloud"), records)).succeeded)
        #expect(chain.send(bob, Identity.renewName.reference.call(on: .identity, name("bob.cloud"), 1, value: Self.fee)).code == IdentityRejection.nameHasParent.rawValue)

        // The parent's end ends them, its renewal brings them back.
        chain.advance(time: Timestamp(chain.time.rawValue + Self.year))
        #expect(["cloud", "bob.cloud", "www.bob.cloud"].allSatisfy { standing(chain, $0) == .grace })
        #expect(chain.ask(Identity.resolve.reference, of: .identity, name("www.bob.cloud")) == nil)
        #expect(chain.send(bob, Identity.renewName.reference.call(on: .identity, name("cloud"), 1, value: Self.fee)).succeeded)
        #expect(chain.ask(Identity.resolve.reference, of: .identity, name("www.bob.cloud")) == records)

        // A later owner of the parent begins with nothing, though nobody walked over what was below.
        #expect(chain.send(alice, Identity.releaseName.reference.call(on: .identity, name("cloud"))).succeeded)
        #expect(chain.events(Identity.NameReleased.self) == [.init(name: name("cloud"), owner: alice.address)])
        #expect(["cloud", "bob.cloud", "www.bob.cloud"].allSatisfy { standing(chain, $0) == .free })
        own(chain, "cloud", carol)
        #expect(standing(chain, "cloud") == .active && standing(chain, "bob.cloud") == .free && standing(chain, "www.bob.cloud") == .free)
        #expect(chain.ask(Identity.resolve.reference, of: .identity, name("www.bob.cloud")) == nil)
        #expect(chain.send(bob, Identity.createChild.reference.call(on: .identity, name("x.bob.cloud"), bob.address, far)).code == IdentityRejection.nameNotActive.rawValue)
        // A new child above a forgotten one does not bring back what was below the old.
        #expect(create(carol, "bob.cloud", carol, far) == nil)
        #expect(standing(chain, "www.bob.cloud") == .free)
        #expect(chain.ask(Identity.namesOf.reference, of: .identity, bob.address, nil, 20).entries.isEmpty)
    }

    @Test func aNameChangesHandsInTwoSteps() {
        let chain = chain()
        own(chain, "house", alice)
        #expect(chain.send(alice, Identity.setRecords.reference.call(on: .identity, name("house"), .init(account: alice.address))).succeeded)
        #expect(chain.send(alice, Identity.setPrimaryName.reference.call(on: .identity, name("house"))).succeeded)
        #expect(chain.send(bob, Identity.acceptName.reference.call(on: .identity, name("house"))).code == IdentityRejection.nameNotOffered.rawValue)
        #expect(chain.send(bob, Identity.offerName.reference.call(on: .identity, name("house"), bob.address)).code == IdentityRejection.nameNotOwned.rawValue)
        #expect(chain.send(alice, Identity.offerName.reference.call(on: .identity, name("house"), Address())).code == IdentityRejection.ownerNobody.rawValue)
        #expect(chain.send(alice, Identity.offerName.reference.call(on: .identity, name("house"), bob.address)).succeeded)
        #expect(chain.events(Identity.NameOffered.self) == [.init(name: name("house"), from: alice.address, to: bob.address)])
        #expect(chain.send(alice, Identity.offerName.reference.call(on: .identity, name("house"), nil)).succeeded)
        #expect(chain.send(bob, Identity.acceptName.reference.call(on: .identity, name("house"))).code == IdentityRejection.nameNotOffered.rawValue)
        chain.send(alice, Identity.offerName.reference.call(on: .identity, name("house"), bob.address))
        #expect(chain.send(carol, Identity.acceptName.reference.call(on: .identity, name("house"))).code == IdentityRejection.nameNotOffered.rawValue)
        #expect(chain.send(bob, Identity.acceptName.reference.call(on: .identity, name("house"))).succeeded)
        #expect(chain.events(Identity.NameTransferred.self) == [.init(name: name("house"), from: alice.address, to: bob.address)])
        #expect(chain.ask(Identity.resolve.reference, of: .identity, name("house")) == nil)
        #expect(chain.ask(Identity.reverse.reference, of: .identity, alice.address) == nil)
        #expect(chain.send(bob, Identity.acceptName.reference.call(on: .identity, name("house"))).code == IdentityRejection.nameNotOffered.rawValue)
        #expect(chain.send(alice, Identity.setRecords.reference.call(on: .identity, name("house"), .init())).code == IdentityRejection.nameNotOwned.rawValue)
        #expect(chain.ask(Identity.namesOf.reference, of: .identity, alice.address, nil, 20).entries.isEmpty)
        #expect(chain.ask(Identity.namesOf.reference, of: .identity, bob.address, nil, 20).entries.count == 1)
    }

    @Test func recordsAreCheckedAndReverseIsProvenBothWays() {
        let chain = chain()
        own(chain, "store", alice)
        func set(_ records: Identity.NameRecords) -> UInt32? { chain.send(alice, Identity.setRecords.reference.call(on: .identity, name("store"), records)).code }
        func endpoints(_ list: [(String, String)]) -> Identity.NameRecords {
            .init(endpoints: Bounded(list.map { Identity.Endpoint(service: .init($0.0)!, uri: .init($0.1)!) })!)
        }
        func texts(_ list: [(String, String)]) -> Identity.NameRecords {
            .init(texts: Bounded(list.map { Identity.TextRecord(key: .init($0.0)!, value: .init($0.1)!) })!)
        }
        #expect(set(endpoints([("api", "https://a.example"), ("api", "https://b.example")])) == IdentityRejection.recordsRepeated.rawValue)
        #expect(set(texts([("note", "a"), ("note", "b")])) == IdentityRejection.recordsRepeated.rawValue)
        #expect(set(endpoints([("a b", "https://a.example")])) == IdentityRejection.tokenInvalid.rawValue)
        #expect(set(endpoints([("api", "nowhere")])) == IdentityRejection.uriInvalid.rawValue)
        #expect(set(texts([("note", "\u{200f}")])) == IdentityRejection.textNotReadable.rawValue)
        let full = Identity.NameRecords(
            account: bob.address, endpoints: endpoints((0..<8).map { ("s\($0)", "https://\($0).example") }).endpoints, content: salt,
            texts: texts((0..<16).map { ("k\($0)", String(repeating: "x", count: 256)) }).texts)
        #expect(set(full) == nil)
        #expect(chain.events(Identity.RecordsChanged.self) == [.init(name: name("store"))])
        #expect(chain.ask(Identity.resolve.reference, of: .identity, name("store")) == full)

        // The name leads to bob, whoever owns it; he may carry it, alice may not.
        #expect(chain.send(alice, Identity.setPrimaryName.reference.call(on: .identity, name("store"))).code == IdentityRejection.nameLeadsElsewhere.rawValue)
        #expect(chain.ask(Identity.reverse.reference, of: .identity, bob.address) == nil)
        #expect(chain.send(bob, Identity.setPrimaryName.reference.call(on: .identity, name("store"))).succeeded)
        #expect(chain.events(Identity.PrimaryNameChanged.self) == [.init(account: bob.address, name: name("store"))])
        #expect(chain.ask(Identity.reverse.reference, of: .identity, bob.address) == name("store"))
        #expect(set(.init(account: alice.address)) == nil)
        #expect(chain.ask(Identity.reverse.reference, of: .identity, bob.address) == nil)
        #expect(set(.init(account: bob.address)) == nil)
        #expect(chain.ask(Identity.reverse.reference, of: .identity, bob.address) == name("store"))
        #expect(chain.send(bob, Identity.setPrimaryName.reference.call(on: .identity, nil)).succeeded)
        #expect(chain.ask(Identity.reverse.reference, of: .identity, bob.address) == nil)
        #expect(chain.send(bob, Identity.setPrimaryName.reference.call(on: .identity, name("nothing"))).code == IdentityRejection.nameNotActive.rawValue)
    }
}
