/// Runs that once broke a rule. `simulate --seeds` and the ordinary tests repeat them before anything else.
///
/// A seed stands for a run of the simulator as it was; when its draws change, the seed still runs and finds something else or
/// nothing. What must stay for ever is written as a scenario.
public struct Regression: Sendable {
    public let seed: UInt64
    public let nodes: Int?
    /// What went wrong then.
    public let story: String

    public static let all: [Regression] = []
}
