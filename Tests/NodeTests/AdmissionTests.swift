import Primitives
import Testing
@testable import Node

/// How much a node lets in when more is offered than the network can do.
struct AdmissionTests {
    private let start = ContinuousClock.now

    /// A second of blocks, four of them.
    private func second(_ number: Int, _ admission: inout Admission, committed: Int, waiting: Int) {
        for quarter in 1...4 {
            admission.delivered(committed / 4, waiting: waiting, now: start + .milliseconds(number * 1_000 + quarter * 250))
        }
    }

    @Test func `Under lasting pressure the limit becomes half a second of what the network does`() {
        for rate in [400, 4_000, 40_000] {
            var admission = Admission(now: start)
            for number in 0..<20 { second(number, &admission, committed: rate, waiting: admission.limit) }
            #expect((rate * 45 / 100...rate * 55 / 100).contains(admission.limit), "\(rate) a second: \(admission.limit)")
        }
    }

    @Test func `A network that stands still keeps a little open, and a quiet one opens again`() {
        var admission = Admission(now: start)
        for number in 0..<40 { second(number, &admission, committed: 0, waiting: admission.limit) }
        #expect(admission.limit == Admission.limitMin)
        for number in 40..<80 { second(number, &admission, committed: 40, waiting: 0) }
        #expect(admission.limit > Admission.limitAtStart * 9 / 10)
    }

    @Test func `Above the limit only those who pay more than the least of those who wait come in, and not without end`() {
        let admission = Admission(now: start), limit = admission.limit
        #expect(admission.admits(price: Amount(1), waiting: limit - 1, outbid: Amount(100)))
        #expect(!admission.admits(price: Amount(99), waiting: limit, outbid: Amount(100)))
        #expect(admission.admits(price: Amount(100), waiting: limit, outbid: Amount(100)))
        #expect(!admission.admits(price: Amount(100), waiting: 2 * limit, outbid: Amount(100)))
        #expect(!admission.admits(price: Amount(100), waiting: limit, outbid: nil))
    }
}
