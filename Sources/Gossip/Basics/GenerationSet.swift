/// Remembers the newest members in bounded memory, in two generations: insertions go to the young one; when it is full it
/// becomes the old one and what was old is forgotten. So the newest `capacity / 2` members are always known.
struct GenerationSet<Member: Hashable> {
    let capacity: Int
    private var young: Set<Member> = []
    private var old: Set<Member> = []

    init(capacity: Int) {
        precondition(capacity >= 2)
        self.capacity = capacity
    }

    var count: Int { young.count + old.count }

    func contains(_ member: Member) -> Bool { young.contains(member) || old.contains(member) }

    /// False when the member was known already.
    @discardableResult mutating func insert(_ member: Member) -> Bool {
        if contains(member) { return false }
        if young.count >= capacity / 2 {
            old = young
            young = []
        }
        young.insert(member)
        return true
    }
}
