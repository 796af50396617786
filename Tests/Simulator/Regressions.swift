/// Runs that once broke a rule. `simulate --seeds` and the ordinary tests repeat them before anything else.
///
/// A seed stands for a run of the simulator as it was; when its draws change, the seed still runs and finds something else or
/// nothing. What must stay for ever is written as a scenario.
public struct Regression: Sendable {
    public let seed: UInt64
    public let nodes: Int?
    /// What went wrong then.
    public let story: String

    public static let all: [Regression] = [
        Regression(seed: 538, nodes: 4, story: "a node that lost its journal passes on its own NEW-VIEW from before; the judge took it for undurable"),
        Regression(seed: 770, nodes: nil, story: "patience shorter than the pause between blocks and the difference of clocks; the plan was wrong"),
        Regression(seed: 1607, nodes: nil, story: "the certificate of a height is known, and the only replica with the whole block is corrupt"),
        Regression(seed: 1754, nodes: nil, story: "the same with other faults"),
        Regression(seed: 1917, nodes: nil, story: "the same while the others go through many views"),
    ]
}
