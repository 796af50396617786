import Contracts
import Execution
import Ledger
import Primitives

/// An assignment in words: what there was to assign, who could have it, which rules held, and which of them bind.
struct MappingExplanation {
    let record: Infrastructure.MappingRecord
    let input: MappingInput

    init(_ record: Infrastructure.MappingRecord, _ input: MappingInput) {
        self.record = record
        self.input = input
    }

    /// One line that says it all.
    var verdict: String {
        guard let summary = record.outcome?.summary else { return "waiting for the beacon of block \(record.beaconHeight)" }
        return summary.isComplete ? "all \(summary.slots) nodes have an operator" : "\(summary.assigned) of \(summary.slots) nodes have an operator"
    }

    /// Operators that count for nothing, by the first reason that holds.
    private var leftOut: (banned: Int, reputation: Int, stake: Int) {
        var counts = (banned: 0, reputation: 0, stake: 0)
        for one in input.operators {
            if one.isBarred {
                counts.banned += 1
            } else if one.reputation < input.reputationMin {
                counts.reputation += 1
            } else if one.units == 0 {
                counts.stake += 1
            }
        }
        return counts
    }

    /// Units of those who count.
    private var units: UInt64 {
        input.operators.reduce(0) { $1.isBarred || $1.reputation < input.reputationMin ? $0 : $0 + UInt64($1.units) }
    }

    private var rules: [(rule: String, value: String)] {
        func percent(_ parts: UInt32) -> String { "\(parts / 10_000).\(parts / 1_000 % 10) %" }
        let policy = input.policy
        var rules: [(rule: String, value: String)] = []
        if let most = policy.perOperatorInGroup { rules.append(("perOperatorInGroup", "at most \(most) nodes of one operator in a group")) }
        if let share = policy.regionShare { rules.append(("regionShare", "at most \(percent(share)) of a group in one region")) }
        if let share = policy.providerShare { rules.append(("providerShare", "at most \(percent(share)) of all nodes at one cloud provider")) }
        if let share = policy.cloudShare { rules.append(("cloudShare", "at most \(percent(share)) of all nodes in clouds")) }
        if let most = policy.coalition { rules.append(("coalition", "no \(most) operators hold more than half of the nodes")) }
        if let most = policy.continentCoalition { rules.append(("continentCoalition", "no \(most) operators of one continent do")) }
        return rules
    }

    /// What a binding rule means, and what would help.
    static func help(_ rule: MappingRule) -> String {
        switch rule {
        case .slots: "groups that are full have no room; nothing is missing there"
        case .units: "operators have no more units of stake: let others join, or add stake"
        case .perOperatorInGroup: "operators already have as many nodes of a group as they may: let others join"
        case .regionShare: "regions already have their share of a group: operators in other regions help"
        case .providerShare: "cloud providers already have their share: operators at others, or with machines of their own, help"
        case .cloudShare: "clouds already have their share: operators with machines of their own help"
        case .coalition: "units are withheld so that few operators never hold more than half: more operators help"
        }
    }

    var value: DynamicValue {
        let summary = record.outcome?.summary, leftOut = leftOut
        return .fields([
            ("number", .number(record.number)), ("revision", .number(record.revision)), ("verdict", .text(verdict)),
            ("complete", summary.map { .bool($0.isComplete) }), ("nodes", .number(UInt64(record.topology.slotCount))),
            ("groups", .number(UInt64(record.topology.sizes.count))), ("assigned", summary.map { .number(UInt64($0.assigned)) }),
            ("moved", summary.map { .number(UInt64($0.moved)) }), ("added", summary.map { .number(UInt64($0.added)) }),
            ("emptied", summary.map { .number(UInt64($0.emptied)) }), ("operators", .number(UInt64(input.operators.count))),
            ("units", .number(units)), ("banned", .number(UInt64(leftOut.banned))), ("reputationTooLow", .number(UInt64(leftOut.reputation))),
            ("stakeTooLow", .number(UInt64(leftOut.stake))), ("keptOutOfAGroup", .number(UInt64(input.exclusions.count))),
            ("redrawn", .text("\(input.rotation / 10_000) %")),
            ("rules", .list(rules.map { .fields([("rule", .text($0.rule)), ("means", .text($0.value))]) })),
            ("binding", .list((summary?.binding.elements ?? []).map { one in
                .fields([("rule", .text(one.rule.caseName)), ("allows", .number(UInt64(one.allows))), ("means", .text(Self.help(one.rule)))])
            })),
        ])
    }

    var view: TextView {
        guard case .object(let members) = value else { return TextView(value) }
        let plain = members.filter { if case .list = $0.value { false } else { true } }
        var parts: [TextView] = [TextView(.object(plain))]
        for name in ["rules", "binding"] {
            if case .list(let items)? = value[name], !items.isEmpty { parts.append(TextView(.list(items))) }
        }
        return .parts(parts)
    }
}
