import ArgumentParser
import Execution
import Foundation
import Interface
import Keystore
import Ledger
import Node
import Primitives

/// Looks for what would keep a node from running well.
struct DoctorCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        "doctor", "Checks a home and the machine, and says what to do about each finding.",
        discussion: "It changes nothing, and ends with status 1 when something is wrong.", examples: ["trellis doctor", "trellis doctor -o json"])

    @Option(help: ArgumentHelp("The home of the node.", valueName: "directory")) var home: String?
    @OptionGroup var settings: SettingOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let home = Home(path: try ProfileSettings.resolve(nil).value(.home, flag: home))
        let findings = Examination(home: home, flags: settings.settings).findings()
        let items = findings.map { finding in
            DynamicValue.fields([
                ("check", .text(finding.check)), ("state", .text(finding.state.rawValue)), ("text", .text(finding.text)),
                ("remedy", finding.remedy.map { .text($0) }),
            ])
        }
        let rows = findings.map { [$0.check, $0.state.rawValue, $0.text + ($0.remedy.map { "; " + $0 } ?? "")] }
        return CommandOutput(
            .list(items), names: findings.filter { $0.state != .ok }.map(\.check), view: .table(columns: ["check", "state", "finding"], rows: rows),
            status: findings.contains { $0.state == .wrong } ? .failure : .ok)
    }
}

/// What was found, and what to do about it.
struct Finding {
    enum State: String { case ok, doubtful, wrong }

    let check: String
    let state: State
    let text: String
    var remedy: String?
}

/// The checks of a home, in the order in which one would make them by hand.
struct Examination {
    let home: Home
    let flags: [String]

    func findings() -> [Finding] {
        guard FileManager.default.fileExists(atPath: home.path) else {
            return [Finding(check: "home", state: .wrong, text: "\(home.path) does not exist", remedy: "trellis init --home \(home.path)")]
        }
        let genesis = Result { try home.genesisIfPresent() }
        let configuration = Result { try ResolvedConfiguration.load(home: home.path, environment: ProcessInfo.processInfo.environment, flags: flags).node }
        return [homeFinding, configurationFinding(configuration), genesisFinding(genesis)] + keyFindings
            + portFindings((try? configuration.get())) + [clockFinding((try? genesis.get()) ?? nil), diskFinding, journalFinding]
    }

    private var homeFinding: Finding {
        let mode = Machine.mode(home.path) ?? 0
        if mode & 0o022 != 0 {
            return Finding(check: "home", state: .wrong, text: "others may write to \(home.path)", remedy: "chmod 700 \(home.path)")
        }
        return Finding(check: "home", state: .ok, text: home.path)
    }

    private func configurationFinding(_ configuration: Result<NodeConfiguration, any Error>) -> Finding {
        switch configuration {
        case .success: return Finding(check: "settings", state: .ok, text: "all settings are understood")
        case .failure(let error):
            let failure = CommandFailure(error)
            return Finding(check: "settings", state: .wrong, text: failure.what, remedy: failure.next)
        }
    }

    private func genesisFinding(_ genesis: Result<Genesis?, any Error>) -> Finding {
        do {
            guard let document = try genesis.get() else {
                return Finding(check: "genesis", state: .wrong, text: "\(home.genesis) does not exist", remedy: "Put the network's genesis document there.")
            }
            try GenesisFile.check(document, path: home.genesis)
            return Finding(check: "genesis", state: .ok, text: "\(document.charter.chainName), chain 0x\(document.chainID.hex)")
        } catch {
            let failure = CommandFailure(error)
            return Finding(check: "genesis", state: .wrong, text: failure.what + (failure.why.map { ": " + $0 } ?? ""), remedy: failure.next)
        }
    }

