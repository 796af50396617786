public import Execution
public import Primitives

/// Infrastructure as code on the chain: documents of the TOSCA standard, who may change them, and who runs what they describe.
///
/// An application is one namespace of eight modules. Each has a permission (a vote, an account, k of n accounts) that decides who may
/// change it:
///
/// | Module | What it keeps |
/// |---|---|
/// | `core` | settings: stake threshold, unit stake, operators at most, epoch, least reputation |
/// | `governance` | the owner, who sets the permissions of the other modules |
/// | `names` | operators with their stake, names and places |
/// | `artifacts` | images and other files by content identifier |
/// | `topology` | the document, revision by revision |
/// | `templates` | what runs: address, status, measurements |
/// | `mapper` | rules, and the assignment of operators to nodes |
/// | `security` | blacklists, reputation, patterns that are forbidden whoever wants them |
///
/// - Operators join by themselves when their stake and reputation suffice and the list has room. The stake lies with this contract: it cannot
///   be moved while it counts. The contract's balance is the sum of all stakes, see ``Books``.
/// - An assignment looks forward: `freeze` writes down everything that decides it, and `map` computes it from a beacon that did not exist then.
/// - Anyone may call both; whoever does pays for the work.
public enum Infrastructure: BuiltInContract {
    public static let name: StaticString = "infrastructure"
    public static let documentation: StaticString =
        "Applications described by TOSCA documents: revisions, operators, artifacts, nodes, and who runs what by verifiable randomness."
    public typealias Rejections = InfrastructureRejection

    public static var methods: [any ContractMethod] {
        [create, configure, setPermission, offerOwnership, acceptOwnership]
            + [importDocument, draft, adopt, discard]
            + [join, addStake, updateOperator, leave, withdraw, removeOperator]
            + [setArtifact, removeArtifact, report, recordTest]
            + [setMapper, freeze, map]
            + [ban, unban, rate, forbid, allow]
            + [application, applications, revision, history, objects, object, changes, drafts, operators, operatorInfo, artifacts]
            + [instances, topologyOf, mapping, mappingInput, assignment, bans, patterns, decentralisation, books]
    }

    public static var events: [any ContractEvent.Type] {
        [Created.self, Configured.self, PermissionChanged.self, OwnershipOffered.self, OwnershipAccepted.self]
            + [Imported.self, Drafted.self, Discarded.self]
            + [OperatorJoined.self, OperatorChanged.self, OperatorLeft.self, StakeWithdrawn.self]
            + [ArtifactChanged.self, InstanceReported.self, InstanceTested.self]
            + [MapperChanged.self, MappingFrozen.self, Mapped.self]
            + [Banned.self, Unbanned.self, Rated.self, PatternChanged.self]
    }

    public static var storage: [any StorageDeclaration] {
        [records, revisions, revisionParts, draftRecords, draftParts, operatorRecords, operatorNumbers, operatorNames, credentials, leaving]
            + [artifactRecords, instanceRecords, mappings, frozenParts, assignmentPages, banRecords, ratings, patternLists, drawCount, held, draftNumbers]
    }

    /// Operators of one application.
    public static let operatorsMax = 5_000
    /// Patterns of one application.
    public static let patternsMax = 32
    /// Drafts of one application that wait to be adopted, and those of one author among them.
    public static let draftsMax: UInt32 = 64
    public static let draftsOfAuthorMax = 8
    /// Slots of one page of an assignment.
    public static let slotsPerPage = 1_024
    /// Bytes of one part of something that does not fit in one value.
    static let partBytes = 49_152
    /// Blocks of the shortest and the longest epoch of an application.
    static let epochBlocksRange: ClosedRange<UInt64> = 1...10_000_000
    /// What gas pays of one step of the mapper; `benchmarks gas` and `benchmarks infrastructure-calls` show it.
    static let gasPerMappingStep: UInt64 = 2
    /// Entries of one page of a view.
    static let pageMax = 100

    static func pageSize(_ limit: UInt16) -> Int { max(1, min(pageMax, Int(limit))) }
}

extension Address {
    /// The contract of applications and their infrastructure.
    public static let infrastructure = Infrastructure.address
}
