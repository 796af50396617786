import Contracts
import Execution
import Foundation
import Ledger
import Primitives
import Testing
@testable import trellis

/// Offers and agreements with the program, on a network of one validator: found, bought, measured, broken, paid.
@Suite(.serialized) struct AgreementTests {
    private static let offer = """
        name: Small web server
        kind: web-server
        region: DE
        price: 450
        options: {backup: 0.5}
        attributes: {green: yes, cores: 2}
        levels:
          - metrics: [{name: availability}]
            credits: [{below: 99%, credit: 10%}, {below: 90%, credit: 30%}]
            cap: 110%
        """

    @Test(.timeLimit(.minutes(15))) func anAgreementFromItsOfferToItsEnd() async throws {
        let running = try await RunningNode(), program = running.program
        for name in ["north", "watcher-1", "watcher-2", "keeper"] {
            _ = try program.data("key", "new", name, "--no-phrase", "--key-cost", "light")
            _ = try program.data("account", "transfer", name, "1000", "--yes")
        }
        try offers(program)
        let number = try negotiate(program)
        let start = try deposit(program, number)
        try await serve(program, number, start)
        try await end(program, number, start)
        try another(program)
        try secrets(program, try conclude(program))
        #expect(running.stop() == 0)
    }

    // ── The mesh ──

    private func offers(_ program: Program) throws {
        try program.write("offer.yaml", Self.offer)
        #expect(try program.run("mesh", "show", "0").status == 3)
        #expect(try program.run("mesh", "check", "offer.yaml", "-o", "name").output.trimmingCharacters(in: .newlines).allSatisfy(\.isNumber))
        try program.write("wrong.yaml", Self.offer.replacing("region: DE", with: "regions: DE"))
        let wrong = try program.run("mesh", "publish", "wrong.yaml", "--from", "north", "--yes", "-o", "json")
        #expect(wrong.status == 2)
        #expect(try wrong.document["error"]?["message"]?.text?.contains("wrong.yaml: line") == true)
        #expect(try program.run("mesh", "publish", "none.yaml", "--from", "north", "--yes").status == 3)
        #expect(try program.run("mesh", "publish", "offer.yaml", "--free", "2", "--from", "north", "--yes", "-o", "name").output == "0\n")
        #expect(try program.run("mesh", "publish", "offer.yaml", "--from", "north", "--dry-run").status == 0)
        try program.write("dear.yaml", Self.offer.replacing("price: 450", with: "price: 900").replacing("region: DE", with: "region: US-CA").replacing("green: yes, ", with: ""))
        #expect(try program.run("mesh", "publish", "dear.yaml", "--from", "north", "--yes", "-o", "name").output == "1\n")

        // The best first, and of each other one every reason.
        #expect(try program.run("mesh", "search", "web-server", "-o", "name").output == "0\n1\n")
        #expect(try program.run("mesh", "search", "web-server", "--region", "US", "-o", "name").output == "1\n")
        let found = try program.data("mesh", "search", "web-server", "--region", "DE", "--price-max", "500", "--attribute", "green=yes", "--attribute", "cores>=2", "--availability", "99%", "--why")
        #expect(found["hits"]?.list.map { $0["offer"] } == [.number(0)] && found["hits"]?.list.first?["price"] == .text("450000000"))
        #expect(found["misses"]?.list.first?["reasons"]?.list.compactMap(\.text) == ["it is in US-CA", "it costs 900 TRL", "green is not as asked for"])
        #expect(try program.run("mesh", "search", "web-server", "--price-max", "500", "--why").output.contains("it costs 900 TRL"))
        #expect(try program.run("mesh", "search", "web-server", "--attribute", "green").status == 2)
        #expect(try program.run("mesh", "search", "dataset", "-o", "name").output.isEmpty)

        // What is shown is the file again.
        let shown = try program.run("mesh", "show", "0", "--file")
        #expect(try shown.status == 0 && OfferFile.offer(shown.output) == OfferFile.offer(Self.offer))
        _ = try program.data("mesh", "set-state", "1", "paused", "--from", "north", "--yes")
        #expect(try program.data("mesh", "show", "1")["free"] == .number(1))
        #expect(try program.run("mesh", "set-state", "1", "open", "--from", "keeper", "--yes").status == 4)
        _ = try program.data("mesh", "amend", "1", "offer.yaml", "--from", "north", "--yes")
        #expect(try program.data("mesh", "list", "north").list.map { $0["offer"] } == [.number(1), .number(0)])
        #expect(try program.data("mesh", "list", "--kinds") == .list([.text("web-server")]))
        _ = try program.data("mesh", "withdraw", "1", "--from", "north", "--yes")
        #expect(try program.run("mesh", "list", "-o", "name").output == "0\n")
    }

