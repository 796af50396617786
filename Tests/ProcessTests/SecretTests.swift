import Client
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import ServerKit
import Testing

extension RealProcesses {
    /// A private clause and a credential: the parties and the monitor have them, and nobody else finds them anywhere.
    @Suite struct SecretTests {
        /// Nodes are asked through taps, which write down all that goes over the wire in both directions, where it is not encrypted.
        private struct Tapped {
            let tap: Server
            let record: String
            let client: Client

            init(_ node: Devnet.Node, in directory: String) async throws {
                record = "\(directory)/\(node.name).tap"
                tap = try await Server.script("tap.py", [String(node.apiPort), record])
                client = try Client(tap.address)
            }

            /// All that the interface tells of blocks, transactions, events, accounts and the agreement.
            func readEverything(_ agreed: Agreed) async throws {
                var cursor: String?
                repeat {
                    let page = try await client.blocks(limit: 100, cursor: cursor)
                    for block in page.items where block.transactionCount > 0 {
                        for transaction in try await client.transactions(inBlock: String(block.height)).items { _ = try await client.transaction(transaction.id.value) }
                        _ = try await client.events(inBlock: String(block.height))
                    }
                    cursor = page.next
                } while cursor != nil
                let people = [agreed.consumer, agreed.provider] + agreed.monitors
                for member in people {
                    _ = try await client.account(member.address)
                    _ = try await client.transactions(of: member.address, limit: 100)
                    _ = try await client.pending(of: member.address)
                    for other in people { _ = try await client.view(Agreements.sealed.reference, of: .agreements, agreed.number, member.address, other.address) }
                }
                _ = try await (agreed.view(client), agreed.period(0, client), agreed.verdicts(0, client))
                _ = try await (client.status(), client.peers(), client.metrics(), client.contracts(), client.told(Agreements.Sealed.self))
            }
        }

        @Test(.timeLimit(.minutes(15)), .enabled(if: Server.python != nil, Server.pythonMissing)) func secretsStayWithThoseTheyAreFor() async throws {
            let place = NSTemporaryDirectory() + "trellis-taps-\(UInt32.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: place) }
            try await Devnet.with("--port", "27750") { devnet in
                let nodes = try devnet.nodes, chainID = try devnet.genesis.chainID
                var taps: [Tapped] = []
                for node in nodes { taps.append(try await Tapped(node, in: place)) }
                let client = taps[0].client
                func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: .min ... .max) } }
                let token = "token-" + random(20).hex, clause = "The discount of this year is \(random(20).hex) and nobody knows."
                let salt = random(32), confidential = SHA256.hash(salt + Array(clause.utf8))
                let metrics = try await Server.script("metrics.py", [token])

                // Terms name the clause by its salted digest alone.
                let consumer = try Member(devnet, 1), provider = try Member(devnet, 2), monitor = try Member(devnet, 3), start = Timestamp.next(1, after: 8)
                let terms = Agreements.Terms(
                    consumer: consumer.address, service: "shop", providers: Bounded([Agreements.Provider(account: provider.address)])!,
                    monitors: Bounded([Agreements.Monitor(account: monitor.address, source: "prometheus")])!, level: .amazonEC2,
                    schedule: Agreements.Schedule(start: start, intervalMilliseconds: 1_000, periodIntervals: 8, periods: 1),
                    payment: Agreements.Payment(fee: Amount(1_000)), windows: Agreements.Windows(settleMilliseconds: 0, lateMilliseconds: 600_000),
                    confidential: confidential, expires: start, salt: Digest(random(32))!)
                let agreed = try await Agreed(terms, consumer: consumer, provider: provider, monitors: [monitor], client, chainID: chainID)
                #expect(try await agreed.view(taps[3].client).terms.confidential == confidential)

                // The provider seals the credential to the monitor, whose sealing key it knows; only that opens the box.
                let opener = SealingKey(seed: SecretBytes(copying: random(32))), other = SealingKey(seed: SecretBytes(copying: random(32)))
                let box = try #require(opener.publicKey.seal(SecretBytes(copying: Array(token.utf8)), ephemeralSeed: SecretBytes(copying: random(32))))
                func leave(_ bytes: [UInt8]) async throws {
                    let call = Agreements.seal.reference.call(on: .agreements, agreed.number, monitor.address, BoundedBytes(bytes))
                    try await client.send([call], by: provider.key)
                }
                try await leave(box)
                let left = try await taps[1].client.view(Agreements.sealed.reference, of: .agreements, agreed.number, monitor.address, provider.address)
                let sealed = try #require(left?.bytes.bytes)
                #expect(other.open(sealed) == nil)
                let opened = try #require(opener.open(sealed)).withUnsafeBytes { Array($0) }
                #expect(opened == Array(token.utf8))

                // The monitor measures with it.
                let process = try MonitorProcess(
                    devnet, monitor,
                    watches: [agreed.watch(0, "{prometheus: {address: '\(metrics.address)', expression: 'min_over_time(up[$interval])', up-when: '= 1', bearer: {file: \(place)/token}}}")],
                    node: taps[2].tap.address)
                try Data(opened).write(to: URL(fileURLWithPath: place + "/token"))
                defer { process.kill() }
                try process.start()
                await process.expectEnd(within: 60)
                #expect(try await agreed.verdicts(0, client).up == 0xff)

                // Nobody else has it: not in a validator's files, nor in an answer, nor in what the monitor keeps and says.
                for tapped in taps { try await tapped.readEverything(agreed) }
                for secret in [Array(token.utf8), Array(clause.utf8), salt] {
                    let search = SecretSearch(secret)
                    #expect(try search.files(in: devnet.directory) == [])
                    #expect(try search.files(in: place, except: [place + "/token"]) == [])
                }

                // The search would find it. What is not secret is found everywhere: the box, the digest of the clause …
                for known in [box, confidential.bytes] { try expectFound(known, devnet, taps, in: "the box or the digest") }
                let journal = try FileManager.default.subpathsOfDirectory(atPath: process.directory + "/journal").map { "\(process.directory)/journal/\($0)" }
                #expect(journal.contains { (FileManager.default.contents(atPath: $0)?.count ?? 0) > 500 })
                #expect(try SecretSearch(Array("\(agreed.number)/0 interval 7: 1".utf8)).files(in: process.directory) == ["log"])
                // … and so is the credential itself, once somebody forgets to seal it.
                try await leave(Array(token.utf8))
                try await devnet.expectAgreement()
                for tapped in taps { try await tapped.readEverything(agreed) }
                try expectFound(Array(token.utf8), devnet, taps, in: "what was not sealed")
            }
        }

        /// In the files of each validator, and in what each of them answers.
        private func expectFound(_ bytes: [UInt8], _ devnet: Devnet, _ taps: [Tapped], in what: Comment) throws {
            let search = SecretSearch(bytes)
            for node in try devnet.nodes { #expect(try !search.files(in: "\(devnet.directory)/nodes/\(node.name)").isEmpty, what) }
            for tapped in taps { #expect(try search.isIn(file: tapped.record), what) }
        }
    }
}
