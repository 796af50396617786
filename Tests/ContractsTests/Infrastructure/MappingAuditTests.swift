import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// An assignment is computed again from proven values alone, and every value that is not the contract's is found out.
@Suite struct MappingAuditTests {
    typealias Fixture = InfrastructureFixture

    struct Case {
        let fixture: Fixture
        let audit: MappingAudit
        let keys: [StateKey]
        let values: [[UInt8]?]
    }

    func mapped() throws -> Case {
        let fixture = Fixture()
        let document = Fixture.document(Fixture.worker("w", count: 5), Fixture.shard("s", copies: 2, of: "w"))
        #expect(fixture.importing(fixture.owner, base: 0, .full(document)).succeeded)
        for person in fixture.people[1...5] { #expect(fixture.join(person, stake: 300).succeeded) }
        try fixture.remap()
        return try state(of: fixture)
    }

    /// What a light client gets: values that a proof of the newest root covers.
    func state(of fixture: Fixture) throws -> Case {
        let record = try #require(fixture.chain.ask(Infrastructure.mapping.reference, of: .infrastructure, fixture.app, UInt64?(fixture.application.mapping)))
        let audit = try #require(MappingAudit(application: fixture.app, record: record)), keys = audit.keys
        let view = fixture.chain.state.view
        let claims = try view.claims(keys)
        try view.prove(keys).verify(root: fixture.chain.state.root, claims: claims)
        #expect(claims.map(\.key) == keys)
        return Case(fixture: fixture, audit: audit, keys: keys, values: claims.map(\.value))
    }

    @Test func provenValuesGiveTheAssignmentOfTheContract() throws {
        let one = try mapped(), audited = try one.audit.run(one.values)
        #expect(audited.isBeaconProven && audited.input.operators.count == 5)
        #expect(audited.mapping.slots == one.fixture.assignment().map(\.operatorNumber))
        #expect(audited.record.beaconHeight.rawValue == audited.record.frozen.rawValue + 2)
    }

    @Test func whateverIsChangedIsFoundOut() throws {
        let one = try mapped()
        var generator = SeededGenerator(seed: 7)
        for place in one.values.indices {
            var values = one.values
            values[place] = nil
            // A beacon may be too old to be kept; everything else must be there.
            switch place {
            case 2: #expect(one.values[2] == nil, "nothing was frozen since")
            case 3: #expect(try one.audit.run(values).isBeaconProven == false)
            default: #expect(throws: MappingFault.self) { try one.audit.run(values) }
            }
            // An application's record has much that an assignment does not depend on, a page has the assignment before.
            guard place != 0, place != 2 else { continue }
            for _ in 0..<40 {
                var bytes = try #require(one.values[place])
                let end = place == one.values.count - 1 ? bytes.count / 2 : bytes.count
                bytes[Int(generator.below(UInt64(end)))] ^= UInt8(1 << generator.below(8))
                values[place] = bytes
                // Another block's beacon is none; another beacon of this block is a lie.
                let isOtherBlock = place == 3 && bytes.prefix(8) != one.values[3]?.prefix(8)
                if isOtherBlock { #expect(try one.audit.run(values).isBeaconProven == false) } else { #expect(throws: MappingFault.self) { try one.audit.run(values) } }
            }
        }
    }

    @Test func aContractThatPrefersSomebodyIsFoundOut() throws {
        let one = try mapped()
        let page = try Infrastructure.AssignmentPage(bcs: #require(one.values.last ?? nil))
        var slots = page.operators.numbers
        let other = try #require(slots.indices.first { slots[$0] != slots[0] })
        slots.swapAt(0, other)
        var values = one.values
        values[values.count - 1] = Infrastructure.AssignmentPage(operators: AssignedOperators(slots)!, previous: page.previous).bcs
        #expect(throws: MappingFault.assignmentDiffers(slot: 0)) { try one.audit.run(values) }
        // The same with a record that fits what was changed: the mapper still says otherwise.
        var record = one.audit.record
        record.outcome = try Infrastructure.MappingRecord.Outcome(
            height: #require(record.outcome).height, beacon: #require(record.outcome).beacon,
            assignmentDigest: SHA256.hash(AssignedOperators(slots)!.bcs), summary: #require(record.outcome).summary)
        values[1] = record.bcs
        let forged = try #require(MappingAudit(application: one.fixture.app, record: record))
        #expect(throws: MappingFault.assignmentDiffers(slot: 0)) { try forged.run(values) }
        // And with a beacon that would have given it: the chain had another one.
        record.outcome = try Infrastructure.MappingRecord.Outcome(
            height: #require(record.outcome).height, beacon: Beacon(SHA256.hash([1]).bytes)!, assignmentDigest: .zero, summary: #require(record.outcome).summary)
        values = one.values
        values[1] = record.bcs
        let chosen = try #require(MappingAudit(application: one.fixture.app, record: record))
        #expect(throws: MappingFault.beaconDiffers) { try chosen.run(values) }
    }

    @Test func aNewerAssignmentTakesItsPlace() throws {
        let one = try mapped(), fixture = one.fixture
        #expect(fixture.join(fixture.people[6], stake: 100).succeeded)
        #expect(fixture.freeze().succeeded)
        let view = fixture.chain.state.view
        // Frozen anew, and the one before is still whole.
        #expect(try one.audit.run(view.claims(one.keys).map(\.value)).mapping.summary.slots == 10)
        fixture.chain.advance()
        fixture.chain.advance()
        #expect(fixture.map().succeeded)
        // Mapped anew: pages are of the newer one.
        #expect(throws: MappingFault.superseded) { try one.audit.run(fixture.chain.state.view.claims(one.keys).map(\.value)) }
        _ = try state(of: fixture).audit.run(state(of: fixture).values)
        for _ in 0..<20 { fixture.chain.advance() }
        #expect(fixture.freeze().succeeded)
        #expect(throws: MappingFault.superseded) { try one.audit.run(fixture.chain.state.view.claims(one.keys).map(\.value)) }
        let record = try #require(fixture.chain.ask(Infrastructure.mapping.reference, of: .infrastructure, fixture.app, 3))
        #expect(MappingAudit(application: fixture.app, record: record) == nil)
    }
}
