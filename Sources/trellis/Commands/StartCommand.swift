import API
import ArgumentParser
import CMalloc
import Foundation
import Keystore
import Logging
import Node
import ServiceLifecycle
import UnixSignals

/// Runs a node until it is told to stop.
struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "start", "Runs the node of a home.",
        discussion: """
            The node runs in the foreground and logs to stderr. SIGTERM or Control-C ends it in good order; a second one at once. \
            What it has acknowledged survives any end.
            """,
        examples: ["trellis start", "trellis start --home /var/lib/trellis --set api.listen=127.0.0.1:8650 --set log.format=json"])

    @OptionGroup var settings: SettingOptions
    @OptionGroup var keys: KeyOptions

    mutating func run() async throws {
        do { try await runNode() } catch let finished as ExitCode {
            throw finished
        } catch {
            Console.report(CommandFailure(error))
            throw ExitCode(ExitStatus.failure.rawValue)
        }
    }

    /// Buffers of some hundred kilobytes come and go with every block. The allocator keeps them instead of asking the kernel for
    /// fresh pages each time, which have to be cleared.
    private static func keepFreedMemory() {
        mallopt(M_MMAP_THRESHOLD, 16 << 20)
        mallopt(M_TRIM_THRESHOLD, 64 << 20)
    }

    private func runNode() async throws {
        Self.keepFreedMemory()
        let home = NodeHome(try keys.resolvedHome().path)
        let configuration = try ResolvedConfiguration.load(home: home.path, environment: ProcessInfo.processInfo.environment, flags: settings.settings).node
        let genesis = try home.readGenesis()
        let nodeKeys = try NodeKeys(in: home, try keys.passphrase(for: "the keys in \(home.path)"))
        let log = configuration.log.logger("trellis")

        let node = try await Node.start(configuration, genesis: genesis, keys: nodeKeys, log: log)
        var services: [any Service] = [NodeService(node: node)]
        if let listen = configuration.api.listen {
            var api = APIConfiguration()
            api.host = listen.host
            api.port = Int(listen.port)
            api.hostNames = configuration.api.hostNames
            api.origins = configuration.api.origins
            api.rate = APIConfiguration.RateLimit(perSecond: Double(configuration.api.requestsPerSecond), burst: Double(configuration.api.requestBurst))
            let server = APIServer(node: node, configuration: api, files: Dashboard.files, logger: configuration.log.logger("api"))
            services.append(server)
            Task {
                if let port = try? await server.port { log.info("the interface is served", metadata: ["address": "http://\(listen.host):\(port)"]) }
            }
        }
        Interruption.leaveToServices()
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
        do { try await group.run() } catch let restored as Restored {
            await node.stop()
            try beginAgain(restored)
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
    }

    /// The same program with the same arguments in the same process, which holds nothing of the former one.
    private func beginAgain(_ reason: Restored) throws {
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &arguments)
        throw CommandFailure(code: "node.restart", what: "the node cannot begin again by itself", why: String(cString: strerror(errno)), next: "trellis start")
    }
}

/// A node as a service: it runs until it fails or is told to stop.
private struct NodeService: Service {
    let node: Node

    func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            switch await node.outcome() {
            case .stopped: return
            case .failed(let failure): throw failure
            case .restored: throw Restored()
            }
        } onCancelOrGracefulShutdown: {
            Task { await node.stop() }
        }
    }
}

/// A snapshot is in the place of the chain: the program begins again with it.
private struct Restored: Error {}

extension NodeError: FailureReport {
    var failure: CommandFailure { CommandFailure(code: code.rawValue, what: reason, next: remedy.map { "\($0.prefix(1).uppercased())\($0.dropFirst())." }) }
}
