import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// From a document and operators to an assignment that anyone can compute again, and what runs by it.
@Suite struct InfrastructureMapperTests {
    typealias Fixture = InfrastructureFixture

    /// Five operators of three units each for two shards of five.
    func mapped(_ document: Document? = nil) throws -> Fixture {
        let fixture = Fixture()
        let document = document ?? Fixture.document(Fixture.worker("w", count: 5), Fixture.shard("s", copies: 2, of: "w"))
        #expect(fixture.importing(fixture.owner, base: 0, .full(document)).succeeded)
        for person in fixture.people[1...5] { #expect(fixture.join(person, stake: 300).succeeded) }
        return fixture
    }

    func recomputed(_ fixture: Fixture) throws -> Mapping {
        let record = try #require(fixture.chain.ask(Infrastructure.mapping.reference, of: .infrastructure, fixture.app, nil))
        var bytes: [UInt8] = []
        var part: UInt8 = 0
        while bytes.count < Int(record.inputBytes) {
            bytes += try #require(fixture.chain.ask(Infrastructure.mappingInput.reference, of: .infrastructure, fixture.app, record.number, part)).bytes
            part += 1
        }
        #expect(SHA256.hash(bytes) == record.inputDigest)
        let outcome = try #require(record.outcome)
        let mapping = try #require(Mapping.compute(try MappingInput(bcs: bytes), beacon: outcome.beacon))
        #expect(mapping.summary == outcome.summary)
        #expect(SHA256.hash(AssignedOperators(mapping.slots)!.bcs) == outcome.assignmentDigest)
        return mapping
    }

    @Test func anAssignmentLooksForwardAndAnyoneGetsTheSame() throws {
        let fixture = try mapped(), stranger = fixture.people[7]
        fixture.refuses(fixture.map(), .mappingUnknown)
        #expect(fixture.freeze(stranger).succeeded)
        let height = fixture.chain.height
        #expect(fixture.map().code == SystemRejection.drawTooEarly.rawValue)
        // Nobody tries again, and what changes now does not count.
        fixture.refuses(fixture.freeze(), .mappingPending)
        #expect(fixture.join(fixture.people[6], stake: 1_000).succeeded)
        fixture.refuses(fixture.freeze(), .mappingPending)
        let summary = try fixture.result(Infrastructure.map.reference, fixture.map())
        #expect(summary.isComplete && summary.slots == 10 && summary.added == 10 && summary.operators <= 5)
        let record = try #require(fixture.chain.ask(Infrastructure.mapping.reference, of: .infrastructure, fixture.app, nil))
        #expect(record.frozen == height && record.candidates == 5)
        let mapping = try recomputed(fixture), assignment = fixture.assignment()
        #expect(assignment.map(\.operatorNumber) == mapping.slots)
        #expect(assignment[0].instance == "w_1_1" && assignment[9].instance == "w_2_5" && assignment.allSatisfy { $0.account != nil })
        fixture.refuses(fixture.map(), .mappingDone)
        // The one who joined too late is in the next one; nobody moves for it.
        let next = try fixture.remap()
        #expect(next.moved == 0 && fixture.assignment().map(\.operatorNumber) == mapping.slots)
        fixture.refuses(fixture.freeze(), .nothingChanged)
    }

    @Test func anEpochDrawsAgain() throws {
        let fixture = try mapped()
        try fixture.remap()
        let before = fixture.assignment().map(\.operatorNumber)
        for _ in 0..<20 { fixture.chain.advance() }
        #expect(fixture.call(fixture.owner, Infrastructure.setMapper.reference.call(on: .infrastructure, fixture.app, MappingPolicy(), 500_000)).succeeded)
        let summary = try fixture.remap()
        #expect(summary.moved <= 5 && summary.isComplete)
        let after = fixture.assignment()
        #expect(after.map(\.previous) == before)
        let moves = fixture.chain.ask(Infrastructure.assignment.reference, of: .infrastructure, fixture.app, 0, true)
        #expect(moves.count == Int(summary.moved) && moves.allSatisfy { $0.previous != $0.operatorNumber })
        _ = try recomputed(fixture)
    }

    /// An operator that likes its nodes cannot put the draw off by having others frozen all the time.
    @Test func nobodyPutsTheRotationOff() throws {
        let fixture = try mapped(), busy = fixture.people[1]
        #expect(fixture.call(fixture.owner, Infrastructure.setMapper.reference.call(on: .infrastructure, fixture.app, MappingPolicy(), 1_000_000)).succeeded)
        func rotation() throws -> UInt32 {
            let part = try #require(fixture.chain.ask(Infrastructure.mappingInput.reference, of: .infrastructure, fixture.app, fixture.application.mapping, 0))
            return try MappingInput(bcs: part.bytes).rotation
        }
        try fixture.remap()
        let first = fixture.application.lastRotation
        #expect(first.rawValue == fixture.chain.height.rawValue - 3)
        let home = Infrastructure.Place(continent: .europe, region: "DE")
        fixture.refuses(fixture.call(busy, Infrastructure.updateOperator.reference.call(on: .infrastructure, fixture.app, home, nil)), .nothingChanged)
        #expect(!fixture.application.isMappingDirty)
        var rotated = 0, rounds = 0
        while fixture.chain.height.rawValue < first.rawValue + 42 {
            #expect(fixture.call(busy, Infrastructure.addStake.reference.call(on: .infrastructure, fixture.app, value: Amount(1))).succeeded)
            let isDue = fixture.chain.height.rawValue + 1 - fixture.application.lastRotation.rawValue >= 20
            try fixture.remap()
            #expect(try rotation() == (isDue ? 1_000_000 : 0))
            if isDue { rotated += 1 }
            rounds += 1
        }
        #expect(rotated == 2 && rounds > 5)
    }

    @Test func aDrawIsLostWhenItsBeaconIs() throws {
        let fixture = try mapped()
        #expect(fixture.freeze().succeeded)
        let record = try #require(fixture.chain.ask(Infrastructure.mapping.reference, of: .infrastructure, fixture.app, nil)), beacon = record.beaconHeight.rawValue
        #expect(!record.isLost(at: record.beaconHeight) && !record.isLost(at: Height(beacon + 65_535)))
        // That of the block so many later is kept at the same place.
        #expect(record.isLost(at: Height(beacon + 65_536)))
        #expect(ChainRecords.beaconKey(Height(beacon + 65_536)) == ChainRecords.beaconKey(record.beaconHeight))
    }

    @Test func whoIsBannedOrLeavesLosesItsNodesAndNobodyElseDoes() throws {
        let fixture = try mapped()
        try fixture.remap()
        let before = fixture.assignment()
        let victim = try #require(before.first?.account), number = before[0].operatorNumber
        #expect(fixture.call(fixture.owner, Infrastructure.ban.reference.call(on: .infrastructure, fixture.app, .operator(victim), "cheats")).succeeded)
        #expect(fixture.application.isMappingDirty)
        try fixture.remap()
        let after = fixture.assignment()
        for (old, new) in zip(before, after) {
            #expect(new.operatorNumber != number && (old.operatorNumber == number || old.operatorNumber == new.operatorNumber))
        }
        // A node that was found bad: its operator leaves the group, not the application.
        let bad = after[0], seat = try Infrastructure.Seat(group: bad.group, copy: bad.copy, account: #require(bad.account))
        #expect(fixture.call(fixture.owner, Infrastructure.ban.reference.call(on: .infrastructure, fixture.app, .node(seat), "compromised")).succeeded)
        let person = try #require(fixture.people.first { $0.address == bad.account })
        let report = Infrastructure.report.reference.call(on: .infrastructure, fixture.app, 0, 1, "203.0.113.7:80", .running, Bounded())
        fixture.refuses(fixture.call(person, report), .banned)
        try fixture.remap()
        #expect(fixture.assignment().prefix(5).allSatisfy { $0.operatorNumber != bad.operatorNumber })
        _ = try recomputed(fixture)
    }

    /// Neither a new number, nor another document, nor another ban opens the group again.
    @Test func aBanOfANodeHoldsWhateverGetsAnotherNumber() throws {
        let fixture = try mapped(), app = fixture.app
        try fixture.remap()
        let bad = fixture.assignment()[0], person = try #require(fixture.people.first { $0.address == bad.account })
        func node(_ copy: UInt32, _ person: Person) -> Infrastructure.Subject { .node(.init(group: "s", copy: copy, account: person.address)) }
        func ban(_ subject: Infrastructure.Subject) -> Receipt { fixture.call(fixture.owner, Infrastructure.ban.reference.call(on: .infrastructure, app, subject, "")) }
        func isOut(_ copies: Range<Int>) -> Bool {
            let own = fixture.number(person), nodes = fixture.assignment().filter { $0.group == "s" && copies.contains(Int($0.copy)) }
            return own != nil && !nodes.isEmpty && nodes.allSatisfy { $0.operatorNumber != own }
        }
        #expect(bad.group == "s" && bad.copy == 1 && ban(node(1, person)).succeeded)
        try fixture.remap()
        #expect(isOut(1..<2))
        // It leaves and comes back under a new number.
        #expect(fixture.call(person, Infrastructure.leave.reference.call(on: .infrastructure, app)).succeeded)
        try fixture.remap()
        #expect(fixture.join(person, stake: 300).succeeded && fixture.number(person) == 6)
        for other in fixture.people[1...5] where other.address != person.address {
            #expect(fixture.call(other, Infrastructure.leave.reference.call(on: .infrastructure, app)).succeeded)
        }
        for other in fixture.people[6...7] { #expect(fixture.join(other, stake: 300).succeeded) }
        try fixture.remap()
        #expect(isOut(1..<2) && fixture.assignment().contains { $0.operatorNumber == 6 })
        // Its place in the group goes to somebody else, who is kept out as well.
        let held = try #require(fixture.assignment().first { $0.copy == 1 && $0.account != nil }), other = try #require(fixture.people.first { $0.address == held.account })
        #expect(ban(node(1, other)).succeeded && fixture.application.nodeBans == 2)
        #expect(ban(node(1, other)).succeeded && fixture.application.nodeBans == 2)
        // Another document gives every slot another number.
        let more = Fixture.document(Fixture.worker("a", count: 2), Fixture.worker("w", count: 3), Fixture.shard("s", copies: 2, of: "w"))
        #expect(fixture.importing(fixture.owner, base: 1, .full(more)).succeeded)
        try fixture.remap()
        #expect(isOut(1..<2) && fixture.assignment().allSatisfy { $0.group != "s" || $0.copy != 1 || $0.account != other.address })
        _ = try recomputed(fixture)
        for subject in [node(1, person), node(1, other)] {
            #expect(fixture.call(fixture.owner, Infrastructure.unban.reference.call(on: .infrastructure, app, subject, "")).succeeded)
        }
        #expect(fixture.application.nodeBans == 0)
        fixture.refuses(fixture.call(fixture.owner, Infrastructure.unban.reference.call(on: .infrastructure, app, node(1, person), "")), .notBanned)
    }

    @Test func theBlacklistOfNodesHasRoomForWhatAnAssignmentLeavesOut() throws {
        let fixture = try mapped(), chain = fixture.chain
        for start in stride(from: 0, to: 1_024, by: 128) {
            let bans = (start..<start + 128).map { place in
                let seat = Infrastructure.Seat(group: "s", copy: UInt32(1 + place % 2), account: Person(UInt64(10_000 + place)).address)
                return chain.transaction(fixture.owner, [Infrastructure.ban.reference.call(on: .infrastructure, fixture.app, .node(seat), "")], gasLimit: 400_000)
            }
            #expect(chain.advance(bans).receipts.allSatisfy { $0.succeeded })
        }
        let last = Infrastructure.Seat(group: "s", copy: 1, account: fixture.people[1].address)
        fixture.refuses(
            fixture.call(fixture.owner, Infrastructure.ban.reference.call(on: .infrastructure, fixture.app, .node(last), "")), .bansOverLimit)
        #expect(fixture.application.nodeBans == Infrastructure.nodeBansMax)
        // All of them are looked at, and freezing goes on.
        #expect(fixture.freeze().succeeded)
        let first = Infrastructure.Subject.node(.init(group: "s", copy: 1, account: Person(10_000).address))
        #expect(fixture.call(fixture.owner, Infrastructure.unban.reference.call(on: .infrastructure, fixture.app, first, "")).succeeded)
        #expect(fixture.call(fixture.owner, Infrastructure.ban.reference.call(on: .infrastructure, fixture.app, .node(last), "")).succeeded)
    }

    @Test func whatRunsIsReportedByThoseWhoRunIt() throws {
        let fixture = try mapped()
        try fixture.remap()
        let slot = fixture.assignment()[3]
        let person = try #require(fixture.people.first { $0.address == slot.account })
        let other = try #require(fixture.people[1...5].first { $0.address != slot.account })
        let load = Bounded<8, Infrastructure.Measurement>([.init(name: "load_percent", value: 12)])!
        func report(_ who: Person, slot: UInt32 = 3, revision: UInt64 = 1, address: Infrastructure.Endpoint = "203.0.113.7:80") -> Receipt {
            fixture.call(who, Infrastructure.report.reference.call(on: .infrastructure, fixture.app, slot, revision, address, .running, load))
        }
        func instance() -> Infrastructure.InstanceView? {
            fixture.chain.ask(Infrastructure.instances.reference, of: .infrastructure, fixture.app, 3).first
        }
        fixture.refuses(report(other), .notYours)
        fixture.refuses(report(fixture.people[7]), .notYours)
        fixture.refuses(report(person, slot: 10), .slotUnknown)
        fixture.refuses(report(person, revision: 2), .revisionUnknown)
        fixture.refuses(report(person, address: "\u{202e}evil"), .reportInvalid)
        #expect(report(person).succeeded)
        #expect(instance()?.isCurrent == true && instance()?.instance.lastAlive == fixture.chain.time && instance()?.instance.measurements.first?.value == 12)
        let test = Infrastructure.recordTest.reference.call(on: .infrastructure, fixture.app, 3, true, 250, .zero)
        #expect(fixture.call(person, test).code == SystemRejection.unauthorised.rawValue)
        #expect(fixture.call(fixture.owner, test).succeeded)
        #expect(report(person).succeeded && instance()?.instance.test?.milliseconds == 250)
        // A new topology makes what runs stale until it is reported again.
        let more = Fixture.document(Fixture.worker("w", count: 6), Fixture.shard("s", copies: 2, of: "w"))
        #expect(fixture.importing(fixture.owner, base: 1, .full(more)).succeeded)
        #expect(instance()?.isCurrent == false && fixture.application.isMappingDirty)
        let summary = try fixture.remap()
        #expect(summary.slots == 12 && summary.moved == 0 && summary.added == 2)
        #expect(report(person, revision: 2).succeeded && instance()?.isCurrent == true)
    }

    @Test func aPolicyThatCannotBeKeptIsExplained() throws {
        let fixture = try mapped(Fixture.document(
            Fixture.worker("w", count: 5), Fixture.shard("s", copies: 2, of: "w"),
            Fixture.object(.policies, "spread", Fixture.map(
                ("type", .text("diac.policies.Decentralization")), ("properties", Fixture.map(("region_share", .integer(40))))))))
        let summary = try fixture.remap()
        #expect(!summary.isComplete && summary.assigned == 4)
        #expect(summary.binding.map(\.rule) == [.regionShare] && summary.binding.map(\.allows) == [4])
        // Operators elsewhere help.
        #expect(fixture.join(fixture.people[6], stake: 600, region: "FR").succeeded)
        #expect(fixture.join(fixture.people[7], stake: 600, region: "IT").succeeded)
        #expect(try fixture.remap().isComplete)
        let report = fixture.chain.ask(Infrastructure.decentralisation.reference, of: .infrastructure, fixture.app)
        #expect(report.operators == 7 && report.stake == Amount(2_700 * Fixture.token) && report.summary?.assigned == 10)
        #expect(report.regions.map(\.nodes).reduce(0, +) == 10 && report.regions.allSatisfy { $0.nodes <= 4 } && report.outsideClouds == 10)
        #expect(report.permissions.elements == Array(repeating: .account(fixture.owner.address), count: 8))
        _ = try recomputed(fixture)
    }

    @Test func aCallWithTooLittleGasLeavesItToTheNext() throws {
        let fixture = try mapped()
        #expect(fixture.freeze().succeeded)
        fixture.chain.advance()
        fixture.chain.advance()
        // A trial tells what it takes; less than that changes nothing, and as much as that is enough.
        let person = fixture.people[7], call = Infrastructure.map.reference.call(on: .infrastructure, fixture.app)
        let trial = try fixture.chain.executor.simulate(
            fixture.chain.transaction(person, [call], gasLimit: 40_000_000).transaction, at: fixture.chain.header, in: fixture.chain.state.view)
        #expect(trial.outcome.failure == nil)
        #expect(!fixture.map(gasLimit: trial.gasUsed.rawValue * 9 / 10).succeeded)
        #expect(fixture.chain.ask(Infrastructure.mapping.reference, of: .infrastructure, fixture.app, UInt64?.none)?.outcome == nil)
        #expect(try fixture.result(Infrastructure.map.reference, fixture.map(gasLimit: trial.gasLimitSuggested.rawValue)).isComplete)
    }

    /// Sixty templates with long names, each in every shard.
    static func wide(shards: Int, count: Int64 = 1) throws -> Document {
        let workers = (0..<60).map { Fixture.worker("\(100 + $0)" + String(repeating: "w", count: 190), count: count) }
        let requirements = DocumentValue.list(workers.map { Fixture.map(("composed_of", .text($0.name))) })
        return try Document(sorting: workers + (0..<shards).map { place in
            Fixture.object(.nodeTemplates, "shard-\(place)", Fixture.map(("requirements", requirements), ("type", .text("diac.nodes.Shard"))))
        })
    }

    /// An input that is shorter than the one two numbers before does not show what is left of that.
    @Test func whatWasFrozenEndsWhereItEnds() throws {
        let fixture = Fixture(people: 3, settings: Fixture.settings(epochBlocks: 1))
        func part(_ number: UInt64, _ part: UInt8) -> BoundedBytes<61_440>? {
            fixture.chain.ask(Infrastructure.mappingInput.reference, of: .infrastructure, fixture.app, number, part)
        }
        for person in fixture.people[1...2] { #expect(fixture.join(person, stake: 600_000).succeeded) }
        let large = try Self.wide(shards: 3, count: 55), small = Fixture.document(Fixture.worker("w"))
        var lengths: [Int] = []
        for (revision, document) in [large, large, large, small, small].enumerated() {
            let note = Fixture.document(Fixture.object(.inputs, "n", .integer(Int64(revision))))
            let change: Infrastructure.Change = revision == 0 || revision == 3 ? .full(document) : .delta(Infrastructure.Delta(objects: note)!)
            #expect(fixture.importing(fixture.owner, base: UInt64(revision), change).succeeded)
            try fixture.remap()
            let number = fixture.application.mapping
            let record = try #require(fixture.chain.ask(Infrastructure.mapping.reference, of: .infrastructure, fixture.app, Optional(number)))
            let parts = (0..<4 as Range<UInt8>).compactMap { part(number, $0)?.bytes }
            #expect(parts.reduce(0) { $0 + $1.count } == Int(record.inputBytes))
            lengths.append(parts.count)
        }
        #expect(lengths == [1, 2, 2, 1, 1])
        #expect(part(4, 0) != nil && part(4, 1) == nil && part(5, 1) == nil && part(5, 255) == nil)
    }

    @Test func rulesHaveBounds() throws {
        let fixture = try mapped()
        func set(_ policy: MappingPolicy, _ rotation: UInt32 = 0) -> Receipt {
            fixture.call(fixture.owner, Infrastructure.setMapper.reference.call(on: .infrastructure, fixture.app, policy, rotation))
        }
        fixture.refuses(set(MappingPolicy(regionShare: 1_000_001)), .policyInvalid)
        fixture.refuses(set(MappingPolicy(coalition: 0)), .policyInvalid)
        fixture.refuses(set(MappingPolicy(), 1_000_001), .policyInvalid)
        #expect(set(MappingPolicy(perOperatorInGroup: 1)).succeeded)
        #expect(try fixture.remap().isComplete)
        let empty = Fixture(people: 2)
        fixture.refuses(empty.freeze(), .revisionUnknown)
        #expect(empty.importing(empty.owner, base: 0, .full(Fixture.document(Fixture.object(.inputs, "a", .null)))).succeeded)
        empty.refuses(empty.freeze(), .topologyEmpty)
        // Not no nodes, but none that can be counted; or names that no record could hold.
        #expect(empty.importing(empty.owner, base: 1, .full(Fixture.document(Fixture.worker("w", count: 0)))).succeeded)
        empty.refuses(empty.freeze(), .topologyInvalid)
        #expect(empty.importing(empty.owner, base: 2, .full(try Self.wide(shards: 5))).succeeded)
        empty.refuses(empty.freeze(), .topologyInvalid)
        #expect(empty.importing(empty.owner, base: 3, .full(try Self.wide(shards: 3))).succeeded)
        #expect(empty.freeze().succeeded)
    }
}
