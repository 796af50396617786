import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// Documents, revision by revision, and who may change them.
@Suite struct InfrastructureRevisionTests {
    typealias Fixture = InfrastructureFixture

    let fixture = Fixture()
    var owner: Person { fixture.owner }
    var stranger: Person { fixture.people[5] }

    let small = Fixture.document(Fixture.worker("w"), Fixture.object(.inputs, "size", .integer(3)))

    @Test func everyRevisionStaysReadableAndSaysWhatChanged() throws {
        let chain = fixture.chain
        #expect(try fixture.result(Infrastructure.importDocument.reference, fixture.importing(owner, base: 0, .full(small))) == 1)
        let first = try #require(chain.events(Infrastructure.Imported.self).first?.revision)
        #expect(first.author == owner.address && first.height == chain.height && first.reason == "because" && first.added == 2 && first.digest == small.digest)
        #expect(try fixture.export(nil) == small)

        let delta = Infrastructure.Delta(
            objects: Fixture.document(Fixture.object(.inputs, "size", .integer(4)), Fixture.object(.outputs, "o", .null)),
            removed: Bounded([DocumentKey(.nodeTemplates, "w")])!)!
        #expect(fixture.importing(owner, base: 1, .delta(delta)).succeeded)
        let expected = Fixture.document(Fixture.object(.inputs, "size", .integer(4)), Fixture.object(.outputs, "o", .null))
        #expect(try fixture.export(2) == expected && fixture.export(nil) == expected && fixture.export(1) == small)
        let second = try #require(chain.ask(Infrastructure.revision.reference, of: .infrastructure, fixture.app, 2))
        #expect(second.added == 1 && second.changed == 1 && second.removed == 1 && second.digest == expected.digest && second.base == 1)
        let changes = chain.ask(Infrastructure.changes.reference, of: .infrastructure, fixture.app, 1, 2, nil)
        #expect(changes.map(\.kind) == [.changed, .removed, .added] && changes.map(\.key.name.text) == ["size", "w", "o"])
        #expect(chain.ask(Infrastructure.changes.reference, of: .infrastructure, fixture.app, 0, 1, nil).allSatisfy { $0.kind == .added })

        // The whole document again.
        #expect(fixture.importing(owner, base: 2, .full(small)).succeeded)
        #expect(try fixture.export(3) == small && fixture.application.digest == small.digest)
        let history = chain.ask(Infrastructure.history.reference, of: .infrastructure, fixture.app, nil)
        #expect(history.map(\.number) == [3, 2, 1])
        #expect(chain.ask(Infrastructure.history.reference, of: .infrastructure, fixture.app, 2).map(\.number) == [1])
        #expect(chain.ask(Infrastructure.object.reference, of: .infrastructure, fixture.app, 2, DocumentKey(.outputs, "o"))?.value == .null)
        #expect(chain.ask(Infrastructure.object.reference, of: .infrastructure, fixture.app, nil, DocumentKey(.outputs, "o")) == nil)
    }

    @Test func changesThatDoNotFitAreRefusedAndLeaveNothing() throws {
        #expect(fixture.importing(owner, base: 0, .full(small)).succeeded)
        fixture.refuses(fixture.importing(owner, base: 0, .full(small)), .baseStale)
        fixture.refuses(fixture.importing(owner, base: 2, .full(small)), .baseStale)
        fixture.refuses(fixture.importing(owner, base: 1, .full(small)), .nothingChanged)
        let gone = Infrastructure.Delta(objects: .empty, removed: Bounded([DocumentKey(.groups, "none")])!)!
        fixture.refuses(fixture.importing(owner, base: 1, .delta(gone)), .removedUnknown)
        #expect(fixture.importing(stranger, base: 1, .full(.empty)).code == SystemRejection.unauthorised.rawValue)
        let file = Fixture.document(Fixture.object(.files, "image", Fixture.map(("cid", .text("ipfs://nonsense")))))
        fixture.refuses(fixture.importing(owner, base: 1, .full(file)), .contentIdentifierInvalid)
        #expect(fixture.application.revision == 1 && fixture.application.digest == small.digest)
        // A key both changed and removed, or removed out of order, is no delta.
        #expect(Infrastructure.Delta(objects: small, removed: Bounded([DocumentKey(.inputs, "size")])!) == nil)
        #expect(Infrastructure.Delta(objects: .empty, removed: Bounded([DocumentKey(.outputs, "a"), DocumentKey(.inputs, "a")])!) == nil)
    }

