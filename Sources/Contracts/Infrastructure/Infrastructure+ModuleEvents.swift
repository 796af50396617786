public import Execution
public import Ledger
public import Primitives

extension Infrastructure {
    /// An artifact was set or removed.
    public struct ArtifactChanged: Hashable, ContractEvent {
        public static let name: EventName = "ArtifactChanged"
        public static let documentation: StaticString = "An artifact was set or removed."
        public let application: ApplicationName
        public let name: ArtifactName
        public let artifact: Artifact?

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("name", "Which.") { $0.name },
            Field("artifact", "What it is; none when it was removed.") { $0.artifact },
            make: { ArtifactChanged(application: $0, name: $1, artifact: $2) })
    }

    /// A node was reported.
    public struct InstanceReported: Hashable, ContractEvent {
        public static let name: EventName = "InstanceReported"
        public static let documentation: StaticString = "A node was reported."
        public let application: ApplicationName
        public let instance: Instance

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("instance", "How it does.") { $0.instance },
            make: { InstanceReported(application: $0, instance: $1) })
    }

    /// A node was tested.
    public struct InstanceTested: Hashable, ContractEvent {
        public static let name: EventName = "InstanceTested"
        public static let documentation: StaticString = "A node was tested."
        public let application: ApplicationName
        public let slot: UInt32
        public let operatorNumber: UInt32
        public let test: TestResult

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("slot", "Which.") { $0.slot },
            Field("operatorNumber", "Whose.") { $0.operatorNumber },
            Field("test", "What was found.") { $0.test },
            make: { InstanceTested(application: $0, slot: $1, operatorNumber: $2, test: $3) })
    }

    /// The rules for who runs what changed.
    public struct MapperChanged: Hashable, ContractEvent {
        public static let name: EventName = "MapperChanged"
        public static let documentation: StaticString = "The rules for who runs what changed."
        public let application: ApplicationName
        public let policy: MappingPolicy
        public let rotation: UInt32

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("policy", "The rules beside the document's.") { $0.policy },
            Field("rotation", "The part of nodes that an epoch draws again, in parts per million.") { $0.rotation },
            make: { MapperChanged(application: $0, policy: $1, rotation: $2) })
    }

    /// What decides an assignment was written down.
    public struct MappingFrozen: Hashable, ContractEvent {
        public static let name: EventName = "MappingFrozen"
        public static let documentation: StaticString = "What decides an assignment was written down."
        public let application: ApplicationName
        public let number: UInt64
        public let revision: UInt64
        public let inputDigest: Digest
        public let slots: UInt32
        public let candidates: UInt32

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("number", "The how-manyeth.") { $0.number },
            Field("revision", "Of which revision.") { $0.revision },
            Field("inputDigest", "SHA-256 of what decides it.") { $0.inputDigest },
            Field("slots", "Nodes.") { $0.slots },
            Field("candidates", "Operators.") { $0.candidates },
            make: { MappingFrozen(application: $0, number: $1, revision: $2, inputDigest: $3, slots: $4, candidates: $5) })
    }

    /// An assignment was computed.
    public struct Mapped: Hashable, ContractEvent {
        public static let name: EventName = "Mapped"
        public static let documentation: StaticString = "An assignment was computed."
        public let application: ApplicationName
        public let number: UInt64
        public let outcome: MappingRecord.Outcome

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("number", "The how-manyeth.") { $0.number },
            Field("outcome", "What it is like; moves among it.") { $0.outcome },
            make: { Mapped(application: $0, number: $1, outcome: $2) })
    }

    /// Somebody or something was put on the blacklist.
    public struct Banned: Hashable, ContractEvent {
        public static let name: EventName = "Banned"
        public static let documentation: StaticString = "Somebody or something was put on the blacklist."
        public let application: ApplicationName
        public let ban: Ban

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("ban", "Who, and why.") { $0.ban },
            make: { Banned(application: $0, ban: $1) })
    }

    /// Somebody or something was taken off the blacklist.
    public struct Unbanned: Hashable, ContractEvent {
        public static let name: EventName = "Unbanned"
        public static let documentation: StaticString = "Somebody or something was taken off the blacklist."
        public let application: ApplicationName
        public let subject: Subject
        public let reason: Reason

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("subject", "Who or what.") { $0.subject },
            Field("reason", "Why.") { $0.reason },
            make: { Unbanned(application: $0, subject: $1, reason: $2) })
    }

    /// An account was given a reputation.
    public struct Rated: Hashable, ContractEvent {
        public static let name: EventName = "Rated"
        public static let documentation: StaticString = "An account was given a reputation."
        public let application: ApplicationName
        public let account: Address
        public let rating: Rating

        public static let fields = Fields(
            Field("application", "In which.") { $0.application },
            Field("account", "Whose.") { $0.account },
            Field("rating", "Which.") { $0.rating },
            make: { Rated(application: $0, account: $1, rating: $2) })
    }

    /// A pattern was forbidden, or taken back.
    public struct PatternChanged: Hashable, ContractEvent {
        public static let name: EventName = "PatternChanged"
        public static let documentation: StaticString = "A pattern was forbidden, or taken back."
        public let application: ApplicationName
        public let pattern: ForbiddenPattern
        public let isForbidden: Bool

        public static let fields = Fields(
            Field("application", "Of which.") { $0.application },
            Field("pattern", "Which.") { $0.pattern },
            Field("isForbidden", "Whether it is forbidden now.") { $0.isForbidden },
            make: { PatternChanged(application: $0, pattern: $1, isForbidden: $2) })
    }
}
