import Foundation
@testable import Monitoring
import Primitives
import PythonRunner
import ServerKit
import Testing

/// Reads answers of Amazon's interfaces without a server: forms as documented, wrong ones, and altered ones.
@Suite struct AmazonAnswerTests {
    static let data = """
        <?xml version="1.0" encoding="UTF-8"?>
        <GetMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricDataResult><MetricDataResults><member>
        <Id>m1</Id><Label>Busy &amp; idle</Label><StatusCode>Complete</StatusCode>
        <Timestamps><member>2026-12-01T00:00:00Z</member><member>2026-12-01T00:01:00Z</member></Timestamps>
        <Values><member>5.0E-4</member><member>1</member></Values></member></MetricDataResults><Messages/></GetMetricDataResult>
        <ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></GetMetricDataResponse>
        """
    static let statistics = """
        <GetMetricStatisticsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricStatisticsResult><Label>Busy</Label><Datapoints>
        <member><Timestamp>2026-12-01T00:01:00Z</Timestamp><Average>2.5</Average><Unit>Count</Unit></member>
        <member><Timestamp>2026-12-01T00:00:00Z</Timestamp><Average>1</Average><Unit>Count</Unit></member>
        </Datapoints></GetMetricStatisticsResult></GetMetricStatisticsResponse>
        """
    static let status = """
        <DescribeInstanceStatusResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>x</requestId><instanceStatusSet><item>
        <instanceId>i-1</instanceId><availabilityZone>eu-central-1a</availabilityZone><instanceState><code>16</code><name>running</name></instanceState>
        <systemStatus><status>ok</status><details><item><name>reachability</name><status>passed</status></item></details></systemStatus>
        <instanceStatus><status>ok</status></instanceStatus></item></instanceStatusSet></DescribeInstanceStatusResponse>
        """

    private func code<Value>(_ body: () throws(SourceError) -> Value) -> SourceError.Code? {
        do throws(SourceError) { _ = try body() } catch { return error.code }
        return nil
    }

    private func data(_ text: String) throws(SourceError) -> (points: [Timestamp: String], token: String?) {
        var points: [Timestamp: String] = [:]
        let token = try CloudWatchAnswer.data(XMLTree(Array(text.utf8)), into: &points)
        return (points, token)
    }

    @Test func documentedAnswersAreRead() throws {
        let (points, token) = try data(Self.data)
        #expect(points == [Timestamp(1_796_083_200_000): "5.0E-4", Timestamp(1_796_083_260_000): "1"] && token == nil)
        var found: [Timestamp: String] = [:]
        #expect(try CloudWatchAnswer.statistics(XMLTree(Array(Self.statistics.utf8)), "Average", into: &found) == nil)
        #expect(found == [Timestamp(1_796_083_200_000): "1", Timestamp(1_796_083_260_000): "2.5"])
        let page = Self.data.replacing("<Messages/>", with: "<NextToken>next</NextToken>").replacing("Complete", with: "PartialData")
        #expect(try data(page).token == "next")
        #expect(code { () throws(SourceError) in try data(page.replacing("<NextToken>next</NextToken>", with: "")) } == .status)
        #expect(code { () throws(SourceError) in try data(Self.data.replacing("Complete", with: "InternalError")) } == .status)
        #expect(code { () throws(SourceError) in try data(Self.data.replacing("Complete", with: "Forbidden")) } == .denied)
        #expect(code { () throws(SourceError) in try data(Self.data.replacing(">m1<", with: ">m2<")) } == .ambiguous)
        #expect(code { () throws(SourceError) in try data(Self.data.replacing("<member>1</member>", with: "")) } == .answer)
        #expect(code { () throws(SourceError) in try data(Self.data.replacing("00:01:00", with: "00:00:00")) } == .ambiguous)
        #expect(code { () throws(SourceError) in try data(Self.statistics) } == .answer)
    }

