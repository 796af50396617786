import Client
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Keystore
import Ledger
import Primitives

struct NetworkFailure: Error, CustomStringConvertible { let description: String }

/// An account that pays, and what its next transaction is numbered.
struct Payer: Sendable {
    let key: SigningKey
    let address: Address
    var nonce: UInt64 = 0

    init(number: Int) {
        key = SigningKey(seed: SecretBytes(copying: SHA256.hash(Array("benchmark payer \(number)".utf8)).bytes))
        address = Address(of: key.publicKey)
    }
}

/// Processes of `trellis devnet` beside this program, in a directory that goes with this object.
final class LocalNetwork: Sendable {
    private struct State: Decodable {
        struct Member: Decodable {
            struct Process: Decodable { let id: Int32 }
            let apiPort: UInt16
            let process: Process?
        }
        let members: [Member]
    }

    let clients: [Client]
    let processes: [Int32]
    let chainID: ChainID
    let path: String
    let fileSystem: String
    private let directory: TemporaryDirectory
    private let program: String
    /// A payment with this receiver is looked for among the events.
    let marked = Address(of: Payer(number: -1).key.publicKey)

    init(validators: Int) async throws {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("trellis").path
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw NetworkFailure(description: "\(program) is not built: swift build -c release --product trellis")
        }
        let directory = try TemporaryDirectory(), path = directory.path + "/devnet"
        try Self.command(program, ["devnet", "up", "--detach", "--validators", "\(validators)", "--directory", path])
        let members = try JSONDecoder().decode(State.self, from: Data(contentsOf: URL(fileURLWithPath: path + "/devnet.json"))).members
        clients = try members.map { try Client("http://127.0.0.1:\($0.apiPort)") }
        processes = members.compactMap { $0.process?.id }
        chainID = try Genesis(bcs: Array(Data(contentsOf: URL(fileURLWithPath: path + "/genesis.bcs")))).chainID
        fileSystem = directory.fileSystem
        (self.program, self.directory, self.path) = (program, directory, path)
    }

    deinit { try? end() }

    func end() throws { try Self.command(program, ["devnet", "down", "--directory", path]) }

    private static func command(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.standardError
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw NetworkFailure(description: "trellis \(arguments.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
    }

    /// Runs `trellis` until this process ends it; what it writes goes to a file.
    func start(_ arguments: [String], output: String) throws -> Process {
        let process = Process()
        try Data().write(to: URL(fileURLWithPath: output))
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "TRELLIS_HOME": path, "TRELLIS_PASSPHRASE_FILE": path + "/passphrase", "NO_COLOR": "1"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = process.standardOutput
        try process.run()
        return process
    }

    // ── Accounts ──

    /// The key of an account of the first state.
    func key(_ name: String) throws -> SigningKey {
        var passphrase = Array(try Data(contentsOf: URL(fileURLWithPath: path + "/passphrase")))
        guard let key = try KeyFile.read("\(path)/keys/\(name).json").open(try Passphrase(wiping: &passphrase)).signingKey else {
            throw NetworkFailure(description: "\(name) has no key that signs")
        }
        return key
    }

    /// Payers with 20 TRL each, from the network's faucet.
    func fund(_ count: Int, from first: Int = 0, tokens: UInt128 = 20) async throws -> [Payer] {
        let payers = (first..<(first + count)).map { Payer(number: $0) }
        let faucet = try key("faucet")
        let amount = Amount(tokens * Amount.unitsPerToken)
        var nonce = try await clients[0].account(Address(of: faucet.publicKey)).nextNonce
        var rest = payers[...], last: TransactionID?
        while !rest.isEmpty {
            Progress.show("funding \(payers.count - rest.count) of \(count)")
            let part = rest.prefix(256)
            guard let payments = Bounded<256, Payment>(part.map { Payment(to: $0.address, amount: amount) }) else { throw NetworkFailure(description: "too many payments") }
            let call = Accounts.transferMany.reference.call(on: .accounts, payments, value: Amount(UInt128(part.count) * amount.units))
            let signed = try sign([call], by: faucet, Address(of: faucet.publicKey), nonce, gasLimit: Gas(20_000_000))
            last = try await clients[0].submit(signed)
            nonce += 1
            rest = rest.dropFirst(part.count)
            // A sender has a bounded lane in the pool.
            if nonce.isMultiple(of: 8) || rest.isEmpty, let id = last {
                let report = try await clients[0].wait(for: id)
                guard report.receipt?.outcome == .succeeded else { throw NetworkFailure(description: "funding failed: \(report)") }
            }
        }
        return payers
    }

    func transfer(_ payer: Payer, to receiver: Address) throws -> SignedTransaction {
        try sign([Accounts.transfer.reference.call(on: .accounts, receiver, value: Amount(1))], by: payer.key, payer.address, payer.nonce, gasLimit: Gas(200_000))
    }

    func sign(_ calls: [Call], by key: SigningKey, _ sender: Address, _ nonce: UInt64, gasLimit: Gas) throws -> SignedTransaction {
        let transaction = Transaction(
            chainID: chainID, sender: sender, nonce: Nonce(nonce), validUntilHeight: Height(UInt64(UInt32.max)), gasLimit: gasLimit, gasPrice: Amount(1), calls: calls)
        guard let signed = transaction?.signed(by: key) else { throw NetworkFailure(description: "a transaction that is too large") }
        return signed
    }

    // ── Latency of single transfers ──

    /// How long transfers take, one after the other, from submission to the commit event, in milliseconds.
    func unloadedLatencies(_ payers: [Payer], count: Int) async throws -> [Double] {
        let watch = MarkWatch(self)
        try await watch.start()
        defer { watch.stop() }
        let payer = payers[payers.count - 1], client = clients[clients.count - 1]
        var sender = payer
        sender.nonce = try await client.account(payer.address).nextNonce
        for _ in 0..<count {
            let signed = try transfer(sender, to: marked)
            sender.nonce += 1
            watch.sent(signed.id)
            try await client.submit(signed)
            try await watch.waitUntilNoneIsLeft(seconds: 20)
            try await Task.sleep(for: .milliseconds(30))
        }
        return watch.latencies
    }
}
