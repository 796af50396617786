import ChainKit
@testable import Consensus
import Contracts
import Execution
import Ledger
@testable import Node
import Primitives
import Testing
import WorldState

/// A node proves as many blocks behind the newest as the network's parameters say, from the first block on and after every change.
@Suite struct ProofWindowTests {
    private let definitions: [any BuiltInContract.Type] = [Accounts.self, Turning.self]

    @Test func theWindowFollowsTheParameters() throws {
        let chain = TestChain(definitions) { parameters in
            parameters.epochHeights = 10
            parameters.proofWindow = 3
        }
        let store = MemoryStore()
        let executor = try ChainExecutor(genesis: chain.genesis, definitions: definitions, state: WorldState(opening: store.snapshot()))
        var oldest: UInt64 = 0
        for height in 1...45 as ClosedRange<UInt64> {
            try deliverNext(to: executor, chain)
            let window: UInt64 = switch height {
            case ..<10: 3
            case ..<20: 8
            default: 2
            }
            #expect(executor.parameters.proofWindow == UInt32(window))
            oldest = max(oldest, height - min(height, window))
            #expect(executor.viewHeights == (oldest...height).map { Height($0) })
            #expect(executor.view(at: Height(oldest))?.height == Height(oldest))
            if oldest > 0 { #expect(executor.view(at: Height(oldest - 1)) == nil) }
        }

        // Opened anew, it is what it was.
        let group = try #require(executor.beginFlush())
        try group.write(to: store)
        executor.finishFlush(group, snapshot: store.snapshot())
        let again = try ChainExecutor(
            genesis: chain.genesis, definitions: definitions, state: WorldState(opening: store.snapshot()), behind: executor.committed)
        for _ in 0..<4 { try deliverNext(to: again, chain) }
        #expect(again.viewHeights == [47, 48, 49])
    }

    /// Executes the next block first, as a proposal that is not decided yet: that takes nothing from the window.
    private func deliverNext(to executor: ChainExecutor, _ chain: TestChain) throws {
        chain.advance()
        let header = chain.header, before = executor.viewHeights
        _ = try executor.execute(
            ExecutionRequest(draftDigest: header.draft.digest, proposal: Proposal(draft: header.draft, payload: []), endsEpoch: header.endsEpoch), bodies: [])
        #expect(executor.viewHeights == before)
        let statement = CommitStatement(
            epoch: header.draft.epoch, height: header.height, view: 0, draftDigest: header.draft.digest, headerHash: header.digest)
        let certificate = try #require(CommitCertificate(statement: statement, signatures: []))
        _ = try executor.deliver(CertifiedBlock(header: header, certificate: certificate, payload: []), bodies: [])
    }
}

/// Widens the window at the end of the first epoch, and narrows it at the end of the second.
private enum Turning: BuiltInContract {
    enum Rejections: UInt32, RejectionCode {
        case none = 100
        var text: String { "Nothing is refused." }
        var hint: String { "Go on." }
    }

    static let name: StaticString = "governance"
    static let documentation: StaticString = "Changes the proof window."
    static let epochEnd = Method(Catalogue.epochEnd, "Schedules another window.", kind: .hook) { context throws(CallError) in
        var parameters = context.block.parameters
        parameters.proofWindow = context.block.epoch == 0 ? 8 : 2
        try context.schedule(parameters: parameters)
        return Nothing()
    }
    static var methods: [any ContractMethod] { [epochEnd] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }
}
