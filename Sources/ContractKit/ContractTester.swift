import Execution

/// Runs the tests of a contract and the fuzzer against it, in this process, on the machine that networks run.
public struct ContractTester {
    public struct Failure: Sendable {
        public let line: Int
        public let step: String
        public let reason: String
        /// What the call asked of its host.
        public let trace: String
    }

    public struct TestResult: Sendable {
        public let name: String
        public let steps: Int
        public let failure: Failure?
    }

    /// Gas of the calls of one method that succeeded.
    public struct MethodGas: Sendable {
        public let method: String
        public let calls: Int
        public let least: UInt64
        public let median: UInt64
        public let most: UInt64
    }

    private let built: BuiltContract
    private let scenario: Scenario

    /// - Parameter text: the tests, see ``Scenario``.
    public init(_ built: BuiltContract, tests text: String) throws(KitError) {
        self.built = built
        scenario = try Scenario(text)
    }

    /// Runs each test on a new chain.
    public func run() throws(KitError) -> (results: [TestResult], gas: [MethodGas]) {
        var results: [TestResult] = [], gas: [String: [UInt64]] = [:]
        for test in scenario.tests {
            let session = try Session(built, scenario.deployment, people: scenario.people)
            var failure: Failure?
            for step in test.steps where failure == nil {
                do throws(Session.Mismatch) { try session.perform(step.step) } catch {
                    failure = Failure(line: step.line, step: step.text, reason: error.reason, trace: session.traceText)
                }
            }
            for (method, values) in session.gas { gas[method, default: []] += values }
            results.append(TestResult(name: test.name, steps: test.steps.count, failure: failure))
        }
        let methods = ["(deployment)"] + built.schema.methods.map(\.name)
        return (results, methods.compactMap { method in gas[method].map { Self.summary(method, $0.sorted()) } })
    }

    private static func summary(_ method: String, _ values: [UInt64]) -> MethodGas {
        MethodGas(method: method, calls: values.count, least: values[0], median: values[values.count / 2], most: values[values.count - 1])
    }

    /// Calls every method of the contract by chance, `count` times; nil when nothing was found.
    public func fuzz(count: Int, seed: UInt64) throws(KitError) -> ContractFuzzer.Finding? {
        var fuzzer = ContractFuzzer(built.schema, seed: seed)
        return try fuzzer.run(count: count) { () throws(KitError) in
            try Session(built, scenario.deployment, people: scenario.people + ContractFuzzer.people)
        }
    }
}
