import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

/// A question to a contract of the protocol, and its answer in both forms: for programs and for people.
struct Question {
    let client: Client
    let contract: String
    let method: String
    let arguments: [(String, DynamicValue?)]

    init(_ client: Client, _ contract: String, _ method: String, _ arguments: [(String, DynamicValue?)] = []) {
        self.client = client
        self.contract = contract
        self.method = method
        self.arguments = arguments
    }

    struct Answer {
        let programs: DynamicValue
        let people: DynamicValue

        /// As the result of a command.
        func output(name: String) -> CommandOutput { CommandOutput(programs, names: [name], view: TextView(people)) }

        func list(columns: [String], name: String) -> CommandOutput {
            guard case .list(let items) = people else { return output(name: name) }
            return CommandOutput(
                programs, names: items.compactMap { Self.member($0, name)?.plain },
                view: .table(columns: columns, rows: items.map { item in columns.map { Self.member(item, $0)?.plain ?? "" } }))
        }

        /// A member by its path, as `record.status`.
        private static func member(_ value: DynamicValue, _ path: String) -> DynamicValue? {
            var found: DynamicValue? = value
            for part in path.split(separator: ".") { found = found?[String(part)] }
            return found
        }
    }

    func answer() async throws -> Answer {
        let request = ViewRequest(method: method, arguments: .fields(arguments))
        return try await Self.answer(try await client.view(request, of: contract), method: Self.method(contract, method), client)
    }

    /// - Parameter method: the schema of what was asked, for the form that people read.
    static func answer(_ resource: ViewResource, method: MethodSchema?, _ client: Client) async throws -> Answer {
        if let failure = resource.failure { throw CommandFailure(failure) }
        guard let result = resource.result else { throw CommandFailure(code: "client.answer", what: "a view without a result") }
        let network = try await client.networkKind()
        func decoded(for audience: SchemaCodec.Audience) -> DynamicValue? {
            method.flatMap { try? SchemaCodec(network: network, for: audience).decode(result.data.bytes, as: $0.result) }
        }
        // An interface leaves null out, and null is what a contract says of what it does not know.
        let programs = result.value ?? decoded(for: .programs) ?? .text(result.data.text)
        let people = decoded(for: .people) ?? programs
        return Answer(programs: programs, people: people)
    }

    /// Items of a list that are fetched for one command, at most.
    private static let itemsMax = 10_000

    /// A list to its end, page by page. A page begins with the last item of the one before, so that whatever `name` is of an item says where to go on.
    func pages(by name: String) async throws -> Answer {
        let first = try await answer()
        guard case .list(var programs) = first.programs, case .list(var people) = first.people else { return first }
        while let last = programs.last?[name] {
            let page = try await Question(client, contract, method, arguments.filter { $0.0 != "from" } + [("from", last)]).answer()
            guard case .list(let items) = page.programs, case .list(let shown) = page.people else { break }
            // It may have gone in the meantime.
            let seen = items.first?[name] == last ? 1 : 0
            guard items.count > seen else { break }
            guard programs.count < Self.itemsMax else {
                Console.warn("there are more: --after \(last.plain)")
                break
            }
            programs += items.dropFirst(seen)
            people += shown.dropFirst(seen)
        }
        return Answer(programs: .list(programs), people: .list(people))
    }

    private static func method(_ contract: String, _ method: String) -> MethodSchema? {
        Catalogue.standard.schemas.first { $0.schema.name == contract }?.schema.methods.first { $0.name == method }
    }

    /// The same, and "not found" when the contract knows nothing.
    func answer(orMissing what: String, next: String? = nil) async throws -> Answer {
        let answer = try await answer()
        guard answer.programs != .null else {
            throw CommandFailure(code: "\(contract).not-found", what: what, next: next, status: .notFound)
        }
        return answer
    }
}
