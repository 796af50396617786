import Cryptography
import Foundation
import Glibc
import Networking
import Primitives
import Synchronization

extension Suite {
    /// Two transports of one process over loopback, everything included: TLS, frames, credit, mailbox. Beside each throughput
    /// stands bare TCP between two threads, measured in the same run.
    static let transport = Suite(name: "transport", summary: "transport between two nodes on loopback, with bare TCP beside it") { report, quick in
        let outcome = Mutex<Result<Report, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        let start = report
        Task.detached {
            do {
                var report = start
                try await TransportMeasurement(isQuick: quick).run(into: &report)
                let finished = report
                outcome.withLock { $0 = .success(finished) }
            } catch {
                outcome.withLock { $0 = .failure(error) }
            }
            done.signal()
        }
        done.wait()
        report = try outcome.withLock { $0! }.get()
    }
}

private struct TransportMeasurement {
    let isQuick: Bool
    private var rounds: Int { isQuick ? 3 : 7 }

    func run(into report: inout Report) async throws {
        let pair = try await Pair()
        try await throughput(pair, bytes: 1_000_000, count: isQuick ? 60 : 600, name: "sync_1MB", into: &report)
        try await throughput(pair, bytes: 250, count: isQuick ? 20_000 : 200_000, name: "message_250B", into: &report)
        var idle: [Double] = []
        for _ in 0..<rounds { idle.append(try await roundTrip(pair, count: isQuick ? 200 : 2_000)) }
        report.add("vote_round_trip_idle_us", idle, unit: "µs, median of a round")
        let flood = Flood(pair)
        var flooded: [Double] = []
        for _ in 0..<rounds { flooded.append(try await roundTrip(pair, count: isQuick ? 100 : 500)) }
        await flood.stop()
        report.add("vote_round_trip_under_sync_flood_us", flooded, unit: "µs, median of a round")
        await pair.stop()
        try await cycles(into: &report)
    }

    /// Frames of one length from one node to the other, as fast as they are taken.
    private func throughput(_ pair: Pair, bytes: Int, count: Int, name: String, into report: inout Report) async throws {
        let frame = [UInt8](repeating: 7, count: bytes)
        var rates: [Double] = [], cpu: [Double] = [], bare: [Double] = [], share: [Double] = []
        for _ in 0..<rounds {
            let before = pair.received.withLock { $0.sync }
            let watch = Stopwatch()
            for _ in 0..<count {
                while !pair.one.send(frame, as: .sync, to: pair.two.nodeKey).isQueued { try await Task.sleep(for: .microseconds(200)) }
            }
            while pair.received.withLock({ $0.sync }) < before + count { try await Task.sleep(for: .microseconds(200)) }
            let megabytes = Double(bytes * count) / 1e6
            rates.append(megabytes / watch.wall)
            cpu.append(watch.cpu / Double(count) * 1e6)
            bare.append(try BareTCP.megabytesPerSecond(bytes: bytes * count))
            share.append(rates.last! / bare.last! * 100)
        }
        report.add("\(name)_MB_per_second", rates, unit: "MB/s")
        report.add("\(name)_per_second", rates.map { $0 * 1e6 / Double(bytes) }, unit: "messages/s")
        report.add("\(name)_cpu_us", cpu, unit: "µs of CPU per message, both nodes")
        report.add("\(name)_bare_tcp_MB_per_second", bare, unit: "MB/s, writes and reads of 64 KiB")
        report.add("\(name)_share_of_bare_tcp", share, unit: "%")
    }

    /// A vote there and a vote back, the median over `count`.
    private func roundTrip(_ pair: Pair, count: Int) async throws -> Double {
        var times: [Double] = []
        for _ in 0..<count {
            let watch = Stopwatch()
            let echoed = pair.echoes.withLock { $0 }
            guard pair.one.send([1], as: .consensus, to: pair.two.nodeKey).isQueued else { continue }
            while pair.echoes.withLock({ $0 }) == echoed { await Task.yield() }
            times.append(watch.wall * 1e6)
        }
        return times.sorted()[times.count / 2]
    }

    /// Connections that come and go: what each costs, and whether memory grows with their number.
    private func cycles(into report: inout Report) async throws {
        let hub = try await Pair.node(1)
        let address = try await hub.start()!
        let reader = Task { while let _ = await hub.events.next() {} }
        let guest = try await Pair.node(2, listens: false)
        let count = isQuick ? 40 : 400
        var cpu: [Double] = [], growth: [Double] = []
        let guestReader = Task {
            while let batch = await guest.events.next() {
                if batch.contains(where: { if case .connected = $0 { true } else { false } }) { guest.disconnect(hub.nodeKey) }
            }
        }
        for _ in 0..<rounds {
            let before = Machine.residentBytes, watch = Stopwatch()
            for _ in 0..<count {
                let connected = guest.counters.connectedOutbound
                guest.dial(address, expecting: hub.nodeKey)
                while guest.counters.connectedOutbound == connected { try await Task.sleep(for: .microseconds(100)) }
                while !guest.peers.isEmpty || !hub.peers.isEmpty { try await Task.sleep(for: .microseconds(100)) }
            }
            cpu.append(watch.cpu / Double(count) * 1e6)
            growth.append(Double(Machine.residentBytes - before) / Double(count))
        }
        await guest.shutdown()
        await hub.shutdown()
        await reader.value
        await guestReader.value
        report.add("connection_cpu_us", cpu, unit: "µs of CPU, both nodes: TLS, HELLO, goodbye")
        report.add("connection_bytes_left", growth, unit: "bytes of resident memory per connection that came and went")
    }
}

