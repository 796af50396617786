import Contracts
import Execution
import Ledger
import Primitives

/// A contract on a chain of its own, and what people do with it.
final class Session {
    /// Why a step is not what was expected.
    struct Mismatch: Error { let reason: String }

    private let chain: LocalChain
    private let trace = Trace()
    private let schema: ContractSchema
    private let contract: Address
    private let codec = SchemaCodec(network: .development)
    private var events: [Event] = []
    /// Gas of each successful call of a method.
    private(set) var gas: [String: [UInt64]] = [:]

    /// Deploys the contract in the name of alice.
    init(_ built: BuiltContract, _ deployment: Scenario.Deployment, people: [String]) throws(KitError) {
        chain = LocalChain(people: people + ["alice"], observer: trace)
        schema = built.schema
        contract = chain.nextContract(of: "alice")
        let initialise = schema.methods.first { $0.name == "init" }
        guard initialise != nil || (deployment.arguments.isEmpty && deployment.value == nil) else {
            throw KitError(.scenarioMalformed, "contract.test: the contract has no method init that would take what deploy gives")
        }
        guard let code = Deployment.Code(built.code) else { throw KitError(.codeRefused, "the code is longer than 512 KiB") }
        let setup: [UInt8], value: Amount
        do throws(Mismatch) {
            setup = try initialise.map { method throws(Mismatch) in try encode(deployment.arguments, method) } ?? []
            value = try amount(deployment.value)
        } catch { throw KitError(.scenarioMalformed, "contract.test: deploy: \(error.reason)") }
        guard let arguments = Deployment.SetupArguments(setup) else { throw KitError(.scenarioMalformed, "contract.test: deploy: the arguments are too long") }
        let sent = chain.send("alice", Deployment.deploy.reference.call(on: .contracts, code, OwnerPolicy.owner(LocalChain.address("alice")), arguments, value: value))
        if let failure = sent.receipt.outcome.failure {
            throw KitError(.deploymentFailed, "the contract cannot be deployed", why: "\(name(of: failure)): \(failure.message.text)\n\(trace.text)")
        }
        gas["(deployment)"] = [sent.receipt.gasUsed.rawValue]
    }

    /// What the last call asked of its host.
    var traceText: String { trace.text }

    func perform(_ step: Scenario.Step) throws(Mismatch) {
        switch step {
        case .pass(let milliseconds): chain.pass(milliseconds: milliseconds)
        case .emits(let event, let arguments): try expect(event, arguments)
        case .call(let who, let contract, let method, let arguments, let value, let expectation):
            let (address, schema) = try target(contract)
            guard let method = schema.methods.first(where: { $0.name == method }), let name = MethodName(method.name) else {
                throw Mismatch(reason: "\(schema.name) has no method \(method)")
            }
            let bytes = try encode(arguments, method)
            let outcome = try run(who, Call(contract: address, method: name, arguments: bytes, value: try amount(value)), counts: address == self.contract)
            try compare(outcome, expectation, method)
        }
    }

    /// Runs a call of anybody with any arguments.
    func run(_ who: String?, _ call: Call, counts: Bool, gasLimit: UInt64 = LocalChain.gasMax) throws(Mismatch) -> Outcome {
        trace.begin()
        guard let who else {
            let result = chain.view(call.contract, call.method, call.arguments)
            if counts, result.outcome.failure == nil { gas[call.method.text, default: []].append(result.gasUsed.rawValue) }
            return result.outcome
        }
        let sent = chain.send(who, call, gasLimit: gasLimit)
        events = sent.events
        if counts, sent.receipt.outcome.failure == nil { gas[call.method.text, default: []].append(sent.receipt.gasUsed.rawValue) }
        return sent.receipt.outcome
    }

    /// Events of the last call that are not what the contract's schema says.
    var malformedEvents: [String] {
        events.filter { $0.contract == contract }.compactMap { event in
            guard let declared = schema.events.first(where: { $0.name == event.name.text }) else { return "\(event.name.text), which the schema does not have" }
            return (try? codec.decode(event.data, as: declared.fields)) == nil ? event.name.text : nil
        }
    }

    var address: Address { contract }