    private var keyFindings: [Finding] {
        let others = Machine.mode(home.keys).map { $0 & 0o077 } ?? 0
        let folder = others == 0 ? [] : [Finding(check: "keys", state: .wrong, text: "others may look into \(home.keys)", remedy: "chmod 700 \(home.keys)")]
        return folder + KeyRole.ofNodes.map { role in
            let check = "key \(role)", path = "\(home.keys)/\(role).json"
            guard FileManager.default.fileExists(atPath: path) else {
                // Only the connections of a node need a key; the others make it a validator.
                return role == .node
                    ? Finding(check: check, state: .wrong, text: "\(path) does not exist", remedy: "trellis init --home \(home.path)")
                    : Finding(check: check, state: .doubtful, text: "\(path) does not exist", remedy: "A validator needs it: trellis key new \(role) --role \(role)")
            }
            do throws(KeystoreError) {
                let file = try KeyFile.read(path)
                guard file.role == role else {
                    return Finding(check: check, state: .wrong, text: "\(path) is a key of the role \(file.role)", remedy: "Put the key of the role \(role) there.")
                }
                return Finding(check: check, state: .ok, text: "0x" + file.publicKeyBytes.hex)
            } catch {
                let failure = error.failure
                return Finding(check: check, state: .wrong, text: failure.what, remedy: failure.next)
            }
        }
    }

    private func portFindings(_ node: NodeConfiguration?) -> [Finding] {
        guard let node else { return [] }
        return [("api.listen", node.api.listen), ("network.listen", node.network.listen)].compactMap { key, address in
            guard let address else { return nil }
            switch Machine.bind(host: address.host, port: address.port) {
            case .free: return Finding(check: key, state: .ok, text: "\(address) is free")
            case .taken: return Finding(check: key, state: .doubtful, text: "\(address) is in use", remedy: "That is right while the node runs; else trellis config set \(key)=…")
            case .impossible(let reason): return Finding(check: key, state: .wrong, text: "\(address): \(reason)", remedy: "trellis config set \(key)=…")
            }
        }
    }

    private func clockFinding(_ genesis: Genesis?) -> Finding {
        let now = SystemTime.now
        if let time = genesis?.charter.time, now < time {
            let behind = (time.rawValue - now.rawValue) / 1_000
            return Finding(
                check: "clock", state: behind > 86_400 ? .doubtful : .ok, text: "the network begins in \(behind) seconds", remedy: "Nothing needs to be done if that is right; else set the clock.")
        }
        // The second of this program's making: an earlier clock is wrong whatever else is true.
        guard now > 1_760_000_000_000 else { return Finding(check: "clock", state: .wrong, text: "the clock is years behind", remedy: "timedatectl set-ntp true") }
        return Finding(check: "clock", state: .ok, text: TimeText(now).text)
    }

    private var diskFinding: Finding {
        guard let free = Machine.freeBytes(home.path) else { return Finding(check: "disk", state: .doubtful, text: "the free space is not known", remedy: "df \(home.path)") }
        let text = "\(free >> 30) GiB free"
        if free < 1 << 30 { return Finding(check: "disk", state: .wrong, text: text, remedy: "Make room: below 1 GiB the node may stop at any time.") }
        if free < 10 << 30 { return Finding(check: "disk", state: .doubtful, text: text, remedy: "trellis config set storage.retainedBlocks=100000") }
        return Finding(check: "disk", state: .ok, text: text)
    }

    private var journalFinding: Finding {
        func has(_ name: String) -> Bool {
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(home.data)/\(name)")) ?? []).isEmpty == false
        }
        switch (has("blocks"), has("journal")) {
        case (false, false):
            return Finding(check: "journal", state: .wrong, text: "\(home.data) holds no chain yet", remedy: "trellis init --home \(home.path)")
        case (false, true), (true, true): return Finding(check: "journal", state: .ok, text: "\(home.data)/journal")
        case (true, false):
            return Finding(
                check: "journal", state: .wrong, text: "there are blocks in \(home.data), but no journal of what this node has signed",
                remedy: "A validator without it could vote twice: restore it, or follow as a full node until the manual's waiting time is over.")
        }
    }
}
