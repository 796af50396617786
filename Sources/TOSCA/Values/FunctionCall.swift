/// A call of one of the standard's functions (TOSCA 1.3, chapter 4): a map whose one key is its name.
struct FunctionCall {
    enum Name: String, CaseIterable {
        case concat, join, token
        case getInput = "get_input"
        case getProperty = "get_property"
        case getAttribute = "get_attribute"
        case getOperationOutput = "get_operation_output"
        case getNodesOfType = "get_nodes_of_type"
        case getArtifact = "get_artifact"
    }

    let name: Name
    let argument: YAMLNode

    /// nil when the node is a value. A record with a property called `token` is a value where the standard's `token` cannot be meant.
    init?(_ node: YAMLNode, in schema: Schema? = nil) {
        guard let (key, argument) = node.single, let name = Name(rawValue: key) else { return nil }
        if [.concat, .join, .token].contains(name) {
            guard argument.isList else { return nil }
            if case .record(let type)? = schema?.base, type.layers("properties", of: key) != nil { return nil }
        }
        self.name = name
        self.argument = argument
    }

    /// The arguments as a list, whatever their notation.
    var arguments: [YAMLNode] { argument.isList ? argument.items : [argument] }
}

/// Where a value stands: what SELF, SOURCE and TARGET mean there.
struct Scope {
    /// SELF: a template, or a type while nothing is made of it yet.
    var type: TypeDefinition?
    var template: Template?
    /// For relationships.
    var source: Template?
    var target: Template?
    /// In a type, what templates will add is not known.
    var isDefinition = false
}

/// A template of a topology with its type.
final class Template {
    let name: String
    let node: YAMLNode
    let type: TypeDefinition
    /// Filled when requirements are checked.
    var targets: [(requirement: String, target: Template, assignment: YAMLNode)] = []
    /// Capabilities by the number of relationships that lead to them.
    var uses: [String: Int] = [:]

    init(name: String, node: YAMLNode, type: TypeDefinition) {
        self.name = name
        self.node = node
        self.type = type
    }

    var directives: [String] { node["directives"]?.items.compactMap(\.text) ?? [] }
    /// Chosen by an orchestrator among what exists: its values are conditions, and may be missing.
    var isSelected: Bool { directives.contains("select") || directives.contains("selectable") }
}
