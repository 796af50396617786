import Foundation
import Primitives

/// Reads Azure Monitor's answers (Azure REST API, Microsoft.Insights, Metrics - List): points of one series by the starts of their grains.
enum AzureAnswer {
    /// A grain without a number has no point: Azure tells so what it does not know, and what was not running.
    static func points(
        _ bytes: [UInt8], _ name: String, _ aggregation: AzureMonitorSource.Aggregation, grain: String
    ) throws(SourceError) -> [Timestamp: String] {
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(bytes)) } catch {
            throw SourceError(.answer, "not an answer of Azure Monitor")
        }
        if let interval = document.interval, interval != grain {
            throw SourceError(.answer, "points of \(SourceError.words(interval.utf8)) where \(grain) was asked for")
        }
        guard document.value.count == 1, let metric = document.value.first, metric.name.value.lowercased() == name.lowercased() else {
            throw SourceError(.answer, "\(document.value.count) metrics where one was asked for")
        }
        if let code = metric.errorCode, code != "Success" {
            throw SourceError(.status, "the service failed inside: \(SourceError.words(code.utf8))")
        }
        guard metric.timeseries.count <= 1 else {
            throw SourceError(.ambiguous, "\(metric.timeseries.count) series where one is asked for")
        }
        let data = metric.timeseries.first?.data ?? []
        guard data.count <= MonitoringLimits.pointsMax else { throw SourceError(.oversize, "an answer of \(data.count) points") }
        var found: [Timestamp: String] = [:], seen: Set<Timestamp> = []
        for point in data {
            guard let time = SourceTime.read(point.timeStamp) else { throw SourceError(.answer, "a point without a time") }
            guard seen.insert(time).inserted else { throw SourceError(.ambiguous, "two points at \(SourceTime.seconds(time))") }
            if let number = point.number(aggregation) { found[time] = "\(number)" }
        }
        return found
    }

    /// The reason in a refusal, in the forms of the resource manager, of metrics and of the giver of tokens.
    static func refusal(_ bytes: [UInt8]) -> String? {
        guard let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(bytes)) else { return nil }
        let text: String? = switch refusal.error {
        case .words(let code)?: "\(code): \(refusal.error_description ?? "")"
        case .object(let code, let message)?: "\(code): \(message ?? "")"
        case nil: refusal.code.map { "\($0): \(refusal.message ?? "")" }
        }
        return text.map { SourceError.words($0.utf8) }
    }

    private struct Document: Decodable {
        let interval: String?
        let value: [Metric]
    }

    private struct Metric: Decodable {
        struct Name: Decodable { let value: String }
        let name: Name
        let timeseries: [Series]
        let errorCode: String?
    }

    private struct Series: Decodable { let data: [Point]? }

    private struct Point: Decodable {
        let timeStamp: String
        let average, minimum, maximum, total, count: Decimal?

        func number(_ aggregation: AzureMonitorSource.Aggregation) -> Decimal? {
            switch aggregation {
            case .average: average
            case .minimum: minimum
            case .maximum: maximum
            case .total: total
            case .count: count
            }
        }
    }

    private struct Refusal: Decodable {
        enum Reason: Decodable {
            case words(String)
            case object(code: String, message: String?)

            enum Key: String, CodingKey { case code, message }

            init(from decoder: any Decoder) throws {
                if let words = try? decoder.singleValueContainer().decode(String.self) {
                    self = .words(words)
                } else {
                    let container = try decoder.container(keyedBy: Key.self)
                    self = .object(code: try container.decode(String.self, forKey: .code), message: try container.decodeIfPresent(String.self, forKey: .message))
                }
            }
        }
        let error: Reason?
        let error_description, code, message: String?
    }
}
