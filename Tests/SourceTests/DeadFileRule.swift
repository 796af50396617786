/// Finds files of `Sources` that nothing else mentions.
///
/// A file is alive when another Swift file names a type, protocol, alias or free function that it declares; a file of
/// extensions only, when another names one of the members it adds or, if it only adds conformances, the extended type.
/// This misses some dead files and accuses no live one, except a program's entry point, which is told by `@main`.
enum DeadFileRule {
    static func violations(_ files: [SourceFile]) -> [Violation] {
        let swift = files.filter(\.isSwift)
        var mentions: [String: Int] = [:]
        var words: [String: Set<String>] = [:]
        for file in swift {
            let set = Set(identifiers(in: file.code).map(String.init))
            words[file.path] = set
            for word in set { mentions[word, default: 0] += 1 }
        }
        return swift.filter { $0.room != nil }.compactMap { file in
            if file.code.contains("@main") || file.path.hasSuffix("/main.swift") { return nil }
            let names = declarations(in: file)
            // The file itself counts once.
            if names.contains(where: { mentions[$0, default: 0] > 1 }) { return nil }
            return Violation(file, "nothing mentions what it declares (\(names.sorted().joined(separator: ", ")))")
        }
    }

    static func declarations(in file: SourceFile) -> Set<String> {
        var owners: Set<String> = [], members: Set<String> = [], extended: Set<String> = []
        for (_, line) in file.codeLines {
            let depth = line.prefix(while: { $0 == " " }).count / 4
            guard depth <= 1 else { continue }
            let tokens = identifiers(in: line)
            for (keyword, name) in zip(tokens, tokens.dropFirst()) {
                switch keyword {
                case "struct", "class", "enum", "protocol", "actor", "typealias", "macro": if name != "func" && name != "var" { owners.insert(String(name)) }
                case "func", "var", "let": if depth == 0 { owners.insert(String(name)) } else { members.insert(String(name)) }
                case "init": members.insert(String(name))
                case "extension": extended.insert(String(name))
                default: break
                }
            }
        }
        if extended.isEmpty || !owners.isEmpty { return owners }
        return members.isEmpty ? extended : members
    }

    private static func identifiers(in text: some StringProtocol) -> [Substring] {
        Substring(text).split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") })
            .filter { !($0.first?.isNumber ?? true) }
    }
}
