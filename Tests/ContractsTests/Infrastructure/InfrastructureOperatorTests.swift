import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// Operators and their stake, artifacts, the blacklist.
@Suite struct InfrastructureOperatorTests {
    typealias Fixture = InfrastructureFixture

    func call(_ fixture: Fixture, _ person: Person, leave: Bool) -> Receipt {
        fixture.call(person, leave ? Infrastructure.leave.reference.call(on: .infrastructure, fixture.app)
            : Infrastructure.withdraw.reference.call(on: .infrastructure, fixture.app))
    }

    @Test func stakeCannotMoveWhileItCounts() throws {
        let fixture = Fixture(), alice = fixture.people[1], before = fixture.chain.balance(alice.address)
        #expect(try fixture.result(Infrastructure.join.reference, fixture.join(alice, stake: 250, name: "alice")) == 1)
        #expect(fixture.chain.balance(.infrastructure) == Amount(250 * Fixture.token))
        fixture.refuses(call(fixture, alice, leave: false), .nothingToWithdraw)
        #expect(fixture.call(alice, Infrastructure.addStake.reference.call(on: .infrastructure, fixture.app, value: Amount(50 * Fixture.token))).succeeded)
        #expect(call(fixture, alice, leave: true).succeeded)
        let left = try #require(fixture.chain.events(Infrastructure.OperatorLeft.self).first)
        #expect(left.reason == nil)
        #expect(left.operator.stake == Amount(300 * Fixture.token) && left.due.rawValue == fixture.chain.height.rawValue + 20)
        fixture.refuses(call(fixture, alice, leave: false), .withdrawalTooEarly)
        // It joins and leaves again: all of it waits anew, and its name is free in between.
        #expect(fixture.join(alice, stake: 100, name: "alice").succeeded)
        #expect(fixture.number(alice) == 2)
        #expect(call(fixture, alice, leave: true).succeeded)
        while fixture.chain.height.rawValue < left.due.rawValue + 1 { fixture.chain.advance() }
        fixture.refuses(call(fixture, alice, leave: false), .withdrawalTooEarly)
        for _ in 0..<5 { fixture.chain.advance() }
        #expect(call(fixture, alice, leave: false).succeeded)
        fixture.refuses(call(fixture, alice, leave: false), .nothingToWithdraw)
        #expect(fixture.chain.balance(.infrastructure) == .zero)
        let spent = try #require(before.subtracting(fixture.chain.balance(alice.address)))
        #expect(spent < Amount(30_000_000), "fees only: \(spent)")
    }

