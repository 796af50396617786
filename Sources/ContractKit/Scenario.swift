/// What must hold of a contract: tests of a few lines each, as people read them.
///
/// ```
/// deploy name=Grain supply=1000            # before the first test: what init gets; as `deploy … with 5`, with a value
///
/// test units move
///     alice transfer to=@bob amount=300    # a transaction of alice's that must succeed
///     emits Transferred from=@alice to=@bob amount=300
///     view balance_of account=@bob -> 300
///     bob transfer to=@carol amount=301 !! balance_too_low
///     bob deposit with 2.5 -> 1            # with 2.5 TRL
///     dave identity.attest subject=@bob …  # of another contract
///     pass 60000                           # block time, in milliseconds
/// ```
///
/// Everybody who is named has a million TRL; `alice` deploys. `@bob` is an address, and so are `@contract` and the contracts of the protocol.
/// A value with blanks stands in double quotes; records, choices and lists are JSON without blanks, as `members=["@bob","@carol"]`.
struct Scenario: Equatable {
    struct Deployment: Equatable {
        var arguments: [Argument] = []
        var value: String?
    }

    struct Argument: Equatable {
        let name: String
        let text: String
    }

    enum Expectation: Equatable {
        /// Of whatever result.
        case success
        case result(String)
        /// The name of an error of the contract that failed, of the machine, or `outOfGas`.
        case failure(String)
    }

    enum Step: Equatable {
        /// - Parameter who: nil asks a view.
        case call(who: String?, contract: String?, method: String, [Argument], value: String?, Expectation)
        case emits(event: String, [Argument])
        case pass(UInt64)
    }

    struct Test: Equatable {
        let name: String
        var steps: [(line: Int, text: String, step: Step)]

        static func == (left: Test, right: Test) -> Bool {
            left.name == right.name && left.steps.elementsEqual(right.steps) { $0 == $1 }
        }
    }

    private(set) var deployment = Deployment()
    private(set) var tests: [Test] = []

    init(_ text: String) throws(KitError) {
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = index + 1
            let words = try Self.words(raw, line)
            guard let first = words.first else { continue }
            switch first {
            case "test":
                guard words.count > 1 else { throw Self.failure(line, "a test has a name") }
                tests.append(Test(name: words.dropFirst().joined(separator: " "), steps: []))
            case "deploy" where tests.isEmpty:
                var rest = words.dropFirst()
                deployment.value = try Self.value(&rest, line)
                deployment.arguments = try Self.arguments(rest, line)
            default:
                guard !tests.isEmpty else { throw Self.failure(line, "steps belong to a test: test NAME") }
                tests[tests.count - 1].steps.append((line, String(raw).trimmed, try Self.step(words, line)))
            }
        }
    }

    private static func step(_ words: [String], _ line: Int) throws(KitError) -> Step {
        var rest = words.dropFirst()
        switch words[0] {
        case "pass":
            guard rest.count == 1, let milliseconds = UInt64(rest[1]), milliseconds <= 1 << 40 else { throw failure(line, "pass MILLISECONDS") }
            return .pass(milliseconds)
        case "emits":
            guard let event = rest.popFirst() else { throw failure(line, "emits EVENT name=value …") }
            return .emits(event: event, try arguments(rest, line))
        default:
            guard let target = rest.popFirst() else { throw failure(line, "WHO METHOD name=value …, or view METHOD name=value …") }
            let expectation = try expectation(&rest, line), value = try value(&rest, line)
            let parts = target.split(separator: ".", maxSplits: 1).map(String.init), who = words[0] == "view" ? nil : words[0]
            guard who != nil || value == nil else { throw failure(line, "a view takes no value") }
            return .call(
                who: who, contract: parts.count == 2 ? parts[0] : nil, method: parts.last ?? target, try arguments(rest, line), value: value, expectation)
        }
    }

    private static func expectation(_ rest: inout ArraySlice<String>, _ line: Int) throws(KitError) -> Expectation {
        guard let mark = rest.firstIndex(where: { $0 == "->" || $0 == "!!" }) else { return .success }
        guard mark + 2 == rest.endIndex else { throw failure(line, "one word follows \(rest[mark]); put blanks into double quotes") }
        defer { rest = rest[..<mark] }
        return rest[mark] == "->" ? .result(rest[mark + 1]) : .failure(rest[mark + 1])
    }

    private static func value(_ rest: inout ArraySlice<String>, _ line: Int) throws(KitError) -> String? {
        guard let mark = rest.firstIndex(of: "with") else { return nil }
        guard mark + 2 == rest.endIndex else { throw failure(line, "with AMOUNT comes behind the arguments") }
        defer { rest = rest[..<mark] }
        return rest[mark + 1]
    }

    private static func arguments(_ words: ArraySlice<String>, _ line: Int) throws(KitError) -> [Argument] {
        var arguments: [Argument] = []
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { throw failure(line, "\(word) is not name=value") }
            arguments.append(Argument(name: String(word[..<equals]), text: String(word[word.index(after: equals)...])))
        }
        return arguments
    }

    /// Words with blanks between; quotes keep blanks, and a `#` that begins a word begins a comment.
    private static func words(_ line: Substring, _ number: Int) throws(KitError) -> [String] {
        var words: [String] = [], word = "", isOpen = false, isQuoted = false
        for character in line {
            if isQuoted {
                if character == "\"" { isQuoted = false } else { word.append(character) }
            } else if character.isWhitespace {
                if isOpen { words.append(word) }
                (word, isOpen) = ("", false)
            } else if character == "#", !isOpen {
                return words
            } else {
                isOpen = true
                // In the middle of a value a quote is part of it, as in JSON.
                if character == "\"", word.isEmpty || word.firstIndex(of: "=") == word.indices.last { isQuoted = true } else { word.append(character) }
            }
        }
        guard !isQuoted else { throw failure(number, "a quote is not closed") }
        if isOpen { words.append(word) }
        return words
    }

    private static func failure(_ line: Int, _ reason: String) -> KitError { KitError(.scenarioMalformed, "contract.test, line \(line): \(reason)") }

    /// Everybody who is named, as a caller or behind an `@`.
    var people: [String] {
        var people = ["alice", "bob", "carol"]
        func add(_ arguments: [Argument]) { people += arguments.flatMap { Self.named(in: $0.text) } }
        add(deployment.arguments)
        for test in tests {
            for step in test.steps {
                switch step.step {
                case .call(let who, _, _, let arguments, _, let expectation):
                    if let who { people.append(who) }
                    add(arguments)
                    if case .result(let text) = expectation { people += Self.named(in: text) }
                case .emits(_, let arguments): add(arguments)
                case .pass: break
                }
            }
        }
        return people
    }

    /// The names behind each `@` of a text.
    static func named(in text: String) -> [String] {
        text.split(separator: "@", omittingEmptySubsequences: false).dropFirst().map { String($0.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }) }
    }

    /// The text with each `@name` replaced.
    static func replacing(_ text: String, _ address: (String) -> String) -> String {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts[0])) { made, part in
            let name = part.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
            return made + address(String(name)) + part.dropFirst(name.count)
        }
    }
}
