import Primitives
import Testing
@testable import Gossip

struct TickQueueTests {
    @Test func `What is due comes out in order, once, and what is later stays`() {
        var queue = TickQueue<Int>()
        for number in 0..<100 { queue.append(number, due: GossipTick(UInt64(number / 10))) }
        #expect(queue.count == 100)
        #expect(queue.take(until: 3) == Array(0..<40))
        #expect(queue.take(until: 3).isEmpty)
        #expect(queue.count == 60)
        // Whatever asks to come earlier than the latest waits with the latest: order is kept.
        queue.append(1_000, due: 4)
        #expect(queue.take(until: 8) == Array(40..<90))
        #expect(queue.take(until: 9) == Array(90..<100) + [1_000])
        #expect(queue.count == 0)
    }
}
