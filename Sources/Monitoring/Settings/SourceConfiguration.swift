import Primitives

/// One token for all metrics of one application in Azure.
struct AzureAccesses {
    struct Key: Hashable {
        let tenant, client, authority, address: String
        let secret: SecretPlace
        let seconds: Int
        let authorityFile: String?
    }
    private var accesses: [Key: AzureAccess] = [:]

    mutating func access(_ key: Key) -> AzureAccess {
        if let access = accesses[key] { return access }
        let access = AzureAccess(
            tenant: key.tenant, client: key.client, secret: key.secret, authority: key.authority, resource: key.address, seconds: key.seconds,
            authorityFile: key.authorityFile)
        accesses[key] = access
        return access
    }
}

/// Reads `source:` of a watch: one map under the name of its kind.
struct SourceConfiguration {
    enum Kind { case binary, gauge, counter }

    static let names = "http, tcp, prometheus, cloudwatch, ec2-status, azure-monitor"

    let schedule: IntervalSchedule
    let kind: Kind

    func source(_ map: ConfigurationReader, _ azure: inout AzureAccesses) throws(MonitorConfigurationError) -> any MeasurementSource {
        var map = map
        guard map.names.count == 1, let name = map.names.first, var reader = try map.map(name) else {
            throw MonitorConfigurationError(map.key, "names no source, or several", "write one of: \(Self.names)")
        }
        let source: any MeasurementSource
        switch name {
        case "http": source = try http(&reader)
        case "tcp": source = try tcp(&reader)
        case "prometheus": source = try prometheus(&reader)
        case "cloudwatch": source = try cloudWatch(&reader)
        case "ec2-status": source = try instanceStatus(&reader)
        case "azure-monitor": source = try azureMonitor(&reader, &azure)
        default: throw map.error(name, "is no source", "write one of: \(Self.names)")
        }
        try reader.finish()
        if kind == .counter, name != "prometheus" { throw map.error(name, "does not tell where a counter stands", "use prometheus, or another kind of metric") }
        return source
    }

    // ── Probes ──

