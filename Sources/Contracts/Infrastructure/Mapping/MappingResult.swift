public import Execution
public import Primitives

/// A rule that can keep nodes from getting an operator.
public enum MappingRule: Hashable, Choice {
    case slots, units, perOperatorInGroup, regionShare, providerShare, cloudShare, coalition

    public static let all: [MappingRule] = [.slots, .units, .perOperatorInGroup, .regionShare, .providerShare, .cloudShare, .coalition]

    public static let cases: [Case<MappingRule>] = [
        Case("slots", "The nodes of groups that are full.", .slots), Case("units", "The units that operators have.", .units),
        Case("perOperatorInGroup", "Nodes of one operator in one group.", .perOperatorInGroup),
        Case("regionShare", "The share of a region in a group.", .regionShare),
        Case("providerShare", "The share of a cloud provider.", .providerShare), Case("cloudShare", "The share of all clouds.", .cloudShare),
        Case("coalition", "Units that operators have and may not use, so that few of them never hold more than half.", .coalition),
    ]
}

/// What one rule leaves room for, where it binds.
public struct BindingRule: Hashable, Record {
    public let rule: MappingRule
    public let allows: UInt32

    public init(rule: MappingRule, allows: UInt32) {
        self.rule = rule
        self.allows = allows
    }

    public static let fields = Fields(
        Field("rule", "Which rule.") { $0.rule }, Field("allows", "Nodes that it leaves room for; of coalition, the units that it withholds.") { $0.allows },
        make: { BindingRule(rule: $0, allows: $1) })
}

/// How an assignment came out, in numbers.
public struct MappingSummary: Hashable, Record {
    public let slots: UInt32
    /// Slots with an operator.
    public let assigned: UInt32
    /// Operators that hold one slot or more.
    public let operators: UInt32
    /// Slots that went from one operator to another.
    public let moved: UInt32
    /// Slots that had no operator and have one.
    public let added: UInt32
    /// Slots that had an operator and have none.
    public let emptied: UInt32
    /// The slots of the operator with the most.
    public let largest: UInt32
    /// The smallest number of operators that hold more than half of the slots.
    public let majority: UInt32
    /// What binds when not all slots have an operator. The rules but the last one allow together exactly what is assigned. Empty when the work was
    /// at its end before it was known.
    public let binding: Bounded<7, BindingRule>

    public init(
        slots: UInt32, assigned: UInt32, operators: UInt32, moved: UInt32, added: UInt32, emptied: UInt32, largest: UInt32,
        majority: UInt32, binding: Bounded<7, BindingRule>
    ) {
        self.slots = slots
        self.assigned = assigned
        self.operators = operators
        self.moved = moved
        self.added = added
        self.emptied = emptied
        self.largest = largest
        self.majority = majority
        self.binding = binding
    }

    public var isComplete: Bool { assigned == slots }

    public static let fields = Fields(
        Field("slots", "Nodes in all.") { $0.slots }, Field("assigned", "Nodes with an operator.") { $0.assigned },
        Field("operators", "Operators that hold one node or more.") { $0.operators },
        Field("moved", "Nodes that went from one operator to another.") { $0.moved },
        Field("added", "Nodes that had no operator and have one.") { $0.added },
        Field("emptied", "Nodes that had an operator and have none.") { $0.emptied },
        Field("largest", "The nodes of the operator with the most.") { $0.largest },
        Field("majority", "The smallest number of operators that hold more than half of the nodes.") { $0.majority },
        Field("binding", "What binds when not all nodes have an operator; what the rules allow is together what is assigned. Empty when it was not found out.") { $0.binding },
        make: {
            MappingSummary(
                slots: $0, assigned: $1, operators: $2, moved: $3, added: $4, emptied: $5, largest: $6, majority: $7, binding: $8)
        })
}
