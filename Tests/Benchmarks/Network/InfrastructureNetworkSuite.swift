import Client
import Contracts
import Execution
import Foundation
import Ledger
import Primitives
import TOSCA

extension Suite {
    /// Infrastructure documents on a local network of validator processes with everything on: each client has an account and an
    /// application of its own, and begins with the next call when the last one is committed.
    static let infrastructure = Suite(
        name: "infrastructure", summary: "four validator processes: TOSCA documents imported, exported, applications created and read (minutes)"
    ) { report, quick in
        try report.fill { report in try await InfrastructureMeasurement(isQuick: quick).run(into: &report) }
    }
}

private struct InfrastructureMeasurement {
    let isQuick: Bool
    /// The documents of which latency is measured, in bytes of the file.
    private static let sizes = [743, 1_100, 2_590, 3_300, 4_300, 5_430]
    private static let large = [("1kb", 1_100), ("5kb", 5_430)]

    func run(into report: inout Report) async throws {
        let rounds = isQuick ? 5 : 30, seconds = isQuick ? 2 : 10, crowds = isQuick ? [8] : [64, 100, 400]
        report.setup["network"] = "4 validators as processes and the clients on one machine, signatures, fsync and TLS on; every call waits for its block"
        report.setup["import"] = "with one client: file read, checked, signed, submitted, committed; with many: documents that were read before, each whole"
        report.setup["export"] = "document asked for, compared with its digest, written to a file of YAML"
        let network = try await LocalNetwork(validators: 4)
        report.setup["directory"] = network.fileSystem
        Progress.line("funding \(crowds.last!) accounts")
        var tenants = try await network.fund(crowds.last!, tokens: 2_000).enumerated().map { Tenant($1, number: $0) }
        let load = TenantLoad(network)
        let limits = try await load.gasLimits(of: &tenants[0], Self.sizes)

        // ── Creating ──
        for count in [1] + crowds {
            Progress.line("creating, \(count) clients")
            add(try await load.run(&tenants, count, seconds: seconds) { tenant, client in try await tenant.create(client, network, limits.create) },
                "creates", count, crowds, into: &report)
        }
        report.add("creates_per_second", report.medians("creates_per_second_\(crowds.last!)"), unit: "applications/s, \(crowds.last!) clients")

        // ── Importing ──
        for size in Self.sizes {
            Progress.line("importing \(size) bytes, one client")
            var times: [Double] = []
            for turn in 0..<rounds {
                let text = TemplateText(bytes: size, turn: turn), since = ContinuousClock.now
                let document = try text.template().document
                try await tenants[0].importDocument(document, network.clients[0], network, limits.imports[size]!)
                times.append((ContinuousClock.now - since).milliseconds)
            }
            Progress.line(String(format: "   %.1f ms", times.median))
            report.add("import_\(Self.name(size))_ms", times, unit: "ms from file to commit, \(size) bytes, one client")
            report.add("read_\(Self.name(size))_ms", try (0..<rounds).map { turn in
                let text = TemplateText(bytes: size, turn: turn), since = ContinuousClock.now
                _ = try text.template()
                return (ContinuousClock.now - since).milliseconds
            }, unit: "ms to read and check the file alone")
            let exports = try await load.exports(of: tenants[0], clients: 1, seconds: 0, rounds: rounds)
            report.add("export_\(Self.name(size))_ms", exports.times, unit: "ms from question to file, one client")
        }
        for (name, size) in Self.large {
            let documents = try (0..<8).map { try TemplateText(bytes: size, turn: $0).template().document }, gas = limits.imports[size]!
            for count in crowds {
                Progress.line("importing \(size) bytes, \(count) clients")
                let outcome = try await load.run(&tenants, count, seconds: seconds) { tenant, client in
                    try await tenant.importDocument(documents[Int(tenant.revision % 8)], client, network, gas)
                }
                add(outcome, "imports_\(name)", count, crowds, into: &report)
            }
            Progress.line("exporting \(size) bytes, 64 clients")
            let exports = try await load.exports(of: tenants[0], clients: 64, seconds: seconds, rounds: 0)
            Progress.line(String(format: "   %.0f/s", exports.perSecond))
            report.add("exports_\(name)_per_second_64", [exports.perSecond], unit: "exports/s, 64 clients")
        }

        // ── Reading ──
        for count in [1, 64] {
            Progress.line("reading, \(count) clients")
            let rate = try await load.reads(of: tenants, clients: count, seconds: seconds)
            Progress.line(String(format: "   %.0f/s", rate))
            report.add("reads_per_second_\(count)", [rate], unit: "applications/s, \(count) clients")
        }
        try network.end()
        Progress.line("mapping")
        let mapped = MappingBench(operators: isQuick ? 500 : 5_000).onChain()
        report.add("map_5000_workers_ms", [mapped.map * 1e3], unit: "ms for the call of map in the executor, with 5,000 operators for 20 shards of 250; a tenth with --quick")
    }

    private func add(_ outcome: TenantLoad.Outcome, _ what: String, _ count: Int, _ crowds: [Int], into report: inout Report) {
        Progress.line(String(
            format: "   %.0f/s, p50 %.0f ms, p99 %.0f ms, %.2f ms of CPU each", outcome.perSecond, outcome.times.percentile(0.5),
            outcome.times.percentile(0.99), outcome.cpuMilliseconds))
        report.add("\(what)_per_second_\(count)", [outcome.perSecond], unit: "committed/s, \(count) client\(count == 1 ? "" : "s")")
        report.add("\(what)_latency_p50_ms_\(count)", [outcome.times.percentile(0.5)], unit: "ms from submission to commit")
        report.add("\(what)_latency_p99_ms_\(count)", [outcome.times.percentile(0.99)], unit: "ms")
        report.add("\(what)_cpu_ms_\(count)", [outcome.cpuMilliseconds], unit: "ms of CPU per call, all validators and the clients")
    }

    private static func name(_ size: Int) -> String {
        switch size {
        case 1_100: "1kb"
        case 5_430: "5kb"
        default: "\(size)b"
        }
    }
}

/// A template of servers in a file of about so many bytes. With every turn, all servers are others.
struct TemplateText: FileSource {
    private let text: String

    init(bytes: Int, turn: Int) {
        var text = """
            tosca_definitions_version: tosca_simple_yaml_1_3
            description: Servers of a load, turn \(turn)
            topology_template:
              node_templates:

            """
        var number = 0
        repeat {
            text += """
                    server_\(number):
                      type: tosca.nodes.Compute
                      capabilities:
                        host:
                          properties:
                            num_cpus: \(1 + (turn + number) % 64)
                            mem_size: \(1 + turn % 512) GB

                """
            number += 1
        } while text.utf8.count + 150 < bytes
        text += "metadata:\n  note: \(String(repeating: "x", count: max(1, bytes - text.utf8.count - 18)))\n"
        self.text = text
    }

    func template() throws -> ServiceTemplate { try ServiceTemplate("service.yaml", from: self) }

    func bytes(of path: FilePath) throws(Problem) -> [UInt8]? { path.description == "service.yaml" ? Array(text.utf8) : nil }
    func contains(_ path: FilePath) -> Bool { path.description == "service.yaml" }
}

extension Report {
    func medians(_ name: String) -> [Double] { figures[name].map { [$0.median] } ?? [] }
}
