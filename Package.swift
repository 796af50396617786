// swift-tools-version: 6.2
// Trellis: a peer-to-peer node for decentralised cloud and edge resources. This file is the table of contents.
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, _ dependencies: Target.Dependency..., resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}
func program(_ name: String, _ path: String, _ dependencies: Target.Dependency..., exclude: [String] = []) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: strict)
}
func tests(_ name: String, _ dependencies: Target.Dependency..., resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func support(_ name: String, _ path: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

/// A room with deliberate bugs that only `--traits Mutants` compiles in, for the mutation gate.
func mutable(_ target: Target) -> Target {
    target.swiftSettings?.append(.define("MUTANTS", .when(traits: ["Mutants"])))
    return target
}

let package = Package(
    name: "trellis",
    traits: [.trait(name: "Mutants", description: "Deliberate bugs in Consensus, selectable by the simulator's mutation gate.")],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        room("Primitives"),
        room("Cryptography", "Primitives", "CSodium", "COpenSSL"),
        room("WorldState", "Primitives", "Cryptography"),
        room("Ledger", "Primitives", "Cryptography", "WorldState"),
        room("Execution", "Primitives", "Cryptography", "WorldState", "Ledger"),
        room("Contracts", "Primitives", "Cryptography", "WorldState", "Ledger", "Execution"),
        room("Interface", "Primitives", "Ledger", "Execution"),
        room("Client", "Interface", "Primitives", "Cryptography", "WorldState", "Ledger", "Execution", "Contracts",
             .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOCore", package: "swift-nio"),
             .product(name: "NIOHTTP1", package: "swift-nio")),
        room("Monitoring", "Client", "Interface", "Primitives", "Cryptography", "Ledger", "Execution", "Contracts",
             .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOCore", package: "swift-nio"),
             .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
             .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "Yams", package: "Yams")),
        program("monitor-writer", "Tests/MonitorWriter", "Monitoring", "Cryptography", "Primitives"),
        support("PythonRunner", "Tests/PythonRunner"),
        tests("MonitoringTests", "PythonRunner", "Monitoring", "monitor-writer", "Contracts", "Interface", "Cryptography", "Primitives", resources: [.copy("Vectors"), .copy("Servers")]),
    ]
)
