public import Execution
public import Primitives

/// The part of a document that an object stands in. The order is that of the canonical form; a number is never reused.
public enum DocumentSection: UInt8, CaseIterable, Sendable {
    /// What is said once of the whole document, by its keyword: its version, description, metadata.
    case header
    case repositories
    case artifactTypes
    case dataTypes
    case capabilityTypes
    case interfaceTypes
    case relationshipTypes
    case nodeTypes
    case groupTypes
    case policyTypes
    case inputs
    case nodeTemplates
    case relationshipTemplates
    case groups
    case policies
    case workflows
    case outputs
    case substitutionMappings
    /// Files that came with the document, by their path in it: content identifier, type and size.
    case files

    /// The keyword of the TOSCA standard, as schemas and commands write it: `node_templates`.
    public var name: String { Self.names[Int(rawValue)] }

    /// The section of this name; nil when there is none.
    public init?(name: String) {
        guard let index = Self.names.firstIndex(of: name) else { return nil }
        self = Self.allCases[index]
    }

    private static let names = allCases.map { section in
        "\(section)".reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}

extension DocumentSection: Comparable, OrderedKey {
    public static func < (left: DocumentSection, right: DocumentSection) -> Bool { left.rawValue < right.rawValue }

    public func encode(into encoder: inout BCSEncoder) { encoder.encodeVariant(Int(rawValue)) }
    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self = Self.allCases[try decoder.decodeVariant(count: Self.allCases.count)]
    }

    public static var schema: TypeSchema {
        .choice(name: "DocumentSection", allCases.map { CaseSchema(name: $0.name, documentation: $0.meaning, type: nil) })
    }

    public func append(to key: inout [UInt8]) { key.append(rawValue) }
    public init?(reading key: [UInt8], at position: inout Int) {
        guard let raw = UInt8(reading: key, at: &position), let section = Self(rawValue: raw) else { return nil }
        self = section
    }

    private var meaning: String {
        switch self {
        case .header: "What is said once of the whole document."
        case .repositories: "Where files come from."
        case .artifactTypes: "Types of artifacts."
        case .dataTypes: "Types of data."
        case .capabilityTypes: "Types of capabilities."
        case .interfaceTypes: "Types of interfaces."
        case .relationshipTypes: "Types of relationships."
        case .nodeTypes: "Types of nodes."
        case .groupTypes: "Types of groups."
        case .policyTypes: "Types of policies."
        case .inputs: "Parameters of the topology."
        case .nodeTemplates: "Nodes of the topology."
        case .relationshipTemplates: "Relationships of the topology."
        case .groups: "Groups of nodes."
        case .policies: "Policies for nodes and groups."
        case .workflows: "Workflows."
        case .outputs: "What the topology tells when it runs."
        case .substitutionMappings: "What the topology can stand for."
        case .files: "Files that came with the document."
        }
    }
}
