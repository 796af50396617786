import Foundation
@testable import Monitoring
import Primitives
import ServerKit
import Testing

@Suite struct PrometheusTests {
    private static let program = Server.which("prometheus")

    /// A real server that scrapes a real one: several intervals at once are the same as one by one, a counter has both ends, and when the
    /// target dies there are zeros where Prometheus knows, and gaps where it does not.
    @Test(.enabled(if: program != nil && Server.python != nil, "there is no prometheus, or no python3")) func aRealServerAnswers() async throws {
        let scratch = Scratch(), web = try await Server.script("web.py", ["0"])
        let prometheus = try await Server.prometheus(try #require(Self.program), target: web.port, in: scratch.path)
        try await Task.sleep(for: .seconds(9))
        web.stop()
        try await Task.sleep(for: .seconds(9))
        let end = SystemClock().now.rawValue / 1_000 * 1_000 - 2_000
        let windows = (0..<8 as Range<UInt64>).map { TimeWindow(Timestamp(end - 16_000 + $0 * 2_000), Timestamp(end - 14_000 + $0 * 2_000))! }

        func source(_ expression: String, isCounter: Bool = false, up: String? = nil) -> PrometheusSource {
            PrometheusSource(prometheus.address, expression: expression, availability: up.flatMap { Availability($0) }, isCounter: isCounter)
        }
        let up = source("min_over_time(up[$interval])", up: "= 1")
        let together = try await up.read(windows).outcomes
        var apart: [Outcome] = []
        for window in windows { apart += try await up.read([window]).outcomes }
        #expect(together == apart)
        #expect(together.contains(.value(.one)) && together.last == .value(.zero))

        let asked = source("max_over_time(asked_total[$interval])", isCounter: true)
        let counts = try await asked.read(windows).outcomes
        #expect(counts.contains { if case .counter(let from, let to) = $0 { from < to } else { false } })
        // The target is gone: nothing is known, and nothing is made up from before.
        #expect(counts.last == .missing(.gap))
        let latest = try await source("last_over_time(shop_up[$interval])").read(windows).outcomes
        #expect(latest.contains(.value(.one)) && latest.last == .missing(.gap))

        #expect(try await source("absent_metric[$interval] or vector(0) > 1").readFault(windows)?.code == .query)
        #expect(try await source("avg_over_time(load[$interval])").readFault(windows)?.code == .ambiguous)
        #expect(try await source("sum(avg_over_time(load[$interval]))").read(windows).outcomes.contains(.value(MeasuredValue(millionths: 750_000))))
        #expect(try await source("avg_over_time(up[$interval]) / 0").read(windows).outcomes.contains(.missing(.unknown)))
        prometheus.stop()
        #expect(try await up.readFault(windows)?.code == .unreachable)
    }

    @Test func expressionsLookAtTheIntervalAlone() {
        #expect(PrometheusSource.isBound("avg_over_time(up[$interval])"))
        #expect(PrometheusSource.isBound("avg_over_time(up[$interval:1s])"))
        #expect(!PrometheusSource.isBound("up"))
        #expect(!PrometheusSource.isBound("avg_over_time(up[5m])"))
    }

    @Test func answersAreReadOrRefused() throws {
        func points(_ text: String) throws -> [Timestamp: String] { try PrometheusAnswer.points(Array(text.utf8)) }
        func code(_ text: String) -> SourceError.Code? {
            do { _ = try points(text) } catch let error as SourceError { return error.code } catch {}
            return nil
        }
        let head = #"{"status":"success","data":{"resultType":"#
        #expect(try points(head + #""vector","result":[]}}"#) == [:])
        #expect(try points(head + #""vector","result":[{"metric":{"a":"b"},"value":[1796083200.25,"0.5"]}]}}"#) == [Timestamp(1_796_083_200_250): "0.5"])
        #expect(try points(head + #""scalar","result":[1796083200,"NaN"]}}"#) == [Timestamp(1_796_083_200_000): "NaN"])
        #expect(try points(head + #""matrix","result":[{"metric":{},"values":[[1,"1"],[2,"2"]]}]}}"#) == [Timestamp(1_000): "1", Timestamp(2_000): "2"])
        #expect(code(head + #""matrix","result":[{"metric":{},"values":[[1,"1"],[1,"2"]]}]}}"#) == .answer)
        #expect(code(head + #""vector","result":[{"value":[1,"1"]},{"value":[1,"1"]}]}}"#) == .ambiguous)
        #expect(code(head + #""vector","result":[{"histogram":[1,{}]}]}}"#) == .answer)
        #expect(code(head + #""string","result":[1,"x"]}}"#) == .answer)
        #expect(code(head + #""vector","result":[{"value":[-1,"1"]}]}}"#) == .answer)
        #expect(code(head + #""vector","result":[{"value":[1e300,"1"]}]}}"#) == .answer)
        #expect(code(head + #""vector","result":[]},"warnings":["partial"]}"#) == .answer)
        #expect(code(#"{"status":"error","errorType":"bad_data","error":"no such function"}"#) == .query)
        #expect(code("") == .answer)
        #expect(code("<html>") == .answer)
        #expect(code(String(repeating: "[", count: 100_000)) == .answer)
    }
}

extension MeasurementSource {
    /// Why it does not answer.
    func readFault(_ windows: [TimeWindow]) async throws -> SourceError? {
        do throws(SourceError) { _ = try await read(windows) } catch { return error }
        return nil
    }
}
