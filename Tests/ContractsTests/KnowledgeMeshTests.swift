import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// Offers and who finds them.
@Suite struct KnowledgeMeshTests {
    private let alice = Person(1), bob = Person(2)

    private func chain() -> TestChain { TestChain([Accounts.self, KnowledgeMesh.self], people: [alice, bob]) }

    private func offer(
        name: String = "Small machine", kind: Offer.Token = "virtual-machine", region: Offer.Region = "DE", price: UInt128 = 1_000,
        options: [PricedOption] = [], hardware: [Offer.Token] = [], attributes: [Attribute] = [], levels: [ServiceLevel] = [.amazonEC2],
        power: UInt32? = nil, documentation: BoundedText<Offer.AddressBound>? = nil
    ) -> Offer {
        Offer(
            name: BoundedText(name)!, kind: kind, region: region,
            resources: Resources(processorMillicores: 2_000, memoryMebibytes: 4_096, storageGibibytes: 20, networkMegabits: 100), price: Amount(price),
            options: Bounded(options)!, hardware: Bounded(hardware)!, powerMilliwatts: power, attributes: Bounded(attributes)!, levels: Bounded(levels)!,
            documentation: documentation)
    }

    @discardableResult
    private func publish(_ chain: TestChain, _ person: Person, _ offer: Offer, free: UInt32 = 3, short: UInt128 = 0) -> Receipt {
        let deposit = chain.ask(KnowledgeMesh.depositOf.reference, of: .knowledgeMesh, offer).deposit
        return chain.send(person, KnowledgeMesh.publish.reference.call(on: .knowledgeMesh, offer, free, value: Amount(deposit.units - short)))
    }

    private func isBalanced(_ chain: TestChain) -> Bool {
        chain.balance(.knowledgeMesh) == chain.ask(KnowledgeMesh.books.reference, of: .knowledgeMesh)
    }

    @Test func anOfferIsPublishedAmendedPausedAndWithdrawn() throws {
        let chain = chain(), first = offer()
        #expect(publish(chain, alice, first, short: 1).code == KnowledgeMeshRejection.depositWrong.rawValue)
        #expect(publish(chain, alice, first).succeeded && isBalanced(chain))
        let deposit = chain.balance(.knowledgeMesh)
        #expect(deposit == Amount(UInt128(first.bcs.count + 256) * 1_000))
        #expect(chain.events(ListingPublished.self) == [.init(listing: 0, provider: alice.address, kind: "virtual-machine")])
        func send(_ person: Person, _ call: Call) -> UInt32? { chain.send(person, call).code }
        let longer = offer(name: "A machine with a longer name", kind: "bare-metal", levels: [.amazonEC2, .azureVirtualMachineZones])
        let due = UInt128(longer.bcs.count - first.bcs.count) * 1_000
        #expect(send(bob, KnowledgeMesh.amend.reference.call(on: .knowledgeMesh, 0, longer, value: Amount(due))) == KnowledgeMeshRejection.notProvider.rawValue)
        #expect(send(alice, KnowledgeMesh.amend.reference.call(on: .knowledgeMesh, 0, longer)) == KnowledgeMeshRejection.depositWrong.rawValue)
        #expect(send(alice, KnowledgeMesh.amend.reference.call(on: .knowledgeMesh, 0, longer, value: Amount(due))) == nil && isBalanced(chain))
        let listing = try #require(chain.ask(KnowledgeMesh.listing.reference, of: .knowledgeMesh, 0))
        #expect(listing.offer == longer && listing.revision == 1 && listing.free == 3 && listing.updated == chain.time)
        // A shorter one gives back what is too much.
        let before = chain.balance(alice.address)
        #expect(send(alice, KnowledgeMesh.amend.reference.call(on: .knowledgeMesh, 0, first)) == nil && isBalanced(chain))
        #expect(chain.balance(alice.address).adding(Amount(2_000_000))! > before)
        #expect(chain.balance(.knowledgeMesh) == deposit)
        #expect(send(bob, KnowledgeMesh.setState.reference.call(on: .knowledgeMesh, 0, .paused, 0)) == KnowledgeMeshRejection.notProvider.rawValue)
        #expect(send(alice, KnowledgeMesh.setState.reference.call(on: .knowledgeMesh, 0, .paused, .max)) == nil)
        #expect(chain.events(ListingChanged.self) == [.init(listing: 0, revision: 2, status: .paused, free: .max)])
        #expect(send(bob, KnowledgeMesh.withdraw.reference.call(on: .knowledgeMesh, 0)) == KnowledgeMeshRejection.notProvider.rawValue)
        #expect(send(alice, KnowledgeMesh.withdraw.reference.call(on: .knowledgeMesh, 0)) == nil)
        #expect(chain.balance(.knowledgeMesh) == .zero && isBalanced(chain))
        #expect(chain.ask(KnowledgeMesh.listing.reference, of: .knowledgeMesh, 0) == nil)
        #expect(chain.ask(KnowledgeMesh.listingsOf.reference, of: .knowledgeMesh, alice.address, nil).isEmpty)
        #expect(send(alice, KnowledgeMesh.withdraw.reference.call(on: .knowledgeMesh, 0)) == KnowledgeMeshRejection.listingUnknown.rawValue)
        // Numbers are not used again.
        publish(chain, bob, first)
        #expect(chain.ask(KnowledgeMesh.listingsOf.reference, of: .knowledgeMesh, bob.address, nil).elements == [1])
    }

