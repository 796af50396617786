import ChainKit
import Contracts
import ContractVM
import Execution
import Foundation
import Ledger
import ModuleKit
import Primitives
import Testing
import WorldState

/// How much of a thread's own stack the deepest nesting takes.
@Suite struct NativeStackTests {
    private let alice = Person(1)

    /// Sixteen calls within calls, the last two of them the deployment of a contract with a schema as deep as schemas may be, and its `init`,
    /// on the smallest stack that a thread of this platform has by default.
    @Test func theDeepestCallFitsASmallStack() throws {
        var type = TypeSchema.nothing
        for _ in 0..<Limits.encodingDepthMax - 1 { type = .option(type) }
        // A region with the tag 0, the name "s", no documentation and no key.
        let region: [UInt8] = [0, 1, 0x73, 0, 0] + type.bcs
        let own = SchemaOfDepth.contractSchema
        let schema = ContractSchema(
            name: own.name, documentation: own.documentation, methods: own.methods, errors: own.errors, events: [],
            storage: [try StorageSchema(bcs: region)])
        let chain = TestChain.withPuppets([alice])
        let arguments = Deployment.deploy.reference.encode(
            Deployment.Code(Puppet.module([], schema: schema.bcs))!, .immutable, Deployment.SetupArguments([])!)
        func calling(_ callee: Address, _ method: String, _ arguments: [UInt8]) -> [UInt8] {
            let body: Code = Puppet.ask("call", 0, 20, Int64(method.utf8.count), 100, Int64(arguments.count), 40, -1, 2)
                + Puppet.ask("ret_read", 60, 0, 20) + Puppet.ask("output", 60, 20)
            return Puppet.module(body, data: [0: callee.bytes, 20: Array(method.utf8), 100: arguments])
        }
        // Thirteen that call on, one that deploys, the contract that keeps code, and the new one's init.
        var contract = chain.deploy(alice, calling(.contracts, "deploy", arguments))
        for _ in 0..<13 { contract = chain.deploy(alice, calling(contract, "run", [])) }
        let transaction = Transaction(
            chainID: chain.genesis.chainID, sender: alice.address, nonce: 14, validUntilHeight: 100, gasLimit: 100_000_000, gasPrice: Amount(1),
            calls: [Call(contract: contract, method: "run", arguments: [])])!
        let one = try simulate(transaction, chain, stackBytes: 512 << 10)
        guard case .succeeded(let results) = one.outcome else {
            Issue.record("\(one.outcome)")
            return
        }
        #expect(results.values[0].count == Address.byteCount)
        // One more is one too deep.
        let deeper = chain.deploy(alice, calling(contract, "run", []))
        let other = Transaction(
            chainID: chain.genesis.chainID, sender: alice.address, nonce: 15, validUntilHeight: 100, gasLimit: 100_000_000, gasPrice: Amount(1),
            calls: [Call(contract: deeper, method: "run", arguments: [])])!
        #expect(try simulate(other, chain, stackBytes: 512 << 10).outcome.failure?.code == SystemRejection.depthExceeded.rawValue)
    }

    private func simulate(_ transaction: Transaction, _ chain: TestChain, stackBytes: Int) throws -> SimulationResult {
        final class Box: @unchecked Sendable {
            // Sound: the semaphore orders the thread's write before the read.
            var result: Result<SimulationResult, any Error>?
        }
        let box = Box(), done = DispatchSemaphore(value: 0)
        let executor = chain.executor, header = chain.header, view = chain.state.view
        let thread = Thread {
            box.result = Result { try executor.simulate(transaction, at: header, in: view) }
            done.signal()
        }
        thread.stackSize = stackBytes
        thread.start()
        done.wait()
        return try box.result!.get()
    }

    /// A contract that is set up.
    private enum SchemaOfDepth: BuiltInContract {
        typealias Rejections = PuppetSchema.Rejections
        static let name: StaticString = "deep"
        static let documentation: StaticString = "Says something deep."
        static let setUp = Method("init", "Sets up.", takesValue: true) { _ throws(CallError) in Nothing() }
        static var methods: [any ContractMethod] { [setUp] }
        static var events: [any ContractEvent.Type] { [] }
        static var storage: [any StorageDeclaration] { [] }
    }
}