/// Two validators that are connected; the second answers every vote.
private final class Pair: Sendable {
    let one: Transport, two: Transport
    let received = Mutex(PerClass { _ in 0 })
    let echoes = Mutex(0)
    private let readers = Mutex<[Task<Void, Never>]>([])

    static func node(_ number: UInt8, listens: Bool = true, validator: ValidatorIdentity? = nil) async throws -> Transport {
        var configuration = TransportConfiguration(chainID: ChainID())
        configuration.listenHost = listens ? "127.0.0.1" : nil
        configuration.limits.attemptsPerPrefixPerSecond = 1_000_000
        configuration.limits.attemptsPerPrefixBurst = 1_000_000
        configuration.limits.inboundPerPrefixMax = 1_000
        // The transport is measured, not the quota that a node would set.
        configuration.quotas = PerClass { _ in 1 << 36 }
        return try Transport(configuration: configuration, identity: NodeIdentity(nodeKey: key(number), validator: validator))
    }

    private static func key(_ number: UInt8) -> SigningKey { SigningKey(seed: SecretBytes(copying: [UInt8](repeating: number, count: 32))) }

    init() async throws {
        let keys = [Self.key(11), Self.key(12)]
        let set = try ValidatorSet(epoch: 1, validators: keys.enumerated().map { index, key in
            Validator(consensusKey: key.publicKey, vrfKey: VRFPublicKey([UInt8](repeating: UInt8(index), count: 32))!, weight: 1)
        })
        let identities = keys.indices.map { ValidatorIdentity(epoch: 1, index: ValidatorIndex(UInt16($0)), consensusKey: keys[$0]) }
        one = try await Self.node(1, validator: identities[0])
        two = try await Self.node(2, validator: identities[1])
        one.setValidators([set], own: identities[0])
        two.setValidators([set], own: identities[1])
        let address = try await two.start()!
        one.dial(address, expecting: two.nodeKey)
        readers.withLock { readers in
            readers = [
                Task { [self] in
                    while let batch = await one.events.next() {
                        for case .messages(let messages) in batch { echoes.withLock { $0 += messages.count { $0.trafficClass == .consensus } } }
                    }
                },
                Task { [self] in
                    while let batch = await two.events.next() {
                        for case .messages(let messages) in batch {
                            for message in messages {
                                received.withLock { $0[message.trafficClass] += 1 }
                                if message.trafficClass == .consensus { two.send(message.bytes, as: .consensus, to: one.nodeKey) }
                            }
                        }
                    }
                },
            ]
        }
        while one.peers.isEmpty || two.peers.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    }

    func stop() async {
        await one.shutdown()
        await two.shutdown()
        for reader in readers.withLock({ $0 }) { await reader.value }
    }
}

/// Keeps the queue of sync full in the direction of the vote.
private final class Flood: Sendable {
    private let task: Task<Void, Never>

    init(_ pair: Pair) {
        task = Task.detached {
            let frame = [UInt8](repeating: 9, count: 1_000_000)
            while !Task.isCancelled {
                if !pair.one.send(frame, as: .sync, to: pair.two.nodeKey).isQueued { try? await Task.sleep(for: .microseconds(200)) }
            }
        }
    }

    func stop() async {
        task.cancel()
        await task.value
    }
}

/// The same bytes between two threads without anything above TCP.
private enum BareTCP {
    static func megabytesPerSecond(bytes: Int) throws -> Double {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in(), length = socklen_t(MemoryLayout<sockaddr_in>.size)
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, address, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        let sender = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(sender, $0, length) == 0 }
        }
        guard isConnected else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        let receiver = accept(listener, nil, nil)
        let watch = Stopwatch()
        Thread.detachNewThread {
            let buffer = [UInt8](repeating: 7, count: 65_536)
            var left = bytes
            while left > 0 {
                let written = write(sender, buffer, min(left, buffer.count))
                if written <= 0 { break }
                left -= written
            }
            close(sender)
        }
        var buffer = [UInt8](repeating: 0, count: 65_536), total = 0
        while true {
            let count = read(receiver, &buffer, buffer.count)
            if count <= 0 { break }
            total += count
        }
        close(receiver)
        precondition(total == bytes)
        return Double(bytes) / 1e6 / watch.wall
    }
}
