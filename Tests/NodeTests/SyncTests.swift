import ChainKit
import Consensus
import Contracts
import Execution
import Foundation
import Gossip
import Ledger
@testable import Node
import Primitives
import Storage
import Testing
import WorldState

/// Boundaries of a chain that real validators made: believed one after the other, kept, and served to the next.
@Suite struct SyncTests {
    private let network: ChainNetwork
    private let blocks: [LightBlock]
    private let boundaries: [LightBlock]
    private let directory: String

    init() throws {
        let alice = Person(1)
        var parameters = NetworkParameters()
        parameters.heartbeatMilliseconds = 200
        parameters.epochHeights = 3
        network = try ChainNetwork(parameters: parameters, people: [alice])
        for nonce in 0..<20 as Range<UInt64> {
            try network.submit(Transaction(
                chainID: network.genesis.chainID, sender: alice.address, nonce: Nonce(nonce), validUntilHeight: 1_000, gasLimit: 1_000_000,
                gasPrice: Amount(1), calls: [Accounts.transfer.reference.call(on: .accounts, Person(2).address, value: Amount(5))])!
                .signed(by: alice.key)!)
            try network.pass(milliseconds: 40)
        }
        var found: [LightBlock] = []
        for block in network.members[0].blocks {
            let view = network.members[0].chain.committedView
            let voters = try ChainRecords.validatorSet(of: block.header.draft.epoch, in: view)
            if let voters { found.append(LightBlock(header: block.header, certificate: block.certificate, validators: voters)) }
        }
        blocks = found
        boundaries = found.filter(\.header.endsEpoch)
        directory = FileManager.default.temporaryDirectory.path + "/trellis-sync-\(UUID().uuidString)"
    }

    private var rules: LightClientRules {
        LightClientRules(
            chainID: network.genesis.chainID, now: blocks.last!.header.draft.time.advanced(by: 1_000)!, trustingMilliseconds: 600_000,
            driftMilliseconds: 5_000)
    }

    private var genesis: TrustedHeader {
        get throws { try TrustedHeader(genesis: network.genesis, chainID: network.genesis.chainID) }
    }

    private func advanced(_ judgement: LightJudge.Judgement) -> TrustedHeader? {
        if case .advanced(let header) = judgement.verdict { header } else { nil }
    }

    @Test func walksFromBoundaryToBoundary() throws {
        try #require(boundaries.count >= 3 && blocks.first?.height == 1)
        let judged = LightJudge.judge(boundaries, by: .header(try genesis), rules: rules)
        #expect(advanced(judged)?.header == boundaries.last?.header)
        #expect(judged.boundaries == boundaries && judged.refusal == nil)
        // From the middle, as from genesis.
        let middle = try #require(advanced(LightJudge.judge(Array(boundaries.prefix(1)), by: .header(try genesis), rules: rules)))
        #expect(advanced(LightJudge.judge(Array(boundaries.dropFirst()), by: .header(middle), rules: rules))?.header == boundaries.last?.header)
    }

    @Test func refusesWhatIsNotTheNextBoundary() throws {
        func refusal(_ blocks: [LightBlock], rules: LightClientRules? = nil) throws -> LightJudge.Refusal? {
            let judged = LightJudge.judge(blocks, by: .header(try genesis), rules: rules ?? self.rules)
            #expect(advanced(judged) == nil && judged.boundaries.isEmpty)
            return judged.refusal
        }
        #expect(try refusal([]) == .empty)
        #expect(try refusal([boundaries[1]]) == .notTheNextBoundary, "one is left out")
        #expect(try refusal([boundaries[0], boundaries[0]]) == .notTheNextBoundary)
        let inside = try #require(blocks.first { !$0.header.endsEpoch })
        #expect(try refusal([inside]) == .notTheNextBoundary)
        let forged = LightBlock(header: boundaries[0].header, certificate: boundaries[1].certificate, validators: boundaries[0].validators)
        guard case .light = try refusal([forged]) else {
            Issue.record("a certificate of another block was believed")
            return
        }
        // Trust that is too old is nobody's fault.
        let late = LightClientRules(
            chainID: rules.chainID, now: rules.now.advanced(by: 3_600_000)!, trustingMilliseconds: 600_000, driftMilliseconds: 5_000)
        let judged = LightJudge.judge([boundaries[0]], by: .header(try genesis), rules: late)
        guard case .trustExpired = judged.verdict else {
            Issue.record("\(judged.verdict)")
            return
        }
    }

