import Contracts
import Execution
import Keystore
import Ledger
import Networking
import Node
import Primitives

/// Makes a local network: the homes of its nodes, one genesis document, and accounts whose keys lie in the directory.
struct DevnetFounding {
    let directory: DevnetDirectory
    let preset: GenesisPreset
    /// The account of the preset that others are paid from.
    static let faucet = "faucet"

    init(_ directory: DevnetDirectory) throws {
        self.directory = directory
        preset = try PresetFile.read("devnet")
        guard preset.allocations[Self.faucet] != nil else {
            throw CommandFailure(code: "devnet.preset", what: "the preset devnet has no allocation for \(Self.faucet)", next: "Restore Genesis/devnet.json.")
        }
    }

    /// A new network in an empty directory.
    func make(validators: Int, firstPort: UInt16, hasRelay: Bool) throws -> DevnetState {
        let passphrase = try directory.makePassphrase()
        let cost = KeyCost.light.parameters
        // The first block needs no transaction, only a pause since the block before it.
        let time = Timestamp(SystemTime.now.rawValue - preset.parameters.heartbeatMilliseconds)

        try Files.makeDirectory(directory.nodes)
        var founders: [GenesisValidator] = [], nodeKeys: [RoleKey] = []
        for number in 1...validators {
            let home = directory.home(Self.name(.validator, number))
            try Files.makeDirectory(home.path)
            let keys = try makeKeys(home, KeyRole.ofNodes, passphrase)
            guard let account = keys[.account]?.address, let consensus = keys[.validator]?.signingKey, let vrf = keys[.vrf]?.vrfKey, let node = keys[.node] else {
                preconditionFailure("every role has its key")
            }
            founders.append(Founding.entry(preset, time: time, account: account, consensus: consensus, vrf: vrf))
            nodeKeys.append(node)
        }

        let keyring = Keyring.file(directory: directory.home.keys)
        var addresses: [String: Address] = [:]
        for name in preset.allocations.keys.sorted() {
            let key = RoleKey.generate(.account)
            addresses[name] = key.address
            try keyring.store(key, as: try KeyOptions.name(name), passphrase: passphrase, cost: cost)
        }
        try directory.writeNotice()
        let genesis = try preset.genesis(time: time, founders: founders, accounts: addresses, contracts: Catalogue.definitions)
        try Files.write(genesis.bcs, to: directory.home.genesis)

        let accounts = addresses.sorted { $0.key < $1.key }.map { DevnetState.Account(name: $0.key, address: $0.value.text(on: preset.network)) }
        guard let faucet = accounts.first(where: { $0.name == Self.faucet }) else { preconditionFailure("looked for when this was made") }
        var state = DevnetState(
            chainID: "0x" + genesis.chainID.hex, members: [], faucet: faucet, accounts: accounts.filter { $0.name != Self.faucet }, hasRelay: hasRelay,
            nextPort: firstPort)
        for (place, key) in nodeKeys.enumerated() { try add(.validator, Self.name(.validator, place + 1), key, genesis, &state) }
        return state
    }

    /// A node more, that follows.
    func addFollower(_ state: inout DevnetState) throws {
        let name = Self.name(.follower, state.members.count { $0.role == .follower } + 1)
        let home = directory.home(name)
        try Files.makeDirectory(home.path)
        guard let key = try makeKeys(home, [.node], try directory.passphrase())[.node] else { preconditionFailure("was asked for") }
        try add(.follower, name, key, try GenesisFile.read(directory.home.genesis), &state)
    }

    private func add(_ role: DevnetState.Member.Role, _ name: String, _ key: RoleKey, _ genesis: Genesis, _ state: inout DevnetState) throws {
        let home = directory.home(name)
        try Files.write(genesis.bcs, to: home.genesis)
        try Node.createStore(NodeHome(home.path), genesis)
        let member = DevnetState.Member(
            name: name, role: role, nodeKey: key.publicKeyBytes.hex, peerPort: try state.takePort(), apiPort: try state.takePort())
        if state.hasRelay {
            for other in state.members {
                state.links.append(.init(from: other.name, to: name, port: try state.takePort()))
                state.links.append(.init(from: name, to: other.name, port: try state.takePort()))
            }
        }
        state.members.append(member)
    }

    private func makeKeys(_ home: Home, _ roles: [KeyRole], _ passphrase: Passphrase) throws -> [KeyRole: RoleKey] {
        let keyring = Keyring.file(directory: home.keys)
        var keys: [KeyRole: RoleKey] = [:]
        for role in roles {
            let key = RoleKey.generate(role)
            try keyring.store(key, as: Home.keyName(role), passphrase: passphrase, cost: KeyCost.light.parameters)
            keys[role] = key
        }
        return keys
    }

    static func name(_ role: DevnetState.Member.Role, _ number: Int) -> String { "\(role.rawValue)-\(number)" }

    /// Writes what every node is told. Each dials all others: where the relay listens for the two, or directly.
    static func writeSettings(_ state: DevnetState, _ directory: DevnetDirectory) throws {
        for member in state.members {
            let peers = state.members.filter { $0.name != member.name }
            let addresses = peers.map { peer in
                let port = state.links.first { $0.from == member.name && $0.to == peer.name }?.port ?? peer.peerPort
                return "\(peer.nodeKey)@127.0.0.1:\(port)"
            }
            var settings = [
                "api.listen=127.0.0.1:\(member.apiPort)", "api.requestsPerSecond=100000", "api.requestBurst=100000",
                "network.listen=\(member.peerAddress)", "network.allowsLocal=true", "network.persistentPeers=\(addresses.joined(separator: ","))",
                // A quarter of a second of work is the most that such a network sees; who is away is given up quickly.
                "consensus.viewTimeoutMilliseconds=1500", "consensus.viewTimeoutMillisecondsMax=4000",
            ]
            // Nobody may learn of a way around the relay.
            if state.hasRelay { settings.append("network.privatePeers=\(peers.map(\.nodeKey).joined(separator: ","))") }
            let path = directory.home(member.name).settings
            var file = try ConfigurationFile(at: path)
            for setting in settings { try file.set(setting) }
            try file.write(to: path)
        }
    }
}