    // ── The table ──

    private func negotiate(_ program: Program) throws -> String {
        _ = try program.data(
            "sla", "offer", "0", "--consumer", "account", "--monitor", "watcher-1=probe-a", "--monitor", "watcher-2=probe-b", "--interval", "1s", "--period", "20s",
            "--periods", "3", "--start", "in 40s", "--to", "draft.yaml")
        var text = try String(contentsOfFile: program.file("draft.yaml"), encoding: .utf8)
        for (from, to) in [("settle: 15m", "settle: 0s"), ("late: 1d", "late: 30s"), ("monitor-bond: 0 TRL", "monitor-bond: 5 TRL"), ("monitor-fee: 0 TRL", "monitor-fee: 0.1 TRL")] {
            try #require(text.contains(from), "\(text)")
            text = text.replacing(from, with: to)
        }
        try program.write("terms.yaml", text)
        let checked = try program.data("sla", "check", "terms.yaml")
        // 450 an hour are 2.5 for twenty seconds; the cap is a tenth more, which is the collateral.
        #expect(checked["periodCost"] == .text("2700000") && checked["collateral"]?.list == [.text("250000")] && checked["cap"] == .text("2750000"))
        try program.write("wrong.yaml", text.replacing("interval: 1s", with: "interval: soon"))
        let wrong = try program.run("sla", "check", "wrong.yaml", "-o", "json")
        #expect(wrong.status == 2)
        #expect(try wrong.document["error"]?["code"] == .text("sla.terms") && wrong.document["error"]?["message"]?.text?.contains("`schedule.interval` is `soon`") == true)
        // What no value alone shows.
        try program.write("wrong.yaml", text.replacing("collateral: 0.25 TRL", with: "collateral: 0 TRL"))
        #expect(try program.run("sla", "propose", "wrong.yaml", "--yes").errors.contains("do not cover"))

        let number = try program.run("sla", "propose", "terms.yaml", "--yes", "-o", "name").output.trimmingCharacters(in: .newlines)
        #expect(number == "0")
        #expect(try program.run("sla", "show", "1").status == 3)
        let shown = try program.run("sla", "show", number)
        #expect(shown.status == 0 && shown.output.contains("offered") && shown.output.contains("trellis sla accept \(number)"), "\(shown.output)")
        // The terms as a file, altered, as a counter-offer; then nobody accepts what was there before.
        let before = try #require(try program.data("sla", "show", number)["agreement"]?["digest"]?.text)
        var terms = try program.run("sla", "show", number, "--terms").output
        try #require(terms.contains("  fee: 2.5 TRL"))
        terms = terms.replacing("  fee: 2.5 TRL", with: "  fee: 3 TRL").replacing("collateral: 0.25 TRL", with: "collateral: 0.5 TRL")
        try program.write("counter.yaml", terms)
        #expect(try program.run("sla", "counter", number, "counter.yaml", "--from", "keeper", "--yes").status == 4)
        _ = try program.data("sla", "counter", number, "counter.yaml", "--from", "north", "--yes")
        #expect(try program.run("sla", "accept", number, "--digest", before, "--yes").status == 4)
        #expect(try program.run("sla", "accept", number).status == 2)
        _ = try program.data("sla", "accept", number, "--yes")
        #expect(try program.data("sla", "show", number)["agreement"]?["phase"] == .text("signed"))
        #expect(try program.run("sla", "withdraw", number, "--yes").status == 4)
        return number
    }

