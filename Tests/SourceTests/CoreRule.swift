/// What may not be said below the glass line: everything whose answer depends on when, where or how often it is asked.
enum CoreRule {
    /// A pattern over one line of code, and why it is refused.
    struct Ban: @unchecked Sendable {
        let pattern: Regex<AnyRegexOutput>
        let reason: String

        init(_ pattern: String, _ reason: String) {
            // Words as programmers see them: Unicode's own boundaries join `FileManager.default` into one.
            do { self.pattern = try Regex(pattern).wordBoundaryKind(.simple) } catch { preconditionFailure("\(pattern): \(error)") }
            self.reason = reason
        }
    }

    static let bans: [Ban] = [
        Ban(#"\b(Date|ContinuousClock|SuspendingClock|DispatchTime|clock_gettime|gettimeofday|mach_absolute_time)\b"#,
            "the core has no clock: time is a tick or a block time that is handed in"),
        Ban(#"\b(SystemRandomNumberGenerator|arc4random|getrandom|randombytes_\w+|RAND_bytes)\b|\.random\(in:[^,)]*\)|\.(randomElement|shuffled|shuffle)\(\)"#,
            "the core has no randomness: a seed is handed in"),
        Ban(#"\b(Task|TaskGroup|withTaskGroup|withThrowingTaskGroup|await|async|actor|AsyncStream|DispatchQueue|Thread)\b"#,
            "the core does not wait: a step takes a value and returns what should happen"),
        Ban(#"\b(Mutex|NSLock|NSRecursiveLock|Atomic|ManagedAtomic|pthread_\w+|OSAllocatedUnfairLock)\b"#,
            "the core has one owner and no locks"),
        Ban(#"\b(Float|Float16|Float32|Float64|Float80|Double|CGFloat)\b|(^|[^\w.$])\d[\d_]*(\.\d|e[+-]?\d)"#,
            "the core has no floating point"),
        Ban(#"\b(print|debugPrint|dump|readLine)\("#, "the core does not talk: it returns values"),
        Ban(#"\.hashValue\b|\bHasher\(\)"#, "hash values differ from run to run"),
        Ban(#"\b(FileManager|FileHandle|CommandLine|ProcessInfo|getenv|fopen|Locale|NSString)\b"#,
            "the core sees no files, no environment and no locale"),
    ]

    static func violations(_ files: [SourceFile]) -> [Violation] {
        files.filter(\.isCore).flatMap { file in
            file.codeLines.flatMap { number, line in
                bans.filter { line.contains($0.pattern) }.map { Violation(file, line: number, $0.reason) }
            }
        }
    }
}

/// Loops over dictionaries and sets, whose order differs from run to run.
enum OrderRule {
    /// Names are gathered from a type's own file and its `Type+Aspect.swift` siblings: a name elsewhere is another thing.
    static func violations(_ files: [SourceFile]) -> [Violation] {
        let core = files.filter(\.isCore)
        let families = Dictionary(grouping: core) { $0.path.prefix(while: { $0 != "+" && $0 != "." }) }
        return families.values.flatMap { family -> [Violation] in
            let names = Set(family.flatMap(unorderedNames))
            return family.flatMap { file in
                file.codeLines.compactMap { number, line in
                    loopSubject(line).flatMap { names.contains($0) ? Violation(file, line: number, "the order of \($0) differs from run to run: sort it") : nil }
                }
            }
        }.sorted { ($0.path, $0.line ?? 0) < ($1.path, $1.line ?? 0) }
    }

    /// `name: [Key: Value]`, `name: Set<Element>`, `name = [Key: Value]()`, `name = Set(…)`.
    private static func unorderedNames(_ file: SourceFile) -> [String] {
        file.codeLines.flatMap { _, line in
            line.matches(of: /(\w+)\s*(?::|=)\s*(?:\[[^\[\]:]+:[^\]]+\]|Set\s*[<(]|Dictionary\s*[<(])/).map { String($0.output.1) }
        }
    }

    /// What a `for` loop runs over, when that is a plain name or its keys or values.
    private static func loopSubject(_ line: Substring) -> String? {
        line.firstMatch(of: /\bfor\b.*\bin\s+(?:\w+\.)*?(\w+?)(?:\.keys|\.values|\.lazy|\.enumerated\(\))*\s*(?:\{|where\b)/).map { String($0.output.1) }
    }
}

/// Who may make TLS: contexts and handlers of the library that ask no peer for its key are made as easily as others.
enum TLSRule {
    static let wrapper = "Sources/Networking/TLS/NodeTLS.swift"
    /// Asks the servers of others, as every client of HTTP does, and trusts an operator's own authority where one is named.
    static let outward = "Sources/Monitoring/HTTP/HTTPFetcher.swift"
    static let libraryTypes = ["NIOSSLContext(", "NIOSSLServerHandler(", "NIOSSLClientHandler(", "TLSConfiguration."]

    static func violations(_ files: [SourceFile]) -> [Violation] {
        files.filter { $0.room != nil && $0.path != wrapper && $0.path != outward }.flatMap { file in
            file.codeLines.filter { _, line in libraryTypes.contains(where: line.contains) }.map {
                Violation(file, line: $0.number, "connections between nodes are secured in \(wrapper) alone")
            }
        }
    }
}

/// Who may say that a signature has been checked.
enum VerificationRule {
    /// The one file that calls the library's verification: mixing verifiers forks a chain.
    static let wrapper = "Sources/Cryptography/Ed25519.swift"
    static let libraryCalls = ["crypto_sign_verify_detached", "crypto_sign_open", "crypto_sign_ed25519_verify_detached", "EVP_DigestVerify"]

    static func violations(_ files: [SourceFile]) -> [Violation] {
        files.filter { $0.room != nil }.flatMap { file in
            file.codeLines.flatMap { number, line -> [Violation] in
                var found: [Violation] = []
                if line.contains("@_spi(Verification)"), line.contains("import"), file.room != "Cryptography" {
                    found.append(Violation(file, line: number, "only Cryptography and tests may make a Verified value"))
                }
                if file.path != wrapper, libraryCalls.contains(where: line.contains) {
                    found.append(Violation(file, line: number, "signatures are verified in \(wrapper) alone"))
                }
                return found
            }
        }
    }
}
