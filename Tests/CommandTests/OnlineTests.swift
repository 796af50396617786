import Client
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Keystore
import Ledger
import Primitives
import Testing
import WorldState
@testable import trellis

/// A network of one validator, started as an operator starts it, and used with the program and with the library.
@Suite(.serialized) struct OnlineTests {
    @Test(.timeLimit(.minutes(15))) func theProgramDoesWhatItSays() async throws {
        let running = try await RunningNode(), program = running.program
        let bob = try #require(try program.data("key", "new", "bob", "--key-cost", "light")["address"]?.text)

        // Nothing is sent by accident.
        #expect(try program.run("account", "transfer", "bob", "1").status == 2)
        #expect(try program.data("account", "transfer", "bob", "1", "--dry-run")["outcome"] == .text("succeeded"))
        #expect(try program.run("account", "balance", "bob", "-o", "name").output == "0\n")
        // A payment, and its proof checked without the node.
        let paid = try program.data("account", "transfer", "bob", "12.5", "--yes", "--memo", "for bread")
        #expect(paid["state"] == .text("committed") && paid["receipt"]?["outcome"] == .text("succeeded"))
        #expect(try program.run("account", "balance", "bob", "-o", "name").output == "12500000\n")
        #expect(try program.run("account", "balance", bob).output == "12.5 TRL\n")
        let id = try #require(paid["id"]?.text)
        _ = try program.data("tx", "show", id, "--proof", "proof.json")
        #expect(try program.data("verify", "proof.json", "--genesis", program.home + "/genesis.bcs")["transaction"] == .text(id))
        var altered = try String(contentsOfFile: program.file("proof.json"), encoding: .utf8)
        let digit = try #require(altered.lastIndex { $0.isHexDigit })
        altered.replaceSubrange(digit...digit, with: altered[digit] == "0" ? "1" : "0")
        try program.write("altered.json", altered)
        #expect(try program.run("verify", "altered.json", "--genesis", program.home + "/genesis.bcs").status == 1)

        // What the chain refuses is told with its reason.
        let refused = try program.run("account", "transfer", "bob", "99999999999", "--yes", "-o", "json")
        #expect(refused.status == 4)
        #expect(try refused.document["error"]?["code"] == .text("chain.accounts.balanceTooLow"))
        #expect(try program.run("tx", "show", "0x" + String(repeating: "00", count: 32)).status == 3)
        #expect(try program.run("block", "show", "999999").status == 3)
        #expect(try program.run("gov", "show", "77").status != 0)
        #expect(try program.run("contract", "view", "accounts", "balanse").status == 3)
        #expect(try program.run("contract", "view", "accounts", "balance", "account=nonsense").status == 2)
        #expect(try program.run("contract", "show", "nonsense").status != 0)

        // Step by step.
        _ = try program.data("tx", "build", "accounts", "transfer", "to=\(bob)", "--value", "1", "--to", "tx.json")
        #expect(try program.data("tx", "simulate", "tx.json")["outcome"] == .text("succeeded"))
        #expect(try program.run("tx", "sign", "tx.json", "--from", "bob").status == 1)
        _ = try program.data("tx", "sign", "tx.json", "--to", "signed.json")
        #expect(try program.data("tx", "decode", "signed.json")["signatureHolds"] == .bool(true))
        let sent = try program.data("tx", "send", "signed.json")
        #expect(try program.data("tx", "send", "signed.json")["id"] == sent["id"])
        #expect(try program.data("tx", "wait", try #require(sent["id"]?.text))["state"] == .text("committed"))

        // An account of two keys.
        let first = try program.data("key", "show", "bob")["publicKey"]?.text ?? ""
        let second = try program.data("key", "new", "carol", "--key-cost", "light")["publicKey"]?.text ?? ""
        let group = try #require(try program.data("multisig", "create", "--threshold", "2", "--key", first, "--key", second, "--to", "group.json")["address"]?.text)
        _ = try program.data("account", "transfer", group, "5", "--yes")
        _ = try program.data("tx", "build", "accounts", "transfer", "to=\(bob)", "--value", "2", "--sender", group, "--signatures", "2", "--to", "pair.json")
        for name in ["bob", "carol"] { _ = try program.data("multisig", "sign", "pair.json", name, "--to", "\(name).json") }
        #expect(try program.run("multisig", "combine", "pair.json", "--keys", "group.json", "--signature", "bob.json").status == 1)
        _ = try program.data("multisig", "combine", "pair.json", "--keys", "group.json", "--signature", "bob.json", "--signature", "carol.json", "--to", "joint.json")
        #expect(try program.data("tx", "send", "joint.json")["receipt"]?["outcome"] == .text("succeeded"))

        // Contracts of the protocol.
        #expect(try program.data("contract", "list").list.count >= 6)
        #expect(try program.data("validator", "list", "--voting")["validators"]?.list.count == 1)
        #expect(try program.data("stake", "show", "account").list.count == 1)
        _ = try program.data("gov", "propose", "--title", "An opinion", "--yes")
        #expect(try program.data("gov", "list").list.first?["title"] == .text("An opinion"))
        _ = try program.data("identity", "join", "provider", "witness", "--yes")
        #expect(try program.data("identity", "show", "account")["participant"]?["roles"]?.list.count == 2)
        #expect(try program.data("event", "list", "--contract", "accounts", "--type", "Transferred")["items"]?.list.count ?? 0 >= 4)
        let watched = try program.run("event", "watch", "--since", "1", "--type", "Transferred", "--count", "2", "-o", "json")
        #expect(watched.status == 0 && watched.output.split(separator: "\n").count == 2)
        // Control-C ends what would go on for ever.
        let watching = try program.start(["event", "watch"])
        try await Task.sleep(for: .seconds(1))
        watching.interrupt()
        watching.waitUntilExit()
        #expect(watching.terminationStatus == 130 && watching.terminationReason == .exit)
        #expect(running.stop() == 0)
        #expect(try program.run("status").status == 5)
    }

