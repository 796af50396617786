import Foundation

extension Suite {
    /// A local network of validator processes with everything on (signatures, fsync, TLS), and this process as the client that signs and
    /// submits transfers over the batch route.
    static let network = Suite(name: "network", summary: "four validator processes: transfers per second, latency, reads, memory, bytes (minutes)") { report, quick in
        try report.fill { report in try await NetworkMeasurement(isQuick: quick).run(into: &report) }
    }
}

private struct NetworkMeasurement {
    let isQuick: Bool
    /// What signatures alone allow on two cores: one check by each of four validators and one signing for each transaction.
    static let ceilingPerSecond = 7_480.0

    func run(into report: inout Report) async throws {
        let few = isQuick ? 1_024 : 10_240, many = isQuick ? 10_240 : 102_400
        let short = isQuick ? 10 : 60, long = isQuick ? 20 : 300
        report.setup["network"] = "4 validators as processes and this client on one machine, signatures, fsync and TLS on; transfers over the batch route"
        report.setup["reads"] = "\(isQuick ? 2 : 10) s of 1 and 64 clients of one validator"
        do {
            let network = try await LocalNetwork(validators: 4)
            Progress.line("funding \(few) accounts")
            report.setup["directory"] = network.fileSystem
            let payers = try await network.fund(few)
            Progress.line("latency of single transfers")
            report.add("unloaded_latency_p50_ms", [try await network.unloadedLatencies(payers, count: 60).median], unit: "ms from submission to commit event, nothing else under way")
            try await reads(network, payers, into: &report)
            Progress.line("load on \(few) accounts, \(short) s")
            let book = PayerBook(payers, parts: network.clients.count)
            let load = try await TransferLoad(network, book).run(.seconds(short))
            add(load, "_\(Self.thousands(few))_accounts", into: &report)
            Progress.line("funding \(many - few) more")
            book.add(try await network.fund(many - few, from: few))
            Progress.line("load on \(many) accounts, the first transfer of most of them")
            add(try await TransferLoad(network, book).run(.once), "_first_use", into: &report)
            Progress.line("load on \(many) accounts, \(short) s")
            let main = try await TransferLoad(network, book).run(.seconds(short))
            report.setup["load"] = "\(many) accounts, \(short) s, at most \(TransferLoad.windowStandard) transactions under way"
            add(main, "", into: &report)
            Progress.line("load on \(many) accounts, \(long) s")
            add(try await TransferLoad(network, book).run(.seconds(long)), "_\(long)s", into: &report)
            Progress.line("load without a window, \(short / 2) s")
            // Nothing holds this client back: what is too much is refused.
            let over = try await TransferLoad(network, book, window: .max).run(.seconds(short / 2))
            add(over, "_overload", into: &report)
            report.add("refused_share_overload", [over.refusedShare * 100], unit: "% of what was offered")
            try network.end()
        }
        Progress.line("one validator")
        let single = try await LocalNetwork(validators: 1)
        let payers = try await single.fund(few)
        report.add("unloaded_latency_p50_ms_single", [try await single.unloadedLatencies(payers, count: 60).median], unit: "ms, one validator")
        add(try await TransferLoad(single, PayerBook(payers, parts: 1)).run(.seconds(short / 2)), "_single", into: &report)
        try single.end()
    }

    private func add(_ load: LoadOutcome, _ suffix: String, into report: inout Report) {
        // What is known already, for those who wait for the rest.
        let share = load.committedPerSecond / Self.ceilingPerSecond * 100, whole = load.stages.reduce(0) { $0 + $1.microseconds }
        Progress.line(String(
            format: "   %.0f/s, p50 %.0f ms, p99 %.0f ms, %.0f µs of CPU each, %.0f %% of the ceiling, %.0f MiB (%.0f its own), %.0f bytes on disk", load.committedPerSecond,
            load.latencies.percentile(0.5), load.latencies.percentile(0.99), whole, share, load.memory.max() ?? 0, load.ownMemory.max() ?? 0, load.diskBytes))
        report.add("committed_per_second\(suffix)", load.rates, unit: "transactions/s, over 2 s each; overall \(Int(load.committedPerSecond))")
        report.add("latency_p50_ms\(suffix)", [load.latencies.percentile(0.5)], unit: "ms from submission to commit event, \(load.latencies.count) marked transfers")
        report.add("latency_p99_ms\(suffix)", [load.latencies.percentile(0.99)], unit: "ms")
        report.add("cpu_us_per_transaction\(suffix)", [whole], unit: "µs of CPU, all validators and the client")
        for stage in load.stages { report.add("cpu_us_\(stage.name)\(suffix)", [stage.microseconds], unit: "µs of CPU per transaction") }
        report.add("ceiling_share\(suffix)", [share], unit: "% of what signatures alone allow, \(Int(Self.ceilingPerSecond))/s")
        report.add("node_memory_mib\(suffix)", load.memory, unit: "MiB resident, of a validator, at the end")
        report.add("node_own_memory_mib\(suffix)", load.ownMemory, unit: "MiB of that which are no pages of files")
        report.add("disk_bytes_per_transaction\(suffix)", [load.diskBytes], unit: "bytes that stay, of a validator")
        report.add("wire_bytes_per_transaction\(suffix)", [load.wireBytes], unit: "bytes of payload sent between validators, all together")
        for (code, count) in load.refused.sorted(by: { $0.key < $1.key }) { report.setup["refused\(suffix) \(code)"] = "\(count)" }
    }

    private func reads(_ network: LocalNetwork, _ payers: [Payer], into report: inout Report) async throws {
        for clients in [1, 64] {
            for kind in ReadLoad.Kind.allCases {
                Progress.line("\(kind.figure), \(clients) client\(clients == 1 ? "" : "s")")
                let load = ReadLoad(network, payers, kind)
                let outcome = try await load.run(clients: clients, seconds: isQuick ? 2 : 10)
                report.add("\(kind.figure)_per_second_\(clients)", [outcome.perSecond], unit: "requests/s, \(clients) client\(clients == 1 ? "" : "s"); p99 \(outcome.p99) ms")
            }
        }
    }

    private static func thousands(_ count: Int) -> String { "\(count / 1_000)k" }
}

extension [Double] {
    func percentile(_ part: Double) -> Double {
        let sorted = self.sorted()
        return sorted.isEmpty ? .nan : sorted[Swift.min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    var median: Double { percentile(0.5) }
}
