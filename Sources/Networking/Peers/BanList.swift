/// Who may not connect, until when. Bounded: when it is full, the ban that ends first makes room.
struct BanList<Key: Hashable & Sendable>: Sendable {
    let countMax: Int
    private var ends: [Key: UInt64] = [:]

    init(countMax: Int) {
        precondition(countMax > 0)
        self.countMax = countMax
    }

    var count: Int { ends.count }

    /// Bans until `end`; a longer ban that is there already stays.
    mutating func ban(_ key: Key, until end: UInt64, now: UInt64) {
        if let current = ends[key] {
            ends[key] = max(current, end)
            return
        }
        if ends.count == countMax { ends = ends.filter { $0.value > now } }
        if ends.count == countMax, let first = ends.min(by: { $0.value < $1.value }) { ends[first.key] = nil }
        ends[key] = end
    }

    mutating func lift(_ key: Key) { ends[key] = nil }

    mutating func contains(_ key: Key, now: UInt64) -> Bool {
        guard let end = ends[key] else { return false }
        if end > now { return true }
        ends[key] = nil
        return false
    }
}
