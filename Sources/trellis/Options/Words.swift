public import ArgumentParser
public import Keystore
public import Primitives

// Words of other rooms, as arguments.

extension KeyRole: ExpressibleByArgument {
    public init?(argument: String) {
        guard let role = KeyRole.allCases.first(where: { $0.description == argument }) else { return nil }
        self = role
    }

    public static var allValueStrings: [String] { allCases.map(\.description) }
}

extension NetworkKind: ExpressibleByArgument {
    public init?(argument: String) {
        switch argument {
        case "main": self = .main
        case "development": self = .development
        default: return nil
        }
    }

    public static var allValueStrings: [String] { ["main", "development"] }
}
