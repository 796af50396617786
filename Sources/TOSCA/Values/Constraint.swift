import Contracts

/// One condition on values, its operands read as the type that they limit (TOSCA 1.3, section 3.6.3).
struct Constraint {
    enum Rule {
        case equal(YAMLNode)
        case order(TypedScalar, isAllowed: @Sendable (_ isLess: Bool, _ isEqual: Bool) -> Bool)
        case range(TypedScalar?, TypedScalar?)
        case values([YAMLNode])
        case length(min: Int, max: Int?)
        case pattern(Pattern)
        /// A schema for JSON or XML: kept for those who know it.
        case foreign
    }

    static let operators = [
        "equal", "greater_than", "greater_or_equal", "less_than", "less_or_equal", "in_range", "valid_values", "length", "min_length", "max_length", "pattern", "schema",
    ]

    let rule: Rule
    /// As it is written.
    let text: String

    init?(_ node: YAMLNode, of schema: Schema, _ checker: Checker) {
        func invalid(_ why: String, at place: YAMLNode? = nil) -> Constraint? {
            checker.problems.add(.constraintInvalid, why, remedy: "constraints are lists of maps like `greater_or_equal: 1`", at: place ?? node)
            return nil
        }
        guard let (name, operand) = node.single else { _ = invalid("a constraint is a map with one operator"); return nil }
        guard Self.operators.contains(name) else {
            _ = invalid("there is no constraint `\(name)`" + (Spelling.nearest(to: name, among: Self.operators).map { "; did you mean `\($0)`?" } ?? ""), at: operand)
            return nil
        }
        /// An operand as a scalar of the type, or of what a range is made of.
        func scalar(_ node: YAMLNode) -> TypedScalar? {
            let type = schema.simple == .range ? .integer : schema.simple
            guard let type, case .scalar(let words) = node.content, let typed = TypedScalar(words, as: type) else {
                _ = invalid("\(node.kind) is no \(schema.name)", at: node)
                return nil
            }
            node.typed = typed
            return typed
        }
        func ordered(_ isAllowed: @escaping @Sendable (Bool, Bool) -> Bool) -> Rule? {
            guard let limit = scalar(operand) else { return nil }
            guard limit.order != nil else { _ = invalid("values of the type \(schema.name) have no order"); return nil }
            return .order(limit, isAllowed: isAllowed)
        }
        func count() -> Int? {
            guard schema.simple == .string || schema.simple == .list || schema.simple == .map else { _ = invalid("a \(schema.name) has no length"); return nil }
            guard case .scalar(let words) = operand.content, case .integer(let number)? = TypedScalar(words, as: .integer)?.value, number >= 0 else {
                _ = invalid("\(operand.kind) is no length", at: operand)
                return nil
            }
            return Int(number)
        }
        let rule: Rule?
        switch name {
        case "equal":
            rule = checker.holds(operand, schema) ? .equal(operand) : invalid("the operand is no \(schema.name)", at: operand)?.rule
        case "greater_than": rule = ordered { isLess, isEqual in !isLess && !isEqual }
        case "greater_or_equal": rule = ordered { isLess, _ in !isLess }
        case "less_than": rule = ordered { isLess, _ in isLess }
        case "less_or_equal": rule = ordered { isLess, isEqual in isLess || isEqual }
        case "in_range":
            guard operand.items.count == 2 else { _ = invalid("in_range takes two values in brackets", at: operand); return nil }
            let bounds = operand.items.map { $0.text == "UNBOUNDED" ? nil : scalar($0) }
            guard zip(bounds, operand.items).allSatisfy({ $0 != nil || $1.text == "UNBOUNDED" }) else { return nil }
            if let low = bounds[0], let high = bounds[1] {
                guard let isLess = TypedScalar.precedes(high, low) else { _ = invalid("values of the type \(schema.name) have no order"); return nil }
                guard !isLess else { _ = invalid("the range is empty", at: operand); return nil }
            }
            rule = .range(bounds[0], bounds[1])
        case "valid_values":
            guard operand.isList, !operand.items.isEmpty else { _ = invalid("valid_values takes a list", at: operand); return nil }
            guard operand.items.allSatisfy({ checker.holds($0, schema) }) else { _ = invalid("a valid value is no \(schema.name)", at: operand); return nil }
            rule = .values(operand.items)
        case "length": rule = count().map { .length(min: $0, max: $0) }
        case "min_length": rule = count().map { .length(min: $0, max: nil) }
        case "max_length": rule = count().map { .length(min: 0, max: $0) }
        case "pattern":
            guard schema.simple == .string, let text = operand.text else { _ = invalid("a pattern is a text and limits texts", at: operand); return nil }
            guard let pattern = Pattern(text) else { _ = invalid("the pattern is not one that can be judged in bounded time: \(text.prefix(80))", at: operand); return nil }
            operand.typed = TypedScalar(.text(text))
            rule = .pattern(pattern)
        default:
            guard schema.simple == .string, operand.text != nil else { _ = invalid("a schema is a text and limits texts", at: operand); return nil }
            rule = .foreign
        }
        guard let rule else { return nil }
        self.rule = rule
        text = "\(name) \(Self.words(operand))"
    }