    @Test func encodingsThatAreNotCanonicalAreNotTaken() {
        func send(_ change: [UInt8]) -> UInt32? {
            var encoder = BCSEncoder()
            encoder.encode(fixture.app)
            encoder.encode(UInt64(0))
            encoder.append(change)
            encoder.encode(Infrastructure.Reason(""))
            return fixture.call(owner, Call(contract: .infrastructure, method: "import", arguments: encoder.bytes)).code
        }
        let malformed = SystemRejection.argumentsMalformed.rawValue
        let good: [UInt8] = [0, 1, 10, 1, 97, 1, 0]
        // An unknown section, a map out of order, objects out of order, no name, an unknown case.
        #expect(send([0, 1, 19, 1, 97, 1, 0]) == malformed)
        #expect(send([0, 1, 10, 1, 97, 8, 6, 2, 1, 98, 0, 1, 97, 0]) == malformed)
        #expect(send([0, 2, 10, 1, 98, 1, 0, 10, 1, 97, 1, 0]) == malformed)
        #expect(send([0, 1, 10, 0, 1, 0]) == malformed)
        #expect(send([2, 1, 10, 1, 97, 1, 0]) == malformed)
        #expect(send(good) == nil)
        #expect(send(good) == InfrastructureRejection.baseStale.rawValue)
    }

    @Test(arguments: 0..<12 as Range<UInt64>) func aModelOfDictionariesAgrees(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var models: [[DocumentKey: DocumentObject]] = [[:]]
        func random() -> DocumentObject {
            let section = DocumentSection.allCases[9 + generator.below(8)]
            return Fixture.object(section, "n\(generator.below(20))", .text(String(repeating: "v", count: generator.below(6) * 400) + "\(generator.below(3))"))
        }
        for _ in 0..<25 {
            let head = models[models.count - 1]
            var next = head
            let change: Infrastructure.Change
            if generator.chance(1, in: 3) {
                next = [:]
                for _ in 0..<generator.below(12) { let object = random(); next[object.key] = object }
                change = .full(try Document(sorting: Array(next.values)))
            } else {
                var objects: [DocumentKey: DocumentObject] = [:]
                for _ in 0..<generator.below(4) { let object = random(); objects[object.key] = object }
                let removed = head.keys.sorted().filter { objects[$0] == nil && generator.chance(1, in: 6) }
                for key in removed { next[key] = nil }
                for (key, object) in objects { next[key] = object }
                change = .delta(Infrastructure.Delta(objects: try Document(sorting: Array(objects.values)), removed: Bounded(removed)!)!)
            }
            let receipt = fixture.importing(owner, base: UInt64(models.count - 1), change)
            if next == head {
                fixture.refuses(receipt, .nothingChanged)
            } else {
                #expect(receipt.succeeded)
                models.append(next)
            }
        }
        for (number, model) in models.enumerated().dropFirst() {
            let document = try Document(sorting: Array(model.values))
            #expect(try fixture.export(UInt64(number)) == document)
            #expect(fixture.chain.ask(Infrastructure.revision.reference, of: .infrastructure, fixture.app, UInt64(number))?.digest == document.digest)
        }
    }

