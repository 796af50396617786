public import ArgumentParser
public import Contracts
import Execution
public import Keystore
public import Ledger
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

extension BoundedText: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Continent: ExpressibleByArgument {
    public init?(argument: String) {
        guard let found = Continent.all.first(where: { $0.caseName == argument }) else { return nil }
        self = found
    }

    public static var allValueStrings: [String] { all.map(\.caseName) }
}

extension Infrastructure.InstanceStatus: ExpressibleByArgument {
    private static let all: [Self] = [.provisioning, .running, .degraded, .stopped, .failed]

    public init?(argument: String) {
        guard let found = Self.all.first(where: { $0.caseName == argument }) else { return nil }
        self = found
    }

    public static var allValueStrings: [String] { all.map(\.caseName) }
}

extension Infrastructure.Module: ExpressibleByArgument {
    public init?(argument: String) {
        guard let found = Self.all.first(where: { $0.caseName == argument }) else { return nil }
        self = found
    }

    public static var allValueStrings: [String] { all.map(\.caseName) }
}
