/// Steps of the mapper, counted against those that were allowed. Whatever walks over many items says so before it does.
struct MappingWork {
    /// One more would pass the work that was allowed.
    struct OverLimit: Error {}

    let most: Int
    private(set) var done = 0

    init(most: Int) { self.most = most }

    mutating func charge(_ steps: Int) throws(OverLimit) {
        guard steps <= most - done else { throw OverLimit() }
        done += steps
    }
}