    /// A failed check is down. What is not known, not running or not there is missing.
    @Test func checksAreTold() throws {
        func outcome(_ changes: (String, String)...) throws -> Outcome {
            let text = changes.reduce(Self.status) { $0.replacing($1.0, with: $1.1) }
            return try InstanceStatusSource.outcome(XMLTree(Array(text.utf8)), "i-1")
        }
        #expect(try outcome() == .value(.one))
        #expect(try outcome(("<status>ok</status></instanceStatus>", "<status>impaired</status></instanceStatus>")) == .value(.zero))
        #expect(try outcome(("<systemStatus><status>ok", "<systemStatus><status>impaired")) == .value(.zero))
        #expect(try outcome(("<systemStatus><status>ok", "<systemStatus><status>initializing")) == .missing(.unknown))
        #expect(try outcome(("<systemStatus><status>ok", "<systemStatus><status>insufficient-data")) == .missing(.unknown))
        for state in ["stopped", "stopping", "pending", "terminated", "shutting-down"] { #expect(try outcome((">running<", ">\(state)<")) == .missing(.stopped)) }
        #expect(try outcome(("<instanceId>i-1", "<instanceId>i-2")) == .missing(.gap))
    }

    @Test func refusalsHaveTheirMeaning() {
        func code(_ status: Int, _ text: String) -> SourceError.Code { AWSQuery.refusal(HTTPAnswer(status: status, body: Array(text.utf8), retryAfter: nil)).code }
        func query(_ code: String) -> String {
            "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>m</Message></Error><RequestId>x</RequestId></ErrorResponse>"
        }
        func ec2(_ code: String) -> String {
            "<Response><Errors><Error><Code>\(code)</Code><Message>m</Message></Error></Errors><RequestID>x</RequestID></Response>"
        }
        #expect(code(403, query("SignatureDoesNotMatch")) == .denied)
        #expect(code(401, ec2("AuthFailure")) == .denied)
        #expect(code(400, query("Throttling")) == .throttled)
        #expect(code(503, ec2("RequestLimitExceeded")) == .throttled)
        #expect(code(400, ec2("InvalidInstanceID.NotFound")) == .query)
        #expect(code(500, query("InternalFailure")) == .status)
        #expect(code(502, "<html>bad gateway") == .status)
    }

    @Test func whatXMLCanDoToGrowIsRefused() {
        func code(_ text: String) -> SourceError.Code? { self.code { () throws(SourceError) in try XMLTree(Array(text.utf8)) } }
        #expect(code(#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#) == .answer)
        #expect(code("<a>&unknown;</a>") == .answer)
        #expect(code("<a><?php x ?></a>") == .answer)
        #expect(code(String(repeating: "<a>", count: 100)) == .answer)
        #expect(code(String(repeating: "<a>", count: 24) + String(repeating: "</a>", count: 24)) == nil)
        #expect(code("<r>" + String(repeating: "<a/>", count: 60_000) + "</r>") == .oversize)
        for text in ["", " ", "<a>", "<a></b>", "</a>", "<a/><b/>", "x<a/>", "<a/>x", "<a b></a>", "<a b=\"<\"/>", "<a&#0;/>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<1/>", "<a", "<a b='c", "<![CDATA[x]]>"] {
            #expect(code(text) == .answer, "\(text)")
        }
        #expect((try? XMLTree(Array("<a x='1'>&lt;&#65;&#x42;<![CDATA[<c>]]>&amp;</a>".utf8)))?.text == "<AB<c>&")
    }

    @Test(arguments: 0..<8 as Range<UInt64>) func alteredAnswersNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(seed: seed), read = 0
        for _ in 0..<400 {
            let text = [Self.data, Self.statistics, Self.status][generator.below(3)]
            let bytes = Altered.bytes(Array(text.utf8), &generator)
            do throws(SourceError) {
                let tree = try XMLTree(bytes)
                read += 1
                var points: [Timestamp: String] = [:]
                _ = try? CloudWatchAnswer.data(tree, into: &points)
                _ = try? CloudWatchAnswer.statistics(tree, "Average", into: &points)
                _ = try? InstanceStatusSource.outcome(tree, "i-1")
            } catch { #expect([.answer, .oversize].contains(error.code)) }
        }
        #expect(read > 0 && read < 400)
    }

    /// What the system's own reader, expat, makes of altered answers: wherever both read one, it is the same tree.
    @Test(.enabled(if: Server.python != nil, Server.pythonMissing)) func treesAreThoseOfExpat() throws {
        var generator = SeededGenerator(seed: 99), inputs: [[UInt8]] = [Self.data, Self.statistics, Self.status].map { Array($0.utf8) }
        for number in 0..<1_500 { inputs.append(Altered.bytes(inputs[number % 3], &generator)) }
        let program = """
            import sys, json
            import xml.etree.ElementTree as tree
            def show(e):
                kids = [show(k) for k in e]
                text = (e.text or "") + "".join(k.tail or "" for k in e)
                return [e.tag.split("}")[-1].split(":")[-1], "" if kids else text, kids]
            for line in sys.stdin:
                try: print(json.dumps(show(tree.fromstring(bytes.fromhex(line.strip())))))
                except Exception: print("null")
            """
        let output = try Python.run(#require(Server.python), ["-c", program], input: Array(inputs.map(\.hex).joined(separator: "\n").utf8))
        let lines = output.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == inputs.count)
        var same = 0
        for (input, line) in zip(inputs, lines) {
            guard let ours = try? XMLTree(input) else { continue }
            let theirs = try JSONSerialization.jsonObject(with: line, options: .fragmentsAllowed)
            // Expat looks at namespaces, at attributes that are there twice and at characters that XML does not know; those are passed over here.
            guard !(theirs is NSNull) else { continue }
            #expect(Self.matches(ours, theirs), "\(String(decoding: input, as: UTF8.self))")
            same += 1
        }
        #expect(same > 50)
    }

    private static func matches(_ tree: XMLTree, _ other: Any) -> Bool {
        guard let parts = other as? [Any], parts.count == 3, let name = parts[0] as? String, let text = parts[1] as? String, let children = parts[2] as? [Any] else { return false }
        let plain = tree.text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return tree.name == name && plain == text.replacing("\r\n", with: "\n").replacing("\r", with: "\n") && tree.children.count == children.count
            && zip(tree.children, children).allSatisfy { matches($0, $1) }
    }
}

/// Answers that a broken or hostile server could give.
enum Altered {
    static func bytes(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<(1 + generator.below(3)) where !bytes.isEmpty {
            let place = generator.below(bytes.count), length = min(generator.below(40), bytes.count - place)
            switch generator.below(6) {
            case 0: bytes[place] = UInt8(generator.below(256))
            case 1: bytes.removeSubrange(place..<(place + length))
            case 2: bytes.insert(contentsOf: bytes[place..<(place + length)], at: generator.below(bytes.count))
            case 3: bytes = Array(bytes.prefix(place))
            case 4: bytes.insert(contentsOf: Array(["<", ">", "&", "]]>", "<!--", "\"", "[", "{", "-1e999", "null", "\u{0}"][generator.below(11)].utf8), at: place)
            default: bytes.insert(contentsOf: generator.bytes(generator.below(8)), at: place)
            }
        }
        return bytes
    }
}

@Suite struct AlteredJSONTests {
    static let prometheus = #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1796083200,"1"],[1796083260.5,"0.5"]]}]}}"#
    static let azure = """
        {"cost":0,"timespan":"a/b","interval":"PT1M","namespace":"n","resourceregion":"r","value":[{"id":"i","type":"t","name":{"value":"Percentage CPU",\
        "localizedValue":"x"},"unit":"Percent","timeseries":[{"metadatavalues":[],"data":[{"timeStamp":"2026-12-01T00:00:00Z","average":0.1},\
        {"timeStamp":"2026-12-01T00:01:00Z"},{"timeStamp":"2026-12-01T00:02:00Z","average":null}]}]}]}
        """

