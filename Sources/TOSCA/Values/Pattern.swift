/// A regular expression of a template, judged in time that is bounded by its size times the text's: a nondeterministic automaton walked
/// breadth first (Thompson 1968). Who writes a template does not get to choose how long others think about it.
///
/// It knows what XML Schema and POSIX share: characters, `.`, classes, groups, `|`, `*`, `+`, `?`, `{n,m}`, `^`, `$`, and the escapes `\d \w \s`
/// with their opposites. What needs memory of earlier matches (`\1`, `(?=`) is refused.
struct Pattern {
    private indirect enum Expression {
        case empty
        case one(Set)
        case start, end
        case sequence([Expression])
        case either([Expression])
        case repeated(Expression, min: Int, max: Int?)
    }

    struct Set {
        var ranges: [ClosedRange<UInt32>] = []
        var isNegated = false

        func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }
    }

    private enum Step {
        case one(Set, next: Int)
        case fork(Int, Int)
        case start(next: Int), end(next: Int)
        case accept

        var cost: Int { if case .one(let set, _) = self { 1 + set.ranges.count } else { 1 } }
    }

    private static let stepsMax = 2_000
    /// Parts of an expression that are looked at while it is compiled, some of which make no step: what is repeated counts each time.
    private static let partsMax = 8_000
    private var steps: [Step] = []
    private let first: Int
    /// Comparisons for each character, at most.
    let cost: Int

    /// nil when `text` is no expression that is known, or one that grows too large.
    init?(_ text: String) {
        guard text.utf8.count <= 1_024 else { return nil }
        var parser = Parser(rest: Array(text.unicodeScalars))
        guard let expression = parser.alternatives(depth: 0), parser.position == parser.rest.count else { return nil }
        var compiler = Compiler(steps: [.accept])
        guard let first = compiler.compile(expression, next: 0) else { return nil }
        steps = compiler.steps
        self.first = first
        cost = steps.reduce(0) { $0 + $1.cost }
    }

    /// Whether the whole of `text` is in the language.
    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var current = reach([first], at: 0, of: scalars.count)
        for (index, scalar) in scalars.enumerated() {
            if current.isEmpty { return false }
            var next: [Int] = []
            for state in current { if case .one(let set, let target) = steps[state], set.contains(scalar.value) { next.append(target) } }
            current = reach(next, at: index + 1, of: scalars.count)
        }
        return current.contains { if case .accept = steps[$0] { true } else { false } }
    }

    /// The steps that are reached without reading.
    private func reach(_ states: [Int], at index: Int, of count: Int) -> [Int] {
        var seen = [Bool](repeating: false, count: steps.count), stack = states, result: [Int] = []
        while let state = stack.popLast() {
            guard !seen[state] else { continue }
            seen[state] = true
            switch steps[state] {
            case .fork(let first, let second): stack += [first, second]
            case .start(let next): if index == 0 { stack.append(next) }
            case .end(let next): if index == count { stack.append(next) }
            case .one, .accept: result.append(state)
            }
        }
        return result
    }

    private struct Compiler {
        var steps: [Step]
        var partsLeft = Pattern.partsMax

        mutating func add(_ step: Step) -> Int? {
            guard steps.count < Pattern.stepsMax else { return nil }
            steps.append(step)
            return steps.count - 1
        }

        mutating func compile(_ expression: Expression, next: Int) -> Int? {
            partsLeft -= 1
            guard partsLeft > 0 else { return nil }
            switch expression {
            case .empty: return next
            case .one(let set): return add(.one(set, next: next))
            case .start: return add(.start(next: next))
            case .end: return add(.end(next: next))
            case .sequence(let parts):
                var next = next
                for part in parts.reversed() {
                    guard let start = compile(part, next: next) else { return nil }
                    next = start
                }
                return next
            case .either(let parts):
                var result: Int?
                for part in parts.reversed() {
                    guard let start = compile(part, next: next) else { return nil }
                    guard let earlier = result else { result = start; continue }
                    guard let fork = add(.fork(start, earlier)) else { return nil }
                    result = fork
                }
                return result
            case .repeated(let part, let min, let max):
                var next = next
                if let max {
                    for _ in min..<Swift.max(min, max) {
                        guard let start = compile(part, next: next), let fork = add(.fork(start, next)) else { return nil }
                        next = fork
                    }
                } else {
                    // The loop's way back is known only when its body is there.
                    guard let fork = add(.fork(0, next)), let start = compile(part, next: fork) else { return nil }
                    steps[fork] = .fork(start, next)
                    next = fork
                }
                for _ in 0..<min {
                    guard let start = compile(part, next: next) else { return nil }
                    next = start
                }
                return next
            }
        }
    }

    private struct Parser {
        let rest: [Unicode.Scalar]
        var position = 0

        var next: Unicode.Scalar? { position < rest.count ? rest[position] : nil }

        mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard next == scalar else { return false }
            position += 1
            return true
        }

        mutating func alternatives(depth: Int) -> Expression? {
            guard depth < 32 else { return nil }
            var parts: [Expression] = []
            repeat {
                guard let part = sequence(depth: depth) else { return nil }
                parts.append(part)
            } while take("|")
            return parts.count == 1 ? parts[0] : .either(parts)
        }

        mutating func sequence(depth: Int) -> Expression? {
            var parts: [Expression] = []
            while let scalar = next, scalar != "|", scalar != ")" {
                guard let atom = atom(depth: depth), let part = counted(atom) else { return nil }
                parts.append(part)
            }
            return parts.isEmpty ? .empty : .sequence(parts)
        }

        mutating func counted(_ atom: Expression) -> Expression? {
            var result = atom, count = 0
            while let scalar = next, ["*", "+", "?", "{"].contains(scalar) {
                // `a**` and lazy `a*?` mean the same to a whole match; a tower of them only costs.
                guard count < 2, let bounds = bounds() else { return nil }
                result = .repeated(result, min: bounds.min, max: bounds.max)
                count += 1
            }
            return result
        }

        mutating func bounds() -> (min: Int, max: Int?)? {
            if take("*") { return (0, nil) }
            if take("+") { return (1, nil) }
            if take("?") { return (0, 1) }
            guard take("{"), let min = number() else { return nil }
            var max: Int? = min
            if take(",") { max = next == "}" ? nil : number() ?? -1 }
            guard take("}"), max.map({ $0 >= min }) ?? true else { return nil }
            return (min, max)
        }

        mutating func number() -> Int? {
            let start = position
            while let scalar = next, scalar.properties.numericType == .decimal, scalar.isASCII { position += 1 }
            guard position > start, position - start <= 3 else { return nil }
            return Int(String(String.UnicodeScalarView(rest[start..<position])))
        }

        mutating func atom(depth: Int) -> Expression? {
            guard let scalar = next else { return nil }
            position += 1
            switch scalar {
            case "(":
                if take("?") { guard take(":") else { return nil } }
                guard let inner = alternatives(depth: depth + 1), take(")") else { return nil }
                return inner
            case "[": return set().map { .one($0) }
            case ".": return .one(Set(ranges: [10...10], isNegated: true))
            case "^": return .start
            case "$": return .end
            case "*", "+", "?", "{": return nil
            case "\\": return escape().map { .one($0) }
            default: return .one(Set(ranges: [scalar.value...scalar.value]))
            }
        }

        mutating func escape() -> Set? {
            guard let scalar = next else { return nil }
            position += 1
            let digits: [ClosedRange<UInt32>] = [48...57], spaces: [ClosedRange<UInt32>] = [9...13, 32...32], words: [ClosedRange<UInt32>] = [48...57, 65...90, 95...95, 97...122]
            switch scalar {
            case "d": return Set(ranges: digits)
            case "D": return Set(ranges: digits, isNegated: true)
            case "s": return Set(ranges: spaces)
            case "S": return Set(ranges: spaces, isNegated: true)
            case "w": return Set(ranges: words)
            case "W": return Set(ranges: words, isNegated: true)
            case "n": return Set(ranges: [10...10])
            case "r": return Set(ranges: [13...13])
            case "t": return Set(ranges: [9...9])
            default: return scalar.properties.isAlphabetic || scalar.properties.numericType != nil ? nil : Set(ranges: [scalar.value...scalar.value])
            }
        }

        mutating func set() -> Set? {
            var result = Set()
            result.isNegated = take("^")
            var isFirst = true
            while let scalar = next, scalar != "]" || isFirst {
                isFirst = false
                position += 1
                var low = scalar.value
                if scalar == "\\" {
                    guard let escaped = escape(), !escaped.isNegated else { return nil }
                    guard escaped.ranges.count == 1, escaped.ranges[0].count == 1 else { result.ranges += escaped.ranges; continue }
                    low = escaped.ranges[0].lowerBound
                } else if scalar == "[", next == ":" {
                    return nil
                }
                guard next == "-", position + 1 < rest.count, rest[position + 1] != "]" else { result.ranges.append(low...low); continue }
                position += 1
                guard let end = next else { return nil }
                position += 1
                var high = end.value
                if end == "\\" {
                    guard let escaped = escape(), escaped.ranges.count == 1, escaped.ranges[0].count == 1 else { return nil }
                    high = escaped.ranges[0].lowerBound
                }
                guard low <= high else { return nil }
                result.ranges.append(low...high)
            }
            return take("]") ? result : nil
        }
    }
}
