import ArgumentParser
import Client
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Keystore
import Ledger
import Logging
import Monitoring
import Primitives
import ServiceLifecycle
import UnixSignals

/// Measuring what agreements promise.
struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "monitor", "Measures what agreements promise, and posts it.", examples: ["trellis monitor check --config monitor.yaml"],
        subcommands: [MonitorRun.self, MonitorCheck.self])
}

/// The file that says what is watched.
struct MonitorFile: ParsableArguments {
    @Option(help: ArgumentHelp("The file that says what is watched, and how.", valueName: "file")) var config: String

    func read() throws -> MonitorConfiguration { try MonitorConfiguration(yaml: String(decoding: try Files.read(config, max: 1 << 20), as: UTF8.self)) }
}

struct MonitorCheck: ResultCommand {
    static let configuration = CommandConfiguration(
        "check", "Checks the file of a monitor, and shows what would be watched. Nobody is asked anything.",
        examples: ["trellis monitor check --config monitor.yaml"])

    @OptionGroup var file: MonitorFile
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let items = try file.read().watches.map { watch -> DynamicValue in
            .fields([
                ("watch", .text(watch.key.description)), ("agreement", .number(watch.key.agreement)), ("metric", .number(UInt64(watch.key.metric))),
                ("start", .text(TimeText(watch.schedule.start).text)), ("end", .text(TimeText(watch.schedule.end).text)),
                ("intervals", .number(watch.schedule.count)), ("question", .text(watch.source.query.replacing("\n", with: " "))),
            ])
        }
        return .list(items, columns: ["agreement", "metric", "start", "end", "intervals", "question"], name: "watch")
    }
}

struct MonitorRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "run", "Watches until everything is told, or it is told to stop.",
        discussion: """
            The monitor runs in the foreground and tells on stderr what it does. SIGTERM or Control-C ends it in good order. Its journal remembers \
            what it has measured and posted: start it again with the same one, and never two with one key.
            """,
        examples: ["trellis monitor run --config monitor.yaml --from watcher", "trellis monitor run --config monitor.yaml --from watcher --quiet"])

    @OptionGroup var file: MonitorFile
    @Option(help: ArgumentHelp("The key of the account that is a monitor of the agreements (default: $TRELLIS_FROM, or the profile's).", valueName: "key"))
    var from: String?
    @Flag(help: "Tell only what somebody should look at.") var quiet = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var keys: KeyOptions

    mutating func run() async throws {
        do { try await watch() } catch {
            let failure = CommandFailure(error)
            Console.report(failure)
            throw ExitCode(failure.status.rawValue)
        }
    }

    private func watch() async throws {
        let configuration = try file.read(), name = try ProfileSettings.resolve(node.profile).value(.from, flag: from)
        guard !name.isEmpty else {
            throw CommandFailure.usage("tx.sender-missing", "nobody is named who would sign", next: "Give --from, or trellis profile set from=KEY; trellis key list")
        }
        guard let key = try keys.key(name, role: .account).signingKey else { throw CommandFailure(code: "key.role-wrong", what: "\(name) cannot sign transactions") }
        let client = try node.node == nil ? configuration.node.map { try Client($0) } ?? node.client() : node.client()
        let watches = try await agreed(configuration.watches, client, Address(of: key.publicKey))
        let journal = try MeasurementJournal(directory: configuration.journal), quiet = quiet
        let monitor = Monitor(watches, journal: journal, sink: AgreementSink(client, key: key), gather: configuration.gather) { event in
            guard event.isTrouble || !quiet else { return }
            Console.note("\(TimeText(.system).text) \(event.isTrouble ? "trouble" : "info") \(Terminal.printable(event.description))")
        }
        guard let monitor else { throw CommandFailure(code: "monitor.watches", what: "there is nothing to watch") }
        Interruption.leaveToServices()
        let service = ServiceGroupConfiguration.ServiceConfiguration(
            service: MonitorService(monitor: monitor), successTerminationBehavior: .gracefullyShutdownGroup)
        try await ServiceGroup(configuration: ServiceGroupConfiguration(
            services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "monitor") { _ in SwiftLogNoOpLogHandler() })).run()
    }
}

extension MonitorRun {
    /// The watches, if they are what the chain says of their agreements.
    private func agreed(_ watches: [Watch], _ client: Client, _ account: Address) async throws -> [Watch] {
        var agreed: [Watch] = []
        for watch in watches {
            guard let view = try await client.view(Agreements.agreement.reference, of: .agreements, watch.key.agreement) else {
                throw CommandFailure(
                    code: "monitor.agreement-unknown", what: "there is no agreement \(watch.key.agreement)", next: "Check `agreement:` in \(file.config).",
                    status: .notFound)
            }
            agreed.append(try watch.agreed(view, by: account))
        }
        return agreed
    }
}

/// A monitor as a service: it runs until everything is told, or it is told to stop.
private struct MonitorService: Service {
    let monitor: Monitor

    func run() async throws { try await cancelWhenGracefulShutdown { try await monitor.run() } }
}

extension MonitorConfigurationError: FailureReport {
    var failure: CommandFailure {
        .usage(Self.code, "\(place) \(text)", next: remedy.prefix(1).uppercased() + remedy.dropFirst() + ".")
    }
}

extension JournalError: FailureReport {
    var failure: CommandFailure {
        let next: String = switch code {
        case .locked: "Stop the other monitor, or give this one a journal of its own and another key."
        case .corrupt: "Keep the file for whoever asks, and begin a new journal only with a new key: a monitor must not say two things of one interval."
        case .full: "Make room on the disk."
        case .io: "Look at the disk, then start it again."
        case .schedule: "Write the schedule of the agreement: trellis contract view agreements agreement NUMBER"
        }
        return CommandFailure(code: code.rawValue, what: text, next: next)
    }
}
