import Contracts

/// The keys of every part of a service template: TOSCA Simple Profile in YAML 1.3, chapter 3, with the older spellings of 1.0 to 1.2.
enum Grammar {
    static let versions = ["tosca_simple_yaml_1_0", "tosca_simple_yaml_1_1", "tosca_simple_yaml_1_2", "tosca_simple_yaml_1_3"]

    static let serviceTemplate = Entity(title: "service template", required: ["tosca_definitions_version"], keys: [
        ("tosca_definitions_version", .text), ("namespace", .text), ("description", .text), ("metadata", .map(.text)), ("dsl_definitions", .value),
        ("repositories", .map(.entity(repository))), ("imports", .list(.value)),
    ] + TypeKind.allCases.map { ($0.section.name, .map(.entity($0.entity))) } + [("topology_template", .entity(topology))])

    static let repository = Entity(title: "repository", short: "url", required: ["url"], keys: [("description", .text), ("url", .text), ("credential", .value)])
    static let importDefinition = Entity(title: "import", short: "file", required: ["file"], keys: [
        ("file", .text), ("repository", .text), ("namespace_uri", .text), ("namespace_prefix", .text),
    ])

    // MARK: Types

    private static let common: [(name: String, shape: Shape)] = [("derived_from", .text), ("version", .text), ("metadata", .map(.text)), ("description", .text)]
    private static let properties: (name: String, shape: Shape) = ("properties", .map(.entity(property)))
    private static let attributes: (name: String, shape: Shape) = ("attributes", .map(.entity(attribute)))
    private static let interfaces: (name: String, shape: Shape) = ("interfaces", .map(.entity(interface)))

    static let artifactType = Entity(title: "artifact type", keys: common + [("mime_type", .text), ("file_ext", .list(.text)), properties])
    static let dataType = Entity(title: "data type", keys: common + [
        ("constraints", .oneOrMore(.value)), properties, ("key_schema", .entity(schema)), ("entry_schema", .entity(schema)),
    ])
    static let capabilityType = Entity(title: "capability type", keys: common + [properties, attributes, ("valid_source_types", .list(.text))])
    static let interfaceType = Entity(title: "interface type", keys: common + [
        ("inputs", .map(.value)), ("operations", .map(.entity(operation))), ("notifications", .map(.entity(operation))),
    ], others: "operations")
    static let relationshipType = Entity(title: "relationship type", keys: common + [properties, attributes, interfaces, ("valid_target_types", .list(.text))])
    static let nodeType = Entity(title: "node type", keys: common + [
        properties, attributes, ("requirements", .singles(.entity(requirementDefinition))), ("capabilities", .map(.entity(capabilityDefinition))),
        interfaces, ("artifacts", .map(.entity(artifact))),
    ])
    static let groupType = Entity(title: "group type", keys: common + [
        properties, attributes, ("members", .list(.text)), ("requirements", .singles(.entity(requirementDefinition))),
        ("capabilities", .map(.entity(capabilityDefinition))), interfaces,
    ])
    static let policyType = Entity(title: "policy type", keys: common + [properties, ("targets", .list(.text)), ("triggers", .map(.entity(trigger)))])

    // MARK: Definitions

