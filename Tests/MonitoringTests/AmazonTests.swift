import Foundation
@testable import Monitoring
import Primitives
import PythonRunner
import ServerKit
import Testing

/// Against moto, a stand-in for Amazon Web Services that others have written, prepared by Amazon's own library.
@Suite(.enabled(if: Server.cloudPython != nil, Server.cloudMissing), .serialized) struct AmazonTests {
    private let scratch = Scratch()

    private func prepare(_ arguments: String..., key: Key? = nil) async throws -> Data {
        try await Python.runAside(
            #require(Server.cloudPython), [Server.folder.appendingPathComponent("aws.py").path] + arguments,
            environment: ["AWS_ACCESS_KEY_ID": key?.access ?? "anybody", "AWS_SECRET_ACCESS_KEY": key?.secret ?? "anything"])
    }

    private struct Key: Decodable { let access, secret: String }
    private struct Instance: Decodable { let instance: String }

    private func access(_ server: Server, _ access: String, _ secret: String) throws -> AWSAccess {
        AWSAccess(
            region: "eu-central-1",
            credentials: AWSCredentialPlaces(accessKey: try secretFile(access, in: scratch), secretKey: try secretFile(secret, in: scratch)),
            endpoint: server.address)
    }

    private func metric(_ access: AWSAccess, _ form: CloudWatchSource.Form, up: String? = nil) -> CloudWatchSource {
        // No space: moto makes the signed body again from its fields, with a plus where Amazon's own libraries write %20.
        CloudWatchSource(
            .init(namespace: "T/Load", name: "Busy", dimensions: [.init(name: "InstanceId", value: "i-1&more=100%")], statistic: "Average"), form: form,
            intervalSeconds: 60, availability: up.flatMap { Availability($0) }, access: access)
    }

    private static func minutes(_ start: UInt64, _ count: UInt64) -> [TimeWindow] {
        (0..<count).map { TimeWindow(Timestamp((start + $0 * 60) * 1_000), Timestamp((start + $0 * 60 + 60) * 1_000))! }
    }

    /// Signatures are verified here: the right key reads, another does not.
    @Test func aMetricIsReadWithTheRightKeyAlone() async throws {
        let server = try await Server.moto(freeCalls: 3)
        let key = try JSONDecoder().decode(Key.self, from: await prepare("key", server.address))
        let start = SystemClock().now.rawValue / 60_000 * 60 - 3_600
        let points = try JSONDecoder().decode([String: Double].self, from: await prepare("put", server.address, String(start), "8", key: key))
        let windows = Self.minutes(start, 8), right = try access(server, key.access, key.secret)
        let expected = windows.map { window -> Outcome in
            points[String(window.start.rawValue / 1_000)].map { .value(MeasuredValue(millionths: Int64(($0 * 1_000_000).rounded()))) } ?? .missing(.gap)
        }
        #expect(expected[3] == .missing(.gap) && expected[0] == .value(MeasuredValue(millionths: 1_250_000)) && expected.count { $0 == .missing(.gap) } == 1)
        for form in CloudWatchSource.Form.allCases {
            #expect(try await metric(right, form).read(windows).outcomes == expected, "\(form)")
            #expect(try await metric(right, form, up: "< 3").read(windows).outcomes.prefix(4) == [.value(.one), .value(.one), .value(.zero), .missing(.gap)])
        }
        for wrong in [try access(server, key.access, key.secret + "x"), try access(server, "AKIAUNKNOWNUNKNOWN00", key.secret)] {
            let fault = try await metric(wrong, .data).readFault(windows)
            #expect(fault?.code == .denied, "\(fault.map(String.init(describing:)) ?? "no fault")")
            #expect(fault?.text.contains(key.secret) == false)
        }
        let instance = try JSONDecoder().decode(Instance.self, from: await prepare("run", server.address, key: key)).instance
        #expect(try await InstanceStatusSource(instance, access: right).read(Array(windows.prefix(1))).outcomes == [.value(.one)])
        #expect(try await InstanceStatusSource(instance, access: try access(server, key.access, "wrong")).readFault(Array(windows.prefix(1)))?.code == .denied)
        let stopped = try JSONDecoder().decode(Instance.self, from: await prepare("run", server.address, "stop", key: key)).instance
        #expect(try await InstanceStatusSource(stopped, access: right).read(Array(windows.prefix(1))).outcomes == [.missing(.stopped)])
        #expect(try await InstanceStatusSource("i-0123456789abcdef0", access: right).readFault(Array(windows.prefix(1)))?.code == .query)
        server.stop()
        #expect(try await metric(right, .data).readFault(windows)?.code == .unreachable)
    }

    @Test func credentialsThatAreNotThereAreNamedAndNotShown() async throws {
        let place = SecretPlace.environment("TRELLIS_NO_SUCH_VARIABLE")
        let access = AWSAccess(region: "eu-central-1", credentials: AWSCredentialPlaces(accessKey: place, secretKey: place), endpoint: "http://127.0.0.1:9")
        let fault = try await metric(access, .data).readFault(Self.minutes(0, 1))
        #expect(fault?.code == .credentials && fault?.text.contains("TRELLIS_NO_SUCH_VARIABLE") == true)
        let broken = try secretFile("two\nlines", in: scratch)
        #expect(throws: SourceError.self) { try broken.headerText() }
    }
}
