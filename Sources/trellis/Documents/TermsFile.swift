import Contracts
import Cryptography
import Execution
import Interface
import Keystore
import Ledger
import Monitoring
import Primitives

/// The terms of an agreement as a file that people write.
///
/// Durations are `30s`, `5m`, `24h`; amounts TRL; shares percentages; parties addresses or names of own keys; times RFC 3339 or `in 10m`.
///
/// ```yaml
/// consumer: alice
/// service: web-shop
/// providers:
///   - {account: north, collateral: 50}
/// monitors:
///   - {account: watcher-1, source: probe-eu}
/// level: {like: amazon-ec2}
/// schedule: {start: in 10m, interval: 1m, period: 30d, periods: 12}
/// payment: {fee: 100, monitor-fee: 1, monitor-bond: 10}
/// windows: {settle: 15m, late: 24h}
/// ```
///
/// Every value is checked where it stands, and what nobody asked for is refused; whether all of it together can become an agreement is for
/// `Terms.fault`. What ``text(_:network:draft:heading:)`` writes, ``terms(_:)`` reads as the same terms.
struct TermsFile {
    private typealias Bounds = Agreements.TermLimits
    static let code = "sla.terms"

    /// The account that a word names.
    let account: (String) throws -> Address
    let now: Timestamp
    /// Whether the file must say the same to whoever reads it, whenever: then it needs a salt, and times that are times.
    var isFixed = false

    func terms(_ text: String) throws -> Agreements.Terms {
        var file = try ConfigurationReader.file(text, example: "the terms; trellis sla offer drafts them")
        let consumer = try account(&file, "consumer"), service: Agreements.ServiceKey = try file.requiredBounded("service", example: "web-shop")
        let offer = file.has("offer") ? try file.number("offer", in: 0 ... .max) : nil
        let providers = try providers(&file), monitors = try monitors(&file)
        let arbiter = file.has("arbiter") ? try account(&file, "arbiter") : nil
        let partiesMayMonitor = try file.flag("parties-may-monitor") ?? false
        guard var levelMap = try file.map("level") else { throw file.error("level", "is missing", "write `metrics` and `credits` below it, or `level: {like: amazon-ec2}`") }
        let level = try ServiceLevelFile.read(&levelMap)
        try levelMap.finish()
        guard var scheduleMap = try file.map("schedule") else { throw file.error("schedule", "is missing", "write `start`, `interval`, `period` and `periods` below it") }
        let schedule = try schedule(&scheduleMap)
        try scheduleMap.finish()
        guard var paymentMap = try file.map("payment") else { throw file.error("payment", "is missing", "write at least `payment: {fee: 100}`") }
        let payment = try payment(&paymentMap, schedule.periods)
        try paymentMap.finish()
        var windows = Agreements.Windows()
        if var map = try file.map("windows") {
            windows = try self.windows(&map)
            try map.finish()
        }
        let expires = try file.has("expires") ? time(&file, "expires") : schedule.start
        let digest = "write 32 bytes in hexadecimal, or leave it out"
        let confidential = try file.value("confidential", digest) { Digest(hex: $0) }
        let salt = try file.value("salt", digest) { Digest(hex: $0) }
        guard salt != nil || !isFixed else { throw file.error("salt", "is missing, and what is signed must be the same for all", "write `salt: 0x\(Self.newSalt().hex)`") }
        try file.finish()
        return Agreements.Terms(
            consumer: consumer, service: service, offer: offer, providers: providers, monitors: monitors, arbiter: arbiter, partiesMayMonitor: partiesMayMonitor,
            level: level, schedule: schedule, payment: payment, windows: windows, confidential: confidential, expires: expires, salt: salt ?? Self.newSalt())
    }

    static func newSalt() -> Digest {
        guard let salt = Digest(Entropy.bytes(Digest.byteCount)) else { preconditionFailure("as many bytes as asked for") }
        return salt
    }

    // ── Parts ──

