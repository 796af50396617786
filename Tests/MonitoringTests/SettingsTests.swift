import Foundation
@testable import Monitoring
import Primitives
import Testing

@Suite struct SettingsTests {
    private static let schedule = "{start: 2026-12-01T00:00:00Z, interval-seconds: 60, period-intervals: 43200, periods: 12, settle-seconds: 600, late-seconds: 3600}"

    /// A file with one watch, whose lines a test may change.
    private func file(_ source: String, kind: String = "binary", extra: String = "") -> String {
        "journal: j\nwatches:\n  - agreement: 12\n    metric: 3\n    kind: \(kind)\n    schedule: \(Self.schedule)\n\(extra)    source: \(source)\n"
    }

    @Test func allSourcesCanBeSetUp() throws {
        let text = """
            journal: state/monitor
            node: http://127.0.0.1:26651
            gather-seconds: 120
            watches:
              - {agreement: 1, metric: 0, kind: binary, schedule: \(Self.schedule), controls: ["https://example.org/"], maintenance: [{from: 2026-12-02T00:00:00Z, to: 2026-12-02T01:00:00Z}],
                 source: {http: {url: "https://shop.example/health", method: GET, statuses: 200-299, contains: well, attempts: 3, timeout-seconds: 5}}}
              - {agreement: 1, metric: 1, kind: gauge, scale: 1000, schedule: \(Self.schedule), source: {tcp: {host: shop.example, port: 443}}}
              - agreement: 1
                metric: 2
                kind: counter
                schedule: \(Self.schedule)
                source:
                  prometheus:
                    address: http://127.0.0.1:9090
                    expression: max_over_time(requests_total[$interval])
                    user: reader
                    password: {file: secrets/prometheus}
              - agreement: 1
                metric: 3
                schedule: \(Self.schedule)
                source:
                  cloudwatch: {region: eu-central-1, namespace: AWS/EC2, name: StatusCheckFailed, dimensions: {InstanceId: i-1}, statistic: Maximum, up-when: "= 0", form: GetMetricStatistics}
              - {agreement: 1, metric: 4, schedule: \(Self.schedule), source: {ec2-status: {region: eu-central-1, instance: i-1, access-key: {env: KEY}, secret-key: {file: f}}}}
              - {agreement: 1, metric: 5, schedule: \(Self.schedule), source: {azure-monitor: {tenant: t, client: c, secret: {env: S}, resource: /subscriptions/s, name: VmAvailabilityMetric, up-when: ">= 1"}}}
              - {agreement: 2, metric: 5, schedule: \(Self.schedule), source: {azure-monitor: {tenant: t, client: c, secret: {env: S}, resource: /subscriptions/s, name: VmAvailabilityMetric, up-when: ">= 1"}}}
            """
        let configuration = try MonitorConfiguration(yaml: text)
        #expect(configuration.journal == "state/monitor" && configuration.node == "http://127.0.0.1:26651" && configuration.gather == 120_000)
        #expect(configuration.watches.map(\.key.metric) == [0, 1, 2, 3, 4, 5, 5])
        #expect(configuration.watches.map(\.kind) == [.binary, .gauge(scale: 1_000), .counter(scale: 1), .binary, .binary, .binary, .binary])
        let first = configuration.watches[0]
        #expect(first.schedule.count == 43_200 * 12 && first.schedule.settle == 600_000 && first.schedule.late == 4_200_000)
        #expect(first.rule.exclusions == [1_440..<1_500] && first.controls.count == 1)
        #expect(first.source.query.contains("https://shop.example/health"))
        // One application in Azure has one token.
        let accesses = configuration.watches.suffix(2).compactMap { ($0.source as? AzureMonitorSource)?.access }
        #expect(accesses.count == 2 && accesses[0] === accesses[1])
        // The question is the same for whoever asks, with whatever key.
        #expect(configuration.watches[5].source.query == configuration.watches[6].source.query)
        #expect(!configuration.watches[2].source.query.contains("reader"))
    }

    @Test(arguments: [
        ("journal: j\nwatches: []\n", "watches"),
        ("watches:\n  - agreement: 1\n", "journal"),
        ("journal: j\nwatches:\n  - metric: 1\n", "watches[0].agreement"),
        ("journal: j\nwatches:\n  - {agreement: x, metric: 1}\n", "watches[0].agreement"),
        ("journal: j\nwatches:\n  - {agreement: 1, metric: 256}\n", "watches[0].metric"),
        ("journal: j\nwatches:\n  - {agreement: 1, metric: 1, kind: other}\n", "watches[0].kind"),
        ("journal: j\nwatches:\n  - {agreement: 1, metric: 1}\n", "watches[0].schedule"),
        ("journal: j\nwatches:\n  - {agreement: 1, metric: 1, schedule: {start: today}}\n", "watches[0].schedule.start"),
        ("journal: j\njournal: k\nwatches: []\n", ""),
        ("", ""), ("- a\n", ""), ("journal: [\n", ""), ("journal: j\nx: &a b\nwatches: *a\n", ""),
    ]) func faultsOfTheFrameNameTheirKey(text: String, key: String) throws {
        try expectFault(text, key)
    }

