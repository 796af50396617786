import Client
import Contracts
import Execution
import Foundation
import Ledger
import Primitives

extension Suite {
    /// Agreements: what their calls cost alone; then on a local network of validator processes with everything on, how many measurements it
    /// takes, how soon a failure is paid for, and what a large number of agreements asks of the machine day by day.
    static let agreements = Suite(
        name: "agreements", summary: "measurements, settlement; four validator processes: measurements per second, outage to penalty, machine share (minutes)"
    ) { report, quick in
        let count = quick ? 20 : 200
        report.setup["calls"] = "\(count) agreements of three monitors, a call for each in a block; executor and tree in memory, without signatures, network and disk"
        AgreementBench(count: count).measure(rounds: 12, into: &report)
        // What is known already, for those who wait for the rest.
        Progress.line(report.table)
        try report.fill { report in try await AgreementMeasurements(isQuick: quick).run(into: &report) }
    }
}

private struct AgreementMeasurements {
    let isQuick: Bool

    func run(into report: inout Report) async throws {
        report.setup["network"] = "4 validators as processes and the clients on one machine, signatures, fsync and TLS on"
        let network = try await LocalNetwork(validators: 4)
        report.setup["directory"] = network.fileSystem
        for measure in [penalties, throughput, share] {
            try await measure(network, &report)
            Progress.line(report.table)
        }
        try network.end()
    }

    /// A port that is closed for an interval now and then, and a real monitor that connects to it.
    private func penalties(_ network: LocalNetwork, _ report: inout Report) async throws {
        let rounds = isQuick ? 3 : 12
        report.setup["outage_to_penalty"] = "\(rounds) outages of one interval of 3 s; `trellis monitor run` with a TCP probe, one monitor, settle delay 0"
        Progress.line("\(rounds) outages")
        let outages = try await OutageBench(network, outages: rounds).run()
        report.add("outage_to_penalty_ms", outages.map(\.total), unit: "ms from the monitor's finding to the event of the credit")
        report.add("outage_wait_ms", outages.map(\.wait), unit: "ms of it until the report may be posted: the rest of the interval, and 3 s for clocks that differ")
        report.add("report_to_penalty_ms", outages.map { $0.total - $0.wait }, unit: "ms of it from then to the event of the credit")
    }

    /// Single measurements, signed before, over the batch route.
    private func throughput(_ network: LocalNetwork, _ report: inout Report) async throws {
        let agreements = isQuick ? 16 : 256, monitors = 4, intervals = 24
        report.setup["measurements_per_second"] =
            "\(agreements) agreements of \(monitors) monitors with an account each, \(intervals) intervals, one reading in a transaction; signed before; batch route of all validators"
        Progress.line("\(agreements) agreements")
        let farm = AgreementFarm(network, agreements: agreements, watchers: monitors, accounts: agreements * monitors)
        let started = try await farm.begin(interval: 1_000, intervals: UInt32(intervals), after: isQuick ? 20 : 60)
        report.add("setup_agreements_per_second", [Double(agreements) / started.seconds], unit: "agreements/s concluded, paid and enlisted, small farm")
        let transactions = try farm.measurements(intervals: intervals, gasLimit: Gas(400_000))
        try await farm.waitForInterval(intervals)
        let total = agreements * monitors * intervals
        Progress.line("\(total) measurements")
        let load = try await PresignedLoad(network).run(transactions)
        let found = try await farm.reports()
        guard found == total else { throw NetworkFailure(description: "\(found) of \(total) measurements count") }
        report.add("measurements_per_second", load.rates, unit: "measurements/s committed, over 1 s each; overall \(Int(load.perSecond))")
        report.add("measurement_cpu_us", [load.cpuMicroseconds], unit: "µs of CPU per measurement, all validators and the client")
    }

    /// Many agreements, each of whose monitors tells of each minute, as the monitor does: a call for each report, up to 32 in a transaction.
    private func share(_ network: LocalNetwork, _ report: inout Report) async throws {
        let agreements = isQuick ? 200 : 10_000, watchers = 2, minutes = isQuick ? 1 : 2, cores = ProcessInfo.processInfo.activeProcessorCount
        let accounts = agreements / 50
        report.setup["machine_share"] =
            "\(agreements) active agreements of \(watchers) monitors, \(accounts) monitor accounts, intervals of 60 s, for \(minutes) min; tried out, signed, posted and awaited as the monitor does"
        Progress.line("\(agreements) agreements")
        let farm = AgreementFarm(network, agreements: agreements, watchers: watchers, accounts: accounts)
        let started = try await farm.begin(interval: 60_000, intervals: 64, after: isQuick ? 20 : 120)
        report.add("setup_agreements_per_second_\(agreements)", [Double(agreements) / started.seconds], unit: "agreements/s concluded, paid and enlisted")
        Progress.line("   set up in \(Int(started.seconds)) s")
        let idle = try await farm.share(seconds: 10)
        try await farm.waitForInterval(1)
        Progress.line("reporting for \(minutes) min")
        let outcome = try await farm.report(minutes: minutes)
        guard outcome.reports == agreements * watchers * minutes else {
            throw NetworkFailure(description: "\(outcome.reports) reports instead of \(agreements * watchers * minutes): \(outcome.trouble ?? "")")
        }
        report.add("machine_share_\(agreements)_agreements", outcome.validators.map { $0 * 100 / Double(cores) }, unit: "% of \(cores) cores, all validators, over 10 s each")
        report.add("machine_share_idle", [idle * 100 / Double(cores)], unit: "% of \(cores) cores, the same network with nothing to report")
        report.add("report_cpu_us", [outcome.cpuMicroseconds], unit: "µs of CPU of all validators per report, with what is tried out before")
        report.add("reports_late_seconds", outcome.delays, unit: "s from a monitor's turn to the commit of all its reports")
    }
}
