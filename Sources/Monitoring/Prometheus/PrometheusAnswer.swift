import Foundation
import Primitives

/// Reads the answers of Prometheus's query interface: one series, or one number.
enum PrometheusAnswer {
    /// The points by their times. Values stay the text that they were: they are digits in quotes.
    static func points(_ bytes: [UInt8]) throws(SourceError) -> [Timestamp: String] {
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(bytes)) } catch {
            throw SourceError(.answer, "not an answer of Prometheus's query interface")
        }
        guard document.status == "success", let data = document.data else {
            throw SourceError(.query, SourceError.words((document.error ?? "an answer without data").utf8))
        }
        if let warning = document.warnings?.first {
            throw SourceError(.answer, "the server calls its answer incomplete: \(SourceError.words(warning.utf8))")
        }
        let points: [Point]
        switch data.result {
        case .scalar(let point): points = [point]
        case .series(let series):
            guard series.count <= 1 else { throw SourceError(.ambiguous, "\(series.count) series where one is asked for: aggregate them") }
            guard series.allSatisfy({ $0.value != nil || $0.values != nil }) else { throw SourceError(.answer, "a series without values") }
            points = series.first.map { $0.values ?? [$0.value].compactMap { $0 } } ?? []
        }
        guard points.count <= MonitoringLimits.pointsMax else { throw SourceError(.oversize, "an answer of \(points.count) points") }
        var found: [Timestamp: String] = [:]
        for point in points {
            guard found.updateValue(point.value, forKey: point.time) == nil else { throw SourceError(.answer, "two points at one time") }
        }
        return found
    }

    /// The reason in a refusal; nil when there is none.
    static func refusal(_ bytes: [UInt8]) -> String? {
        (try? JSONDecoder().decode(Document.self, from: Data(bytes)))?.error.map { SourceError.words($0.utf8) }
    }

    private struct Document: Decodable {
        let status: String
        let data: Content?
        let error: String?
        let warnings: [String]?
    }

    private struct Content: Decodable {
        enum Result {
            case scalar(Point)
            case series([Series])
        }
        enum Key: String, CodingKey { case resultType, result }

        let result: Result

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            switch try container.decode(String.self, forKey: .resultType) {
            case "vector", "matrix": result = .series(try container.decode([Series].self, forKey: .result))
            case "scalar": result = .scalar(try container.decode(Point.self, forKey: .result))
            default: throw DecodingError.dataCorruptedError(forKey: .resultType, in: container, debugDescription: "no numbers")
            }
        }
    }

    private struct Series: Decodable {
        let value: Point?
        let values: [Point]?
    }

    /// `[seconds, "value"]`.
    private struct Point: Decodable {
        let time: Timestamp
        let value: String

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            let seconds = try container.decode(Decimal.self)
            guard let exact = MeasuredValue(decimal: "\(seconds)"), exact.millionths >= 0 else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no time")
            }
            time = Timestamp(UInt64(exact.millionths / 1_000))
            value = try container.decode(String.self)
        }
    }
}
