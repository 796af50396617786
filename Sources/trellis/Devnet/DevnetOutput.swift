import Execution
import Interface

/// How a local network is shown.
enum DevnetOutput {
    static let columns = ["name", "role", "peer", "api", "process", "height", "state"]

    static func members(_ state: DevnetState, _ sights: [DevnetSupervisor.Sight]) -> [DynamicValue] {
        zip(state.members, sights).map(value)
    }

    private static func value(_ member: DevnetState.Member, _ sight: DevnetSupervisor.Sight) -> DynamicValue {
        let process: DynamicValue = if sight.process != .gone, let process = member.process { .number(UInt64(process.id)) } else { .null }
        let height: DynamicValue = if let status = sight.status { .number(status.head.height) } else { .null }
        let obstacles = (sight.status?.obstacles ?? []).map { DynamicValue.fields([("code", .text($0.code)), ("text", .text($0.text))]) }
        return .fields([
            ("name", .text(member.name)), ("role", .text(member.role.rawValue)), ("peer", .text(member.peerAddress)), ("api", .text(member.interface)),
            ("process", process), ("height", height), ("state", .text(sight.words)), ("nodeKey", .text("0x" + member.nodeKey)),
            ("obstacles", obstacles.isEmpty ? nil : .list(obstacles)),
        ])
    }

    /// Nodes alone.
    static func table(_ state: DevnetState, _ sights: [DevnetSupervisor.Sight]) -> CommandOutput {
        let items = members(state, sights)
        return CommandOutput(
            .fields([("chainID", .text(state.chainID)), ("relay", state.hasRelay ? .text(state.relay?.state.rawValue ?? "gone") : nil), ("nodes", .list(items))]),
            names: state.members.map(\.name), view: table(items))
    }

    /// Everything that somebody needs who begins.
    static func welcome(_ state: DevnetState, _ sights: [DevnetSupervisor.Sight], _ directory: DevnetDirectory) -> CommandOutput {
        let items = members(state, sights)
        let interface = state.members.first?.interface ?? "", accounts = state.accounts
        let variables = ["TRELLIS_HOME": directory.path, "TRELLIS_NODE": interface, "TRELLIS_PASSPHRASE_FILE": directory.passphrasePath].sorted { $0.key < $1.key }
        let next = [
            "trellis account transfer \(accounts.dropFirst().first?.name ?? "") 5 --from \(accounts.first?.name ?? "") --yes",
            "trellis devnet fund \(accounts.first?.address ?? "") 100",
            "trellis event watch",
        ]
        func account(_ account: DevnetState.Account) -> DynamicValue { .fields([("name", .text(account.name)), ("address", .text(account.address))]) }
        return CommandOutput(
            .fields([
                ("directory", .text(directory.path)), ("chainID", .text(state.chainID)), ("interface", .text(interface)), ("nodes", .list(items)),
                ("faucet", account(state.faucet)), ("accounts", .list(accounts.map(account))), ("passphraseFile", .text(directory.passphrasePath)),
                ("environment", .fields(variables.map { ($0.key, .text($0.value)) })), ("next", .list(next.map { .text($0) })),
            ]),
            names: [interface],
            view: .parts([
                table(items),
                .fields([("interface", interface), ("reference", interface + "/docs"), ("directory", directory.path), ("chain", state.chainID)]),
                .parts([.text("Accounts with keys in \(directory.home.keys) (worth nothing):"),
                        .table(columns: ["name", "address"], rows: accounts.map { [$0.name, $0.address] })]),
                .text((["Try next:", "  export " + variables.map { "\($0.key)=\($0.value)" }.joined(separator: " ")] + next.map { "  " + $0 }).joined(separator: "\n")),
            ]))
    }

    private static func table(_ items: [DynamicValue]) -> TextView {
        .table(columns: columns, rows: items.map { item in columns.map { item[$0]?.plain ?? "" } })
    }
}