    private func deposit(_ program: Program, _ number: String) throws -> UInt64 {
        let next = try program.data("sla", "show", number)["next"]?.list.compactMap(\.text) ?? []
        #expect(next.count == 4 && next[0].contains("3.2 TRL: trellis sla fund 0") && next[1].contains("0.5 TRL") && next[2].contains("trellis sla enlist 0"), "\(next)")
        _ = try program.data("sla", "fund", number, "--yes")
        #expect(try program.run("sla", "deposit", number, "--from", "keeper", "--yes").status == 1)
        _ = try program.data("sla", "deposit", number, "--from", "north", "--yes")
        #expect(try program.run("sla", "deposit", number, "--from", "north", "--yes").status == 1)
        #expect(try program.run("sla", "enlist", number, "--from", "keeper", "--yes").status == 4)
        for name in ["watcher-1", "watcher-2"] { _ = try program.data("sla", "enlist", number, "--from", name, "--yes") }
        let shown = try program.data("sla", "show", number)
        #expect(shown["agreement"]?["phase"] == .text("active"))
        #expect(shown["agreement"]?["escrow"]?["advance"] == .text("3200000") && shown["agreement"]?["escrow"]?["bonds"]?.list == [.text("5000000"), .text("5000000")])
        #expect(try program.run("sla", "settle", number, "--from", "keeper", "--yes").status == 4)
        return try #require(shown["terms"]?["schedule"]?["start"]?.plain).milliseconds()
    }

    /// What a monitor would run by: a second is too short for a probe, a minute is not. And a negotiation that leads nowhere.
    private func another(_ program: Program) throws {
        let short = try program.run("sla", "monitor-config", "0", "-o", "json")
        #expect(short.status == 1)
        #expect(try short.document["error"]?["code"] == .text("sla.not-measurable"))
        _ = try program.data("sla", "offer", "0", "--consumer", "account", "--monitor", "watcher-1=probe-a", "--periods", "1", "--to", "other.yaml")
        let number = try program.run("sla", "propose", "other.yaml", "--yes", "-o", "name").output.trimmingCharacters(in: .newlines)
        _ = try program.data("sla", "monitor-config", number, "--url", "https://shop.example/health", "--journal", "journal", "--to", "monitor.yaml")
        #expect(try program.data("monitor", "check", "--config", "monitor.yaml").list.map { $0["intervals"] } == [.number(43_200)])
        _ = try program.data("sla", "withdraw", number, "--from", "north", "--yes")
        #expect(try program.data("sla", "list").list.map { $0["phase"]?.text } == ["lapsed", "settled"])
    }

    /// Terms that were signed elsewhere become an agreement in one transaction.
    private func conclude(_ program: Program) throws -> String {
        let draft = try String(contentsOfFile: program.file("other.yaml"), encoding: .utf8)
        #expect(try program.run("sla", "sign", "other.yaml", "--from", "north").errors.contains("`schedule.start` is `in 10m`"))
        try program.write("joint.yaml", draft.replacing("start: in 10m", with: "start: \(TimeWords.text(Timestamp(UInt64(Date().timeIntervalSince1970) * 1_000 + 600_000)))"))
        let unsalted = try program.run("sla", "sign", "joint.yaml", "--from", "north").errors
        let salt = try #require(unsalted.firstMatch(of: /salt: 0x[0-9a-f]{64}/)?.output)
        try program.write("joint.yaml", try String(contentsOfFile: program.file("joint.yaml"), encoding: .utf8) + salt + "\n")
        #expect(try program.run("sla", "sign", "joint.yaml", "--from", "keeper").status == 1)
        for (name, file) in [("north", "north.json"), ("account", "account.json")] {
            try program.write(file, program.run("sla", "sign", "joint.yaml", "--from", name, "-o", "json").output)
        }
        #expect(try program.run("sla", "conclude", "joint.yaml", "--signature", "account.json", "--yes").status == 2)
        #expect(try program.run("sla", "conclude", "joint.yaml", "--signature", "joint.yaml", "--yes").status != 0)
        #expect(try program.run("sla", "conclude", "joint.yaml", "--signature", "north.json", "--yes", "-o", "name").output == "2\n")
        #expect(try program.run("sla", "conclude", "joint.yaml", "--signature", "north.json", "--yes").status == 4, "terms become an agreement once")
        return "2"
    }