    @Test func listsShowEveryOfferOnceTheNewestFirst() throws {
        let chain = chain()
        for number in 0..<120 { publish(chain, number % 3 == 0 ? bob : alice, offer(kind: Offer.Token("kind-\(number % 60 + 10)")!, price: UInt128(number))) }
        #expect(chain.send(bob, KnowledgeMesh.withdraw.reference.call(on: .knowledgeMesh, 60)).succeeded)
        func all(_ provider: Address?) -> [ListingSummary] {
            var found: [ListingSummary] = []
            repeat {
                let page = chain.ask(KnowledgeMesh.offers.reference, of: .knowledgeMesh, provider, found.last?.number)
                found += page
                if page.count < 50 { return found }
            } while true
        }
        let there: [UInt64] = (0..<120).reversed().filter { $0 != 60 }
        let bobs = there.filter { $0.isMultiple(of: 3) }
        #expect(all(nil).map(\.number) == there)
        #expect(all(bob.address).map(\.number) == bobs)
        let first = try #require(all(bob.address).first)
        #expect(first.provider == bob.address && first.price == Amount(117) && first.kind == "kind-67" && first.free == 3 && first.status == .open)
        let kinds = chain.ask(KnowledgeMesh.kinds.reference, of: .knowledgeMesh, nil)
        let rest = chain.ask(KnowledgeMesh.kinds.reference, of: .knowledgeMesh, kinds[49])
        let expected: [String] = (10..<70).map { "kind-\($0)" }
        #expect(kinds.count == 50 && (kinds.elements + rest.elements).map(\.text) == expected)
    }

    @Test func offersThatCannotBeReadAreRefused() {
        let chain = chain()
        let broken = ServiceLevel(metrics: Bounded([ServiceMetric(name: "a", provider: 1)])!, tiers: Bounded([CreditTier(below: 1, credit: 1)])!)
        for bad in [
            offer(name: ""), offer(name: "a\u{202e}b"), offer(kind: ""), offer(kind: "a b"), offer(region: "de"), offer(price: 1 << 96),
            offer(options: [PricedOption(name: "a b", price: .zero)]), offer(options: [PricedOption(name: "a", price: Amount(.max))]),
            offer(hardware: ["b", "a"]), offer(hardware: ["a", "a"]), offer(hardware: [""]),
            offer(attributes: [Attribute(name: "b", value: .flag(true)), Attribute(name: "a", value: .flag(true))]),
            offer(attributes: [Attribute(name: "a", value: .word(""))]), offer(levels: [broken]), offer(documentation: "no scheme"),
        ] {
            #expect(publish(chain, alice, bad).code == KnowledgeMeshRejection.offerInvalid.rawValue)
            #expect(chain.ask(KnowledgeMesh.depositOf.reference, of: .knowledgeMesh, bad).fault != nil)
        }
    }

