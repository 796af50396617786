/// Every decoder of the project that reads what others wrote. A new one is a line in its room's list.
enum FuzzTargets {
    static let all: [FuzzTarget] = primitives + cryptography + worldState + ledger + gossip + contracts + contractVM + tosca + storage + keystore + network

    static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
