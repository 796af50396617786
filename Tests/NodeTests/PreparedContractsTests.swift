import API
import ChainKit
import Contracts
import ContractVM
import Execution
import Ledger
import ModuleKit
@testable import Node
import Primitives
import Testing
import WorldState

/// Deployed code in a node: what is kept is bounded, and members of a network that keep more or less agree.
@Suite struct PreparedContractsTests {
    /// A contract that answers with a byte, and `padding` bytes long beside.
    private static func code(_ answer: UInt8, padding: Int = 0) -> [UInt8] {
        let schema = ContractSchema(
            name: "answer", documentation: "Answers.",
            methods: [MethodSchema(name: "run", documentation: "Answers.", kind: .view, takesValue: false, arguments: [], result: .scalar(.u8))],
            errors: [], events: [], storage: [])
        var builder = ModuleBuilder()
        builder.importFunction("trellis", "output", [ModuleBuilder.i32, ModuleBuilder.i32], [])
        builder.memory(1)
        builder.export("memory", kind: 2, 0)
        builder.data(at: 0, [answer] + [UInt8](repeating: 3, count: padding))
        builder.function([], [ModuleBuilder.i32], export: "call", .i32(0) + .i32(1) + .call(0) + .i32(0))
        builder.function(export: "trellis_abi_1", [])
        builder.customSection(WebAssemblyContract.schemaSection, schema.bcs)
        return builder.bytes
    }

    @Test func whatIsKeptIsBounded() throws {
        let size = try WebAssemblyContract(Self.code(0)).byteCount, loader = PreparedContracts(bytesMax: 20 * size)
        let hashes = (0..<100).map { number in Digest([UInt8](repeating: UInt8(number), count: 32))! }
        #expect(loader.known(hashes[0]) == nil)
        for (number, hash) in hashes.enumerated() {
            _ = try loader.prepare(Self.code(UInt8(number)), hash: hash)
            #expect(loader.count <= 20)
            // What is asked for all the time stays.
            #expect(loader.known(hashes[0]) != nil)
        }
        #expect(loader.known(hashes[1]) == nil && loader.known(hashes[99]) != nil)
        // Something larger than a half is kept alone, and what is no contract not at all.
        _ = try loader.prepare(Self.code(7, padding: 60_000), hash: hashes[50])
        #expect(loader.known(hashes[50]) != nil && loader.count <= 20)
        #expect(throws: CodeRefusal.self) { _ = try loader.prepare([1, 2, 3], hash: hashes[51]) }
        #expect(loader.known(hashes[51]) == nil)
    }

    /// Four validators, of which one keeps everything, one keeps one contract at most, one nothing, and one starts late.
    @Test func membersThatKeepMoreOrLessAgree() throws {
        let alice = Person(1)
        var parameters = NetworkParameters()
        parameters.heartbeatMilliseconds = 200
        let network = try ChainNetwork(
            parameters: parameters, people: [alice],
            loaders: [PreparedContracts(), PreparedContracts(bytesMax: 2), WebAssemblyLoader(), PreparedContracts()])
        network.members[3].isUp = false
        var nonce: UInt64 = 0, contracts: [Address] = []
        func send(_ calls: [Call]) throws {
            let transaction = Transaction(
                chainID: network.genesis.chainID, sender: alice.address, nonce: Nonce(nonce), validUntilHeight: 500, gasLimit: 30_000_000,
                gasPrice: Amount(1), calls: calls)!
            nonce += 1
            try network.submit(transaction.signed(by: alice.key)!)
            try network.pass(milliseconds: 700)
        }
        for number in 0..<4 {
            contracts.append(.deployedContract(by: alice.address, nonce: Nonce(nonce), callIndex: 0))
            try send([Deployment.deploy.reference.call(
                on: .contracts, Deployment.Code(Self.code(UInt8(number), padding: 9_000))!, OwnerPolicy.immutable, Deployment.SetupArguments([])!)])
        }
        for round in 0..<5 {
            try send((0..<3).map { Call(contract: contracts[(round + $0) % 4], method: "run", arguments: []) })
        }
        network.members[3].isUp = true
        try network.pass(milliseconds: 3_000)
        for member in network.members {
            #expect(member.alarms.isEmpty)
            #expect(abs(Int(member.chain.committed.height.rawValue) - Int(network.members[0].chain.committed.height.rawValue)) <= 1)
            let receipts = member.receipts.filter { if case .transaction = $0.origin { true } else { false } }
            #expect(receipts.count == 9 && receipts.allSatisfy(\.succeeded))
            #expect(receipts == network.members[0].receipts.filter { if case .transaction = $0.origin { true } else { false } })
            // Views of the same code, with the loaders as they are now.
            let chain = member.chain
            let answer = try chain.executor.view(ViewCall(contract: contracts[2], method: "run", arguments: []), at: chain.committed, in: chain.committedView)
            guard case .succeeded(let results) = answer.outcome else { Issue.record("\(answer.outcome)"); continue }
            #expect(results.values == [[2]])
            #expect(try chain.executor.schema(of: contracts[1], in: chain.committedView)?.name == "answer")
        }
    }

    /// A node that has the state from a snapshot, and none of the blocks that made it, prepares code from there and goes on with the others.
    @Test(.timeLimit(.minutes(15))) func aNodeThatCameBySnapshotCallsContracts() async throws {
        let alice = Person(1), network = try RunningNetwork(followers: 1, people: [alice]) { $0.epochHeights = 4 }
        for index in 0..<4 { try await network.start(index) }
        func send(_ call: Call) async throws {
            let transaction = network.transaction(of: alice, call, gasLimit: 30_000_000)
            _ = await network.running[0].submit([transaction])
            #expect(try await network.commits(transaction.id))
        }
        let contract = Address.deployedContract(by: alice.address, nonce: 0, callIndex: 0), none = Deployment.SetupArguments([])!
        try await send(Deployment.deploy.reference.call(on: .contracts, Deployment.Code(Self.code(5, padding: 9_000))!, .owner(alice.address), none))
        for _ in 0..<13 { try await send(Call(contract: contract, method: "run", arguments: [])) }
        try await network.start(4) { $0.sync.snapshotGap = 4 }
        #expect(await network.nodes[4]?.outcome() == .restored)
        await network.stop(4)
        let follower = try await network.start(4)
        #expect(follower.head.oldestBlock.rawValue > 4)
        func answer() async throws -> [[UInt8]]? {
            let state = try await #require(follower.state(at: follower.head.header.height))
            let outcome = try follower.executor.view(ViewCall(contract: contract, method: "run", arguments: []), at: state.header, in: state.reader).outcome
            if case .succeeded(let results) = outcome { return results.values } else { return nil }
        }
        #expect(try await answer() == [[5]])
        try await send(Call(contract: contract, method: "run", arguments: []))
        try await send(Deployment.upgrade.reference.call(on: .contracts, contract, Deployment.Code(Self.code(6))!, none))
        #expect(try await answer() == [[6]])
        try await send(Call(contract: contract, method: "run", arguments: []))
        await network.stopAll()
    }
}
