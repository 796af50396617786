/// Rules about files as such: long ones, dead ones, notes, paths, and the layout of the tree.
enum TidyRule {
    static let linesMax = 600
    static let topLevel: Set<String> = ["Package.swift", "Package.resolved", "Sources", "Tests", "Genesis", "Deploy", "README.md"]

    static func longFiles(_ files: [SourceFile]) -> [Violation] {
        files.filter { $0.isSwift && $0.textLines.count > linesMax }.map {
            Violation($0, "\($0.textLines.count) lines: above \(linesMax) a file holds two ideas")
        }
    }

    // The words are put together here, so that this file does not break its own rules.
    private static let notes = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
    private static let places = ["/" + "work", "/" + "farm", "/" + "home", "/" + "root"]

    /// Notes to oneself: finish it, or say plainly in the documentation what is missing.
    static func notesLeft(_ files: [SourceFile]) -> [Violation] {
        files.flatMap { file in
            file.textLines.flatMap { number, line in
                notes.filter { isWord($0, in: line) }.map { Violation(file, line: number, "a note left in the tree: \($0)") }
            }
        }
    }

    /// Paths of one machine. The project refers to nothing outside itself.
    static func foreignPaths(_ files: [SourceFile]) -> [Violation] {
        files.flatMap { file in
            file.textLines.flatMap { number, line -> [Violation] in
                var found = places.filter { startsPath($0 + "/", in: line) }
                if line.contains("../" + "shared") { found.append("../" + "shared") }
                return found.map { Violation(file, line: number, "names a place outside the project: \($0)") }
            }
        }
    }

    static func unsafeFlags(_ files: [SourceFile]) -> [Violation] {
        files.filter { $0.path == "Package.swift" && $0.code.contains("unsafeFlags") }.map {
            Violation($0, "unsafe flags keep a package from being used by others, and hide what the compiler is told")
        }
    }

    static func layout(_ names: [String]) -> [Violation] {
        names.filter { !topLevel.contains($0) }.map { Violation(path: $0, "does not belong to the fixed top level") }
    }

    /// Every room with Swift in it opens with a page `Room.docc/Room.md` titled by its name.
    static func landingPages(_ files: [SourceFile]) -> [Violation] {
        let pages = Dictionary(files.map { ($0.path, $0.text) }, uniquingKeysWith: { first, _ in first })
        return Set(files.compactMap(\.room)).sorted().compactMap { room in
            let path = "Sources/\(room)/\(room).docc/\(room).md"
            guard let page = pages[path] else { return Violation(path: path, "the room \(room) has no landing page") }
            return page.hasPrefix("# ``\(room)``\n") ? nil : Violation(path: path, line: 1, "the title must be # ``\(room)``")
        }
    }

    private static func isWord(_ word: String, in line: Substring) -> Bool {
        line.ranges(of: word).contains { range in
            let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
            let after = range.upperBound < line.endIndex ? line[range.upperBound] : " "
            return !before.isLetter && !after.isLetter
        }
    }

    private static func startsPath(_ path: String, in line: Substring) -> Bool {
        line.ranges(of: path).contains { range in
            guard range.lowerBound > line.startIndex else { return true }
            let before = line[line.index(before: range.lowerBound)]
            return !(before.isLetter || before.isNumber || "_.$}/".contains(before))
        }
    }
}