    /// The name of an error, as the schema of the contract that failed or the machine has it.
    func name(of failure: CallFailure) -> String {
        if failure.code == 0 { return "outOfGas" }
        let errors = ErrorSchema.system + (failure.contract == contract ? schema.errors : chain.schema(of: failure.contract)?.errors ?? [])
        return errors.first { $0.code == failure.code }?.name ?? String(failure.code)
    }

    // ── Parts ──

    private func target(_ name: String?) throws(Mismatch) -> (Address, ContractSchema) {
        guard let name, name != "contract" else { return (contract, schema) }
        guard let found = Catalogue.standard.schemas.first(where: { $0.schema.name == name }) else { throw Mismatch(reason: "there is no contract \(name)") }
        return found
    }

    private func address(_ name: String) -> String {
        let address = name == "contract" ? contract : Catalogue.standard.schemas.first { $0.schema.name == name }?.address ?? LocalChain.address(name)
        return address.text(on: .development)
    }

    private func value(_ text: String, _ type: TypeSchema) -> DynamicValue { ArgumentText.value(Scenario.replacing(text, address), type) }

    private func encode(_ arguments: [Scenario.Argument], _ method: MethodSchema) throws(Mismatch) -> [UInt8] {
        try encode(arguments, method.arguments, of: method.name)
    }

    private func encode(_ arguments: [Scenario.Argument], _ fields: [FieldSchema], of name: String) throws(Mismatch) -> [UInt8] {
        let members = arguments.map { argument in
            DynamicValue.Member(argument.name, fields.first { $0.name == argument.name }.map { value(argument.text, $0.type) } ?? .text(argument.text))
        }
        do { return try codec.encode(.object(members), as: fields) } catch { throw Mismatch(reason: "\(name): \(error)") }
    }

    private func amount(_ text: String?) throws(Mismatch) -> Amount {
        guard let text else { return .zero }
        guard let amount = Amount(tokens: text) else { throw Mismatch(reason: "\(text) is not an amount of TRL") }
        return amount
    }

    private func expect(_ event: String, _ arguments: [Scenario.Argument]) throws(Mismatch) {
        guard let declared = schema.events.first(where: { $0.name == event }) else { throw Mismatch(reason: "the contract has no event \(event)") }
        let data = try encode(arguments, declared.fields, of: event)
        let found = events.filter { $0.contract == contract && $0.name.text == event }
        guard !found.contains(where: { $0.data == data }) else { return }
        let seen = found.map { (try? codec.decode($0.data, as: declared.fields)).map { "\(Self.text($0))" } ?? $0.data.hex }
        throw Mismatch(reason: seen.isEmpty ? "no \(event) was emitted" : "emitted was \(event) \(seen.joined(separator: " and "))")
    }

    private func compare(_ outcome: Outcome, _ expectation: Scenario.Expectation, _ method: MethodSchema) throws(Mismatch) {
        func shown(_ results: CallResults) -> String {
            (try? codec.decode(results.values[0], as: method.result)).map(Self.text) ?? results.values[0].hex
        }
        switch (outcome, expectation) {
        case (.succeeded, .success): return
        case (.succeeded(let results), .result(let text)):
            let expected: [UInt8]
            do { expected = try codec.encode(value(text, method.result), as: method.result) } catch { throw Mismatch(reason: "\(text) is no result of \(method.name): \(error)") }
            guard expected == results.values[0] else { throw Mismatch(reason: "expected \(text), got \(shown(results))") }
        case (.succeeded(let results), .failure(let name)): throw Mismatch(reason: "expected the failure \(name), got \(shown(results))")
        case (_, .failure(let name)):
            let found = outcome.failure.map(self.name) ?? ""
            guard found == name else { throw Mismatch(reason: "expected the failure \(name), got \(found): \(outcome.failure?.message.text ?? "")") }
        default: throw Mismatch(reason: outcome.failure.map { "\(self.name(of: $0)): \($0.message.text)" } ?? "failed")
        }
    }

    static func text(_ value: DynamicValue) -> String {
        switch value {
        case .null: "nothing"
        case .bool(let flag): String(flag)
        case .number(let number): String(number)
        case .text(let text): text
        case .list(let values): "[" + values.map(text).joined(separator: ", ") + "]"
        case .object(let members): members.map { "\($0.name)=\(text($0.value))" }.joined(separator: " ")
        }
    }
}
