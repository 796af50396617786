/// Which modules are accepted and how far they may run. A profile is part of the protocol: two nodes with different profiles
/// disagree about contracts, so that a change is a new profile and takes effect at a height.
///
/// Every count of a module is compared with its bound before memory is set aside for it.
public struct Profile: Sendable {
    /// Bytes of a whole module.
    public var moduleBytesMax = 512 * 1024
    public var typesMax = 1024
    public var parametersMax = 32
    public var resultsMax = 8
    public var functionsMax = 4096
    public var importsMax = 64
    public var exportsMax = 256
    public var globalsMax = 64
    /// Locals that one function declares beside its parameters.
    public var localsMax = 1024
    /// The same, summed over all functions: they are run-length encoded, four bytes make a million.
    public var localsTotalMax = 50_000
    /// Nested blocks, the function's body included.
    public var nestingMax = 256
    /// The height of one function's operand stack.
    public var operandHeightMax = 4096
    /// Entries of one `br_table`, without the default.
    public var branchTableMax = 1024
    public var tablesMax = 1
    public var tableElementsMax: UInt32 = 4096
    public var elementSegmentsMax = 1024
    public var dataSegmentsMax = 1024
    /// Pages of 64 KiB of a memory: a declaration beyond it is refused, growth beyond it fails with -1. Two megabytes are what the caches
    /// and the address tables of a processor still cover: in a larger memory a load, in an order that somebody chose for it, takes ten times
    /// as long, whatever is paid for it.
    public var memoryPagesMax: UInt32 = 32
    /// Frames of one run, nested runs included.
    public var framesMax: UInt32 = 1024
    /// The sum over all frames of parameters, locals and the operand stack's greatest height as validation sees it.
    public var slotsMax: UInt32 = 65_536

    /// What a module may import and must export; nil leaves imports to the instantiation.
    public var interface: Interface?
    /// A start function would run code before anybody pays for a call.
    public var allowsStartFunction = false
    /// `table.copy`, `table.init`, `elem.drop`, typed `select`, all forms of element segments.
    public var allowsTableInstructions = false

    /// The first version of the limits for contracts.
    public static func contracts(_ interface: Interface) -> Profile {
        var profile = Profile()
        profile.interface = interface
        return profile
    }

    /// For the specification's own tests: sizes that no contract needs, start functions, and imports of any kind.
    public static let conformance: Profile = {
        var profile = Profile()
        profile.parametersMax = 1000
        profile.resultsMax = 1000
        profile.exportsMax = 1024
        profile.localsMax = 2048
        profile.globalsMax = 1024
        profile.tablesMax = 16
        profile.tableElementsMax = 1 << 20
        profile.memoryPagesMax = 65_536
        profile.allowsStartFunction = true
        profile.allowsTableInstructions = true
        return profile
    }()

    init() {}
}

/// The functions that a contract may import, by exact name and type, and what it has to export.
public struct Interface: Sendable {
    public struct Function: Sendable {
        public let module: String
        public let name: String
        public let type: FunctionType

        public init(_ module: String, _ name: String, _ type: FunctionType) {
            self.module = module
            self.name = name
            self.type = type
        }
    }

    public let imports: [Function]
    /// The same by their names.
    private let types: [Name: [Name: FunctionType]]
    public let exports: [(name: String, type: FunctionType)]
    /// The name under which the memory is exported, if it has to be.
    public let memoryExport: String?

    public init(imports: [Function], exports: [(name: String, type: FunctionType)], memoryExport: String?) {
        self.imports = imports
        types = imports.reduce(into: [:]) { $0[Name($1.module), default: [:]][Name($1.name)] = $1.type }
        self.exports = exports
        self.memoryExport = memoryExport
    }

    /// The type of a function that may be imported.
    func type(of name: Name, from module: Name) -> FunctionType? { types[module]?[name] }
}
