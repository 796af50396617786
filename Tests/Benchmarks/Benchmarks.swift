import ArgumentParser
import Foundation

/// `benchmarks SUITE [--json]`: measures one hot path on this machine and prints what it saw, with set-up, median and spread.
/// It never judges; comparisons belong to the reader, on one machine, in one run.
@main
struct Benchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measure a hot path on this machine.",
        discussion: "Suites:\n" + suites.map { "  \($0.name.padding(toLength: 22, withPad: " ", startingAt: 0))\($0.summary)" }
            .joined(separator: "\n"))

    static let suites: [Suite] = [
        .hash, .signatures, .verify, .state, .ledger, .mempool, .execution, .infrastructureCalls, .gas, .vm, .log, .store, .index, .transport, .network, .infrastructure, .agreements,
    ]

    @Argument(help: "The suite to run, or `all`.") var suite: String
    @Flag(help: "Print one JSON object per suite instead of a table.") var json = false
    @Flag(help: "With the suites gas and vm: fail when a price has left its band of nanoseconds per gas.") var check = false
    @Flag(help: "A tenth of the work: to see that a suite runs, not to quote its figures.") var quick = false

    func run() throws {
        #if DEBUG
        FileHandle.standardError.write(Data("warning: debug build; figures mean nothing. Use swift run -c release benchmarks.\n".utf8))
        #endif
        let chosen = suite == "all" ? Self.suites : Self.suites.filter { $0.name == suite }
        guard !chosen.isEmpty else {
            throw ValidationError("unknown suite \(suite); there are \(Self.suites.map(\.name).joined(separator: ", "))")
        }
        for suite in chosen {
            var report = Report(suite: suite.name)
            try suite.measure(&report, quick)
            print(json ? try report.json : report.table)
            if check, [Suite.gas.name, Suite.vm.name].contains(suite.name) { try checkPrices(report) }
        }
    }

    /// Fails by name when a unit of gas stands for too little or too much time.
    private func checkPrices(_ report: Report) throws {
        let outside = report.figures.filter { 
            $0.value.unit == GasBench.unit && !GasBench.band.contains($0.value.median)
                || $0.value.unit == GasBench.hotUnit && $0.value.median > GasBench.band.upperBound
        }
        guard !outside.isEmpty else { return }
        let list = outside.keys.sorted().joined(separator: ", ")
        FileHandle.standardError.write(Data("prices outside \(GasBench.band.lowerBound) … \(GasBench.band.upperBound) ns per gas: \(list)\n".utf8))
        throw ExitCode.failure
    }
}
