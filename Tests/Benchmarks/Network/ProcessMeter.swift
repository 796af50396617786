import AsyncHTTPClient
import Client
import Foundation
import Interface
import NIOCore

/// What a process has used since this meter was made, from Linux's `/proc` and the node's own metrics.
struct ProcessMeter: Sendable {
    let process: Int32
    private let atStart: Double

    init(_ process: Int32) {
        self.process = process
        atStart = Self.cpuSeconds("/proc/\(process)/stat")
    }

    var secondsSince: Double { Self.cpuSeconds("/proc/\(process)/stat") - atStart }

    /// Seconds of CPU by the names of the threads, numbers taken off.
    static func byThread(_ process: Int32) -> [String: Double] {
        var result: [String: Double] = [:]
        for thread in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? [] {
            let name = ((try? String(contentsOfFile: "/proc/\(process)/task/\(thread)/comm", encoding: .utf8)) ?? "").prefix { !$0.isNumber && $0 != "\n" }
            result[String(name), default: 0] += cpuSeconds("/proc/\(process)/task/\(thread)/stat")
        }
        return result
    }

    private static func cpuSeconds(_ path: String) -> Double {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// What lies in memory: all of it, and without pages of files, which the kernel keeps as long as nobody else needs the room.
    var mebibytes: (resident: Double, own: Double) {
        let fields = ((try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8)) ?? "").split(separator: " ").compactMap { Double($0) }
        guard fields.count > 2 else { return (0, 0) }
        let page = Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
        return (fields[1] * page, (fields[1] - fields[2]) * page)
    }
}

/// Seconds of CPU of all validators, by what they went to.
struct StageMeter {
    private let values: [String: Double]

    init(_ network: LocalNetwork) async throws {
        var values: [String: Double] = [:]
        for process in network.processes {
            for (name, seconds) in ProcessMeter.byThread(process) { values["thread \(name)", default: 0] += seconds }
        }
        for client in network.clients {
            for (key, value) in try await network.metrics(client) where key.hasPrefix("trellis_stage_cpu_seconds_total") {
                let stage = key.split(separator: "\"").dropFirst().first.map(String.init) ?? key
                values[stage, default: 0] += value
            }
        }
        self.values = values
    }

    /// What was spent from `start` until this: named threads, the owners' shares, and the rest: the interface's handlers, writing and flushing.
    func since(_ start: StageMeter, whole: Double) -> [(name: String, seconds: Double)] {
        var spent: [String: Double] = [:], rest = whole
        for (name, seconds) in values {
            let difference = seconds - (start.values[name] ?? 0)
            // The owners' threads have no names of their own.
            let stage = name.hasPrefix("thread verify") ? "signatures" : name.hasPrefix("thread NIO") ? "sockets" : name
            guard !stage.hasPrefix("thread"), difference > 0 else { continue }
            spent[stage, default: 0] += difference
            rest -= difference
        }
        return spent.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("interface_and_disk", rest)]
    }
}

extension LocalNetwork {
    /// The node's numbers by name and labels.
    func metrics(_ client: Client) async throws -> [String: Double] {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: client.endpoint + "/metrics"), timeout: .seconds(10))
        var result: [String: Double] = [:]
        for line in String(buffer: try await response.body.collect(upTo: 1 << 20)).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            if parts.count == 2, let value = Double(parts[1]) { result[String(parts[0])] = value }
        }
        return result
    }

    /// Payload that validators have sent to each other.
    func wireBytes() async throws -> Double {
        var total = 0.0
        for client in clients {
            total += try await metrics(client).filter { $0.key.hasPrefix("trellis_p2p_message_send_bytes_total") }.values.reduce(0, +)
        }
        return total
    }

    /// Bytes that the files of all nodes hold.
    func diskBytes() throws -> Double {
        let files = FileManager.default.enumerator(at: URL(fileURLWithPath: path + "/nodes"), includingPropertiesForKeys: [.totalFileAllocatedSizeKey])
        return Double(files?.compactMap { try? ($0 as? URL)?.resourceValues(forKeys: [.totalFileAllocatedSizeKey]).totalFileAllocatedSize }.reduce(0, +) ?? 0)
    }
}
