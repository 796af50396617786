import Execution
import Foundation
import Testing
@testable import trellis

/// The built program, run as people run it, without a node.
@Suite struct OfflineTests {
    @Test func statusesSayWhatHappened() throws {
        let program = try Program()
        #expect(try program.run("version").status == 0)
        #expect(try program.run("--help").status == 0 && program.run("key", "--help").output.contains("trellis key new"))
        for arguments in [["nonsense"], ["key", "nonsense"], ["key", "new"], ["version", "--nonsense"], ["version", "-o", "xml"], ["config", "set", "nonsense=1"]] {
            #expect(try program.run(arguments).status == 2, "\(arguments)")
        }
        #expect(try program.run("key", "show", "nobody").status == 3)
        #expect(try program.run("genesis", "show", "nothing.bcs").status == 3)
        #expect(try program.run("status", "--node", "http://127.0.0.1:1").status == 5)
        #expect(try program.run("status", "--node", "nonsense").status == 2)
        #expect(try program.run("doctor").status == 1)
    }

    @Test func failuresAreDocumentsForPrograms() throws {
        let program = try Program()
        for (arguments, code, status) in [
            (["key", "show", "nobody", "-o", "json"], "keystore.not_found", 3 as UInt64), (["key", "nonsense", "-o", "json"], "usage.arguments", 2),
            (["status", "--node", "http://127.0.0.1:1", "--json"], "client.unreachable", 5), (["config", "set", "log.levl=info", "--json"], "config.key-unknown", 2),
        ] {
            let ended = try program.run(arguments), document = try ended.document
            #expect(document["ok"] == .bool(false) && document["schema"]?.text?.hasPrefix("trellis/") == true)
            #expect(document["error"]?["code"] == .text(code) && document["error"]?["status"] == .number(status), "\(ended.output)")
            #expect(document["error"]?["message"]?.text?.isEmpty == false && UInt64(ended.status) == status)
        }
        // Prose stays off stdout.
        let ended = try program.run("key", "show", "nobody")
        #expect(ended.output.isEmpty && ended.errors.contains("keystore.not_found") && ended.errors.contains("next: trellis key list"))
        #expect(!ended.errors.contains("\u{1b}"))
    }

