import Client
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import TOSCA

/// An account with an application of its own.
struct Tenant: Sendable {
    private var payer: Payer
    private let number: Int
    private var created = 0
    private(set) var revision: UInt64 = 0
    /// Has the document.
    let application: ApplicationName

    init(_ payer: Payer, number: Int) {
        (self.payer, self.number) = (payer, number)
        application = ApplicationName("tenant-\(number)")!
    }

    var address: Address { payer.address }

    static func creation(_ name: ApplicationName, by owner: Address) -> Call {
        Infrastructure.create.reference.call(on: .infrastructure, name, .account(owner), Infrastructure.Settings())
    }

    /// One more application, which nobody uses.
    mutating func create(_ client: Client, _ network: LocalNetwork, _ gas: Gas) async throws {
        try await send([Self.creation(ApplicationName("spare-\(number)-\(created)")!, by: address)], client, network, gas)
        created += 1
    }

    /// Makes `document` the newest revision, and the application if this is the first.
    mutating func importDocument(_ document: Document, _ client: Client, _ network: LocalNetwork, _ gas: Gas) async throws {
        var calls = [Infrastructure.importDocument.reference.call(on: .infrastructure, application, revision, .full(document), "load")]
        if revision == 0 { calls.insert(Self.creation(application, by: address), at: 0) }
        try await send(calls, client, network, gas)
        revision += 1
    }

    private mutating func send(_ calls: [Call], _ client: Client, _ network: LocalNetwork, _ gas: Gas) async throws {
        let report = try await client.submitAndWait(try network.sign(calls, by: payer.key, payer.address, payer.nonce, gasLimit: gas), isBrief: true)
        guard report.receipt?.outcome == .succeeded else { throw NetworkFailure(description: "a call failed: \(report)") }
        payer.nonce += 1
    }
}

/// Tenants at work, each one call after the other, shared out among the validators.
struct TenantLoad {
    struct Outcome: Sendable {
        var times: [Double] = []
        var perSecond = 0.0
        var cpuMilliseconds = 0.0
    }

    private let network: LocalNetwork
    init(_ network: LocalNetwork) { self.network = network }

    /// What calls need, with room: a creation, and with it a document of each size.
    func gasLimits(of tenant: inout Tenant, _ sizes: [Int]) async throws -> (create: Gas, imports: [Int: Gas]) {
        let client = network.clients[0], creation = Tenant.creation("trial", by: tenant.address)
        let create = try await client.simulate([creation], from: tenant.address)
        var imports: [Int: Gas] = [:]
        for size in sizes {
            let document = try TemplateText(bytes: size, turn: 0).template().document
            let call = Infrastructure.importDocument.reference.call(on: .infrastructure, "trial", 0, .full(document), "load")
            let tried = try await client.simulate([creation, call], from: tenant.address)
            if let failure = tried.failure { throw NetworkFailure(description: "\(failure)") }
            imports[size] = Gas(tried.gasLimitSuggested * 2)
        }
        return (Gas(create.gasLimitSuggested), imports)
    }

    func run(
        _ tenants: inout [Tenant], _ count: Int, seconds: Int, _ call: @escaping @Sendable (inout Tenant, Client) async throws -> Void
    ) async throws -> Outcome {
        let meters = (network.processes + [getpid()]).map(ProcessMeter.init)
        let begin = ContinuousClock.now, end = begin + .seconds(seconds)
        let clients = network.clients
        var outcome = Outcome()
        try await withThrowingTaskGroup(of: (Int, Tenant, [Double]).self) { group in
            for number in 0..<count {
                let tenant = tenants[number]
                group.addTask {
                    var tenant = tenant, times: [Double] = []
                    while ContinuousClock.now < end {
                        let since = ContinuousClock.now
                        try await call(&tenant, clients[number % clients.count])
                        times.append((ContinuousClock.now - since).milliseconds)
                    }
                    return (number, tenant, times)
                }
            }
            for try await (number, tenant, times) in group {
                tenants[number] = tenant
                outcome.times += times
            }
        }
        outcome.perSecond = Double(outcome.times.count) / (ContinuousClock.now - begin).inSeconds
        outcome.cpuMilliseconds = meters.map(\.secondsSince).reduce(0, +) * 1e3 / Double(max(1, outcome.times.count))
        return outcome
    }

    /// Exports of one tenant's document to files, `rounds` times or for so many seconds.
    func exports(of tenant: Tenant, clients count: Int, seconds: Int, rounds: Int) async throws -> (times: [Double], perSecond: Double) {
        let directory = try TemporaryDirectory(), clients = network.clients, application = tenant.application
        let begin = ContinuousClock.now, end = begin + .seconds(seconds)
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for number in 0..<count {
                group.addTask {
                    var times: [Double] = []
                    while times.count < rounds || ContinuousClock.now < end {
                        let since = ContinuousClock.now
                        let reader = try await TopologyReader(clients[number % clients.count], application)
                        let yaml = try await reader.document().document.export(.yaml)
                        try Data(yaml.utf8).write(to: URL(fileURLWithPath: "\(directory.path)/\(number).yaml"))
                        times.append((ContinuousClock.now - since).milliseconds)
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return (times, Double(times.count) / (ContinuousClock.now - begin).inSeconds)
    }

    /// Applications read from the first validator, one after the other by each client.
    func reads(of tenants: [Tenant], clients count: Int, seconds: Int) async throws -> Double {
        let client = network.clients[0], begin = ContinuousClock.now, end = begin + .seconds(seconds)
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<count {
                group.addTask {
                    var done = 0
                    while ContinuousClock.now < end {
                        let name = tenants[(number * 7 + done) % tenants.count].application
                        guard try await client.view(Infrastructure.application.reference, of: .infrastructure, name) != nil else {
                            throw NetworkFailure(description: "\(name) is not there")
                        }
                        done += 1
                    }
                    return done
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(done) / (ContinuousClock.now - begin).inSeconds
    }
}