    @Test func faultsOfSourcesNameTheirKey() throws {
        let base = "watches[0].source"
        for (source, key) in [
            ("{}", base), ("{http: {url: 'https://a.example/'}, tcp: {host: a, port: 1}}", base), ("{ftp: {url: 'ftp://a'}}", base + ".ftp"), ("http", base),
            ("{http: {}}", base + ".http.url"), ("{http: {url: shop.example}}", base + ".http.url"), ("{http: {url: 'https://user:pass@a.example/'}}", base + ".http.url"),
            ("{http: {url: 'https://a.example/', colour: red}}", base + ".http.colour"), ("{http: {url: 'https://a.example/', method: POST}}", base + ".http.method"),
            ("{http: {url: 'https://a.example/', statuses: 300-200}}", base + ".http.statuses"), ("{http: {url: 'https://a.example/', statuses: many}}", base + ".http.statuses"),
            ("{http: {url: 'https://a.example/', measure: latency}}", base + ".http.measure"), ("{http: {url: 'https://a.example/', method: HEAD, contains: x}}", base + ".http.contains"),
            ("{http: {url: 'https://a.example/', timeout-seconds: 20, attempts: 3}}", base + ".http.timeout-seconds"),
            ("{tcp: {host: a}}", base + ".tcp.port"), ("{tcp: {host: a, port: 70000}}", base + ".tcp.port"),
            ("{prometheus: {address: 'http://a', expression: up}}", base + ".prometheus.expression"),
            ("{prometheus: {address: 'http://a', expression: 'avg_over_time(up[$interval])', user: u}}", base + ".prometheus.bearer"),
            ("{prometheus: {address: 'http://a', expression: 'avg_over_time(up[$interval])', bearer: hunter2}}", base + ".prometheus.bearer"),
            ("{prometheus: {address: 'http://a', expression: 'avg_over_time(up[$interval])', bearer: {env: A, file: B}}}", base + ".prometheus.bearer"),
            ("{prometheus: {address: 'http://a', expression: 'avg_over_time(up[$interval])', up-when: high}}", base + ".prometheus.up-when"),
            ("{cloudwatch: {region: 'EU', namespace: n, name: m, statistic: Sum}}", base + ".cloudwatch.region"),
            ("{cloudwatch: {region: eu-central-1, name: m, statistic: Sum}}", base + ".cloudwatch.namespace"),
            ("{cloudwatch: {region: eu-central-1, namespace: n, name: m, statistic: Sum, secret-key: abc}}", base + ".cloudwatch.secret-key"),
            ("{azure-monitor: {resource: /subscriptions/s, tenant: t, client: c, name: n}}", base + ".azure-monitor.secret"),
            ("{azure-monitor: {resource: s, tenant: t, client: c, name: n, secret: {env: A}}}", base + ".azure-monitor.resource"),
            ("{ec2-status: {region: eu-central-1}}", base + ".ec2-status.instance"),
        ] { try expectFault(file(source), key) }
        try expectFault(file("{tcp: {host: a, port: 1}}", kind: "counter"), base + ".tcp")
        try expectFault(file("{ec2-status: {region: eu-central-1, instance: i}}", kind: "gauge"), base + ".ec2-status")
        let cloud = "{cloudwatch: {region: eu-central-1, namespace: n, name: m, statistic: Sum}}"
        try expectFault(file(cloud).replacing("00:00:00Z", with: "00:00:30Z"), base + ".cloudwatch")
        try expectFault(file(cloud).replacing("interval-seconds: 60", with: "interval-seconds: 90"), base + ".cloudwatch")
        try expectFault(file(cloud, kind: "counter"), base + ".cloudwatch")
        try expectFault(file(cloud, extra: "    scale: 5\n"), "watches[0].scale")
        try expectFault(file(cloud, extra: "    controls: ['https://example.org/']\n"), "watches[0].controls")
        try expectFault(file(cloud, extra: "    maintenance: [{from: 2026-12-02T00:00:00Z, to: 2026-12-01T00:00:00Z}]\n"), "watches[0].maintenance[0].to")
        try expectFault(file(cloud, extra: "    colour: red\n"), "watches[0].colour")
        try expectFault(file(cloud) + "colour: red\n", "colour")
    }

    private func expectFault(_ text: String, _ key: String) throws {
        do throws(MonitorConfigurationError) {
            _ = try MonitorConfiguration(yaml: text)
            Issue.record("taken: \(text)")
        } catch {
            #expect(error.key == key, "\(error)\n\(text)")
            #expect(!error.remedy.isEmpty && error.description.contains(error.remedy))
            // A secret that was written in the wrong place is not repeated.
            #expect(!error.description.contains("hunter2") && !error.description.contains("pass@"))
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func alteredFilesNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let text = Array(file("{cloudwatch: {region: eu-central-1, namespace: n, name: m, statistic: Sum, dimensions: {a: b}}}").utf8)
        for _ in 0..<200 {
            let altered = Altered.bytes(text, &generator)
            do throws(MonitorConfigurationError) { _ = try MonitorConfiguration(yaml: String(decoding: altered, as: UTF8.self)) } catch { #expect(!error.remedy.isEmpty) }
        }
    }
}
