import HTTPTypes

/// All routes, and how a request finds its own.
struct RouteTable: Sendable {
    static let routes: [Route] = ChainRoutes.all + BlockRoutes.all + TransactionRoutes.all + SimulationRoutes.all + AccountRoutes.all
        + ContractRoutes.all + InfrastructureRoutes.all + OfferRoutes.all + AgreementRoutes.all + ProofRoutes.all + EventRoutes.all + OperationRoutes.all

    enum Match {
        case route(Route, [String: String])
        /// The path exists, the method does not.
        case otherMethods([HTTPRequest.Method])
        case nothing
    }

    /// By the number of a path's parts.
    private let byLength: [Int: [Route]]

    init(_ routes: [Route] = RouteTable.routes) { byLength = Dictionary(grouping: routes, by: \.parts.count) }

    func match(_ method: HTTPRequest.Method, _ path: Substring) -> Match {
        guard path.first == "/" else { return .nothing }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let asked: HTTPRequest.Method = method == .head ? .get : method
        var others: [HTTPRequest.Method] = []
        for route in byLength[parts.count] ?? [] {
            guard let captures = route.captures(parts) else { continue }
            if route.method == asked { return .route(route, captures) }
            others.append(route.method)
        }
        return others.isEmpty ? .nothing : .otherMethods(others)
    }
}