    private func secrets(_ program: Program, _ number: String) throws {
        try program.write("secret.txt", "user shop, password opensesame\n")
        let seal = ["sla", "seal", number, "account", "secret.txt", "--from", "north", "--yes"]
        #expect(try program.run(seal).status == 3, "there is no key to seal to")
        #expect(try program.run("identity", "sealing-key", "north", "--yes").status == 2)
        _ = try program.data("key", "new", "for-secrets", "--role", "sealing", "--no-phrase", "--key-cost", "light")
        _ = try program.data("identity", "sealing-key", "for-secrets", "--yes")
        let sent = try program.run(seal + ["-o", "json"])
        #expect(sent.status == 0 && !sent.output.contains("opensesame") && !sent.errors.contains("opensesame"))
        #expect(!sent.output.contains(Array("opensesame".utf8).hex))
        #expect(try program.data("sla", "open", number, "north", "--key", "for-secrets")["text"] == .text("user shop, password opensesame\n"))
        _ = try program.data("sla", "open", number, "north", "--key", "for-secrets", "--to", "opened.txt")
        #expect(try String(contentsOfFile: program.file("opened.txt"), encoding: .utf8) == "user shop, password opensesame\n")
        #expect(try FileManager.default.attributesOfItem(atPath: program.file("opened.txt"))[.posixPermissions] as? Int == 0o600)
        #expect(try program.run("sla", "open", number, "north", "--key", "for-secrets", "--to", "opened.txt").status == 1)
        #expect(try program.run("sla", "open", number, "watcher-1", "--key", "for-secrets").status == 3)
        #expect(try program.run("sla", "seal", number, "account", "--from", "north", "--yes").status == 2)
        _ = try program.data("sla", "seal", number, "account", "--remove", "--from", "north", "--yes")
        #expect(try program.run("sla", "open", number, "north", "--key", "for-secrets").status == 3)
    }

    // ── The service ──

    /// What is done in the first period must be done before it ends. Therefore the last stretch holds this thread: beside tests that compute, a
    /// task that sleeps may go on long after its time.
    private func wait(until time: UInt64) async throws {
        func left() -> UInt64 { time + 200 - min(time + 200, UInt64(Date().timeIntervalSince1970 * 1_000)) }
        if left() > 30_000 { try await Task.sleep(for: .milliseconds(left() - 30_000)) }
        hold(left())
    }

    private func hold(_ milliseconds: UInt64) { usleep(UInt32(milliseconds) * 1_000) }

