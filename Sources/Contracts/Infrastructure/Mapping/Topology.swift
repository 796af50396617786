public import Execution
public import Ledger
public import Primitives

/// The nodes that an application wants operators for, in groups. A *slot* is the place of one node: slots are counted through the groups
/// in order, each as often as it has copies, and in a group through its parts.
public struct Topology: Hashable, Record {
    public static let slotsMax = 10_000
    /// Groups, each copy counted.
    public static let groupsMax = 256
    /// Bytes of a description, so that it fits in one stored value beside what is made of it.
    public static let bytesMax = 48 * 1_024

    public let groups: Bounded<256, TopologyGroup>

    /// nil when there are more groups, slots or bytes than ``groupsMax``, ``slotsMax`` and ``bytesMax``.
    public init?(_ groups: [TopologyGroup]) {
        guard let bounded = Bounded<256, TopologyGroup>(groups) else { return nil }
        self.init(groups: bounded)
    }

    init?(groups: Bounded<256, TopologyGroup>) {
        var copies = 0, slots = 0, bytes = 2
        for group in groups {
            guard group.copies >= 1, group.parts.allSatisfy({ $0.count >= 1 }), Int(group.copies) <= Self.groupsMax,
                  group.parts.allSatisfy({ Int($0.count) <= Self.slotsMax }) else { return nil }
            copies += Int(group.copies)
            slots += Int(group.copies) * group.size
            // Lengths and numbers beside the names.
            bytes += group.parts.reduce(8 + group.name.text.utf8.count) { $0 + 6 + $1.template.text.utf8.count }
            guard copies <= Self.groupsMax, slots <= Self.slotsMax, bytes <= Self.bytesMax else { return nil }
        }
        self.groups = groups
    }

    public static let fields = Fields(Field("groups", "In the order of the document.") { $0.groups }, make: { Topology(groups: $0) })

    /// The size of each group, copies one by one.
    public var sizes: [Int] { groups.flatMap { Array(repeating: $0.size, count: Int($0.copies)) } }
    public var slotCount: Int { groups.reduce(0) { $0 + Int($1.copies) * $1.size } }

    /// The nodes of one part of one copy of a group, and where their slots begin.
    public struct Run: Sendable {
        public let group: TopologyGroup
        /// The place of the copy among all groups.
        public let place: Int
        /// From 1.
        public let copy: Int
        public let part: TopologyPart
        public let firstSlot: Int
        public var count: Int { Int(part.count) }

        /// The name of the node at `index`, from 0: that of its template, with its numbers where there are several.
        public func instance(_ index: Int) -> String {
            if group.isShard { return "\(part.template)_\(copy)_\(index + 1)" }
            return count == 1 ? part.template.text : "\(part.template)_\(index + 1)"
        }
    }

    /// All runs in the order of their slots.
    public var runs: [Run] {
        var runs: [Run] = [], slot = 0, place = 0
        for group in groups {
            for copy in 1...Int(group.copies) {
                for part in group.parts {
                    runs.append(Run(group: group, place: place, copy: copy, part: part, firstSlot: slot))
                    slot += Int(part.count)
                }
                place += 1
            }
        }
        return runs
    }

    /// Whose node `slot` is; nil behind the last one.
    func run(of slot: Int) -> Run? {
        guard slot < slotCount else { return nil }
        return runs.last { $0.firstSlot <= slot }
    }

    /// What `assignment`, made for `self`, means for `other`: a node keeps its operator when its group, copy, template and number are still
    /// there.
    func carry(_ assignment: [UInt32], to other: Topology) -> [UInt32] {
        guard self != other else { return assignment }
        guard assignment.count == slotCount else { return [] }
        var carried = Array(repeating: UInt32(0), count: other.slotCount)
        // By bytes: texts would be equal where Unicode finds them alike.
        var before: [[UInt8]: Run] = [:]
        func key(_ run: Run) -> [UInt8] {
            var key: [UInt8] = []
            run.group.name.append(to: &key)
            UInt32(run.copy).append(to: &key)
            run.part.template.append(to: &key)
            return key
        }
        for run in runs { before[key(run)] = run }
        for run in other.runs {
            guard let old = before[key(run)] else { continue }
            for index in 0..<min(run.count, old.count) { carried[run.firstSlot + index] = assignment[old.firstSlot + index] }
        }
        return carried
    }
}

/// Nodes among which policies spread operators: a shard, or all nodes of a template that is in no shard.
public struct TopologyGroup: Hashable, Record {
    /// Of the template of the shard, or of the nodes.
    public let name: DocumentKey.Name
    public let isShard: Bool
    public let copies: UInt32
    public let parts: Bounded<64, TopologyPart>

    public init(name: DocumentKey.Name, isShard: Bool, copies: UInt32, parts: Bounded<64, TopologyPart>) {
        self.name = name
        self.isShard = isShard
        self.copies = copies
        self.parts = parts
    }

    /// Nodes of one copy.
    public var size: Int { parts.reduce(0) { $0 + Int($1.count) } }

    public static let fields = Fields(
        Field("name", "The template of the shard, or of the nodes.") { $0.name }, Field("isShard", "Whether it is a shard.") { $0.isShard },
        Field("copies", "How many of it there are.") { $0.copies }, Field("parts", "What one of it is made of.") { $0.parts },
        make: { TopologyGroup(name: $0, isShard: $1, copies: $2, parts: $3) })
}

/// Where the copies of groups stand among all groups of a topology.
struct GroupPlaces {
    // By bytes: texts would be equal where Unicode finds them alike.
    private var copies: [[UInt8]: Range<Int>] = [:]

    init(_ topology: Topology) {
        var place = 0
        for group in topology.groups {
            copies[Array(group.name.text.utf8)] = place..<place + Int(group.copies)
            place += Int(group.copies)
        }
    }

    /// nil when there is no such group, or no such copy of it, from 1.
    subscript(group: DocumentKey.Name, copy: UInt32) -> Int? {
        guard let places = copies[Array(group.text.utf8)], (1...places.count).contains(Int(copy)) else { return nil }
        return places.lowerBound + Int(copy) - 1
    }
}

/// Nodes of one template.
public struct TopologyPart: Hashable, Record {
    public let template: DocumentKey.Name
    public let count: UInt32

    public init(template: DocumentKey.Name, count: UInt32) {
        self.template = template
        self.count = count
    }

    public static let fields = Fields(
        Field("template", "Of which template.") { $0.template }, Field("count", "How many nodes.") { $0.count },
        make: { TopologyPart(template: $0, count: $1) })
}
