public import Execution
public import Ledger
public import Primitives

/// Something that no object of a document may be, whoever wants it: a vote does not override it.
public struct ForbiddenPattern: Hashable, Record {
    public enum GlobBound: TextBound { public static var bytesMax: Int { 128 } }
    public typealias Glob = BoundedText<GlobBound>
    public enum ReasonBound: TextBound { public static var bytesMax: Int { 256 } }
    public typealias Reason = BoundedText<ReasonBound>

    /// None for all sections.
    public let section: DocumentSection?
    /// Of the object's name: `*` stands for any text and `?` for any byte.
    public let name: Glob
    /// The way into the value: keys of maps, where `*` stands for every key of a map and every element of a list.
    public let path: Bounded<8, Glob>
    public let test: Test
    /// Whether it can never be taken back.
    public let isPermanent: Bool
    public let reason: Reason

    public init(
        section: DocumentSection?, name: Glob, path: Bounded<8, Glob>, test: Test, isPermanent: Bool = false, reason: Reason
    ) {
        self.section = section
        self.name = name
        self.path = path
        self.test = test
        self.isPermanent = isPermanent
        self.reason = reason
    }

    public static let fields = Fields(
        Field("section", "Which part of the document; none for all.") { $0.section },
        Field("name", "The object's name: * stands for any text, ? for any byte.") { $0.name },
        Field("path", "Keys on the way into the value; * stands for every key or element.") { $0.path },
        Field("test", "What must not hold of a value there.") { $0.test },
        Field("isPermanent", "Whether it can never be taken back.") { $0.isPermanent },
        Field("reason", "Why.") { $0.reason },
        make: { ForbiddenPattern(section: $0, name: $1, path: $2, test: $3, isPermanent: $4, reason: $5) })

    /// What is asked of a value. Numbers are compared as integers; other values are no numbers, and fail such tests.
    public enum Test: Hashable, Choice {
        /// Something is there.
        case exists
        case equals(Glob)
        case matches(Glob)
        /// Below or above a number, which stands shifted by 2⁶³ so that it has no sign.
        case below(UInt64)
        case above(UInt64)

        public static let cases: [Case<Test>] = [
            Case("exists", "Something is there.", .exists),
            Case("equals", "A text, an integer, a decimal or a truth value, as text.", Test.equals) { if case .equals(let text) = $0 { text } else { nil } },
            Case("matches", "A text that fits, with * and ? in it.", Test.matches) { if case .matches(let glob) = $0 { glob } else { nil } },
            Case("below", "An integer below this one minus 2⁶³.", Test.below) { if case .below(let number) = $0 { number } else { nil } },
            Case("above", "An integer above this one minus 2⁶³.", Test.above) { if case .above(let number) = $0 { number } else { nil } },
        ]

        /// As the tests of numbers write `number`.
        public static func shifted(_ number: Int64) -> UInt64 { UInt64(bitPattern: number) ^ (1 << 63) }

        func holds(of value: DocumentValue) -> Bool {
            switch (self, value) {
            case (.exists, _): true
            case (.equals(let wanted), .text(let text)): wanted.text.utf8.elementsEqual(text.utf8)
            case (.equals(let wanted), .integer(let number)): wanted.text.utf8.elementsEqual(String(number).utf8)
            case (.equals(let wanted), .decimal(let decimal)): wanted.text.utf8.elementsEqual(decimal.text.utf8)
            case (.equals(let wanted), .boolean(let flag)): wanted.text.utf8.elementsEqual((flag ? "true" : "false").utf8)
            case (.matches(let glob), .text(let text)): ForbiddenPattern.matches(glob, text)
            case (.below(let bound), .integer(let number)): Self.shifted(number) < bound
            case (.above(let bound), .integer(let number)): Self.shifted(number) > bound
            default: false
            }
        }
    }

    /// Whether `object` is of the kind that is forbidden.
    public func applies(to object: DocumentObject) -> Bool {
        guard section == nil || section == object.section, Self.matches(name, object.name) else { return false }
        return holds(of: object.value, path.elements[...])
    }

    private func holds(of value: DocumentValue, _ path: ArraySlice<Glob>) -> Bool {
        guard let step = path.first else { return test.holds(of: value) }
        let rest = path.dropFirst(), isAny = step.text == "*"
        return switch value {
        case .map(let members): members.contains { (isAny || $0.name.utf8.elementsEqual(step.text.utf8)) && holds(of: $0.value, rest) }
        case .list(let values): isAny && values.contains { holds(of: $0, rest) }
        default: false
        }
    }

    /// Compares by bytes. After a mismatch the last `*` takes one byte more, which no other `*` can better.
    static func matches(_ glob: Glob, _ text: String) -> Bool {
        let pattern = Array(glob.text.utf8), text = Array(text.utf8)
        var at = 0, place = 0, star: Int?, taken = 0
        while place < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = at
                taken = place
                at += 1
            } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == text[place] {
                at += 1
                place += 1
            } else if let star {
                taken += 1
                at = star + 1
                place = taken
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
