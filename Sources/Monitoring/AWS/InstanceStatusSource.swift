import Cryptography
import Primitives

/// Whether an EC2 instance is available, by the status checks of Amazon itself. They tell what is now, so that this is a live source.
public struct InstanceStatusSource: MeasurementSource {
    let instance: String
    let effort: ProbeEffort
    let service: AWSQuery
    private let region: String

    public init(_ instance: String, effort: ProbeEffort = ProbeEffort(), access: AWSAccess) {
        self.instance = instance
        self.effort = effort
        region = access.region
        var access = access
        access.seconds = effort.seconds
        service = AWSQuery(access: access, service: "ec2", version: "2016-11-15")
    }

    public var query: String { "ec2 instance status\n\(region)\n\(instance)" }
    public var presence: Presence { .live(effort) }

    public func read(_ windows: [TimeWindow]) async throws(SourceError) -> SourceAnswer {
        let (tree, body) = try await service.ask("DescribeInstanceStatus", [("InstanceId.1", instance), ("IncludeAllInstances", "true")])
        return SourceAnswer([try Self.outcome(tree, instance)], digest: SHA256.hash(body))
    }

    /// A failed check is a breach. That an instance is not running is none by itself: who stopped it is not said.
    static func outcome(_ tree: XMLTree, _ instance: String) throws(SourceError) -> Outcome {
        guard tree.name == "DescribeInstanceStatusResponse" else { throw SourceError(.answer, "not an answer of DescribeInstanceStatus") }
        let items = tree.members("item", of: "instanceStatusSet").filter { $0.text("instanceId") == instance }
        guard items.count <= 1 else { throw SourceError(.ambiguous, "the instance is there \(items.count) times") }
        guard let item = items.first, let state = item.text("instanceState", "name") else { return .missing(.gap) }
        guard state == "running" else { return .missing(.stopped) }
        let checks = [item.text("systemStatus", "status"), item.text("instanceStatus", "status")]
        if checks.contains("impaired") { return .value(.zero) }
        return checks.allSatisfy { $0 == "ok" } ? .value(.one) : .missing(.unknown)
    }
}