    private func effort(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> ProbeEffort {
        let attempts = try reader.number("attempts", in: 1...10) ?? 2, seconds = try reader.number("timeout-seconds", in: 1...60) ?? 5
        let pause = try reader.number("pause-milliseconds", in: 1...60_000) ?? 1_000
        let effort = ProbeEffort(attempts: Int(attempts), seconds: Int(seconds), pauseMilliseconds: pause)
        guard effort.budget <= schedule.interval / 10 * 9 else {
            throw reader.error(
                "timeout-seconds", "with \(attempts) attempts, pauses and the controls takes \(effort.budget) ms of an interval of \(schedule.interval) ms",
                "use less time or fewer attempts, so that nine tenths of an interval suffice")
        }
        return effort
    }

    private func measure(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> ProbeMeasure {
        let measure = try reader.word("measure", ProbeMeasure.self) ?? (kind == .binary ? .availability : .latency)
        if (measure == .availability) != (kind == .binary) {
            throw reader.error("measure", "does not suit the kind of the metric", "measure `availability` for `binary`, `latency` in milliseconds for `gauge`")
        }
        return measure
    }

    private enum Method: String, CaseIterable { case get = "GET", head = "HEAD" }

    private func http(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> HTTPProbe {
        let url = try reader.url("url", example: "https://shop.example/health"), method = try reader.word("method", Method.self) ?? .get
        let content = try reader.text("contains")
        if method == .head, content != nil { throw reader.error("contains", "does not suit HEAD, which has no body", "remove it, or use GET") }
        return HTTPProbe(
            url, method: method.rawValue, statuses: try statuses(&reader), content: content, measure: try measure(&reader), effort: try effort(&reader),
            authorityFile: try reader.text("authority-file"))
    }

    private func statuses(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> ClosedRange<Int> {
        guard let text = try reader.text("statuses") else { return 200...399 }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, 100 <= first, first <= last, last <= 599 else {
            throw reader.error("statuses", "is `\(text)`", "write a status or a range, such as 200-399")
        }
        return first...last
    }

    private func tcp(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> TCPProbe {
        TCPProbe(
            host: try reader.text("host", example: "shop.example"), port: Int(try reader.number("port", in: 1...65_535, example: 443)),
            measure: try measure(&reader), effort: try effort(&reader))
    }

    // ── Services that keep points ──

    private func seconds(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> Int {
        Int(try reader.number("timeout-seconds", in: 1...120) ?? 15)
    }

    private func availability(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> Availability? {
        guard let text = try reader.text("up-when") else { return nil }
        guard kind == .binary else { throw reader.error("up-when", "does not suit the kind of the metric", "remove it, or use `kind: binary`") }
        guard let availability = Availability(text) else { throw reader.error("up-when", "is `\(text)`", #"write a comparison with a number, such as "= 0" or ">= 1""#) }
        return availability
    }

    /// Services keep points from multiples of their length on.
    private func alignedSeconds(_ reader: ConfigurationReader, _ service: String, _ isKept: (UInt64) -> Bool) throws(MonitorConfigurationError) -> UInt64 {
        let seconds = schedule.interval / 1_000
        guard isKept(seconds) else {
            throw MonitorConfigurationError(reader.key, "has no points of \(seconds) s", "use a source that has the agreement's intervals; \(service) does not")
        }
        guard schedule.start.rawValue.isMultiple(of: schedule.interval) else {
            throw MonitorConfigurationError(
                reader.key, "has points that start at multiples of \(seconds) s, and the agreement's intervals do not",
                "use another source, or agree on a start at such a multiple")
        }
        return seconds
    }

    private func prometheus(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> PrometheusSource {
        let address = try reader.url("address", example: "http://127.0.0.1:9090")
        let example = #""min_over_time(probe_success{instance='shop'}[$interval])""#
        let expression = try reader.text("expression", example: example)
        guard PrometheusSource.isBound(expression) else {
            throw reader.error("expression", "may answer with points from before the interval", "write a range of the interval, such as \(example)")
        }
        let bearer = try reader.secret("bearer"), user = try reader.text("user"), password = try reader.secret("password")
        var authorization: PrometheusAuthorization?
        switch (bearer, user, password) {
        case (let place?, nil, nil): authorization = .bearer(place)
        case (nil, let user?, let place?): authorization = .basic(user: user, password: place)
        case (nil, nil, nil): break
        default: throw reader.error("bearer", "and `user` with `password` are used together, or a part is missing", "write `bearer`, or both `user` and `password`")
        }
        return PrometheusSource(
            address, expression: expression, availability: try availability(&reader), isCounter: kind == .counter, authorization: authorization,
            seconds: try seconds(&reader), authorityFile: try reader.text("authority-file"))
    }

    private func amazon(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> AWSAccess {
        let region = try reader.text("region", example: "eu-central-1")
        guard region.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }) else {
            throw reader.error("region", "is `\(region)`", "write a region such as eu-central-1")
        }
        var places = AWSCredentialPlaces()
        if let place = try reader.secret("access-key") { places.accessKey = place }
        if let place = try reader.secret("secret-key") { places.secretKey = place }
        places.sessionToken = try reader.secret("session-token")
        let endpoint = reader.has("endpoint") ? try reader.url("endpoint", example: "https://monitoring.eu-central-1.amazonaws.com") : try reader.text("endpoint")
        return AWSAccess(region: region, credentials: places, endpoint: endpoint.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }, authorityFile: try reader.text("authority-file"))
    }

    private func cloudWatch(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> CloudWatchSource {
        var access = try amazon(&reader)
        access.seconds = try seconds(&reader)
        let interval = try alignedSeconds(reader, "CloudWatch", CloudWatchSource.isPeriod)
        let metric = CloudWatchSource.Metric(
            namespace: try reader.text("namespace", example: "AWS/EC2"), name: try reader.text("name", example: "StatusCheckFailed"),
            dimensions: try reader.pairs("dimensions", max: 30).map { CloudWatchSource.Dimension(name: $0.name, value: $0.value) },
            statistic: try reader.text("statistic", example: "Maximum"))
        return CloudWatchSource(
            metric, form: try reader.word("form", CloudWatchSource.Form.self) ?? .data, intervalSeconds: interval, availability: try availability(&reader),
            access: access)
    }

    private func instanceStatus(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> InstanceStatusSource {
        guard kind == .binary else { throw MonitorConfigurationError(reader.key, "tells whether an instance is available", "use `kind: binary`") }
        let access = try amazon(&reader)
        return InstanceStatusSource(try reader.text("instance", example: "i-0123456789abcdef0"), effort: try effort(&reader), access: access)
    }

    private func azureMonitor(_ reader: inout ConfigurationReader, _ azure: inout AzureAccesses) throws(MonitorConfigurationError) -> AzureMonitorSource {
        let interval = try alignedSeconds(reader, "Azure Monitor", AzureMonitorSource.isGrain)
        let resource = try reader.text("resource", example: "/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Compute/virtualMachines/NAME")
        guard resource.hasPrefix("/subscriptions/"), !resource.hasSuffix("/") else {
            throw reader.error("resource", "is `\(resource)`", "write the resource's whole path, from /subscriptions/ on")
        }
        let authority = reader.has("authority") ? try reader.url("authority", example: "https://login.microsoftonline.com") : try reader.text("authority")
        let address = reader.has("address") ? try reader.url("address", example: "https://management.azure.com") : try reader.text("address")
        let key = AzureAccesses.Key(
            tenant: try reader.text("tenant", example: "00000000-0000-0000-0000-000000000000"),
            client: try reader.text("client", example: "00000000-0000-0000-0000-000000000000"), authority: authority ?? "https://login.microsoftonline.com",
            address: address ?? "https://management.azure.com", secret: try reader.requiredSecret("secret"), seconds: try seconds(&reader),
            authorityFile: try reader.text("authority-file"))
        let metric = AzureMonitorSource.Metric(
            resource: resource, name: try reader.text("name", example: "VmAvailabilityMetric"), namespace: try reader.text("namespace"),
            aggregation: try reader.word("aggregation", AzureMonitorSource.Aggregation.self) ?? .average)
        return AzureMonitorSource(metric, intervalSeconds: interval, availability: try availability(&reader), access: azure.access(key))
    }
}
