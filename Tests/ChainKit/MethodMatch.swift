public import Execution
import Ledger

extension MethodReference {
    /// Why calls through this reference would not be understood by a contract with `schema`; nil when they are. Names of types and
    /// their documentation may differ, what is encoded may not.
    public func mismatch(with schema: ContractSchema) -> String? {
        guard let method = schema.methods.first(where: { $0.name == name.text }) else { return "\(schema.name) has no method \(name)" }
        let types = types
        guard method.arguments.map(\.type.shape) == types.arguments.map(\.shape) else {
            return "\(name) takes \(method.arguments.map(\.type.shape)), the reference says \(types.arguments.map(\.shape))"
        }
        guard method.result.shape == types.result.shape else {
            return "\(name) returns \(method.result.shape), the reference says \(types.result.shape)"
        }
        return nil
    }
}

extension TypeSchema {
    /// The type without documentation and names of types, which encodings do not have.
    public var shape: TypeSchema {
        switch self {
        case .option(let wrapped): .option(wrapped.shape)
        case .list(let element, let max): .list(of: element.shape, max: max)
        case .record(_, let fields):
            .record(name: "", fields.map { FieldSchema(name: $0.name, documentation: "", type: $0.type.shape) })
        case .choice(_, let cases):
            .choice(name: "", cases.map { CaseSchema(name: $0.name, documentation: "", type: $0.type?.shape) })
        default: self
        }
    }
}
