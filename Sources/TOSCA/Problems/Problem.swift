/// Something in a document that is not as it must be: where it is, what it is, and what to do about it.
public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Refused, or only worth a look.
    public enum Severity: String, Hashable, Sendable { case error, warning }

    public let code: ProblemCode
    public let severity: Severity
    /// What is wrong, without a full stop.
    public let message: String
    /// What to do about it.
    public let remedy: String
    public let place: Place
    /// From the root of its file, with dots: `topology_template.node_templates.worker_1.type`.
    public let path: String

    public init(_ code: ProblemCode, _ message: String, remedy: String, place: Place, path: String = "", severity: Severity = .error) {
        self.code = code
        self.severity = severity
        self.message = message
        self.remedy = remedy
        self.place = place
        self.path = path
    }

    public var description: String {
        "\(place): \(severity.rawValue) \(code.rawValue)\(path.isEmpty ? "" : " at \(path)"): \(message); \(remedy)"
    }
}

/// A place in a file, as editors count: lines and columns from 1; 0 where a whole file is meant.
public struct Place: Hashable, Sendable, CustomStringConvertible {
    public let file: String
    public let line: Int
    public let column: Int

    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}

/// Why a document was refused: its problems in the order of their places, at least one of them an error.
public struct DocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    public let problems: [Problem]
    /// Whether there are more than are told.
    public let isCut: Bool

    public init(problems: [Problem], isCut: Bool = false) {
        self.problems = problems
        self.isCut = isCut
    }

    public var description: String {
        problems.map(\.description).joined(separator: "\n") + (isCut ? "\nand more" : "")
    }
}

/// Collects problems while a document is read, so that its author hears of many at once.
final class ProblemList {
    private(set) var problems: [Problem] = []
    private var seen: Set<Problem> = []
    private(set) var isCut = false

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    func add(_ problem: Problem) {
        guard !seen.contains(problem) else { return }
        guard problems.count >= TemplateLimits.problemsMax else {
            problems.append(problem)
            seen.insert(problem)
            return
        }
        isCut = true
        // An error is never lost to warnings that came before it; what is not kept is not remembered either.
        guard problem.severity == .error, let place = problems.lastIndex(where: { $0.severity == .warning }) else { return }
        seen.remove(problems[place])
        problems[place] = problem
        seen.insert(problem)
    }

    /// What is said is put together only when somebody will read it.
    func add(_ code: ProblemCode, _ message: @autoclosure () -> String, remedy: @autoclosure () -> String, at node: YAMLNode, severity: Problem.Severity = .error) {
        guard !isFull(for: severity) else { isCut = true; return }
        add(Problem(code, message(), remedy: remedy(), place: node.place, path: node.path, severity: severity))
    }

    private func isFull(for severity: Problem.Severity) -> Bool {
        problems.count >= TemplateLimits.problemsMax && (severity == .warning || !problems.contains { $0.severity == .warning })
    }

    /// Throws what was collected when there is an error in it.
    func check() throws(DocumentError) {
        if hasErrors { throw DocumentError(problems: sorted, isCut: isCut) }
    }

    var sorted: [Problem] {
        problems.enumerated().sorted { first, second in
            let (a, b) = (first.element.place, second.element.place)
            if a.file != b.file { return first.offset < second.offset }
            return (a.line, a.column, first.offset) < (b.line, b.column, second.offset)
        }.map(\.element)
    }
}