    /// What ``allows(_:)`` takes, in comparisons.
    func cost(of value: YAMLNode) -> Int {
        switch rule {
        case .pattern(let pattern): pattern.cost * (1 + (value.text?.utf8.count ?? 0))
        case .values(let others): others.count
        case .equal, .order, .range, .length, .foreign: 1
        }
    }

    /// Whether a value that has the type satisfies the condition.
    func allows(_ value: YAMLNode) -> Bool {
        switch rule {
        case .equal(let other): Self.areEqual(value, other)
        case .values(let others): others.contains { Self.areEqual(value, $0) }
        case .order(let limit, let isAllowed):
            Self.scalars(value).allSatisfy { scalar in
                TypedScalar.precedes(scalar, limit).map { isAllowed($0, TypedScalar.areEqual(scalar, limit)) } ?? false
            }
        case .range(let low, let high):
            Self.scalars(value).allSatisfy { scalar in
                (low.map { TypedScalar.precedes(scalar, $0) == false } ?? true) && (high.map { TypedScalar.precedes($0, scalar) == false } ?? true)
            }
        case .length(let min, let max): Self.length(value).map { $0 >= min && $0 <= max ?? .max } ?? false
        case .pattern(let pattern): value.text.map(pattern.matches) ?? false
        case .foreign: true
        }
    }

    /// The scalar, or the two ends of a range; an end that is UNBOUNDED is beyond every limit.
    private static func scalars(_ value: YAMLNode) -> [TypedScalar] {
        value.isList ? value.items.map { $0.typed ?? TypedScalar(.null) } : [value.typed ?? TypedScalar(.null)]
    }

    private static func length(_ value: YAMLNode) -> Int? {
        switch value.content {
        case .scalar(let scalar): scalar.text.unicodeScalars.count
        case .list(let items): items.count
        case .map(let members): members.count
        }
    }

    private static func areEqual(_ left: YAMLNode, _ right: YAMLNode) -> Bool {
        switch (left.content, right.content) {
        case (.scalar, .scalar):
            guard let first = left.typed, let second = right.typed else { return false }
            return TypedScalar.areEqual(first, second)
        case (.list(let first), .list(let second)): return first.count == second.count && zip(first, second).allSatisfy(areEqual)
        case (.map(let first), .map(let second)):
            return first.count == second.count && first.allSatisfy { member in right[member.key].map { areEqual(member.value, $0) } ?? false }
        default: return false
        }
    }

    private static func words(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let scalar): String(scalar.text.prefix(60))
        case .list(let items): "[\(items.prefix(20).map(words).joined(separator: ", "))]"
        case .map: "…"
        }
    }
}
