/// A decoded module, its bodies still in binary form: what the translator and the instantiation need.
struct Module {
    struct Import {
        let module: Name
        let name: Name
        let type: ExternalType
        /// For a function: its type's number.
        let typeIndex: UInt32
    }

    /// Something exported or addressed by its number in the index space of its kind.
    enum Item: Hashable {
        case function(Int)
        case table(Int)
        case memory(Int)
        case global(Int)
    }

    /// What a global begins with, or where a segment goes.
    enum Constant {
        case value(UInt64)
        case global(Int)
    }

    enum Placement {
        case active(index: Int, offset: Constant)
        case passive
        case declarative
    }

    struct DataSegment {
        let placement: Placement
        let bytes: Range<Int>
    }

    struct ElementSegment {
        /// Stands for a null reference: no module has a function of this number.
        static let null = UInt32.max

        let placement: Placement
        /// Function numbers, or ``null``.
        let functions: [UInt32]
    }

    struct Global {
        let type: GlobalType
        /// Nil for an imported one.
        let start: Constant?

        /// Another module may change it: its value lies elsewhere.
        var isShared: Bool { start == nil && type.isMutable }
    }

    struct Body {
        /// The code behind the declarations of locals.
        let code: Range<Int>
        let locals: [(count: UInt32, type: ValueType)]
        let localCount: Int
    }

    var types: [FunctionType] = []
    /// For each type the number of the first equal one: equal types have equal numbers.
    var canonicalTypes: [UInt32] = []
    var imports: [Import] = []
    /// Type numbers of all functions, the imported ones first.
    var functions: [UInt32] = []
    var tables: [SizeRange] = []
    var memory: SizeRange?
    var globals: [Global] = []
    var exports: [(name: Name, item: Item)] = []
    var startFunction: Int?
    var elements: [ElementSegment] = []
    var dataCount: Int?
    var bodies: [Body] = []
    var data: [DataSegment] = []

    var importedFunctions = 0
    var importedTables = 0
    var importedGlobals = 0
    var importsMemory = false

    func type(ofFunction index: Int) -> FunctionType { types[Int(functions[index])] }

    /// The type of something that exists.
    func type(of item: Item) -> ExternalType {
        switch item {
        case .function(let index): .function(type(ofFunction: index))
        case .table(let index): .table(tables[index])
        case .memory: .memory(memory ?? SizeRange(0, nil))
        case .global(let index): .global(globals[index].type)
        }
    }
}