    /// A document that is changed object by object stays as cheap to read, and a whole one lies together.
    @Test func whatManyChangesScatteredIsWrittenTogetherAgain() throws {
        func object(_ place: Int, _ version: Int) -> DocumentObject { Fixture.object(.inputs, "n\(100 + place)", .text("\(version) " + String(repeating: "x", count: 600))) }
        var model = (0..<60).map { object($0, 0) }
        func lies() throws -> Set<UInt64> {
            let view = fixture.chain.state.view, number = fixture.application.revision
            let claims = try view.claims([Infrastructure.revisions.stateKey(KeyPair(fixture.app, number), of: .infrastructure)])
            let stored = try Infrastructure.StoredRevision(bcs: #require(claims[0].value))
            return Set(stored.index.map(\.revision))
        }
        #expect(fixture.importing(owner, base: 0, .full(try Document(model))).succeeded)
        var gathered = 0
        for version in 1...80 {
            let place = version * 7 % 60
            model[place] = object(place, version)
            let receipt = fixture.importing(owner, base: UInt64(version), .delta(Infrastructure.Delta(objects: try Document([model[place]]))!))
            let info = try #require(fixture.chain.events(Infrastructure.Imported.self).first?.revision)
            #expect(receipt.succeeded && info.changed == 1 && info.added == 0 && info.removed == 0)
            let revisions = try lies()
            #expect(revisions.count <= Infrastructure.scatterMax + 1)
            if revisions == [UInt64(version) + 1] { gathered += 1 }
            #expect(fixture.application.digest == (try Document(model)).digest)
        }
        #expect(gathered == 2)
        #expect(try fixture.export(nil) == Document(model) && fixture.export(40).object(.inputs, "n100") != nil)
        model[3] = object(3, 99)
        #expect(fixture.importing(owner, base: 81, .full(try Document(model))).succeeded)
        let info = try #require(fixture.chain.events(Infrastructure.Imported.self).first?.revision)
        #expect(try info.changed == 1 && info.added == 0 && lies() == [82] && fixture.export(nil) == Document(model))
    }

    @Test func aLargeDocumentIsStoredInPartsAndReadInPages() throws {
        let objects = (0..<60).map { Fixture.object(.inputs, "n\(100 + $0)", .text(String(repeating: "x", count: 4_000))) }
        let document = try Document(objects)
        #expect(fixture.importing(owner, base: 0, .full(document)).succeeded)
        #expect(try fixture.export(1) == document)
        // One of them changes: the others stay in the parts of the first revision.
        let delta = Infrastructure.Delta(objects: Fixture.document(Fixture.object(.inputs, "n130", .null)))!
        let receipt = fixture.importing(owner, base: 1, .delta(delta))
        #expect(receipt.succeeded && receipt.gasUsed < Gas(500_000), "\(receipt.gasUsed)")
        #expect(try fixture.export(2).object(.inputs, "n130")?.value == .null)
        #expect(try fixture.export(2).object(.inputs, "n159") == objects[59])
        // Six more such would be too much.
        let more = (0..<6).map { Fixture.object(.inputs, "m\($0)", .text(String(repeating: "x", count: 5_000))) }
        fixture.refuses(fixture.importing(owner, base: 2, .delta(Infrastructure.Delta(objects: try Document(more))!)), .documentTooLarge)
    }

    @Test func everyModuleObeysItsPermission() throws {
        let chain = fixture.chain, app = fixture.app
        let group = try fixture.result(
            Groups.create.reference,
            fixture.call(owner, Groups.create.reference.call(on: Groups.address, Bounded(fixture.people[1...3].map(\.address))!, 2, nil)))
        let artifact = Infrastructure.Artifact(content: "QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR", type: "image", bytes: 1)
        #expect(fixture.join(fixture.people[7]).succeeded)
        // What each module may be asked to do; the refusals that are not about permission show that it was passed.
        let acts: [(Infrastructure.Module, Call)] = [
            (.core, Infrastructure.configure.reference.call(on: .infrastructure, app, Fixture.settings())),
            (.governance, Infrastructure.offerOwnership.reference.call(on: .infrastructure, app, nil)),
            (.names, Infrastructure.removeOperator.reference.call(on: .infrastructure, app, Person(99).address, "")),
            (.artifacts, Infrastructure.setArtifact.reference.call(on: .infrastructure, app, "image", artifact)),
            (.topology, Infrastructure.importDocument.reference.call(on: .infrastructure, app, 9, .full(.empty), "")),
            (.templates, Infrastructure.recordTest.reference.call(on: .infrastructure, app, 0, true, 1, .zero)),
            (.mapper, Infrastructure.setMapper.reference.call(on: .infrastructure, app, MappingPolicy(), 0)),
            (.security, Infrastructure.ban.reference.call(on: .infrastructure, app, .credential(.zero), "")),
        ]
        let unauthorised = SystemRejection.unauthorised.rawValue
        func passes(_ receipt: Receipt) -> Bool { receipt.code != unauthorised }
        for (module, act) in acts {
            #expect(passes(fixture.call(owner, act)), "\(module)")
            #expect(!passes(fixture.call(stranger, act)), "\(module)")
            guard module != .governance else { continue }
            // One account: the owner may no longer.
            #expect(fixture.call(owner, Infrastructure.setPermission.reference.call(on: .infrastructure, app, module, .account(stranger.address))).succeeded)
            #expect(passes(fixture.call(stranger, act)) && !passes(fixture.call(owner, act)), "\(module)")
            // Two of three: the first proposes, the second brings it about.
            #expect(fixture.call(owner, Infrastructure.setPermission.reference.call(on: .infrastructure, app, module, .group(group))).succeeded)
            #expect(!passes(fixture.call(stranger, act)) && !passes(fixture.call(fixture.people[1], act)))
            let expires = Timestamp(chain.time.rawValue + 1_000_000)
            let proposal = try fixture.result(
                Groups.propose.reference,
                fixture.call(fixture.people[1], Groups.propose.reference.call(on: Groups.address, group, .calls(Bounded([act])!), expires)))
            #expect(fixture.call(fixture.people[2], Groups.approve.reference.call(on: Groups.address, group, proposal)).succeeded)
            #expect(chain.events(Groups.Failed.self).allSatisfy { $0.failure.code != unauthorised }, "\(module)")
            #expect(chain.events(Groups.Executed.self).count + chain.events(Groups.Failed.self).count == 1)
            if !chain.events(Groups.Failed.self).isEmpty {
                #expect(fixture.call(fixture.people[1], Groups.close.reference.call(on: Groups.address, group, proposal)).succeeded)
            }
        }
        // The owner sets modes, and gives the application away in two steps.
        #expect(!passes(fixture.call(stranger, Infrastructure.setPermission.reference.call(on: .infrastructure, app, .core, .vote))))
        fixture.refuses(
            fixture.call(owner, Infrastructure.setPermission.reference.call(on: .infrastructure, app, .governance, .vote)), .permissionInvalid)
        #expect(fixture.call(owner, Infrastructure.offerOwnership.reference.call(on: .infrastructure, app, .account(stranger.address))).succeeded)
        #expect(!passes(fixture.call(fixture.people[4], Infrastructure.acceptOwnership.reference.call(on: .infrastructure, app))))
        #expect(fixture.call(stranger, Infrastructure.acceptOwnership.reference.call(on: .infrastructure, app)).succeeded)
        #expect(fixture.application.owner.current == .account(stranger.address))
        #expect(!passes(fixture.call(owner, Infrastructure.offerOwnership.reference.call(on: .infrastructure, app, nil))))
    }

    /// Modules that were never given to anybody go with the ownership; the old owner keeps nothing.
    @Test func whoOwnsTheApplicationHoldsWhatWasGivenToNobody() throws {
        let app = fixture.app, unauthorised = SystemRejection.unauthorised.rawValue, kept = fixture.people[2]
        func set(_ by: Person, _ module: Infrastructure.Module, _ permission: Permission?) -> Receipt {
            fixture.call(by, Infrastructure.setPermission.reference.call(on: .infrastructure, app, module, permission))
        }
        func holders() -> [Permission] { Infrastructure.Module.all.map { fixture.application.permission(of: $0) } }
        #expect(set(owner, .names, .account(kept.address)).succeeded)
        #expect(fixture.call(owner, Infrastructure.offerOwnership.reference.call(on: .infrastructure, app, .account(stranger.address))).succeeded)
        #expect(fixture.call(stranger, Infrastructure.acceptOwnership.reference.call(on: .infrastructure, app)).succeeded)
        #expect(holders() == Infrastructure.Module.all.map { .account($0 == .names ? kept.address : stranger.address) })
        let configure = Infrastructure.configure.reference.call(on: .infrastructure, app, Fixture.settings(epochBlocks: 9))
        #expect(fixture.call(owner, configure).code == unauthorised && fixture.importing(owner, base: 0, .full(small)).code == unauthorised)
        #expect(set(owner, .core, nil).code == unauthorised)
        #expect(fixture.call(stranger, configure).succeeded && fixture.importing(stranger, base: 0, .full(small)).succeeded)
        // What was given to somebody is taken back by giving it to nobody.
        #expect(set(stranger, .names, nil).succeeded && holders().allSatisfy { $0 == .account(stranger.address) })
        fixture.refuses(set(stranger, .names, .account(Address())), .permissionInvalid)
    }

    @Test func aVoteAdoptsADraftBehindItsTimeLockAndNoVoteAdoptsWhatIsForbidden() throws {
        let chain = fixture.chain, app = fixture.app
        let pattern = ForbiddenPattern(
            section: .nodeTemplates, name: "*", path: Bounded(["properties", "ports", "*", "target"])!, test: .equals("22"), isPermanent: true,
            reason: "no remote shells")
        #expect(fixture.call(owner, Infrastructure.forbid.reference.call(on: .infrastructure, app, pattern)).succeeded)
        fixture.refuses(fixture.call(owner, Infrastructure.allow.reference.call(on: .infrastructure, app, 0)), .patternPermanent)
        #expect(fixture.call(owner, Infrastructure.setPermission.reference.call(on: .infrastructure, app, .topology, .vote)).succeeded)
        #expect(fixture.importing(owner, base: 0, .full(small)).code == SystemRejection.unauthorised.rawValue)

        let ports = Fixture.map(("type", .text("diac.nodes.Worker")), ("properties", Fixture.map(("ports", .list([Fixture.map(("target", .integer(22)))])))))
        let bad = Fixture.document(Fixture.object(.nodeTemplates, "w", ports))
        var digests: [Digest] = []
        for document in [small, bad] {
            let change = Infrastructure.Change.full(document)
            #expect(fixture.call(stranger, Infrastructure.draft.reference.call(on: .infrastructure, app, 0, change, "please")).succeeded)
            digests.append(Infrastructure.Draft.digest(base: 0, change: change, reason: "please"))
        }
        #expect(chain.ask(Infrastructure.drafts.reference, of: .infrastructure, app, nil).map(\.digest) == digests)

        // Everything of the stake says yes to both; stake that comes after the proposal counts nothing, which governance sees to.
        let voter = fixture.people[6], power = Bounded<32, Governance.DelegatedPower>([.init(validator: voter.address, power: Amount(100))])!
        chain.advance([chain.transaction(owner, [
            StandInStaking.setPower.reference.call(on: .staking, voter.address, 0, power),
            StandInStaking.setPool.reference.call(on: .staking, voter.address, 0, Amount(100)),
            StandInStaking.setTotal.reference.call(on: .staking, 0, Amount(100)),
        ])])
        func decide(_ digest: Digest, meanwhile: () -> Void = {}) throws -> UInt64 {
            let adopt = Infrastructure.adopt.reference.call(on: .infrastructure, app, digest)
            let content = Governance.Content(title: "Adopt", text: "", action: .calls(Bounded([adopt])!))
            let number = try fixture.result(
                Governance.propose.reference, fixture.call(voter, Governance.propose.reference.call(on: .governance, content, value: Amount(1_000))))
            #expect(fixture.call(voter, Governance.vote.reference.call(on: .governance, number, .yes)).succeeded)
            chain.advance(time: Timestamp(chain.time.rawValue + Fixture.voting))
            #expect(fixture.application.revision == 0, "nothing before the time lock ends")
            meanwhile()
            chain.advance(time: Timestamp(chain.time.rawValue + Fixture.timeLock))
            return number
        }
        let forbidden = try decide(digests[1])
        let status = chain.ask(Governance.proposal.reference, of: .governance, forbidden)?.proposal.status
        guard case .failed(let failure) = status else {
            Issue.record("\(String(describing: status))")
            return
        }
        #expect(failure.contract == .infrastructure && failure.code == InfrastructureRejection.patternForbidden.rawValue)
        #expect(fixture.application.revision == 0)
        // Its author regrets it while the vote waits for its time lock; anybody writes the same down again, and it is what was decided.
        let change = Infrastructure.Change.full(small), other = fixture.people[4]
        func draft(_ by: Person, _ reason: Infrastructure.Reason = "please") -> Receipt {
            fixture.call(by, Infrastructure.draft.reference.call(on: .infrastructure, app, 0, change, reason))
        }
        fixture.refuses(draft(other), .nothingChanged)
        _ = try decide(digests[0]) {
            #expect(fixture.call(stranger, Infrastructure.discard.reference.call(on: .infrastructure, app, 0)).succeeded)
            #expect(draft(other, "something else").succeeded && draft(other).succeeded)
        }
        #expect(fixture.application.revision == 1 && fixture.application.drafts == 2)
        let revision = try #require(chain.ask(Infrastructure.revision.reference, of: .infrastructure, app, 1))
        #expect(revision.author == .governance && revision.draft == 3 && revision.reason == "please")
        #expect(try fixture.export(1) == small)
        // Replayed, the draft is gone; the other one is stale, and anyone may clear it away.
        let again = Infrastructure.adopt.reference.call(on: .infrastructure, app, digests[0])
        #expect(fixture.call(owner, again).code == SystemRejection.unauthorised.rawValue)
        #expect(fixture.call(owner, Infrastructure.setPermission.reference.call(on: .infrastructure, app, .topology, .account(owner.address))).succeeded)
        fixture.refuses(fixture.call(owner, again), .draftUnknown)
        fixture.refuses(fixture.call(owner, Infrastructure.adopt.reference.call(on: .infrastructure, app, digests[1])), .baseStale)
        for number in [1, 2] as [UInt64] {
            #expect(fixture.call(fixture.people[3], Infrastructure.discard.reference.call(on: .infrastructure, app, number)).succeeded)
        }
        #expect(fixture.application.drafts == 0)
    }

    @Test func draftsOfOthersHaveBounds() throws {
        let app = fixture.app, people = fixture.people
        func draft(_ by: Person, _ number: Int) -> Receipt {
            let change = Infrastructure.Change.full(Fixture.document(Fixture.object(.inputs, "n\(number)", .null)))
            return fixture.call(by, Infrastructure.draft.reference.call(on: .infrastructure, app, 0, change, ""))
        }
        func discard(_ by: Person, _ number: UInt64) -> Receipt {
            fixture.call(by, Infrastructure.discard.reference.call(on: .infrastructure, app, number))
        }
        for number in 0..<8 { #expect(draft(stranger, number).succeeded) }
        fixture.refuses(draft(stranger, 8), .draftsOverLimit)
        for (place, person) in people.enumerated() where person.address != stranger.address {
            for number in 0..<8 { #expect(draft(person, 8 * (place + 1) + number).succeeded) }
        }
        #expect(fixture.application.drafts == Infrastructure.draftsMax)
        // All places are taken: whose application it is makes room.
        fixture.refuses(draft(people[1], 99), .draftsOverLimit)
        fixture.refuses(discard(people[1], 0), .notYours)
        #expect(fixture.call(owner, Infrastructure.setPermission.reference.call(on: .infrastructure, app, .topology, .vote)).succeeded)
        #expect(discard(owner, 0).succeeded && draft(stranger, 99).succeeded)
    }

    @Test func patternsLookWhereTheySayAndNowhereElse() throws {
        func pattern(_ path: [ForbiddenPattern.Glob], _ test: ForbiddenPattern.Test, name: ForbiddenPattern.Glob = "*", section: DocumentSection? = nil) -> ForbiddenPattern {
            ForbiddenPattern(section: section, name: name, path: Bounded(path)!, test: test, reason: "no")
        }
        let object = Fixture.object(.nodeTemplates, "web-1", Fixture.map(
            ("image", .text("alpine:latest")), ("cpus", .integer(-4)), ("ratio", .decimal(DocumentDecimal("0.5")!)), ("open", .boolean(true)),
            ("ports", .list([.integer(22), .integer(80)]))))
        #expect(pattern(["image"], .matches("*:latest")).applies(to: object))
        #expect(pattern(["*"], .matches("al*ne:l?test")).applies(to: object))
        #expect(!pattern(["image"], .matches("*:lates")).applies(to: object))
        #expect(!pattern(["image", "tag"], .exists).applies(to: object))
        #expect(pattern(["ports", "*"], .equals("22")).applies(to: object))
        #expect(!pattern(["ports", "22"], .exists).applies(to: object))
        #expect(pattern(["cpus"], .below(ForbiddenPattern.Test.shifted(-3))).applies(to: object))
        #expect(!pattern(["cpus"], .above(ForbiddenPattern.Test.shifted(-4))).applies(to: object))
        #expect(pattern(["ratio"], .equals("0.5")).applies(to: object) && pattern(["open"], .equals("true")).applies(to: object))
        #expect(pattern([], .exists, name: "web-*").applies(to: object) && !pattern([], .exists, name: "db-*").applies(to: object))
        #expect(!pattern([], .exists, section: .inputs).applies(to: object))
        #expect(pattern(["image"], .matches("*****************a*****")).applies(to: object))
    }

    @Test func namesAndSettingsHaveBounds() {
        func create(_ name: ApplicationName, _ settings: Infrastructure.Settings = Fixture.settings(), _ owner: Permission? = nil) -> UInt32? {
            fixture.call(stranger, Infrastructure.create.reference.call(
                on: .infrastructure, name, owner ?? .account(stranger.address), settings)).code
        }
        for bad in ["", "-a", "a-", "A", "a b", "a_b", "é", "."] as [ApplicationName] { #expect(create(bad) == InfrastructureRejection.nameInvalid.rawValue) }
        #expect(create(fixture.app) == InfrastructureRejection.nameTaken.rawValue)
        #expect(create("b", Fixture.settings(unit: 0)) == InfrastructureRejection.settingsInvalid.rawValue)
        #expect(create("b", Fixture.settings(operatorsMax: 5_001)) == InfrastructureRejection.settingsInvalid.rawValue)
        #expect(create("b", Fixture.settings(epochBlocks: 0)) == InfrastructureRejection.settingsInvalid.rawValue)
        #expect(create("b", Fixture.settings(), .account(Address())) == InfrastructureRejection.permissionInvalid.rawValue)
        #expect(create("b.2-c") == nil)
        #expect(fixture.chain.ask(Infrastructure.applications.reference, of: .infrastructure, nil).map(\.name) == ["shop", "b.2-c"])
    }
}