    /// Who sets the epoch does not hold stakes that came before.
    @Test func aLongerEpochHoldsNobodyWhoJoinedBefore() throws {
        let fixture = Fixture()
        func configure(_ epochBlocks: UInt64) {
            #expect(fixture.call(fixture.owner, Infrastructure.configure.reference.call(
                on: .infrastructure, fixture.app, Fixture.settings(epochBlocks: epochBlocks))).succeeded)
        }
        func wait(_ person: Person) throws -> UInt64 {
            #expect(call(fixture, person, leave: true).succeeded)
            return try #require(fixture.chain.events(Infrastructure.OperatorLeft.self).first).due.rawValue - fixture.chain.height.rawValue
        }
        #expect(fixture.join(fixture.people[1]).succeeded && fixture.join(fixture.people[2]).succeeded)
        configure(10_000_000)
        #expect(fixture.join(fixture.people[3]).succeeded)
        #expect(try wait(fixture.people[1]) == 20 && wait(fixture.people[3]) == 10_000_000)
        configure(5)
        #expect(try wait(fixture.people[2]) == 5)
    }

    @Test func whoMayJoin() throws {
        let fixture = Fixture(settings: Fixture.settings(operatorsMax: 2, reputationMin: 400_000))
        let people = fixture.people
        fixture.refuses(fixture.join(people[1], stake: 99), .stakeTooLow)
        fixture.refuses(fixture.join(people[1], name: "not a token"), .operatorInvalid)
        #expect(fixture.join(people[1], name: "one", credential: Digest([UInt8](repeating: 7, count: 32))).succeeded)
        fixture.refuses(fixture.join(people[1], name: "two"), .operatorKnown)
        fixture.refuses(fixture.join(people[2], name: "one"), .operatorNameTaken)
        fixture.refuses(fixture.join(people[2], name: "two", credential: Digest([UInt8](repeating: 7, count: 32))), .credentialTaken)
        func rate(_ person: Person, _ score: UInt32, by rater: Person? = nil) -> Receipt {
            fixture.call(rater ?? fixture.owner, Infrastructure.rate.reference.call(on: .infrastructure, fixture.app, person.address, score, .zero))
        }
        #expect(rate(people[2], 900_000, by: people[2]).code == SystemRejection.unauthorised.rawValue)
        #expect(rate(people[2], 399_999).succeeded)
        fixture.refuses(fixture.join(people[2]), .reputationTooLow)
        #expect(rate(people[2], 400_000).succeeded)
        #expect(fixture.join(people[2]).succeeded)
        fixture.refuses(fixture.join(people[3]), .operatorsOverLimit)
        #expect(fixture.application.operators == 2)
        let place = Infrastructure.Place(continent: .africa, region: "KE", provider: "aws")
        let move = Infrastructure.updateOperator.reference.call(on: .infrastructure, fixture.app, place, Digest([UInt8](repeating: 8, count: 32)))
        #expect(fixture.call(people[1], move).succeeded)
        fixture.refuses(fixture.call(people[3], move), .operatorUnknown)
        // The old credential is free, the new one taken.
        fixture.refuses(
            fixture.call(people[2], Infrastructure.updateOperator.reference.call(on: .infrastructure, fixture.app, place, Digest([UInt8](repeating: 8, count: 32)))),
            .credentialTaken)
        #expect(fixture.call(people[2], Infrastructure.updateOperator.reference.call(
            on: .infrastructure, fixture.app, place, Digest([UInt8](repeating: 7, count: 32)))).succeeded)
        // Removed by the holder of names, it keeps its stake.
        #expect(fixture.call(fixture.owner, Infrastructure.removeOperator.reference.call(on: .infrastructure, fixture.app, people[1].address, "idle")).succeeded)
        #expect(fixture.chain.events(Infrastructure.OperatorLeft.self).first?.reason == "idle")
        #expect(fixture.join(people[3]).succeeded)
        for _ in 0..<20 { fixture.chain.advance() }
        #expect(call(fixture, people[1], leave: false).succeeded)
    }

    @Test func theBlacklistKeepsOut() throws {
        let fixture = Fixture(), people = fixture.people
        let stolen = Digest([UInt8](repeating: 9, count: 32))!
        func ban(_ subject: Infrastructure.Subject, by person: Person? = nil) -> Receipt {
            fixture.call(person ?? fixture.owner, Infrastructure.ban.reference.call(on: .infrastructure, fixture.app, subject, "seen cheating"))
        }
        func unban(_ subject: Infrastructure.Subject) -> Receipt {
            fixture.call(fixture.owner, Infrastructure.unban.reference.call(on: .infrastructure, fixture.app, subject, "cleared"))
        }
        func isBarred(_ person: Person) -> Bool? {
            fixture.chain.ask(Infrastructure.operatorInfo.reference, of: .infrastructure, fixture.app, person.address).record?.isBarred
        }
        #expect(ban(.operator(people[1].address), by: people[2]).code == SystemRejection.unauthorised.rawValue)
        #expect(ban(.operator(people[1].address)).succeeded)
        fixture.refuses(fixture.join(people[1]), .banned)
        #expect(ban(.credential(stolen)).succeeded)
        fixture.refuses(fixture.join(people[2], credential: stolen), .banned)
        #expect(unban(.credential(stolen)).succeeded)
        #expect(fixture.join(people[2], credential: stolen).succeeded)
        #expect(ban(.credential(stolen)).succeeded && isBarred(people[2]) == true)
        // Two reasons: one taken back leaves the other.
        #expect(ban(.operator(people[2].address)).succeeded)
        #expect(unban(.credential(stolen)).succeeded && isBarred(people[2]) == true)
        #expect(unban(.operator(people[2].address)).succeeded && isBarred(people[2]) == false)
        fixture.refuses(unban(.operator(people[2].address)), .notBanned)
        // Showing something else takes the reason away with what it was about; what somebody did stays.
        #expect(ban(.credential(stolen)).succeeded && isBarred(people[2]) == true)
        let home = Infrastructure.Place(continent: .europe, region: "DE"), fresh = Digest([UInt8](repeating: 10, count: 32))!
        func show(_ credential: Digest?) -> Receipt {
            fixture.call(people[2], Infrastructure.updateOperator.reference.call(on: .infrastructure, fixture.app, home, credential))
        }
        #expect(show(fresh).succeeded && isBarred(people[2]) == false)
        fixture.refuses(show(stolen), .banned)
        #expect(ban(.operator(people[2].address)).succeeded && show(nil).succeeded && isBarred(people[2]) == true)
        #expect(unban(.operator(people[2].address)).succeeded && isBarred(people[2]) == false)
        #expect(unban(.credential(stolen)).succeeded)
        #expect(fixture.chain.ask(Infrastructure.bans.reference, of: .infrastructure, fixture.app, nil).map(\.subject) == [.operator(people[1].address)])
    }

    @Test func artifactsAreContentThatCanBeChecked() throws {
        let fixture = Fixture()
        func set(_ artifact: Infrastructure.Artifact, name: Infrastructure.ArtifactName = "image") -> Receipt {
            fixture.call(fixture.owner, Infrastructure.setArtifact.reference.call(on: .infrastructure, fixture.app, name, artifact))
        }
        let good = Infrastructure.Artifact(
            content: "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", type: "qcow2", bytes: 1 << 30, encryption: "AES-256-GCM", keyDistribution: "Feldman 3 of 5")
        #expect(set(good).succeeded)
        fixture.refuses(set(Infrastructure.Artifact(content: "bafynonsense", type: "qcow2", bytes: 1)), .contentIdentifierInvalid)
        fixture.refuses(set(Infrastructure.Artifact(content: good.content, type: "", bytes: 1)), .artifactInvalid)
        fixture.refuses(set(Infrastructure.Artifact(content: good.content, type: "x", bytes: 1, keyDistribution: "by hand")), .artifactInvalid)
        #expect(fixture.chain.ask(Infrastructure.artifacts.reference, of: .infrastructure, fixture.app, nil).map(\.artifact) == [good])
        let remove = Infrastructure.removeArtifact.reference.call(on: .infrastructure, fixture.app, "image")
        #expect(fixture.call(fixture.owner, remove).succeeded)
        fixture.refuses(fixture.call(fixture.owner, remove), .artifactUnknown)
    }
}