    @Test func believesAHashThatTheOperatorKnows() throws {
        let block = boundaries[1]
        let judged = LightJudge.judge([block], by: .hash(block.header.digest, at: block.height), rules: rules)
        #expect(advanced(judged)?.header == block.header && judged.boundaries == [block])
        let other = LightJudge.judge([boundaries[0]], by: .hash(block.header.digest, at: block.height), rules: rules)
        #expect(advanced(other) == nil && other.refusal == .notTheNextBoundary)
        let wrong = LightJudge.judge([block], by: .hash(boundaries[0].header.digest, at: block.height), rules: rules)
        #expect(advanced(wrong) == nil)
        let inside = try #require(blocks.first { !$0.header.endsEpoch })
        let ground = LightJudge.judge([inside], by: .hash(inside.header.digest, at: inside.height), rules: rules)
        #expect(advanced(ground)?.header == inside.header && ground.boundaries.isEmpty, "it is no boundary")
    }

    @Test func keepsAndServesThem() async throws {
        var kept = try Boundaries(directory: directory, chainID: network.genesis.chainID)
        #expect(try kept.newest == nil)
        for boundary in boundaries { try await kept.append(boundary) }
        try await kept.append(boundaries[0])
        kept.close()
        kept = try Boundaries(directory: directory, chainID: network.genesis.chainID)
        #expect(try kept.newest == boundaries.last && kept.recovery.loss == nil)
        let nothing: (Height) throws(StoreError) -> LightBlock? = { _ in nil }
        #expect(try kept.answer(.boundaries(above: 0), other: nothing) == boundaries)
        #expect(try kept.answer(.boundaries(above: boundaries[0].height), other: nothing) == Array(boundaries.dropFirst()))
        #expect(try kept.answer(.block(boundaries[1].height), other: nothing) == [boundaries[1]])
        let inside = try #require(blocks.first { !$0.header.endsEpoch })
        #expect(try kept.answer(.block(inside.height), other: nothing).isEmpty)
        #expect(try kept.answer(.block(inside.height)) { (_) throws(StoreError) in inside } == [inside])
        kept.close()

        // Whoever was told to believe a later one begins there, and cannot say what follows the beginning of the chain.
        kept = try Boundaries(directory: directory + "-late", chainID: network.genesis.chainID)
        try await kept.append(boundaries[0])
        try await kept.append(boundaries[2])
        #expect(try kept.block(at: boundaries[0].height) == nil && kept.newest == boundaries[2])
        #expect(try kept.answer(.boundaries(above: 0), other: nothing).isEmpty)
        kept.close()
        try FileManager.default.removeItem(atPath: directory)
        try FileManager.default.removeItem(atPath: directory + "-late")
    }

    @Test func snapshotsLieMinutesApart() {
        #expect(!SnapshotSchedule.offers(Timestamp(299_999), after: Timestamp(1)))
        #expect(SnapshotSchedule.offers(Timestamp(300_000), after: Timestamp(299_999)))
        // Whatever the epochs' length, one is served for five minutes: until the second after it.
        for length in [1_000, 61_000, 3_600_000] as [UInt64] {
            let times = stride(from: UInt64(7), to: 40 * max(length, 300_000), by: UInt64.Stride(length)).map { $0 }
            let offered = zip(times.dropFirst(), times).filter { SnapshotSchedule.offers(Timestamp($0), after: Timestamp($1)) }.map(\.0)
            #expect(zip(offered.dropFirst(2), offered).allSatisfy { $0 - $1 >= 300_000 })
            #expect(zip(offered.dropFirst(), offered).allSatisfy { $0 - $1 <= max(600_000, length) })
        }
    }
}
