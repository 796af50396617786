/// The kinds of problems. Their texts are part of the interface and never reused for something else.
public enum ProblemCode: String, Hashable, Sendable, CaseIterable {
    // YAML
    case yamlSyntax = "yaml.syntax"
    case yamlEncoding = "yaml.encoding"
    case yamlDuplicateKey = "yaml.duplicate-key"
    case yamlLimit = "yaml.limit"
    case yamlTag = "yaml.tag"
    case yamlKey = "yaml.key"

    // Files
    case fileMissing = "file.missing"
    case fileRefused = "file.refused"
    case fileLimit = "file.limit"
    case archiveDamaged = "archive.damaged"
    case archiveRefused = "archive.refused"

    // Shape
    case versionUnknown = "document.version"
    case keyUnknown = "document.key-unknown"
    case keyMissing = "document.key-missing"
    case shape = "document.shape"
    case name = "document.name"
    case importCycle = "document.import-cycle"
    case notRepresentable = "document.not-representable"

    // Types
    case typeUnknown = "type.unknown"
    case typeDuplicate = "type.duplicate"
    case typeCycle = "type.cycle"
    case typeWrong = "type.wrong"
    case typeRefinement = "type.refinement"

    // Values
    case propertyUnknown = "property.unknown"
    case propertyMissing = "property.missing"
    case valueType = "value.type"
    case valueConstraint = "value.constraint"
    case constraintInvalid = "constraint.invalid"
    case functionInvalid = "function.invalid"
    case functionReference = "function.reference"
    case inputUnknown = "input.unknown"

    // Topology
    case templateUnknown = "template.unknown"
    case requirementUnknown = "requirement.unknown"
    case requirementTarget = "requirement.target"
    case requirementCount = "requirement.count"
    case requirementCycle = "requirement.cycle"
    case capabilityUnknown = "capability.unknown"
    case interfaceUnknown = "interface.unknown"
    case operationUnknown = "operation.unknown"
    case artifactMissing = "artifact.missing"
    case artifactReference = "artifact.reference"
    case groupMember = "group.member"
    case policyTarget = "policy.target"
    case substitution = "substitution.mapping"
    case workflow = "workflow.step"

    // Plan
    case planInstances = "plan.instances"
    case planAssignment = "plan.assignment"
    case planMapping = "plan.mapping"
}
