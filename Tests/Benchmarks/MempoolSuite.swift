import Cryptography
import Gossip
import Ledger
@_spi(Verification) import Primitives

extension Suite {
    /// What the pool costs per transaction and per block, and what spreading costs a validator of a mesh of four, beside the
    /// signature, whose check is left out: transactions count as verified.
    static let mempool = Suite(name: "mempool", summary: "Admit, select and commit in a pool of 100,000; push through a mesh of four") { report, quick in
        let count = quick ? 10_000 : 100_000
        let senders = count / 10
        let chainID = ChainID()
        let rules = TransactionRules(chainID: chainID, height: 10, parameters: NetworkParameters())
        let keys = (0..<senders).map { PublicKey(SHA256.hash(UInt64($0).bcs).bytes)! }
        let addresses = keys.map { Address(of: $0) }
        var random = SeededGenerator(seed: 1)
        /// The signatures are not: a pool does not look at them.
        func make(_ number: Int) -> SignedTransaction {
            let sender = number % senders
            let transaction = Transaction(
                chainID: chainID, sender: addresses[sender], nonce: Nonce(UInt64(number / senders)), validUntilHeight: 100_000, gasLimit: 100_000,
                gasPrice: Amount(UInt128(1 + random.below(1_000))),
                calls: [Call(contract: .builtIn("accounts"), method: "transfer", arguments: addresses[0].bytes + Amount(5).bcs)])!
            return SignedTransaction(transaction, authenticator: .single(keys[sender], Signature()))!
        }
        let signed = (0..<count).map(make)
        let verified = signed.map { Verified(checked: $0) }
        var configuration = Mempool.Configuration()
        configuration.countMax = count
        let account = AccountState(nonce: 0, balance: Amount(1 << 90))
        func filled() -> Mempool {
            let pool = Mempool(rules: rules, configuration: configuration) { _ in account }
            for transaction in verified {
                do { _ = try pool.admit(transaction, now: 0) } catch { preconditionFailure("\(error)") }
            }
            return pool
        }

        report.add("pool_transactions", [Double(count)], unit: "transactions")
        var admit: [Double] = [], precheck: [Double] = [], select: [Double] = [], commit: [Double] = [], full: [Double] = [], known: [Double] = []
        for round in 0..<5 {
            let empty = Mempool(rules: rules, configuration: configuration) { _ in account }
            var watch = Stopwatch()
            for transaction in signed.prefix(senders) { do { try empty.precheck(transaction) } catch { preconditionFailure("\(error)") } }
            precheck.append(watch.threadCPU / Double(senders) * 1e6)
            watch = Stopwatch()
            let pool = filled()
            admit.append(Double(count) / watch.threadCPU)

            watch = Stopwatch()
            for transaction in signed.prefix(10_000) { consume(try? pool.precheck(transaction)) }
            known.append(watch.threadCPU / Double(min(count, 10_000)) * 1e6)

            // A newcomer that pays more than the cheapest of a full pool, each time another.
            let dear = (0..<200).map { number in
                let key = PublicKey(SHA256.hash(UInt64(1_000_000 + round * 1_000 + number).bcs).bytes)!
                let transaction = Transaction(
                    chainID: chainID, sender: Address(of: key), nonce: 0, validUntilHeight: 100_000, gasLimit: 100_000, gasPrice: Amount(5_000),
                    calls: [Call(contract: .builtIn("accounts"), method: "transfer", arguments: [])])!
                return Verified(checked: SignedTransaction(transaction, authenticator: .single(key, Signature()))!)
            }
            watch = Stopwatch()
            for transaction in dear { do { _ = try pool.admit(transaction, now: 0) } catch { preconditionFailure("\(error)") } }
            full.append(watch.threadCPU / Double(dear.count) * 1e6)

            watch = Stopwatch()
            let selection = pool.select(rules: rules) { _ in account }
            select.append(watch.threadCPU * 1e6)
            var touched: [Address: UInt64] = [:]
            for transaction in selection.transactions { touched[transaction.value.transaction.sender, default: 0] += 1 }
            let states = touched.sorted { $0.key < $1.key }.map { TouchedAccount(address: $0.key, state: AccountState(nonce: Nonce($0.value), balance: account.balance)) }
            let block = CommittedBlock(height: 10, proposer: nil, transactions: selection.transactions.map(\.value), touched: states, parameters: rules.parameters)
            watch = Stopwatch()
            consume(pool.commit(block))
            commit.append(watch.threadCPU * 1e6)
            if round == 0 { report.add("selected", [Double(selection.transactions.count)], unit: "transactions") }
        }
        report.add("precheck_us", precheck, unit: "us")
        report.add("known_us", known, unit: "us")
        report.add("admit_per_second", admit, unit: "1/s")
        report.add("admit_evicting_us", full, unit: "us")
        report.add("select_block_us", select, unit: "us")
        report.add("commit_block_us", commit, unit: "us")

        // ── A mesh of four, each transaction entered at one node, messages encoded once and decoded by each receiver ──
        var mesh: [Double] = []
        let batch = quick ? 1_000 : 5_000
        for _ in 0..<5 {
            let nodes = Mesh(size: 4, rules: rules, account: account)
            let watch = Stopwatch()
            for start in stride(from: 0, to: batch, by: 100) { nodes.submit(Array(signed[start..<start + 100]), at: start / 100 % 4) }
            let spent = watch.threadCPU
            precondition(nodes.nodes.allSatisfy { $0.pool.count == batch })
            mesh.append(spent / Double(batch) / 4 * 1e6)
        }
        report.add("mesh_us_per_transaction_and_validator", mesh, unit: "us")
    }
}

/// Validators that hear each other at once. Every signature counts as good.
private final class Mesh {
    let nodes: [GossipNode]

    init(size: Int, rules: TransactionRules, account: AccountState) {
        func key(_ number: Int) -> PublicKey { PublicKey([UInt8(number + 1)] + Array(repeating: 0, count: 31))! }
        nodes = (0..<size).map { index in
            let configuration = GossipConfiguration(
                policy: PeerPolicy(ownKey: key(index)), ownValidator: key(index), validators: (0..<size).map(key), seed: 1, height: 9, trust: .hash(.zero, at: 0))
            return GossipNode(configuration, rules: rules) { _ in account }
        }
        for index in nodes.indices {
            for other in nodes.indices where other != index {
                let peer = ConnectedPeer(
                    key: key(other), listensAt: nil, host: NetworkAddress(ipv4: 9, UInt8(other), 1, 1), isOutbound: index < other, validator: key(other))
                give(.connected(Link(UInt64(other)), peer), to: index)
            }
        }
    }

    func submit(_ transactions: [SignedTransaction], at index: Int) {
        give(.submitted(transactions), to: index)
        for index in nodes.indices { give(.tick, to: index) }
    }

    private func give(_ input: GossipInput, to index: Int) {
        var effects: [GossipEffect] = []
        nodes[index].step(input, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let message, let links):
                guard case .transactions = message else { continue }
                let bytes = message.bcs
                for link in links {
                    do { give(.message(try GossipMessage(bcs: bytes), from: Link(UInt64(index))), to: Int(link.rawValue)) } catch { preconditionFailure("\(error)") }
                }
            case .verify(let transactions): give(.verdicts(transactions.map { .verified(Verified(checked: $0)) }), to: index)
            default: break
            }
        }
    }
}
