/// Why something about a contract's source, build or test cannot be done: a stable code, what happened, where, and what to do next.
public struct KitError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case declarationMalformed = "contract.declaration-malformed"
        case scenarioMalformed = "contract.test-malformed"
        case projectUnknown = "contract.project-unknown"
        case projectExists = "contract.project-exists"
        case fileUnwritable = "contract.file-unwritable"
        case toolMissing = "contract.tool-missing"
        case buildFailed = "contract.build-failed"
        case codeRefused = "contract.code-refused"
        case deploymentFailed = "contract.deployment-failed"
    }

    public let code: Code
    public let what: String
    /// What a tool printed, or what is behind the failure.
    public var why: String?
    public var next: String?

    public init(_ code: Code, _ what: String, why: String? = nil, next: String? = nil) {
        self.code = code
        self.what = what
        self.why = why
        self.next = next
    }

    public var description: String { [what, why, next].compactMap { $0 }.joined(separator: "\n") }
}
