import Cryptography
import Foundation
@testable import Monitoring
import Primitives
import PythonRunner
import ServerKit
import Testing

/// Signature Version 4, held against Amazon's published test suite and against Amazon's own library.
@Suite struct SignatureTests {
    private struct Vectors: Decodable {
        struct Case: Decodable, Sendable { let name, request, canonicalRequest, stringToSign, authorization: String }
        let cases: [Case]
    }

    private func signer(access: String = "AKIDEXAMPLE", secret: String = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: String = "us-east-1", service: String = "service") -> AWSRequestSigner {
        AWSRequestSigner(
            credentials: AWSCredentials(accessKey: access, secretKey: SecretBytes(copying: Array(secret.utf8)), sessionToken: nil), region: region, service: service)
    }

    @Test func allPublishedVectorsHold() throws {
        let file = try #require(Bundle.module.url(forResource: "Vectors/sigv4", withExtension: "json"))
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
        #expect(vectors.cases.count == 34)
        for vector in vectors.cases {
            var request = try Self.parse(vector.request)
            // In one case the token is a part of the credentials, and no header of the request as it is written down.
            if let token = vector.canonicalRequest.firstMatch(of: /x-amz-security-token:(.+)/), !vector.request.contains("X-Amz-Security-Token") {
                request.headers.append(("X-Amz-Security-Token", String(token.output.1)))
            }
            let canonical = AWSRequestSigner.canonical(request).text
            #expect(canonical == vector.canonicalRequest, "\(vector.name)")
            #expect(signer().stringToSign(canonical, date: "20150830T123600Z") == vector.stringToSign, "\(vector.name)")
            #expect(signer().authorization(for: request, date: "20150830T123600Z") == vector.authorization, "\(vector.name)")
        }
    }

    /// The headers that are added are those of the vectors.
    @Test func aRequestIsSignedAsItIsSent() throws {
        let headers = signer().headers(
            for: .init(method: "GET", path: "/", query: [], headers: [("Host", "example.amazonaws.com")], body: []), at: Timestamp(1_440_938_160_000))
        #expect(headers.map(\.name) == ["X-Amz-Date", "Authorization"])
        #expect(headers[0].value == "20150830T123600Z")
        #expect(headers[1].value.hasSuffix("Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"))
    }

    private static func parse(_ text: String) throws -> AWSRequestSigner.Request {
        let parts = text.components(separatedBy: "\n\n")
        var lines = parts[0].components(separatedBy: "\n")
        let first = lines.removeFirst(), method = String(try #require(first.split(separator: " ").first))
        let target = first.dropFirst(method.count + 1).replacing(" HTTP/1.1", with: "")
        let pieces = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [(name: String, value: String)] = []
        for pair in pieces.dropFirst().joined().split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { $0.removingPercentEncoding ?? String($0) }
            query.append((sides[0], sides.count > 1 ? sides[1] : ""))
        }
        var headers: [(name: String, value: String)] = []
        for line in lines where !line.isEmpty {
            if line.hasPrefix(" "), let last = headers.popLast() {
                headers.append((last.name, last.value + "\n" + line))
            } else {
                let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                headers.append((sides[0], sides[1]))
            }
        }
        return .init(
            method: method, path: pieces[0].removingPercentEncoding ?? String(pieces[0]), query: query, headers: headers,
            body: Array(parts.dropFirst().joined(separator: "\n\n").utf8))
    }

    private struct Ask: Encodable { let access, secret, region, service, method, host, path, date, body: String, token: String?, query, headers: [[String]] }
    private struct Answer: Decodable { let canonical, signature: String }

    /// Random requests, signed by both.
    @Test(.enabled(if: Server.cloudPython != nil, Server.cloudMissing)) func requestsAreSignedAsBotocoreDoes() throws {
        var generator = SeededGenerator(seed: 4), asks: [Ask] = []
        func text(_ length: Int, _ characters: String) -> String { String((0..<length).map { _ in Array(characters)[generator.below(characters.count)] }) }
        let wide = "abcXYZ019 -._~!*'()&=+/?#%:;@,$\"<>[]{}|äß€漢", plain = "abcdefgXYZ0189"
        for _ in 0..<150 {
            var query: [String: String] = [:]
            for _ in 0..<generator.below(5) { query[text(1 + generator.below(6), wide)] = text(generator.below(12), wide) }
            asks.append(Ask(
                access: text(20, plain), secret: text(40, plain + "/+"), region: "eu-central-1", service: ["ec2", "monitoring"][generator.below(2)],
                method: ["GET", "POST"][generator.below(2)], host: text(8, "abcdefg") + ".amazonaws.com", path: "/", date: "20261122T03123\(generator.below(10))Z",
                body: text(generator.below(80), wide), token: generator.chance(1, in: 2) ? text(60, plain + "/+=") : nil,
                query: query.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }, headers: [["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]]))
        }
        let input = try asks.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }.joined(separator: "\n")
        let output = try Python.run(#require(Server.cloudPython), [Server.folder.appendingPathComponent("aws.py").path, "sign"], input: Array(input.utf8))
        let answers = try output.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Answer.self, from: $0) }
        #expect(answers.count == asks.count)
        for (ask, answer) in zip(asks, answers) {
            var headers = ask.headers.map { (name: $0[0], value: $0[1]) } + [("host", ask.host), ("x-amz-date", ask.date)]
            if let token = ask.token { headers.append(("X-Amz-Security-Token", token)) }
            let request = AWSRequestSigner.Request(
                method: ask.method, path: ask.path, query: ask.query.map { ($0[0], $0[1]) }, headers: headers, body: Array(ask.body.utf8))
            #expect(AWSRequestSigner.canonical(request).text == answer.canonical)
            let signer = signer(access: ask.access, secret: ask.secret, region: ask.region, service: ask.service)
            #expect(signer.authorization(for: request, date: ask.date).hasSuffix("Signature=" + answer.signature))
        }
    }
}
