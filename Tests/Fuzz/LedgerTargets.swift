import Cryptography
import Ledger
import Primitives

extension FuzzTargets {
    static let ledger: [FuzzTarget] = [
        .canonical("transaction", Transaction.self, samples: [Chain.transaction]),
        // Built again from its parts, because it answers with the bytes that it kept.
        .roundTrip("signed-transaction", samples: [Chain.signed.envelope]) { (input: [UInt8]) throws(BCSError) in
            let signed = try SignedTransaction(bcs: input)
            return SignedTransaction(signed.transaction, authenticator: signed.authenticator)?.envelope ?? []
        },
        .canonical("receipt", Receipt.self, samples: Chain.receipts),
        .canonical("event-record", EventRecord.self, samples: [Chain.event]),
        .canonical("block", Block.self, samples: [Chain.block]),
        .canonical("genesis", Genesis.self, samples: [Chain.genesis]),
        .canonical("network-parameters", NetworkParameters.self, samples: [NetworkParameters()]),
        .canonical("light-block", LightBlock.self, samples: [Chain.light]),
        .canonical("inclusion-proof", InclusionProof.self, samples: [Chain.inclusion]),
        .canonical("consistency-proof", ConsistencyProof.self, samples: [Chain.consistency]),
        .canonical("proof-bundle", ProofBundle.self, samples: [Chain.bundle]),
        // Nobody but the key's holder makes a transaction, whatever happens to one that was made.
        FuzzTarget(name: "signed-transaction-check", samples: [Chain.signed.envelope]) { input in
            guard input != Chain.signed.envelope, let altered = try? SignedTransaction(bcs: input),
                  (try? altered.checkedSignature(chainID: Chain.id)) != nil else { return nil }
            return "is let through, but nobody signed it"
        },
        // A root has one leaf at a place, and an altered proof does not show another.
        FuzzTarget(name: "inclusion-proof-check", samples: [Chain.inclusion.bcs]) { input in
            guard let proof = try? InclusionProof(bcs: input), proof.verifies(leafHash: Sample.fixed(99), root: Chain.tree.root) else { return nil }
            return "shows a leaf that the tree does not have"
        },
        FuzzTarget(name: "consistency-proof-check", samples: [Chain.consistency.bcs]) { input in
            guard let proof = try? ConsistencyProof(bcs: input), proof.verifies(oldRoot: Sample.fixed(99), newRoot: Chain.tree.root) else { return nil }
            return "continues a tree that was never there"
        },
        // No alteration of a bundle proves anything.
        FuzzTarget(name: "proof-bundle-check", samples: [Chain.bundle.bcs]) { input in
            guard input != Chain.bundle.bcs, let altered = try? ProofBundle(bcs: input),
                  (try? altered.verify(chainID: Chain.id, validatorsHash: Chain.validators.digest)) != nil else { return nil }
            return "proves what was never said"
        },
    ]

    /// A block of one validator, with what belongs to it.
    enum Chain {
        static let id: ChainID = Sample.fixed(1)
        static let key = SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 4, count: 32)))
        static let transaction: Transaction = {
            let call = Call(contract: .builtIn("accounts"), method: "transfer", arguments: [1, 2, 3], value: Amount(4))
            guard let transaction = Transaction(
                chainID: id, sender: Address(of: key.publicKey), nonce: 0, validUntilHeight: 9, gasLimit: 100_000, gasPrice: Amount(1),
                calls: [call, call], memo: "né") else { preconditionFailure("two calls are few") }
            return transaction
        }()
        static let signed: SignedTransaction = {
            guard let signed = transaction.signed(by: key) else { preconditionFailure("a small transaction is too large") }
            return signed
        }()

        static let failure = CallFailure(callIndex: 1, contract: .builtIn("agreements"), code: 7, message: "spent")
        static let receipts: [Receipt] = [
            .succeeded(CallResults([[], [1, 2]]) ?? CallResults()), .reverted(failure), .trapped(failure), .outOfGas(failure),
        ].map { Receipt(origin: .transaction(signed.id), outcome: $0, gasUsed: 5, fee: Amount(6), eventCount: 0) }
        static let event: EventRecord = {
            guard let event = Event(contract: .builtIn("staking"), name: "paid", data: [9]) else { preconditionFailure("one byte is little") }
            return EventRecord(origin: .hook(contract: .builtIn("staking"), method: "epoch_end"), index: 3, event: event)
        }()

        static let tree = MerkleTree(leafHashes: [signed.envelopeHash.leaf] + (1...6).map { Sample.fixed($0) })
        static let inclusion: InclusionProof = {
            guard let proof = tree.inclusionProof(of: 0) else { preconditionFailure("the tree has a first leaf") }
            return proof
        }()
        static let consistency: ConsistencyProof = {
            guard let proof = tree.consistencyProof(from: 3) else { preconditionFailure("the tree has more than three leaves") }
            return proof
        }()

        static let validators: ValidatorSet = {
            let validator = Validator(consensusKey: key.publicKey, vrfKey: Sample.fixed(3), weight: 5)
            do { return try ValidatorSet(epoch: 1, validators: [validator]) } catch { preconditionFailure("\(error)") }
        }()
        static let light: LightBlock = {
            let other = Sample.header(1)
            let draft = HeaderDraft(
                height: 4, epoch: 1, originView: 0, time: other.draft.time, proposer: ValidatorIndex(0), parentHash: other.draft.parentHash,
                transactionsRoot: tree.root, validatorsHash: validators.digest, vrfProof: other.draft.vrfProof, beacon: other.draft.beacon,
                protocolVersion: 1, parentVotes: ValidatorBitmap([ValidatorIndex(0)]))
            let header = Header(draft: draft, result: other.result)
            let statement = CommitStatement(header: header, view: 0)
            let signature = CertificateSignature(signer: ValidatorIndex(0), signature: key.sign(statement, as: .commit, chainID: id))
            guard let certificate = CommitCertificate(statement: statement, signatures: [signature]) else {
                preconditionFailure("one signer ascends")
            }
            return LightBlock(header: header, certificate: certificate, validators: validators)
        }()
        static let block: Block = {
            guard let block = Block(header: light.header, certificate: light.certificate, transactions: [signed, signed]) else {
                preconditionFailure("two transactions are few")
            }
            return block
        }()
        static let bundle: ProofBundle = {
            guard let path = inclusion.merklePath else { preconditionFailure("an own proof has a path") }
            return ProofBundle(block: light, content: .transaction(signed, path))
        }()
        static let genesis = Genesis(
            charter: GenesisCharter(chainName: "né", network: .development, time: 1, parameters: NetworkParameters()),
            validators: [GenesisValidator(
                account: Sample.fixed(1), validator: Sample.validator(2), consensusPossession: Sample.fixed(3), vrfPossession: Sample.fixed(4))],
            allocations: [GenesisAllocation(account: Sample.fixed(5), balance: Amount(6))], stateRoot: Sample.fixed(7))
    }
}