    @Test func everyReasonIsTold() throws {
        let chain = chain()
        publish(chain, alice, offer(
            price: 1_000, options: [PricedOption(name: "backup", price: Amount(300))], hardware: ["gpu.h200", "tee.sev-snp"],
            attributes: [Attribute(name: "cores", value: .number(8)), Attribute(name: "green", value: .flag(true)), Attribute(name: "os", value: .word("linux"))], power: 90_000), free: 2)
        let listing = try #require(chain.ask(KnowledgeMesh.listing.reference, of: .knowledgeMesh, 0))
        func reasons(_ query: SearchQuery) -> [SearchMismatch] { query.mismatches(of: listing) }
        let kind: Offer.Token = "virtual-machine"
        func test(_ name: Offer.Token, _ test: AttributeTest.Test) -> Bounded<8, AttributeTest> { Bounded([AttributeTest(name: name, test: test)])! }
        #expect(reasons(SearchQuery(kind: kind)) == [])
        #expect(reasons(SearchQuery(kind: "dataset")) == [.kind(kind)])
        #expect(reasons(SearchQuery(kind: kind, regions: Bounded(["FR", "US"])!)) == [.region("DE")])
        #expect(reasons(SearchQuery(kind: kind, regions: Bounded(["DE-BE"])!)) == [.region("DE")])
        #expect(reasons(SearchQuery(kind: kind, provider: bob.address)) == [.provider(alice.address)])
        #expect(reasons(SearchQuery(kind: kind, priceMax: Amount(999))) == [.price(Amount(1_000))])
        #expect(reasons(SearchQuery(kind: kind, priceMax: Amount(1_299), options: Bounded(["backup"])!)) == [.price(Amount(1_300))])
        #expect(reasons(SearchQuery(kind: kind, priceMax: Amount(1_300), options: Bounded(["backup"])!)) == [])
        #expect(reasons(SearchQuery(kind: kind, options: Bounded(["snapshots"])!)) == [.option("snapshots")])
        #expect(reasons(SearchQuery(kind: kind, resources: Resources(processorMillicores: 2_001, memoryMebibytes: 4_097, storageGibibytes: 21, networkMegabits: .max)))
            == [.processor(2_000), .memory(4_096), .storage(20), .network(100)])
        #expect(reasons(SearchQuery(kind: kind, hardware: Bounded(["gpu.h200", "fpga"])!)) == [.hardware("fpga")])
        #expect(reasons(SearchQuery(kind: kind, powerMilliwattsMax: 89_999)) == [.power(90_000)])
        #expect(reasons(SearchQuery(kind: kind, attributes: test("cores", .atLeast(9)))) == [.attribute("cores")])
        #expect(reasons(SearchQuery(kind: kind, attributes: test("cores", .atMost(8)))) == [])
        #expect(reasons(SearchQuery(kind: kind, attributes: test("os", .atLeast(0)))) == [.attribute("os")])
        #expect(reasons(SearchQuery(kind: kind, attributes: test("os", .equals(.word("linux"))))) == [])
        #expect(reasons(SearchQuery(kind: kind, attributes: test("none", .equals(.flag(false))))) == [.attribute("none")])
        #expect(reasons(SearchQuery(kind: kind, units: 3)) == [.units(2)])
        #expect(reasons(SearchQuery(kind: kind, availabilityMin: 999_900)) == [])
        #expect(reasons(SearchQuery(kind: kind, availabilityMin: 999_901)) == [.availability(999_900)])
        chain.send(alice, KnowledgeMesh.setState.reference.call(on: .knowledgeMesh, 0, .paused, 2))
        let paused = try #require(chain.ask(KnowledgeMesh.listing.reference, of: .knowledgeMesh, 0))
        #expect(SearchQuery(kind: kind, units: 9).mismatches(of: paused) == [.paused, .units(2)])
        // A country lets its parts pass, and only its own.
        publish(chain, alice, offer(region: "US-CA"))
        let part = try #require(chain.ask(KnowledgeMesh.listing.reference, of: .knowledgeMesh, 1))
        #expect(SearchQuery(kind: kind, regions: Bounded(["US"])!).mismatches(of: part) == [])
        #expect(SearchQuery(kind: kind, regions: Bounded(["US-C"])!).mismatches(of: part) == [.region("US-CA")])
    }

    /// Random offers and wishes: the view in pages is what a list of all gives at once, and no listing is lost or told twice.
    @Test(arguments: 0..<6) func aListOfAllAgrees(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let chain = chain(), kinds: [Offer.Token] = ["virtual-machine", "dataset"], regions: [Offer.Region] = ["DE", "FR", "US-CA"]
        var live: [UInt64: (Offer, Person)] = [:], next: UInt64 = 0
        for _ in 0..<60 {
            let person = random.chance(1, in: 2) ? alice : bob
            if !live.isEmpty, random.chance(1, in: 4) {
                let number = live.keys.sorted()[random.below(live.count)], owner = live[number]!.1
                #expect(chain.send(owner, KnowledgeMesh.withdraw.reference.call(on: .knowledgeMesh, number)).succeeded)
                live[number] = nil
            } else {
                let made = offer(
                    kind: kinds[random.below(2)], region: regions[random.below(3)], price: UInt128(random.below(10)),
                    power: random.chance(1, in: 3) ? nil : UInt32(random.below(UInt64(5))))
                #expect(publish(chain, person, made, free: UInt32(random.below(UInt64(3)))).succeeded)
                live[next] = (made, person)
                next += 1
            }
            #expect(isBalanced(chain))
        }
        for order in [SearchOrder.cheapest, .thriftiest, .newest] {
            let query = SearchQuery(
                kind: kinds[random.below(2)], regions: Bounded([regions[random.below(3)]])!, priceMax: Amount(UInt128(random.below(10))), order: order)
            var hits: [UInt64] = [], misses: [UInt64] = [], from: UInt64?
            let limit = UInt16(1 + random.below(7))
            repeat {
                let page = chain.ask(KnowledgeMesh.search.reference, of: .knowledgeMesh, query, from, limit)
                #expect(page.hits.count + page.misses.count <= Int(limit))
                let ordered = try page.hits.map { try #require(chain.ask(KnowledgeMesh.listing.reference, of: .knowledgeMesh, $0.listing)) }
                #expect(zip(ordered, ordered.dropFirst()).allSatisfy { query.precedes($0, $1) && !query.precedes($1, $0) })
                hits += page.hits.map(\.listing)
                misses += page.misses.map(\.listing)
                from = page.next
            } while from != nil
            let all = live.filter { $0.value.0.kind == query.kind }
            #expect((hits + misses).sorted() == all.keys.sorted())
            let fitting = try all.keys.filter { query.mismatches(of: try #require(chain.ask(KnowledgeMesh.listing.reference, of: .knowledgeMesh, $0))).isEmpty }
            #expect(hits.sorted() == fitting.sorted())
        }
    }

    /// The largest page of the largest offers stays within what a view may use and return.
    @Test func theLargestPageFits() throws {
        let chain = chain()
        let full = offer(
            name: String(repeating: "n", count: 64), options: (0..<16).map { PricedOption(name: Offer.Token("o\($0)")!, price: Amount(1)) },
            hardware: (0..<8).map { Offer.Token("h\($0)")! }, attributes: (0..<16).map { Attribute(name: Offer.Token("a\(Character(UnicodeScalar(97 + UInt8($0))))")!, value: .number(1)) },
            levels: Array(repeating: .amazonEC2, count: 4))
        for _ in 0..<101 { #expect(publish(chain, alice, full).succeeded) }
        let wanted: [Offer.Token] = (0..<8).map { Offer.Token("wanted-and-not-to-be-had-\($0)")! }
        let query = SearchQuery(
            kind: "virtual-machine", regions: Bounded(["FR"])!, provider: bob.address, priceMax: .zero, options: Bounded(wanted)!,
            resources: Resources(processorMillicores: .max, memoryMebibytes: .max, storageGibibytes: .max, networkMegabits: .max), hardware: Bounded(wanted)!,
            powerMilliwattsMax: 0, attributes: Bounded(wanted.map { AttributeTest(name: $0, test: .atLeast(1)) })!, units: .max, availabilityMin: .max)
        var told: [UInt64] = [], pages = 0, from: UInt64?
        repeat {
            let page = chain.ask(KnowledgeMesh.search.reference, of: .knowledgeMesh, query, from, 100)
            #expect(page.misses.allSatisfy { $0.reasons.count >= 30 })
            told += page.misses.map(\.listing)
            pages += 1
            from = page.next
        } while from != nil
        #expect(told == Array(0..<101) && pages > 1)
    }
}