    /// The library, as its page shows it.
    @Test(.timeLimit(.minutes(15))) func anApplicationUsesTheLibrary() async throws {
        let running = try await RunningNode(), program = running.program
        let seed = try #require(try program.data("key", "export", "account", "--seed", "--yes")["seed"]?.text)
        var bytes = try #require([UInt8](hex: seed))
        let key = SigningKey(seed: SecretBytes(wiping: &bytes)), receiver = Address(of: SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 7, count: 32))).publicKey)

        let client = try Client(running.url)
        var reader = try LightReader(client, genesis: try await client.genesis(), chainID: try await client.chain().chainID.value)
        let before = try await client.view(Accounts.balance.reference, of: .accounts, receiver)
        #expect(before == .zero)

        // Somebody listens before anything happens.
        var selection = EventSelection()
        (selection.types, selection.contracts, selection.from) = (["Transferred"], ["accounts"], 1)
        let listening = Task {
            var heard: [String] = []
            for try await item in client.events(selection) {
                if case .event(let event) = item { heard.append(event.id) }
                if heard.count == 2 { break }
            }
            return heard
        }
        for _ in 0..<2 {
            let report = try await client.send([Accounts.transfer.reference.call(on: .accounts, receiver, value: Amount(1_000))], by: key)
            #expect(report.receipt?.outcome == .succeeded)
        }
        let heard = try await listening.value
        #expect(heard.count == 2 && Set(heard).count == 2)

        // Proven, not believed: what is there, and what is not.
        let proven = try await reader.account(receiver)
        #expect(proven.state?.balance == Amount(2_000) && reader.trusted.height == proven.height)
        #expect(try await reader.account(Address(truncating: SHA256.hash([1]))).state == nil)
        // A value that is not the one that the block holds.
        let bundle = try await client.proof(of: [AccountRecords.key(receiver)])
        guard case .state(let claims, let proof) = bundle.content else { throw ClientError.unproven("another proof was asked for") }
        let lie = ProofBundle(block: bundle.block, content: .state([StateClaim(key: claims[0].key, value: [1])], proof))
        await #expect { try await reader.believe(lie) } throws: { ($0 as? ClientError)?.code == "client.unproven" }
        try await reader.believe(bundle)
        // A reader of another chain believes nothing of this one.
        #expect(throws: ClientError.self) { try LightReader(client, genesis: Self.other, chainID: ChainID()) }

        // What would fail costs nothing.
        await #expect { _ = try await client.send([Accounts.transfer.reference.call(on: .accounts, receiver)], by: key) } throws: { error in
            (error as? ClientError)?.code == "contract.amountZero"
        }
        await #expect { _ = try await client.block("999999") } throws: { ($0 as? ClientError)?.code == "height.unknown" }
        #expect(running.stop() == 0)
    }

    private static let other = Genesis(
        charter: GenesisCharter(chainName: "other", network: .development, time: 1, parameters: NetworkParameters()), validators: [], allocations: [], stateRoot: .zero)
}
