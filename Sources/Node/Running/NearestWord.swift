/// Finds what somebody probably meant to type.
public enum NearestWord {
    /// The word that takes the fewest changes of letters, if these are at most a third of it.
    public static func find(_ word: String, in words: some Sequence<String>) -> String? {
        // Far longer than any name; the work grows with the square.
        let typed = Array(word.lowercased().utf8.prefix(100))
        var best: (word: String, distance: Int)?
        for candidate in words {
            let distance = distance(typed, Array(candidate.lowercased().utf8))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(2, best.word.utf8.count / 3) else { return nil }
        return best.word
    }

    /// How many letters must be put in, taken out or exchanged (Levenshtein).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let next = min(row[j + 1] + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[right.count]
    }
}
