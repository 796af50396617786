import Dispatch
import Gossip
import Logging
import Networking
import Primitives
import Storage

/// What a node knows of others over a restart: where they are, and whom it refuses.
enum KeptPeers {
    private static let addressesName = NamedRecords.Name("addresses"), bansName = NamedRecords.Name("bans")
    private static let addressesMax = 16_384

    // ── Addresses ──

    static func write(_ addresses: [AddressRecord], to records: NamedRecords, _ log: Logger) {
        var encoder = BCSEncoder(reserving: 64 * addresses.count)
        encoder.encode(Array(addresses.prefix(addressesMax)))
        do { try records.write(addressesName, encoder.bytes) } catch { log.warning("keeping addresses: \(error)") }
    }

    static func addresses(in records: NamedRecords, _ log: Logger) -> [AddressRecord] {
        // The seeds know others.
        read(addressesName, records, log) { (decoder) throws(BCSError) in try decoder.decodeSequence(of: AddressRecord.self, limit: addressesMax) }
    }

    // ── Bans ──

    static func write(_ bans: [BanRecord], to records: NamedRecords, now: Timestamp, _ log: Logger) {
        var encoder = BCSEncoder(reserving: 64 * bans.count + 16)
        encoder.encode(now.rawValue)
        encoder.encode(bans)
        do { try records.write(bansName, encoder.bytes) } catch { log.warning("keeping bans: \(error)") }
    }

    /// Those that are still in force: time passes while a node does not run, too.
    static func bans(in records: NamedRecords, now: Timestamp, _ log: Logger) -> [BanRecord] {
        read(bansName, records, log) { (decoder) throws(BCSError) in
            let written = try decoder.decode(UInt64.self)
            let passed = (now.rawValue - min(written, now.rawValue)) / GossipLimits.tickMilliseconds
            return try decoder.decodeSequence(of: BanRecord.self, limit: GossipLimits.bansMax).filter { $0.ticks > passed }.map {
                BanRecord(key: $0.key, host: $0.host, ticks: $0.ticks - passed, times: $0.times)
            }
        }
    }

    private static func read<Element>(
        _ name: NamedRecords.Name, _ records: NamedRecords, _ log: Logger, _ decode: (inout BCSDecoder) throws(BCSError) -> [Element]
    ) -> [Element] {
        do {
            guard let bytes = try records.read(name) else { return [] }
            var decoder = BCSDecoder(bytes)
            let found = try decode(&decoder)
            try decoder.finish()
            return found
        } catch {
            log.warning("what was known of peers is lost: \(error)")
            return []
        }
    }
}

extension Core {
    /// Bans are written within a second, because a node may be killed; addresses are worth less. `done` is called when this and all that was
    /// to be written before has been.
    func keepPeers(andAddresses: Bool, _ done: (@Sendable () -> Void)? = nil) {
        let records = environment.stores.records, log = environment.log
        let bans = haveBansChanged ? gossip.bans : nil, addresses = andAddresses ? gossip.addresses : nil
        haveBansChanged = false
        guard bans != nil || addresses != nil || done != nil else { return }
        Self.reading.async {
            if let bans { KeptPeers.write(bans, to: records, now: .now, log) }
            if let addresses { KeptPeers.write(addresses, to: records, log) }
            done?()
        }
    }

    /// The transport refuses at once whom gossip has banned.
    func enforceBan(of key: PublicKey, ticks: UInt64) {
        environment.transport.ban(key, for: .milliseconds(Int64(clamping: ticks) * Int64(GossipLimits.tickMilliseconds)))
    }
}
