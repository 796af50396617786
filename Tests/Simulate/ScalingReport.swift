import Cryptography
import Foundation
import Primitives
import Simulator

/// Figures about size and recovery, as tables or as one JSON object. Signature costs are measured here, on this machine; delays,
/// the disk and the execution are assumptions, printed with the figures.
enum ScalingReport {
    static func print(json: Bool) throws {
        let (verify, sign) = signatureCosts()
        let scaling = Scaling(verifyMicroseconds: verify, signMicroseconds: sign)
        var rows: [(row: Scaling.Row, logic: Double)] = []
        if !json {
            Swift.print("one signature here: verify \(verify) us, sign \(sign) us; assumed: flush \(Scaling.flushMicroseconds) us, execution \(Scaling.executionMicroseconds) us")
            Swift.print("one-way delays: LAN 0.25 ms; WAN five regions, ms: \(Geography.regions)")
            Swift.print(line(["replicas", "net", "messages/block", "KiB/block", "signatures us", "logic us", "latency ms", "blocks/s"]))
        }
        for geography in Geography.allCases {
            for count in [4, 7, 16, 31, 64, 100] {
                let blocks = count <= 16 ? 40 : count <= 31 ? 20 : 6
                let started = processorSeconds()
                let row = scaling.measure(replicas: count, geography, blocks: blocks)
                // What the replicas' own logic costs, the simulator around them included.
                let logic = (processorSeconds() - started) * 1e6 / Double((blocks + 3) * count)
                rows.append((row, logic))
                guard !json else { continue }
                Swift.print(line([
                    String(row.replicas), row.geography.rawValue, String(row.messagesPerBlock), String(row.bytesPerBlock / 1024),
                    String(row.computationMicroseconds), String(format: "%.0f", logic), String(format: "%.1f", row.latencyMilliseconds),
                    String(format: "%.1f", row.blocksPerSecond),
                ]))
            }
        }
        let delays = [4, 16, 31].map { ($0, scaling.delaysWithoutCost(replicas: $0)) }
        let recoveries = Recovery.measureAll()
        if json {
            try Swift.print(JSON.line([
                "verifyMicroseconds": verify, "signMicroseconds": sign, "flushMicroseconds": Scaling.flushMicroseconds,
                "executionMicroseconds": Scaling.executionMicroseconds, "wanMilliseconds": Geography.regions,
                "rows": rows.map { row, logic in [
                    "replicas": row.replicas, "net": row.geography.rawValue, "blocks": row.blocks, "messagesPerBlock": row.messagesPerBlock,
                    "bytesPerBlock": row.bytesPerBlock, "signatureMicroseconds": row.computationMicroseconds, "logicMicroseconds": logic,
                    "latencyMilliseconds": row.latencyMilliseconds, "blocksPerSecond": row.blocksPerSecond,
                ] as [String: Any] },
                "delaysWithoutCost": delays.map { ["replicas": $0.0, "delays": $0.1] as [String: Any] },
                "recovery": recoveries.map { [
                    "fault": $0.fault, "replicas": $0.replicas, "milliseconds": $0.milliseconds, "delays": $0.delays,
                    "turnsLost": $0.turnsLost,
                ] as [String: Any] },
            ]))
            return
        }
        Swift.print("without cost of computation and disk: " + delays.map { "\($0.0) replicas \(String(format: "%.2f", $0.1)) one-way delays" }.joined(separator: ", "))
        Swift.print("recovery at one-way delays of 20 ms, view timer 1 s (the delays of a crash are those beyond the timer)")
        Swift.print(line(["replicas", "fault", "", "ms", "delays", "turns lost"]))
        for recovery in recoveries {
            Swift.print(line([
                String(recovery.replicas), recovery.fault, "", String(format: "%.0f", recovery.milliseconds),
                String(format: "%.1f", recovery.delays), String(recovery.turnsLost),
            ]))
        }
    }

    private static func line(_ columns: [String]) -> String {
        columns.map { $0.padding(toLength: max(15, $0.count + 1), withPad: " ", startingAt: 0) }.joined()
    }

    private static func signatureCosts() -> (verify: UInt64, sign: UInt64) {
        let key = SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 7, count: SigningKey.seedBytes)))
        let message = [UInt8](repeating: 1, count: 150)
        let signature = key.sign(message)
        var samples: [(Double, Double)] = []
        for _ in 0..<7 {
            var start = processorSeconds()
            for _ in 0..<300 { precondition(Ed25519.isValid(signature, of: message, by: key.publicKey)) }
            let verify = (processorSeconds() - start) / 300
            start = processorSeconds()
            for _ in 0..<300 { precondition(key.sign(message) == signature) }
            samples.append((verify, (processorSeconds() - start) / 300))
        }
        let verify = samples.map(\.0).sorted()[3], sign = samples.map(\.1).sorted()[3]
        return (UInt64(verify * 1e6 + 0.5), UInt64(sign * 1e6 + 0.5))
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
