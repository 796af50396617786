public import Execution
public import Ledger
public import Primitives

/// A contract in WebAssembly, as the machine sees it: code that passed every check, and the schema that it carries.
///
/// Each call gets an instance of its own with fresh memory; what lasts is in storage. The interpreter, and with it the bound on frames
/// and values, is shared by all calls of a transaction.
public struct WebAssemblyContract: Contract {
    /// The custom section that holds the schema, a `ContractSchema` in Binary Canonical Serialization.
    public static let schemaSection = "trellis_schema"
    /// Methods that only the contract `contracts` calls: when the code is deployed, and when it is replaced.
    public static let reserved: [MethodName] = ["init", "migrate"]

    public let schema: ContractSchema
    private let module: PreparedModule
    private let schemaBytes: Int
    private let observer: (any HostObserver)?
    private let functions: [HostFunction]
    private let types: [FunctionType]
    private let kinds: [MethodName: (kind: MethodKind, takesValue: Bool)]

    /// - Parameter observer: sees what the contract asks of its host.
    public init(_ code: [UInt8], observer: (any HostObserver)? = nil) throws(CodeRefusal) {
        self.observer = observer
        do { module = try PreparedModule(code, profile: .contracts) } catch { throw CodeRefusal("\(error)") }
        functions = module.imports.map { item in
            guard let function = HostFunction(rawValue: item.name) else { preconditionFailure("the profile knows every import") }
            return function
        }
        types = functions.map(\.type)
        guard let section = module.customSection(Self.schemaSection) else {
            throw CodeRefusal("the custom section \(Self.schemaSection) with the contract's schema is missing")
        }
        do { schema = try ContractSchema(bcs: section) } catch { throw CodeRefusal("the schema: \(error)") }
        schemaBytes = section.count
        kinds = try Self.kinds(of: schema)
    }

    private static func kinds(of schema: ContractSchema) throws(CodeRefusal) -> [MethodName: (kind: MethodKind, takesValue: Bool)] {
        var kinds: [MethodName: (kind: MethodKind, takesValue: Bool)] = [:]
        for method in schema.methods {
            guard let name = MethodName(method.name) else { throw CodeRefusal("the method name \(method.name) is too long") }
            guard method.kind != .hook else { throw CodeRefusal("the method \(name) is a hook: only built-in contracts have them") }
            guard method.kind == .call || !method.takesValue else { throw CodeRefusal("the view \(name) takes a value") }
            guard method.kind == .call || !reserved.contains(name) else { throw CodeRefusal("\(name) changes something and is no view") }
            guard kinds.updateValue((method.kind, method.takesValue), forKey: name) == nil else {
                throw CodeRefusal("the schema has two methods \(name)")
            }
        }
        var codes: Set<UInt32> = []
        for error in schema.errors where error.code < 100 || !codes.insert(error.code).inserted {
            throw CodeRefusal("the error code \(error.code) is below 100 or stands twice")
        }
        return kinds
    }

    public func kind(of method: MethodName) -> (kind: MethodKind, takesValue: Bool)? { kinds[method] }

    public func run(_ method: MethodName, _ arguments: [UInt8], _ context: CallContext) throws(CallError) -> [UInt8] {
        if Self.reserved.contains(method), !context.isCalledByDeployment { throw context.failure(.hookNotCallable) }
        try context.charge(module.instantiationGas + GasSchedule.codecPerByte * UInt64(arguments.count))
        let host = ContractHost(functions, method: method, input: arguments, context, observer: observer)
        let instance: Instance
        do throws(Instance.Failure) {
            instance = try Instance(module, imports: types.map { .host($0) }, host: host)
        } catch {
            switch error {
            case .trap(let trap): throw context.failure(trap)
            case .noAddressSpace: throw context.nodeFailure("no address space for a contract's memory")
            case .incompatibleImport: preconditionFailure("the profile knows every import")
            }
        }
        return try host.run(instance, on: context.shared { Interpreter(.contracts) })
    }

    /// Bytes that the prepared contract takes in memory at most, for whoever keeps it: the module, and what decoding made of its schema,
    /// whose smallest parts are a few bytes each and records of a hundred.
    public var byteCount: Int { module.memoryBytes + 32 * schemaBytes + 4_096 }
}

/// Prepares contracts and keeps none.
public struct WebAssemblyLoader: ContractLoader {
    private let observer: (any HostObserver)?

    public init(observer: (any HostObserver)? = nil) { self.observer = observer }
    public func known(_ codeHash: Digest) -> (any Contract)? { nil }
    public func prepare(_ code: [UInt8], hash: Digest) throws(CodeRefusal) -> any Contract { try WebAssemblyContract(code, observer: observer) }
}

extension CallContext {
    /// How a contract ends in whose code `trap` happened.
    func failure(_ trap: Trap) -> CallError {
        switch trap {
        case .unreachable: self.trap(.unreachable)
        case .memoryOutOfBounds: self.trap(.memoryOutOfBounds)
        case .tableOutOfBounds: self.trap(.tableOutOfBounds)
        case .undefinedElement: self.trap(.elementUndefined)
        case .uninitializedElement: self.trap(.elementUninitialized)
        case .signatureMismatch: self.trap(.signatureMismatch)
        case .divisionByZero: self.trap(.divisionByZero)
        case .integerOverflow: self.trap(.integerOverflow)
        case .stackExhausted: self.trap(.stackExhausted)
        case .outOfGas: CallError(.outOfGas, contract: contract, code: 0, message: "the gas limit is reached")
        case .host: preconditionFailure("the host keeps its reason")
        }
    }
}
