/// Why a module is not accepted: where, and what is wrong there.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// The bytes are not a module.
        case malformed(String)
        /// A module that the specification refuses.
        case invalid(String)
        /// A module that the specification allows and this interpreter does not run.
        case unsupported(Feature)
        /// More of something than the profile allows.
        case exceeds(limit: String, found: UInt64, allowed: UInt64)
        /// An import that the profile's interface does not offer, or with another type.
        case unknownImport(String)
        /// An export that the interface asks for and the module lacks or types differently.
        case missingExport(String)
    }

    public enum Feature: String, Hashable, Sendable {
        case floatingPoint = "floating point"
        case vectors = "vector instructions"
        case threads = "threads"
        case references = "reference types"
        case memory64 = "64-bit memories"
        case multipleMemories = "more than one memory"
        case exceptions = "exceptions"
        case tailCalls = "tail calls"
        case garbageCollection = "garbage collection"
        case startFunction = "a start function"
        case globalImports = "imports other than functions"
    }

    public let reason: Reason
    /// The function it happens in, counted with the imported ones, if in any.
    public let function: Int?
    /// The byte of the module.
    public let offset: Int

    init(_ reason: Reason, at offset: Int, function: Int? = nil) {
        self.reason = reason
        self.function = function
        self.offset = offset
    }

    public var description: String {
        let place = function.map { "function \($0), " } ?? ""
        return "\(place)offset \(offset): \(reason)"
    }
}

extension Refusal.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let text), .invalid(let text): text
        case .unsupported(let feature): "\(feature.rawValue) may not be used"
        case .exceeds(let limit, let found, let allowed): "\(limit): \(found) is more than the \(allowed) allowed"
        case .unknownImport(let name): "nothing to import as \(name) with this type"
        case .missingExport(let name): "must export \(name)"
        }
    }
}