    private func account(_ reader: inout ConfigurationReader, _ name: String) throws -> Address {
        let text = try reader.text(name, example: "alice")
        do { return try account(text) } catch {
            let failure = CommandFailure(error)
            throw reader.error(name, "is `\(Terminal.printable(text))`, which is neither an address of this network nor the name of an account key", failure.next ?? "trellis key list")
        }
    }

    private func providers(_ file: inout ConfigurationReader) throws -> Bounded<8, Agreements.Provider> {
        var providers: [Agreements.Provider] = []
        let readers = try file.list("providers", max: 8)
        for var reader in readers {
            let share = try readers.count == 1 ? reader.share("share") ?? 1_000_000 : reader.requiredShare("share")
            providers.append(Agreements.Provider(
                account: try account(&reader, "account"), sharePartsPerMillion: share, collateral: try reader.amount("collateral") ?? .zero))
            try reader.finish()
        }
        guard !providers.isEmpty, let bounded = Bounded<8, Agreements.Provider>(providers) else {
            throw file.error("providers", "is missing or empty", "write `- {account: north, collateral: 50}`")
        }
        return bounded
    }

    private func monitors(_ file: inout ConfigurationReader) throws -> Bounded<16, Agreements.Monitor> {
        var monitors: [Agreements.Monitor] = []
        for var reader in try file.list("monitors", max: 16) {
            let weight = UInt16(try reader.number("weight", in: 1...UInt64(Bounds.monitorWeightMax)) ?? 1)
            monitors.append(Agreements.Monitor(
                account: try account(&reader, "account"), weight: weight, source: try reader.requiredBounded("source", example: "probe-eu")))
            try reader.finish()
        }
        guard !monitors.isEmpty, let bounded = Bounded<16, Agreements.Monitor>(monitors) else {
            throw file.error("monitors", "is missing or empty", "write `- {account: watcher-1, source: probe-eu}`")
        }
        return bounded
    }

    private func time(_ reader: inout ConfigurationReader, _ name: String) throws(MonitorConfigurationError) -> Timestamp {
        let isFixed = isFixed, words = TimeWords(now: now), also = isFixed ? "" : ", or how far it is away, such as `in 10m`"
        return try reader.required(name, "write a time in UTC, such as 2026-12-01T00:00:00Z\(also)") { text in isFixed && text.hasPrefix("in ") ? nil : words.time(text) }
    }

