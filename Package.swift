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

func support(_ name: String, _ path: String, _ dependencies: Target.Dependency..., exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: strict)
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
        // ── System libraries ────────────────────────────────────────────────────────────────────────────────────────
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLMDB", providers: [.apt(["liblmdb-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        // The settings of the C library's allocator.
        .systemLibrary(name: "CMalloc"),

        // ── Core: deterministic; no clock, randomness, threads, files or network ────────────────────────────────────
        // Digests, keys, counters, amounts, validator sets, headers, certificates and their canonical encoding.
        room("Primitives"),
        // Hashes, signatures, verifiable randomness, sealed boxes, key derivation and sharing: one small surface.
        room("Cryptography", "Primitives", "CSodium", "COpenSSL"),
        // The authenticated key-value state: tree, views, proofs, snapshots, over a store that it describes as a protocol.
        room("WorldState", "Primitives", "Cryptography"),
        // Transactions, blocks, receipts, genesis, their validity rules and proofs, and light-client verification.
        room("Ledger", "Primitives", "Cryptography", "WorldState"),
        // The PBFT replica: messages, quorums, view change, epochs, evidence, catch-up; deterministic, without input or output.
        mutable(room("Consensus", "Primitives")),
        // Mempool, dissemination of transactions, peer exchange and catch-up; deterministic, without input or output.
        room("Gossip", "Primitives", "Cryptography", "Ledger"),
        // The interpreter core in C, for its guaranteed tail calls: a bytecode and the code that runs it.
        .target(name: "CInterpreter"),
        // WebAssembly for contracts: decoder, validator, translation to the bytecode, limits, gas, instances and runs.
        room("ContractVM", "Primitives", "Cryptography", "WorldState", "Ledger", "Execution", "CInterpreter"),

        // What contracts are, and the machine that runs them: calls, gas, events, schemas, blocks, epochs, genesis.
        room("Execution", "Primitives", "Cryptography", "WorldState", "Ledger"),
        // The built-in contracts, one folder each, and the catalogue that lists them.
        room("Contracts", "Primitives", "Cryptography", "WorldState", "Ledger", "Execution"),

        // ── Shell: threads, files, sockets and clocks live here and above ───────────────────────────────────────────
        // CRC-32C by the processor's instruction.
        .target(name: "CChecksum"),
        // LMDB behind the world state's store, append-only logs for blocks and consensus, and their recovery after a crash.
        room("Storage", "Primitives", "WorldState", "CLMDB", "CChecksum"),
        // Threads that check signatures in batches, votes first, and a cache of what they found good.
        room("Verification", "Primitives", "Cryptography"),
        // Key files, recovery phrases and the one source of randomness.
        room("Keystore", "Primitives", "Cryptography", "CSodium"),

        // The authenticated transport between nodes: TLS 1.3 by node keys, HELLO, classes of frames, quotas, reconnection.
        room("Networking", "Primitives", "Cryptography", .product(name: "NIOCore", package: "swift-nio"),
             .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOTLS", package: "swift-nio"),
             .product(name: "NIOSSL", package: "swift-nio-ssl")),

        // Writing contracts: examples, build with the Swift toolchain, tests, fuzzing, gas and traces on a chain in memory.
        room("ContractKit", "Primitives", "Cryptography", "WorldState", "Ledger", "Execution", "Contracts", "ContractVM",
             resources: [.embedInCode("Resources")]),

        // The resources of the HTTP interface as values, for server and client, and the schemas derived from them.
        room("Interface", "Primitives", "Ledger", "Execution"),
        // What applications and people see over HTTP; it sees the node through a protocol of its own.
        room("API", "Interface", "Primitives", "Cryptography", "WorldState", "Ledger", "Consensus", "Execution", "Contracts",
             .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HummingbirdCore", package: "hummingbird"),
             .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
             .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
             .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"), .product(name: "Logging", package: "swift-log"),
             resources: [.embedInCode("Dashboard/Site")]),

        // Infrastructure documents: TOSCA templates and archives read, checked, made canonical, written again, and planned. Of Yams, libyaml.
        room("TOSCA", "Contracts", "Cryptography", "Primitives", "CZlib", .product(name: "Yams", package: "Yams"), resources: [.embedInCode("Normative/normative.yaml")]),

        // The library that applications link: endpoint, keys, build, simulate, sign, submit, wait, read with proof, subscribe.
        room("Client", "Interface", "Primitives", "Cryptography", "WorldState", "Ledger", "Execution", "Contracts",
             .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOCore", package: "swift-nio"),
             .product(name: "NIOHTTP1", package: "swift-nio")),

        // The monitor: measures agreed intervals by probes, Prometheus, CloudWatch and Azure Monitor, keeps a journal, and posts.
        room("Monitoring", "Client", "Interface", "Primitives", "Cryptography", "Ledger", "Execution", "Contracts",
             .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOCore", package: "swift-nio"),
             .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
             .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "Yams", package: "Yams")),

        // Everything wired together; it sees every room.
        room("Node", "Primitives", "Cryptography", "WorldState", "Ledger", "Consensus", "Gossip", "Execution", "Contracts", "ContractVM", "Storage",
             "Verification", "Keystore", "Networking", "API", .product(name: "Logging", package: "swift-log")),

        // The program: every command of `trellis`.
        program("trellis", "Sources/trellis", "Primitives", "Cryptography", "WorldState", "Ledger", "Execution", "Contracts", "ContractKit", "Keystore",
                "Interface", "Client", "Monitoring", "TOSCA", "Storage", "Networking", "API", "Node", "CMalloc", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"), .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"), .product(name: "UnixSignals", package: "swift-service-lifecycle")),

        // ── Programs under Tests ────────────────────────────────────────────────────────────────────────────────────
        // Measurements of every hot path: `swift run -c release benchmarks SUITE [--json]`.
        program("benchmarks", "Tests/Benchmarks", "Primitives", "Cryptography", "WorldState", "Ledger", "Gossip", "Execution", "Contracts", "ChainKit", "ContractVM", "ModuleKit", "Storage", "Verification", "Networking", "Interface", "Client", "TOSCA", "Keystore", "CSodium", "COpenSSL",
                "crash-writer", "trellis", .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"), exclude: ["Kernels"]),
        // Altered encodings for every decoder: `swift run -c release fuzz smoke`; `Tests/Fuzz/coverage TARGET` for hours.
        program("fuzz", "Tests/Fuzz", "Primitives", "Cryptography", "WorldState", "Ledger", "Gossip", "Execution", "Contracts", "TOSCA", "ChainKit", "ContractVM", "Storage", "Keystore", "Networking", "ModuleKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), exclude: ["coverage"]),

        // The WebAssembly specification's own tests: `swift run -c release conformance DIRECTORY`; the data are not part of the project.
        program("conformance", "Tests/Conformance", "ContractVM", .product(name: "ArgumentParser", package: "swift-argument-parser")),

        // Extends a chain until it is killed, and judges what is left: `swift run crash-writer torture DIR ROUNDS SEED`.
        program("crash-writer", "Tests/CrashWriter", "Primitives", "WorldState", "Storage"),

        // Measures into a journal and a file until it is killed: what the monitor's crash test kills.
        program("monitor-writer", "Tests/MonitorWriter", "Monitoring", "Cryptography", "Primitives"),

        // Whole networks of the production replica in one thread, with faults, adversaries and judges.
        mutable(support("Simulator", "Tests/Simulator", "Consensus", "Primitives", "Cryptography")),
        // One seed, many seeds, the mutation gate or the scaling table: `swift run -c release simulate --help`.
        mutable(program("simulate", "Tests/Simulate", "Simulator", "Consensus", "Primitives", "Cryptography",
                        .product(name: "ArgumentParser", package: "swift-argument-parser"))),

        // A chain in memory that executes real blocks, for tests, benchmarks and fuzzing of contracts.
        support("ChainKit", "Tests/ChainKit", "Execution", "Ledger", "WorldState", "Primitives", "Cryptography"),

        // ── Tests ───────────────────────────────────────────────────────────────────────────────────────────────────
        // The source itself: layer imports, banned calls in the core, dead files, layout.
        tests("SourceTests"),
        // What is checked by other code than ours: Python, where there is one.
        support("PythonRunner", "Tests/PythonRunner"),
        // What agreements are about, on this machine: a web server, and stand-ins for clouds, as scripts that are started and killed.
        support("ServerKit", "Tests/ServerKit", exclude: ["Servers"]),
        // The set-up commands, with a pretended toolchain and a server on this machine.
        tests("DeployTests", "Node"),
        // Assembles WebAssembly modules by hand and by chance, for tests, fuzzing and comparison with other interpreters.
        .target(name: "ModuleKit", dependencies: ["Primitives"], path: "Tests/ModuleKit", swiftSettings: strict),
        tests("ContractVMTests", "PythonRunner", "ContractVM", "ModuleKit", "ChainKit", "Contracts", "Execution", "Ledger", "WorldState", "Cryptography", "Primitives"),
        // Both languages, built by the toolchain, and the fuzzer's planted mistakes.
        tests("ContractKitTests", "ContractKit", "Execution", "Primitives"),
        // The fuzzer finds planted mistakes.
        tests("FuzzTests", "fuzz", "Primitives"),
        tests("PrimitivesTests", "PythonRunner", "Primitives", "Cryptography", resources: [.copy("Vectors")]),
        tests("LedgerTests", "PythonRunner", "Ledger", "WorldState", "Cryptography", "Primitives", resources: [.copy("Vectors")]),
        tests("WorldStateTests", "WorldState", "Primitives", resources: [.copy("Vectors")]),
        tests("StorageTests", "Storage", "WorldState", "Primitives", "CChecksum", "crash-writer"),
        tests("ExecutionTests", "ChainKit", "Execution", "Ledger", "WorldState", "Primitives", "Cryptography"),
        tests("ContractsTests", "PythonRunner", "ChainKit", "Contracts", "Execution", "Ledger", "WorldState", "Primitives", "Cryptography",
              "COpenSSL"),
        tests("APITests", "API", "Client", "Interface", "PythonRunner", "ChainKit", "Contracts", "Consensus", "Execution", "Ledger", "WorldState", "Primitives",
              "Cryptography", .product(name: "NIOCore", package: "swift-nio"),
              .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log")),
        // Networks of real processes, made by the program that is built beside the tests.
        tests("ProcessTests", "PythonRunner", "ServerKit", "trellis", "Client", "Interface", "Contracts", "Execution", "Ledger", "Keystore", "Networking", "Cryptography", "Primitives"),
        tests("NodeTests", "ContractVM", "ModuleKit", "Node", "API", "Gossip", "Networking", "Storage", "Verification", .product(name: "Logging", package: "swift-log"), "Consensus", "Cryptography", "ChainKit", "Contracts", "Execution", "Ledger", "WorldState", "Primitives"),
        tests("TOSCATests", "TOSCA", "Contracts", "PythonRunner", "Primitives", resources: [.copy("Templates")]),
        tests("InterfaceTests", "Interface", "Execution", "Ledger", "Primitives"),
        tests("ClientTests", "Client", "Interface"),
        // The built program, run as people run it; the last of its tests starts a node.
        tests("CommandTests", "trellis", "Client", "Contracts", "Execution", "Interface", "Keystore", "Ledger", "Monitoring", "WorldState", "Primitives", "Cryptography",
              .product(name: "ArgumentParser", package: "swift-argument-parser")),
        // Real servers on loopback, and the clouds' own libraries as judges where Deploy/test has fetched them.
        tests("MonitoringTests", "PythonRunner", "ServerKit", "ChainKit", "Monitoring", "monitor-writer", "Contracts", "Execution", "Ledger", "Interface", "Cryptography", "Primitives", resources: [.copy("Vectors")]),
        tests("VerificationTests", "Verification", "Primitives", "Cryptography"),
        tests("KeystoreTests", "Keystore", "Primitives", "Cryptography", resources: [.copy("Vectors")]),
        tests("NetworkingTests", "Networking", "Primitives", "Cryptography", "COpenSSL", .product(name: "NIOCore", package: "swift-nio"),
              .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl")),
        tests("ConsensusTests", "Consensus", "Primitives", "Cryptography", resources: [.copy("Vectors")]),
        tests("GossipTests", "Gossip", "Ledger", "Primitives", "Cryptography"),
        tests("SimulatorTests", "Simulator", "Consensus", "Primitives"),
        tests("CryptographyTests", "PythonRunner", "Primitives", "Cryptography", "CSodium", "COpenSSL", resources: [.copy("Vectors")]),
    ]
)