    static let property = Entity(title: "property definition", keys: [
        ("type", .text), ("description", .text), ("required", .boolean), ("default", .value), ("status", .text), ("constraints", .oneOrMore(.value)),
        ("key_schema", .entity(schema)), ("entry_schema", .entity(schema)), ("external-schema", .text), ("metadata", .map(.text)),
    ])
    static let attribute = Entity(title: "attribute definition", keys: [
        ("type", .text), ("description", .text), ("default", .value), ("status", .text), ("constraints", .oneOrMore(.value)),
        ("key_schema", .entity(schema)), ("entry_schema", .entity(schema)), ("metadata", .map(.text)),
    ])
    static let parameter = Entity(title: "parameter", keys: property.keys + [("value", .value)])
    /// Schemas hold schemas; the inner ones are read when the outer one is.
    static let schema = Entity(title: "schema", short: "type", required: ["type"], keys: [
        ("type", .text), ("description", .text), ("constraints", .oneOrMore(.value)), ("key_schema", .value), ("entry_schema", .value),
    ])
    static let capabilityDefinition = Entity(title: "capability definition", short: "type", keys: [
        ("type", .text), ("description", .text), properties, attributes, ("valid_source_types", .list(.text)), ("occurrences", .occurrences),
    ])
    static let requirementDefinition = Entity(title: "requirement definition", short: "capability", keys: [
        ("description", .text), ("capability", .text), ("node", .text), ("relationship", .entity(relationship)), ("occurrences", .occurrences),
        ("node_filter", .value), ("metadata", .map(.text)),
    ])
    static let relationship = Entity(title: "relationship", short: "type", isWrittenShort: true, required: ["type"], keys: [
        ("type", .text), ("properties", .map(.value)), ("interfaces", .map(.entity(interface))),
    ])
    static let interface = Entity(title: "interface", keys: [
        ("type", .text), ("description", .text), ("inputs", .map(.value)), ("operations", .map(.entity(operation))), ("notifications", .map(.entity(operation))),
    ], others: "operations")
    static let operation = Entity(title: "operation", short: "implementation", isWrittenShort: true, keys: [
        ("description", .text), ("implementation", .entity(implementation)), ("inputs", .map(.value)), ("outputs", .map(.value)),
    ])
    static let implementation = Entity(title: "implementation", short: "primary", isWrittenShort: true, keys: [
        ("primary", .word(or: artifact)), ("dependencies", .list(.word(or: artifact))), ("timeout", .value), ("operation_host", .text),
    ])
    static let artifact = Entity(title: "artifact", short: "file", isWrittenShort: true, required: ["file"], keys: [
        ("type", .text), ("file", .text), ("repository", .text), ("description", .text), ("deploy_path", .text), ("artifact_version", .text),
        ("checksum", .text), ("checksum_algorithm", .text), ("properties", .map(.value)), ("metadata", .map(.text)),
    ])
    static let trigger = Entity(title: "trigger", keys: [
        ("description", .text), ("event", .value), ("event_type", .value), ("schedule", .value), ("target_filter", .entity(eventFilter)), ("condition", .value),
        ("constraint", .value), ("period", .value), ("evaluations", .value), ("method", .value), ("action", .value),
    ])
    static let eventFilter = Entity(title: "event filter", required: ["node"], keys: [("node", .text), ("requirement", .text), ("capability", .text)])

    // MARK: Topology

    static let topology = Entity(title: "topology template", keys: [
        ("description", .text), ("inputs", .map(.entity(parameter))), ("node_templates", .map(.entity(nodeTemplate))),
        ("relationship_templates", .map(.entity(relationshipTemplate))), ("groups", .map(.entity(group))), ("policies", .singles(.entity(policy))),
        ("outputs", .map(.entity(parameter))), ("substitution_mappings", .entity(substitution)), ("workflows", .map(.entity(workflow))),
    ])
    static let nodeTemplate = Entity(title: "node template", required: ["type"], keys: [
        ("type", .text), ("description", .text), ("metadata", .map(.text)), ("directives", .list(.text)), ("properties", .map(.value)), ("attributes", .map(.value)),
        ("requirements", .singles(.entity(requirement))), ("capabilities", .map(.entity(capability))), interfaces, ("artifacts", .map(.entity(artifact))),
        ("node_filter", .value), ("copy", .text),
    ])
    static let requirement = Entity(title: "requirement", short: "node", isWrittenShort: true, keys: [
        ("node", .text), ("capability", .text), ("relationship", .entity(relationship)), ("node_filter", .value), ("occurrences", .occurrences),
    ])
    static let capability = Entity(title: "capability", keys: [("properties", .map(.value)), ("attributes", .map(.value)), ("occurrences", .occurrences)])
    static let relationshipTemplate = Entity(title: "relationship template", required: ["type"], keys: [
        ("type", .text), ("description", .text), ("metadata", .map(.text)), ("properties", .map(.value)), ("attributes", .map(.value)), interfaces, ("copy", .text),
    ])
    static let group = Entity(title: "group", required: ["type"], keys: [
        ("type", .text), ("description", .text), ("metadata", .map(.text)), ("properties", .map(.value)), ("attributes", .map(.value)), ("members", .list(.text)), interfaces,
    ])
    static let policy = Entity(title: "policy", required: ["type"], keys: [
        ("type", .text), ("description", .text), ("metadata", .map(.text)), ("properties", .map(.value)), ("targets", .list(.text)), ("triggers", .map(.entity(trigger))),
    ])
    static let workflow = Entity(title: "workflow", keys: [
        ("description", .text), ("metadata", .map(.text)), ("inputs", .map(.entity(parameter))), ("preconditions", .list(.value)), ("steps", .map(.entity(step))),
        ("implementation", .entity(implementation)), ("outputs", .map(.value)),
    ])
    static let step = Entity(title: "step", required: ["target", "activities"], keys: [
        ("target", .text), ("target_relationship", .text), ("operation_host", .text), ("filter", .list(.value)), ("activities", .list(.value)),
        ("on_success", .oneOrMore(.text)), ("on_failure", .oneOrMore(.text)),
    ])
    static let substitution = Entity(title: "substitution mapping", required: ["node_type"], keys: [
        ("node_type", .text), ("substitution_filter", .value), ("properties", .map(.value)), ("attributes", .map(.value)), ("capabilities", .map(.value)),
        ("requirements", .map(.value)), ("interfaces", .map(.value)),
    ])
}