    private func measure(_ program: Program, _ number: String, by who: String, first: Int, _ states: [Bool], sequence: Int) throws -> Int32 {
        let readings = states.map { #"{"state":\#($0)}"# }.joined(separator: ","), evidence = String(repeating: "\(sequence)a", count: 32)
        let measurement = #"{"agreement":\#(number),"metric":0,"period":0,"first":\#(first),"readings":[\#(readings)],"evidence":"\#(evidence)","sequence":\#(sequence)}"#
        // This clock and the one of the proposer may differ a little: until then it is early.
        var status: Int32 = 4
        for _ in 0..<30 where status == 4 {
            status = try program.run("contract", "call", "agreements", "measure", "--args", #"{"measurement":\#(measurement)}"#, "--from", who, "--yes").status
            if status == 4 { Thread.sleep(forTimeInterval: 0.5) }
        }
        return status
    }

    private func serve(_ program: Program, _ number: String, _ start: UInt64) async throws {
        let balance = { (who: String) in UInt64(try program.run("account", "balance", who, "-o", "name").output.trimmingCharacters(in: .newlines)) ?? 0 }
        let watching = try program.start(["sla", "watch", number, "--until", "Violated", "--within", "2m"])
        try await wait(until: start + 4_000)
        let before = try balance("account")
        #expect(try measure(program, number, by: "watcher-1", first: 0, [false, false, false, true], sequence: 1) == 0)
        #expect(try balance("account") == before, "one of two monitors decides nothing")
        #expect(try measure(program, number, by: "watcher-2", first: 0, [false, false, false, true], sequence: 2) == 0)
        // Three of twenty are down: three tenths of the fee are there.
        #expect(try balance("account") == before + 900_000)
        _ = try program.data("sla", "terminate", number, "--from", "north", "--yes")
        watching.waitUntilExit()
        #expect(watching.terminationStatus == 0)

        let shown = try program.run("sla", "show", number)
        #expect(shown.output.contains("85% so far") && shown.output.contains("1 up, 3 down") && shown.output.contains("0.9 TRL paid to the consumer"), "\(shown.output)")
        let listed = try program.data("sla", "list", "north").list.first
        #expect(listed?["role"] == .text("provider") && listed?["phase"] == .text("active") && listed?["credit"] == .text("900000") && listed?["availability"] == .number(850_000))
        #expect(try program.run("sla", "list", "--all", "-o", "name").output == "\(number)\n")
        #expect(try program.run("sla", "list", "keeper", "-o", "name").output.isEmpty)

        let evidence = try program.data("sla", "evidence", number), intervals = evidence["intervals"]?.list ?? []
        #expect(intervals.count == 4 && intervals.map { $0["service"]?.text } == ["down", "down", "down", "up"])
        let reports = intervals.first?["reports"]?.list ?? []
        #expect(reports.map { $0["reading"]?.text } == ["down", "down"] && reports.map { $0["source"]?.text } == ["probe-a", "probe-b"])
        #expect(reports.map { $0["evidence"]?.text } == ["0x" + String(repeating: "1a", count: 32), "0x" + String(repeating: "2a", count: 32)])
        #expect(try program.data("sla", "evidence", number, "--down")["intervals"]?.list.count == 3)
        #expect(try program.run("sla", "evidence", number).output.contains("probe-b"))
        #expect(try program.run("sla", "evidence", number, "--metric", "latency").status == 3)
        #expect(try program.run("sla", "evidence", number, "--period", "3").status == 3)

        #expect(try program.run("sla", "rule", number, "up", "--period", "0", "--first", "0", "--yes").status == 4)
        #expect(try program.run("sla", "announce", number, "--at", "in 1m", "--lasting", "2s", "--from", "north", "--yes").status == 2, "the agreement ends before")
        #expect(try program.run("sla", "terminate", number, "--from", "keeper", "--yes").status == 4)
        #expect(try program.run("sla", "terminate", number, "--yes").status == 4, "it ends already")
        #expect(try program.run("sla", "show", number).output.contains("terminated, ends after 1 periods"))
        #expect(try program.run("sla", "watch", number, "--within", "1s").status == 5)
        #expect(try program.run("sla", "watch", number, "--until", "Sunset").status == 2)
    }

    private func end(_ program: Program, _ number: String, _ start: UInt64) async throws {
        try await wait(until: start + 20_000)
        for (place, name) in ["watcher-1", "watcher-2"].enumerated() {
            #expect(try measure(program, number, by: name, first: 4, [Bool](repeating: true, count: 16), sequence: 3 + place) == 0)
        }
        try await wait(until: start + 50_000)
        var settled: Int32 = 4
        for _ in 0..<40 where settled != 0 {
            settled = try program.run("sla", "settle", number, "--from", "keeper", "--yes").status
            if settled != 0 { try await Task.sleep(for: .milliseconds(500)) }
        }
        #expect(settled == 0)
        let shown = try program.data("sla", "show", number, "--period", "0")
        #expect(shown["agreement"]?["phase"] == .text("settled") && shown["next"]?.list.isEmpty == true && shown["period"]?["isClosed"] == .bool(true))
        #expect(shown["agreement"]?["escrow"]?["paidIn"] == shown["agreement"]?["escrow"]?["paidOut"])
        // Everything that happened, as sentences; then it ends by itself.
        let told = try program.run("sla", "watch", number, "--since", "1")
        #expect(told.status == 0)
        for sentence in ["VIOLATED: period 0, intervals 0 to 2 down", "0.9 TRL to", "closed: period 0 at 85%, credit 0.9 TRL", "2.1 TRL to", "terminated by", "settled"] {
            #expect(told.output.contains(sentence), "\(sentence) is not in \(told.output)")
        }
    }
}

extension String {
    /// A time as programs read it.
    fileprivate func milliseconds() throws -> UInt64 { try #require(TimeArgument(argument: self)).value.rawValue }
}
