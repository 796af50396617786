import Primitives

/// Reads CloudWatch's answers: points of one series by the starts of their periods.
enum CloudWatchAnswer {
    /// `GetMetricData`; returns the token of the next page.
    static func data(_ tree: XMLTree, into points: inout [Timestamp: String]) throws(SourceError) -> String? {
        guard tree.name == "GetMetricDataResponse", let result = tree["GetMetricDataResult"], result["MetricDataResults"] != nil else {
            throw SourceError(.answer, "not an answer of GetMetricData")
        }
        let series = result.members("member", of: "MetricDataResults")
        // A page may repeat the one series, and must not bring another.
        guard series.allSatisfy({ $0.text("Id") == "m1" }) else { throw SourceError(.ambiguous, "an answer to another question") }
        for part in series {
            switch part.text("StatusCode") {
            case "Complete", "PartialData", nil: break
            case "Forbidden": throw SourceError(.denied, "the credentials may not read this metric")
            case let status?: throw SourceError(.status, "the service failed inside: \(SourceError.words(status.utf8))")
            }
            let times = part.members("member", of: "Timestamps"), values = part.members("member", of: "Values")
            guard times.count == values.count else { throw SourceError(.answer, "\(times.count) times and \(values.count) values") }
            for (time, value) in zip(times, values) { try add(time.text, value.text, to: &points) }
        }
        let token = result.text("NextToken").flatMap { $0.isEmpty ? nil : $0 }
        if token == nil, series.contains(where: { $0.text("StatusCode") == "PartialData" }) {
            throw SourceError(.status, "the service gave a part of the points and does not say where the others are")
        }
        return token
    }

    /// `GetMetricStatistics`, which has no further pages.
    static func statistics(_ tree: XMLTree, _ statistic: String, into points: inout [Timestamp: String]) throws(SourceError) -> String? {
        guard tree.name == "GetMetricStatisticsResponse", let result = tree["GetMetricStatisticsResult"] else {
            throw SourceError(.answer, "not an answer of GetMetricStatistics")
        }
        for point in result.members("member", of: "Datapoints") {
            let extended = point.members("entry", of: "ExtendedStatistics").first { $0.text("key") == statistic }
            guard let time = point.text("Timestamp"), let value = point.text(statistic) ?? extended?.text("value") else {
                throw SourceError(.answer, "a point without its time or value")
            }
            try add(time, value, to: &points)
        }
        return nil
    }

    private static func add(_ time: String, _ value: String, to points: inout [Timestamp: String]) throws(SourceError) {
        guard let start = SourceTime.read(time) else { throw SourceError(.answer, "a point without a time") }
        guard points.updateValue(value, forKey: start) == nil else { throw SourceError(.ambiguous, "two points at \(SourceTime.seconds(start))") }
        guard points.count <= MonitoringLimits.pointsMax else { throw SourceError(.oversize, "an answer of more than \(MonitoringLimits.pointsMax) points") }
    }
}