    /// A monitor's file is checked before anybody is asked, and a fault names its key and the remedy.
    @Test func aMonitorsFileIsChecked() throws {
        let program = try Program(), file = program.file("monitor.yaml")
        let text = """
            journal: journal
            watches:
              - agreement: 12
                metric: 3
                schedule: {start: 2026-12-01T00:00:00Z, interval-seconds: 60, period-intervals: 60, periods: 2}
                source:
                  tcp: {host: shop.example, port: 443}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let watch = try #require(program.data("monitor", "check", "--config", file).list.first)
        #expect(watch["watch"] == .text("12/3") && watch["intervals"] == .number(120) && watch["end"] == .text("2026-12-01T02:00:00.000Z"))
        try Data(text.replacing("443", with: "0").utf8).write(to: URL(fileURLWithPath: file))
        let ended = try program.run("monitor", "check", "--config", file)
        #expect(ended.status == 2 && ended.errors.contains("watches[0].source.tcp.port") && ended.errors.contains("from 1 to 65535"))
        #expect(try program.run("monitor", "check", "--config", program.file("nothing.yaml")).status == 3)
        #expect(try program.run("monitor", "run", "--config", file, "--from", "nobody").status == 2)
    }

    @Test func aHomeIsMadeAndFoundHealthy() throws {
        let program = try Program(), preset = Program.project.appending(path: "Genesis/single.json").path
        let made = try program.data("init", "--preset", preset, "--key-cost", "light", "--set", "api.listen=127.0.0.1:0", "--set", "network.listen=127.0.0.1:0")
        let chain = try #require(made["chainID"]?.text)
        #expect(try program.data("genesis", "id")["chainID"]?.text == chain)
        #expect(try program.data("genesis", "show")["founders"]?.list.count == 1)
        let checks = try program.data("doctor").list
        #expect(!checks.isEmpty && checks.allSatisfy { $0["state"] != .text("wrong") })
        // A second time would begin another network: it is refused, and nothing changes.
        #expect(try program.run("init", "--preset", preset, "--key-cost", "light").status == 1)
        #expect(try program.data("genesis", "id")["chainID"]?.text == chain)
        // Another home joins by the document.
        let other = program.file("other")
        #expect(try program.data("init", "--home", other, "--genesis", program.home + "/genesis.bcs", "--key-cost", "light")["chainID"]?.text == chain)
        #expect(try program.run("init", "--home", program.file("third"), "--preset", Program.project.appending(path: "Genesis/devnet.json").path).status == 2)
        #expect(!FileManager.default.fileExists(atPath: program.file("third")))
    }

    @Test func doctorNamesWhatIsWrongAndWhatToDo() throws {
        let program = try Program(), preset = Program.project.appending(path: "Genesis/single.json").path
        _ = try program.data("init", "--preset", preset, "--key-cost", "light", "--set", "api.listen=127.0.0.1:0", "--set", "network.listen=127.0.0.1:0")
        func wrong() throws -> [String: String] {
            let findings = try program.run("doctor", "-o", "json").document["data"]?.list ?? []
            let bad = findings.filter { $0["state"] == .text("wrong") }
            return Dictionary(bad.map { ($0["check"]?.text ?? "", $0["remedy"]?.text ?? "") }) { first, _ in first }
        }
        #expect(try wrong().isEmpty)
        let key = program.home + "/keys/validator.json"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        #expect(try wrong()["key validator"]?.contains("chmod 600") == true)
        try FileManager.default.removeItem(atPath: program.home + "/keys/node.json")
        #expect(try wrong()["key node"]?.contains("trellis init") == true)
        var genesis = try Data(contentsOf: URL(fileURLWithPath: program.home + "/genesis.bcs"))
        genesis[genesis.count - 1] ^= 1
        try genesis.write(to: URL(fileURLWithPath: program.home + "/genesis.bcs"))
        #expect(try wrong().keys.contains("genesis"))
        try program.write("home/node.json", "{\"log\": {\"level\": \"loud\"}}")
        #expect(try wrong().keys.contains("settings"))
        try FileManager.default.removeItem(atPath: "\(program.home)/data/journal")
        #expect(try wrong()["journal"]?.contains("vote twice") == true)
    }

    @Test func keysComeBackFromTheirPhrase() throws {
        let program = try Program()
        let made = try program.data("key", "new", "alice", "--key-cost", "light")
        try program.write("words.txt", try #require(made["phrase"]?.text) + "\n")
        let again = try program.data("key", "import", "bob", "--phrase-file", "words.txt", "--key-cost", "light")
        #expect(again["publicKey"] == made["publicKey"] && again["address"] == made["address"])
        #expect(try program.data("key", "import", "carol", "--phrase-file", "words.txt", "--index", "1", "--key-cost", "light")["publicKey"] != made["publicKey"])
        // A backup is a copy under the same passphrase.
        _ = try program.data("key", "export", "alice", "--to", "backup.json")
        let copied = try program.data("key", "import", "dora", "--key-file", "backup.json")
        #expect(copied["publicKey"] == made["publicKey"])
        let seed = try program.data("key", "export", "dora", "--seed", "--yes")["seed"]
        try program.write("seed.txt", try #require(seed?.text))
        #expect(try program.data("key", "import", "eve", "--seed-file", "seed.txt", "--key-cost", "light")["publicKey"] == made["publicKey"])
        #expect(try program.run("key", "list", "-o", "name").output == "alice\nbob\ncarol\ndora\neve\n")
        // Nothing is overwritten, and the bare key is not shown by accident.
        #expect(try program.run("key", "new", "alice", "--key-cost", "light").status == 1)
        #expect(try program.run("key", "export", "alice", "--seed").status == 2)
        #expect(try program.run(["key", "sign", "alice", "--text", "x"], ["TRELLIS_PASSPHRASE": "wrong"]).status == 1)
        try program.write("bad.txt", "abandon abandon abandon")
        #expect(try program.run("key", "import", "frank", "--phrase-file", "bad.txt").status == 2)
    }

    @Test func signaturesHoldForTheirMessageAlone() throws {
        let program = try Program()
        _ = try program.data("key", "new", "alice", "--key-cost", "light")
        let signed = try program.data("key", "sign", "alice", "--text", "hello")
        let key = try #require(signed["publicKey"]?.text), signature = try #require(signed["signature"]?.text)
        #expect(try program.run("key", "verify", "--public-key", key, "--signature", signature, "--text", "hello").status == 0)
        #expect(try program.run("key", "verify", "--public-key", key, "--signature", signature, "--text", "hallo").status == 1)
        _ = try program.data("key", "new", "dice", "--role", "vrf", "--key-cost", "light")
        let proof = try program.data("vrf", "prove", "dice", "--alpha", "00ff")
        let vrf = try #require(proof["publicKey"]?.text), bytes = try #require(proof["proof"]?.text)
        #expect(try program.data("vrf", "verify", "--public-key", vrf, "--proof", bytes, "--alpha", "00ff")["output"] == proof["output"])
        #expect(try program.run("vrf", "verify", "--public-key", vrf, "--proof", bytes, "--alpha", "00fe").status == 1)
    }

    @Test func foundersMakeAGenesisTogether() throws {
        let program = try Program(), preset = Program.project.appending(path: "Genesis/devnet.json").path, time = "2026-12-01T12:00:00.000Z"
        var arguments = ["genesis", "new", "--preset", preset, "--time", time, "--to", "genesis.bcs", "-o", "json"], address = ""
        for number in 0..<4 {
            let home = program.file("h\(number)")
            address = try #require(try program.data("init", "--home", home, "--key-cost", "light")["account"]?.text)
            _ = try program.data("genesis", "founder", "--home", home, "--preset", preset, "--time", time, "--to", "f\(number).json")
            arguments += ["--founder", "f\(number).json"]
        }
        #expect(try program.run(arguments).status == 1)
        let made = try program.run(arguments + ["--account", "faucet=\(address)"] + (1...10).flatMap { ["--account", "account-\($0 < 10 ? "0" : "")\($0)=\(address)"] })
        #expect(made.status == 0, "\(made.output)")
        #expect(try program.data("genesis", "id", "genesis.bcs")["chainID"] == made.document["data"]?["chainID"])
        // An entry of another time proves nothing for this one.
        var other = arguments + ["--account", "faucet=\(address)"]
        other[5] = "2026-12-02T12:00:00.000Z"
        other[7] = "other.bcs"
        #expect(try program.run(other).document["error"]?["code"] == .text("genesis.founder-charter"))
    }

    @Test func settingsAndProfilesKnowWhereTheyComeFrom() throws {
        let program = try Program()
        _ = try program.data("config", "set", "log.level=debug")
        func origin(_ ended: Ended, _ key: String) throws -> String? { try ended.document["data"]?.list.first { $0["key"] == .text(key) }?["origin"]?.text }
        #expect(try origin(try program.run("config", "show", "--json"), "log.level") == program.home + "/node.json")
        #expect(try origin(try program.run(["config", "show", "--json"], ["TRELLIS_LOG_LEVEL": "info"]), "log.level") == "environment TRELLIS_LOG_LEVEL")
        #expect(try origin(try program.run("config", "show", "--json", "--set", "log.level=trace"), "log.level") == "--set")
        _ = try program.data("profile", "set", "node=http://127.0.0.1:9", "output=name", "--profile", "lab")
        _ = try program.data("profile", "use", "lab")
        // The profile's output is in force now.
        #expect(try program.run("version").output == "\(try program.data("version")["version"]?.text ?? "")\n")
        #expect(try origin(try program.run("profile", "show", "--json"), "node") == "profile lab")
        #expect(try origin(try program.run(["profile", "show", "--json"], ["TRELLIS_NODE": "http://x"]), "node") == "environment TRELLIS_NODE")
        #expect(try program.run("profile", "use", "lob").status == 3)
        #expect(try program.run("profile", "set", "nod=x").status == 2)
    }

    @Test func noPassphraseIsTakenWithoutATerminal() throws {
        let program = try Program()
        #expect(try program.run(["key", "new", "alice"], ["TRELLIS_PASSPHRASE": ""]).status == 2)
        try program.write("secret.txt", "from a file\r\n")
        #expect(try program.run("key", "new", "alice", "--key-cost", "light", "--passphrase-file", "secret.txt").status == 0)
        #expect(try program.run(["key", "sign", "alice", "--text", "x"], ["TRELLIS_PASSPHRASE": "from a file"]).status == 0)
    }
}
