@testable import API
import Foundation
import HTTPTypes
import Interface
import NIOCore
import Primitives
import Testing

@Suite struct UnitTests {
    @Test func buckets() {
        let limiter = RateLimiter(APIConfiguration.RateLimit(perSecond: 10, burst: 20))
        let now = ContinuousClock.now
        for _ in 0..<20 { #expect(limiter.take([1], cost: 1, now: now).isAllowed) }
        let refused = limiter.take([1], cost: 1, now: now)
        #expect(!refused.isAllowed && refused.reset == 1)
        #expect(limiter.take([2], cost: 20, now: now).isAllowed)
        #expect(limiter.take([1], cost: 5, now: now + .milliseconds(500)).isAllowed)
        #expect(!limiter.take([1], cost: 1, now: now + .milliseconds(500)).isAllowed)
        // Strangers in great number share what is left, and those who are known keep theirs.
        for number in 0..<20_000 { _ = limiter.take(withUnsafeBytes(of: number) { Array($0) }, cost: 1, now: now + .milliseconds(500)) }
        #expect(!limiter.take([9, 9, 9], cost: 1, now: now + .milliseconds(500)).isAllowed)
        #expect(limiter.take([9, 9, 9], cost: 1, now: now + .seconds(10)).isAllowed)
    }

    @Test func clientsByAddress() throws {
        #expect(RateLimiter.client(try SocketAddress(ipAddress: "192.0.2.7", port: 1)) == [192, 0, 2, 7])
        #expect(RateLimiter.client(try SocketAddress(ipAddress: "2001:db8:1:2:3:4:5:6", port: 9)) == [0x20, 1, 0x0d, 0xb8, 0, 1, 0, 2])
        #expect(RateLimiter.client(nil) == [])
    }

    @Test func marks() {
        #expect(EventMark(text: "12")?.nextHeight == 13)
        #expect(EventMark(text: "12-0-3")?.nextHeight == 12)
        for text in ["", "-", "1-", "1-2", "1-2-3-4", "a", "+1", "1--2", "18446744073709551615", "1-4294967296-0", "٣"] { #expect(EventMark(text: text) == nil, "\(text)") }
        let marks = ["1-0-0", "1-0-1", "1-3-0", "2-0-0"].map { EventMark(text: $0)! }
        for (place, mark) in marks.enumerated() {
            for (other, later) in marks.enumerated() { #expect(mark.isBefore(later) == (place < other)) }
            #expect(EventMark(text: mark.text) == mark)
        }
        #expect(!EventMark(through: 1).isBefore(marks[2]) && EventMark(through: 1).isBefore(marks[3]))
    }

    @Test func routesAreDistinctAndDescribed() throws {
        let targets = RouteTable.routes.map { "\($0.method) \($0.path)" }
        #expect(Set(targets).count == targets.count)
        for route in RouteTable.routes {
            #expect(!route.summary.isEmpty && !route.outputs.isEmpty)
            for name in route.captureNames { #expect(Route.captureMeanings[name] != nil, "\(route.path)") }
        }
    }

    @Test func codesAreDistinct() {
        for code in ProblemCode.allCases { #expect((400...599).contains(code.status.code) && !code.title.isEmpty, "\(code)") }
    }

    @Test func cursorsBelongToTheirList() throws {
        let cursor = Cursor(.blocks, pin: 9, height: 4, index: 2)
        func read(_ text: String, _ list: Cursor.List) throws -> Cursor? { try Cursor(Query("cursor=\(text)", keys: [.cursor]), list) }
        #expect(try read(cursor.text, .blocks) == cursor)
        #expect(throws: Problem.self) { try read(cursor.text, .events) }
        #expect(try Cursor(Query(nil, keys: []), .blocks) == nil)
    }

    @Test func manyReadsAtOnceAreRefused() async throws {
        let workers = Workers(count: 1, waitingMax: 4, viewsMax: 1)
        defer { workers.stop() }
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    (try? await workers.read {
                        Thread.sleep(forTimeInterval: 0.02)
                        return true
                    }) ?? false
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains(true) && outcomes.contains(false))
        #expect(try await workers.read { 7 } == 7)
        #expect(workers.load.waiting == 0)
    }
}
