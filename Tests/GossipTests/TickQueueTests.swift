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

    /// Against a plain list: whatever comes and goes, also long after groups in front were taken.
    @Test(arguments: 0..<20 as Range<UInt64>) func `It is a list in the order of ticks`(seed: UInt64) {
        var queue = TickQueue<Int>(), list: [(due: UInt64, element: Int)] = [], state = seed &* 0x9E37_79B9_7F4A_7C15 | 1, now: UInt64 = 0
        func chance(_ count: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % count
        }
        for element in 0..<2_000 {
            if chance(3) > 0 {
                let due = now + chance(40), latest = list.last.map { max($0.due, due) } ?? due
                queue.append(element, due: GossipTick(due))
                list.append((latest, element))
            } else {
                now += chance(8)
                let due = list.prefix { $0.due <= now }
                #expect(queue.take(until: GossipTick(now)) == due.map(\.element))
                list.removeFirst(due.count)
            }
            #expect(queue.count == list.count)
        }
    }
}