    @Test(arguments: 0..<8 as Range<UInt64>) func alteredAnswersNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(seed: seed), read = 0
        for _ in 0..<300 {
            do throws(SourceError) {
                _ = try PrometheusAnswer.points(Altered.bytes(Array(Self.prometheus.utf8), &generator))
                read += 1
            } catch { #expect([.answer, .oversize, .ambiguous, .query].contains(error.code)) }
            do throws(SourceError) {
                _ = try AzureAnswer.points(Altered.bytes(Array(Self.azure.utf8), &generator), "percentage cpu", .average, grain: "PT1M")
                read += 1
            } catch { #expect([.answer, .oversize, .ambiguous, .status].contains(error.code)) }
            _ = AzureAnswer.refusal(Altered.bytes(Array(#"{"error":{"code":"a","message":"b"}}"#.utf8), &generator))
        }
        #expect(read > 0 && read < 600)
    }

    @Test func azureAnswersAreReadOrRefused() throws {
        func points(_ text: String, grain: String = "PT1M") throws(SourceError) -> [Timestamp: String] {
            try AzureAnswer.points(Array(text.utf8), "Percentage CPU", .average, grain: grain)
        }
        #expect(try points(Self.azure) == [Timestamp(1_796_083_200_000): "0.1"])
        for (text, expected) in [
            (Self.azure.replacing("PT1M", with: "PT1H"), SourceError.Code.answer), (Self.azure.replacing("Percentage CPU", with: "Other"), .answer),
            (Self.azure.replacing("00:01:00Z", with: "00:00:00Z"), .ambiguous), ("{}", .answer), ("[]", .answer),
            (Self.azure.replacing(#""unit""#, with: #""errorCode":"InternalError","unit""#), .status),
        ] {
            do throws(SourceError) {
                _ = try points(text)
                Issue.record("read: \(text)")
            } catch { #expect(error.code == expected) }
        }
        #expect(AzureAnswer.refusal(Array(#"{"error":"invalid_client","error_description":"AADSTS1"}"#.utf8)) == "invalid_client: AADSTS1")
        #expect(AzureAnswer.refusal(Array(#"{"error":{"code":"a","message":"b"}}"#.utf8)) == "a: b")
        #expect(AzureAnswer.refusal(Array(#"{"code":"a","message":"b"}"#.utf8)) == "a: b")
        #expect(AzureAnswer.refusal(Array("x".utf8)) == nil)
    }
}