    private func schedule(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> Agreements.Schedule {
        let start = try time(&reader, "start"), interval = try reader.requiredDuration("interval", in: Bounds.intervalMilliseconds)
        let period = try reader.requiredDuration("period", in: interval...Bounds.durationMillisecondsMax)
        guard period.isMultiple(of: interval), let intervals = UInt32(exactly: period / interval), intervals <= Bounds.periodIntervalsMax else {
            throw reader.error(
                "period", "is \(DurationText.text(period))", "write a multiple of the interval, \(DurationText.text(interval)), with at most \(Bounds.periodIntervalsMax) of them")
        }
        let periods = UInt32(try reader.number("periods", in: 1...UInt64(Bounds.periodsMax), example: 12))
        return Agreements.Schedule(start: start, intervalMilliseconds: interval, periodIntervals: intervals, periods: periods)
    }

    private func payment(_ reader: inout ConfigurationReader, _ periods: UInt32) throws(MonitorConfigurationError) -> Agreements.Payment {
        let prepaid = try reader.value("prepaid", "write how many periods, from 1 to \(periods), or all") { text -> UInt32? in
            text == "all" ? periods : UInt32(text).flatMap { (1...periods).contains($0) ? $0 : nil }
        }
        return Agreements.Payment(
            fee: try reader.requiredAmount("fee"), prepaidPeriods: prepaid ?? 1, holdBackPartsPerMillion: try reader.share("hold-back") ?? 0,
            monitorFee: try reader.amount("monitor-fee") ?? .zero, monitorBond: try reader.amount("monitor-bond") ?? .zero,
            keeperFee: try reader.amount("keeper-fee") ?? .zero)
    }

    private func windows(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> Agreements.Windows {
        let usual = Agreements.Windows()
        return Agreements.Windows(
            settleMilliseconds: try reader.duration("settle", in: 0...Bounds.settleMillisecondsMax) ?? usual.settleMilliseconds,
            lateMilliseconds: try reader.duration("late", in: Bounds.lateMilliseconds) ?? usual.lateMilliseconds,
            rulingMilliseconds: try reader.duration("ruling", in: 0...Bounds.rulingMillisecondsMax) ?? 0,
            challengeMilliseconds: try reader.duration("challenge", in: 0...Bounds.challengeMillisecondsMax) ?? 0,
            noticeMilliseconds: try reader.duration("notice", in: 0...Bounds.noticeMillisecondsMax) ?? 0,
            graceMilliseconds: try reader.duration("grace", in: 0...Bounds.noticeMillisecondsMax) ?? 0,
            maintenanceNoticeMilliseconds: try reader.duration("maintenance-notice", in: 0...Bounds.noticeMillisecondsMax) ?? 0)
    }

    // ── Writing ──

    /// - Parameters:
    ///   - draft: what a draft says of its start; it leaves to its reader when it expires, and its salt.
    ///   - heading: lines for people above it.
    static func text(_ terms: Agreements.Terms, network: NetworkKind, draft: String? = nil, heading: [String] = []) -> String {
        heading.map { "# \($0)\n" }.joined() + YAMLWriter.text(value(terms, network, draft), isLoose: true)
    }

    private static func value(_ terms: Agreements.Terms, _ network: NetworkKind, _ draft: String?) -> DynamicValue {
        func duration(_ milliseconds: UInt64) -> DynamicValue { .text(DurationText.text(milliseconds)) }
        func amount(_ amount: Amount) -> DynamicValue { .text(AmountWords.text(amount)) }
        func account(_ address: Address) -> DynamicValue { .text(address.text(on: network)) }
        let schedule = terms.schedule, payment = terms.payment, windows = terms.windows
        return .fields([
            ("consumer", account(terms.consumer)), ("service", .text(terms.service.text)), ("offer", terms.offer.map { .number($0) }),
            ("providers", .list(terms.providers.map { provider in
                .fields([
                    ("account", account(provider.account)), ("share", .text(ShareText.text(provider.sharePartsPerMillion))), ("collateral", amount(provider.collateral)),
                ])
            })),
            ("monitors", .list(terms.monitors.map { monitor in
                .fields([("account", account(monitor.account)), ("source", .text(monitor.source.text)), ("weight", .number(UInt64(monitor.weight)))])
            })),
            ("arbiter", terms.arbiter.map(account)), ("parties-may-monitor", terms.partiesMayMonitor ? .bool(true) : nil), ("level", ServiceLevelFile.value(terms.level)),
            ("schedule", .fields([
                ("start", .text(draft ?? TimeWords.text(schedule.start))), ("interval", duration(schedule.intervalMilliseconds)),
                ("period", duration(schedule.intervalMilliseconds * UInt64(schedule.periodIntervals))), ("periods", .number(UInt64(schedule.periods))),
            ])),
            ("payment", .fields([
                ("fee", amount(payment.fee)), ("prepaid", .number(UInt64(payment.prepaidPeriods))), ("hold-back", .text(ShareText.text(payment.holdBackPartsPerMillion))),
                ("monitor-fee", amount(payment.monitorFee)), ("monitor-bond", amount(payment.monitorBond)), ("keeper-fee", amount(payment.keeperFee)),
            ])),
            ("windows", .fields([
                ("settle", duration(windows.settleMilliseconds)), ("late", duration(windows.lateMilliseconds)), ("ruling", duration(windows.rulingMilliseconds)),
                ("challenge", duration(windows.challengeMilliseconds)), ("notice", duration(windows.noticeMilliseconds)), ("grace", duration(windows.graceMilliseconds)),
                ("maintenance-notice", duration(windows.maintenanceNoticeMilliseconds)),
            ])),
            ("confidential", terms.confidential.map { .text("0x" + $0.hex) }), ("expires", draft == nil ? .text(TimeWords.text(terms.expires)) : nil),
            ("salt", draft == nil ? .text("0x" + terms.salt.hex) : nil),
        ])
    }
}
