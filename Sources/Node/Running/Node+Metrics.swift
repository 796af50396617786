public import API
import Consensus
import Glibc
import Gossip
import Networking
import Primitives

/// Numbers for Prometheus. Where CometBFT has a name for the same thing, the stem is the same, so that boards know it.
extension Node {
    public var metrics: [MetricFamily] {
        get async {
            let head = head, published = environment.published.newest
            let (figures, pendingBytes, executorIsStalled) = await environment.keeper.ask { ($0.figures, $0.chain.pendingBytes, $0.isStalled) }
            struct CoreFigures: Sendable {
                let view: UInt64
                let epoch: UInt64
                let voters: Int
                let weight: UInt64
                let missing: Int
                let poolCount: Int
                let poolBytes: Int
                let executable: Int
                let syncing: Bool
                let alarms: Int
            }
            let core = await core.ask { core in
                let report = core.replica.report, set = core.replica.position.epoch.validators
                return CoreFigures(
                    view: report.view.rawValue, epoch: set.epoch.rawValue, voters: set.validators.count, weight: set.totalWeight, missing: report.missing.count,
                    poolCount: core.gossip.pool.count, poolBytes: core.gossip.pool.byteCount, executable: core.gossip.pool.executableCount,
                    syncing: core.sync.phase != .idle, alarms: core.alarmCount)
            }
            func one(_ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: Double) -> MetricFamily {
                MetricFamily(name, kind, help: help, [MetricFamily.Sample(value)])
            }
            let network = environment.transport.counters, peers = environment.transport.peers
            var families = [
                one("trellis_consensus_height", .gauge, "Height of the newest final block.", Double(head.height.rawValue)),
                one("trellis_consensus_rounds", .gauge, "View of the height in flight.", Double(core.view)),
                one("trellis_consensus_epoch", .gauge, "Epoch of the height in flight.", Double(core.epoch)),
                one("trellis_consensus_validators", .gauge, "Voters of the epoch.", Double(core.voters)),
                one("trellis_consensus_validators_power", .gauge, "Weight of all voters.", Double(core.weight)),
                one("trellis_consensus_missing_validators", .gauge, "Voters whose messages are awaited.", Double(core.missing)),
                one("trellis_consensus_latest_block_time_seconds", .gauge, "Time of the newest final block.", Double(head.header.draft.time.rawValue) / 1_000),
                one("trellis_consensus_total_txs", .counter, "Transactions made final since the node began.", Double(figures.transactions)),
                one("trellis_consensus_blocks_total", .counter, "Blocks made final since the node began.", Double(figures.blocks)),
                one("trellis_consensus_alarms_total", .counter, "What an operator must hear of, since the node began.", Double(core.alarms)),
                one("trellis_blocksync_syncing", .gauge, "1 while the node catches up.", core.syncing ? 1 : 0),
                one("trellis_mempool_size", .gauge, "Transactions in the pool.", Double(core.poolCount)),
                one("trellis_mempool_size_bytes", .gauge, "Bytes of transactions in the pool.", Double(core.poolBytes)),
                one("trellis_mempool_executable", .gauge, "Transactions that the next block could hold.", Double(core.executable)),
                one("trellis_state_block_processing_seconds_total", .counter, "Seconds that executing blocks took.", Double(figures.executionNanoseconds) / 1e9),
                one("trellis_state_gas_total", .counter, "Gas used by final blocks since the node began.", Double(figures.gas)),
                one("trellis_state_pending_bytes", .gauge, "Bytes of state that wait to be written.", Double(pendingBytes)),
                one("trellis_state_flushes_total", .counter, "Groups of blocks written to the state's store.", Double(figures.flushes)),
                one("trellis_store_stalled", .gauge, "1 while the disk is full.", executorIsStalled ? 1 : 0),
                one("trellis_store_oldest_block", .gauge, "Oldest block with its body.", Double(published.head.oldestBlock.rawValue)),
                one("trellis_p2p_peers", .gauge, "Connected peers.", Double(peers.count)),
                one("process_resident_memory_bytes", .gauge, "Resident memory.", Self.residentBytes),
            ]
            families.append(MetricFamily("trellis_p2p_message_send_bytes_total", .counter, help: "Payload bytes sent, by class.", TrafficClass.allCases.map {
                MetricFamily.Sample(Double(network.sent[$0].bytes), labels: [("class", "\($0)")])
            }))
            families.append(MetricFamily("trellis_p2p_message_receive_bytes_total", .counter, help: "Payload bytes received, by class.", TrafficClass.allCases.map {
                MetricFamily.Sample(Double(network.received[$0].bytes), labels: [("class", "\($0)")])
            }))
            families.append(MetricFamily("trellis_p2p_refusals_total", .counter, help: "Connections that did not come about, by reason.", network.refusals.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                MetricFamily.Sample(Double($0.value), labels: [("code", $0.key.rawValue)])
            }))
            families.append(MetricFamily("trellis_stage_cpu_seconds_total", .counter, help: "CPU time, by what it went to.", [
                ("consensus", self.core.cpuSeconds), ("chain", environment.keeper.cpuSeconds), ("votes", ConsensusGate.cpuSeconds),
            ].map { MetricFamily.Sample($0.1, labels: [("stage", $0.0)]) }))
            return families
        }
    }

    private static var residentBytes: Double {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = fread(&buffer, 1, buffer.count, file)
        let fields = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return 0 }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
