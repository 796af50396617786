import Foundation
@testable import Monitoring
import Primitives
import PythonRunner
import ServerKit
import Testing

/// Against a stand-in for Azure, which Azure's own library finds good: see `Servers/azure_stand_in.py`.
@Suite(.enabled(if: Server.python != nil, Server.pythonMissing), .serialized) struct AzureTests {
    private let scratch = Scratch()
    private let vm = "/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/V"
    private let windows = (0..<10 as Range<UInt64>).map { TimeWindow(Timestamp(1_796_083_200_000 + $0 * 60_000), Timestamp(1_796_083_260_000 + $0 * 60_000))! }

    private func access(_ server: Server, secret: String = "s3cret&more=1", client: String = "client", clock: any MonitorClock = SystemClock()) throws -> AzureAccess {
        AzureAccess(
            tenant: "11111111-2222-3333-4444-555555555555", client: client, secret: try secretFile(secret, in: scratch), authority: server.address,
            resource: server.address + "/", seconds: 5, clock: clock)
    }

    private func source(_ access: AzureAccess, _ name: String = "Percentage CPU", resource: String? = nil, up: String? = nil) -> AzureMonitorSource {
        AzureMonitorSource(
            .init(resource: resource ?? vm, name: name, aggregation: .average), intervalSeconds: 60, availability: up.flatMap { Availability($0) }, access: access)
    }

    @Test func aMetricIsReadAndItsHolesAreHoles() async throws {
        let server = try await Server.script("azure_stand_in.py")
        let outcomes = try await source(try access(server)).read(windows).outcomes
        #expect(outcomes == (0..<10).map { [7, 8].contains($0) ? .missing(.gap) : .value(MeasuredValue(millionths: Int64($0) * 1_000_000 + 125_000)) })
        let up = try await source(try access(server), "VmAvailabilityMetric", up: ">= 1").read(Array(windows.prefix(4))).outcomes
        #expect(up == [.value(.zero), .value(.one), .value(.one), .value(.zero)])
    }

    @Test func refusalsAreTold() async throws {
        let server = try await Server.script("azure_stand_in.py")
        let wrong = try await source(try access(server, secret: "guess")).readFault(windows)
        #expect(wrong?.code == .denied && wrong?.text.contains("AADSTS7000215") == true && wrong?.text.contains("guess") == false)
        #expect(try await source(try access(server), "No Such Metric").readFault(windows)?.code == .query)
        #expect(try await source(try access(server), resource: "/subscriptions/other").readFault(windows)?.code == .query)
        #expect(try await source(try access(server), "Two Series").readFault(windows)?.code == .ambiguous)
        #expect(try await source(try access(server), "Coarse").readFault(windows)?.code == .answer)
    }

    /// One token serves until shortly before its end; one that is refused is replaced, once.
    @Test func tokensAreKeptAndReplaced() async throws {
        let server = try await Server.script("azure_stand_in.py"), clock = TestClock(Timestamp(1_796_083_200_000))
        func tokens() async throws -> Int? {
            let answer = try await HTTPFetcher.fetchGood(HTTPQuestion(url: server.address + "/tokens", seconds: 5))
            return try JSONDecoder().decode([String: Int].self, from: Data(answer.body))["tokens"]
        }
        let access = try access(server, clock: clock)
        for _ in 0..<3 { _ = try await source(access).read(windows) }
        #expect(try await tokens() == 1)
        clock.set(Timestamp(1_796_083_200_000 + 3_301_000))
        _ = try await source(access).read(windows)
        #expect(try await tokens() == 2)
        let forgotten = try self.access(server, client: "forgotten", clock: clock)
        #expect(try await source(forgotten).read(windows).outcomes.count == 10)
        #expect(try await tokens() == 4)
    }

    /// Azure's own library gets the same numbers from the stand-in, over TLS; so do we, when the authority is named.
    @Test(.enabled(if: Server.cloudPython != nil, Server.cloudMissing)) func theStandInIsGoodEnoughForAzuresLibrary() async throws {
        let key = scratch.path + "/key.pem", certificate = scratch.path + "/certificate.pem"
        _ = try await Python.runAside("openssl", [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        let server = try await Server.script("azure_stand_in.py", [certificate, key]), base = "https://127.0.0.1:\(server.port)"
        let output = try await Python.runAside(#require(Server.cloudPython), [
            Server.folder.appendingPathComponent("azure_client.py").path, base, certificate, "2026-12-01T00:00:00Z", "2026-12-01T00:10:00Z",
        ])
        struct Answer: Decodable { let refused: Bool, points: [String: Double?] }
        let answer = try JSONDecoder().decode(Answer.self, from: output)
        #expect(answer.refused)
        let trusting = AzureAccess(
            tenant: "11111111-2222-3333-4444-555555555555", client: "client", secret: try secretFile("s3cret&more=1", in: scratch), authority: base,
            resource: base, seconds: 5, authorityFile: certificate)
        let outcomes = try await source(trusting).read(windows).outcomes
        for (window, outcome) in zip(windows, outcomes) {
            let theirs = answer.points[SourceTime.seconds(window.start)] ?? nil
            #expect(outcome == theirs.map { .value(MeasuredValue(millionths: Int64(($0 * 1_000_000).rounded()))) } ?? .missing(.gap))
        }
        let distrusting = AzureAccess(
            tenant: "11111111-2222-3333-4444-555555555555", client: "client", secret: try secretFile("s3cret&more=1", in: scratch), authority: base,
            resource: base, seconds: 5)
        #expect(try await source(distrusting).readFault(windows)?.code == .tls)
    }
}
