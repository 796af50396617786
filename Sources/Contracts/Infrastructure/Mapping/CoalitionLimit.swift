/// Keeps any `members` operators from holding more than half of `slots` together.
///
/// With H = ⌊slots / 2⌋ and any level m ≤ H / members: if each operator holds m at most, and all that is held beyond m is
/// together H − members × m at most, no coalition holds more than H; and every assignment without such a coalition is of that form, with
/// m what its `members`th operator holds. So the best level is found by trying all, and what is beyond it is given in the order asked for.
struct CoalitionLimit {
    let members: Int
    let slots: Int

    /// `units` with those of the operators `among` lowered. `order` holds every operator.
    func applied(to units: [Int], order: [Int], among: [Int]) -> [Int] {
        let half = slots / 2
        guard members > 0, !among.isEmpty else { return units }
        let top = among.map { units[$0] }.sorted(by: >).prefix(members).reduce(0, +)
        guard top > half else { return units }
        let level = best(among.map { units[$0] }, half)
        var beyond = half - members * level
        var limited = units
        var isAmong = Array(repeating: false, count: units.count)
        for index in among {
            isAmong[index] = true
            limited[index] = min(units[index], level)
        }
        for index in order where isAmong[index] && beyond > 0 {
            let more = min(beyond, units[index] - limited[index])
            limited[index] += more
            beyond -= more
        }
        return limited
    }

    /// The highest level that is good for all slots, or else for the most.
    private func best(_ units: [Int], _ half: Int) -> Int {
        let most = half / members
        // How many operators have at least so many units.
        var having = Array(repeating: 0, count: most + 2)
        var sum = 0
        for count in units {
            having[min(count, most + 1)] += 1
            sum += count
        }
        for level in stride(from: most, through: 0, by: -1) { having[level] += having[level + 1] }
        var best = 0, bestTotal = -1, base = 0
        for level in 0...most {
            if level > 0 { base += having[level] }
            let total = min(slots, base + min(half - members * level, sum - base))
            if total >= bestTotal {
                best = level
                bestTotal = total
            }
        }
        return best
    }
}
