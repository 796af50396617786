import Cryptography
import Ledger
import Primitives
import Testing

/// What makes a block valid: its link to the parent, its body, its certificate.
@Suite struct BlockTests {
    private static let chain = TestChain(epochs: [
        [Member(1), Member(2), Member(3), Member(4)], [Member(1), Member(2), Member(3), Member(5, weight: 30)], [Member(1)],
    ])

    // ── Drafts ──

    private func rules(after parent: Header) -> DraftRules {
        let chain = Self.chain
        let height = parent.height.rawValue + 1
        let before = height == 1 ? 0 : chain.epoch(of: height - 1)
        return DraftRules(
            chainID: chain.chainID, parent: parent, parentValidators: TestChain.set(chain.epochs[Int(before)], epoch: before),
            validators: TestChain.set(chain.epochs[Int(chain.epoch(of: height))], epoch: chain.epoch(of: height)), protocolVersion: 1)
    }

    /// `draft` with some fields replaced.
    private func changed(
        _ draft: HeaderDraft, height: Height? = nil, epoch: Epoch? = nil, time: Timestamp? = nil, proposer: UInt16? = nil,
        parentHash: Digest? = nil, validatorsHash: Digest? = nil, vrfProof: VRFProof? = nil, beacon: Beacon? = nil,
        protocolVersion: UInt32? = nil, votes: [UInt16]? = nil
    ) -> HeaderDraft {
        HeaderDraft(
            height: height ?? draft.height, epoch: epoch ?? draft.epoch, originView: draft.originView, time: time ?? draft.time,
            proposer: proposer.map(ValidatorIndex.init) ?? draft.proposer, parentHash: parentHash ?? draft.parentHash,
            transactionsRoot: draft.transactionsRoot, validatorsHash: validatorsHash ?? draft.validatorsHash,
            vrfProof: vrfProof ?? draft.vrfProof, beacon: beacon ?? draft.beacon,
            protocolVersion: protocolVersion ?? draft.protocolVersion,
            parentVotes: votes.map { ValidatorBitmap($0.map(ValidatorIndex.init)) } ?? draft.parentVotes)
    }

    private func refusal(_ draft: HeaderDraft, after parent: Header) -> BlockRejection? {
        do throws(BlockRejection) {
            try rules(after: parent).check(draft)
            return nil
        } catch { return error }
    }

    @Test func draftsInsideAnEpoch() throws {
        let parent = Self.chain.block(5).header
        let draft = Self.chain.block(6).header.draft
        let none = Digest.zero
        #expect(refusal(draft, after: parent) == nil)
        #expect(refusal(changed(draft, height: 7), after: parent) == .heightWrong(expected: 6, actual: 7))
        #expect(refusal(changed(draft, parentHash: none), after: parent) == .parentHashWrong(expected: parent.digest, actual: none))
        #expect(refusal(changed(draft, time: parent.draft.time), after: parent)
            == .timeNotAfterParent(parent: parent.draft.time, actual: parent.draft.time))
        #expect(refusal(changed(draft, epoch: 2), after: parent) == .epochWrong(expected: 1, actual: 2))
        #expect(refusal(changed(draft, validatorsHash: none), after: parent)
            == .validatorsHashWrong(expected: parent.result.nextValidatorsHash, actual: none))
        #expect(refusal(changed(draft, protocolVersion: 2), after: parent) == .protocolVersionWrong(expected: 1, actual: 2))
    }

    @Test func beaconSteps() throws {
        let parent = Self.chain.block(5).header
        let draft = Self.chain.block(6).header.draft
        #expect(refusal(changed(draft, proposer: 4), after: parent) == .proposerUnknown(ValidatorIndex(4)))
        // Another validator's name under the proof.
        #expect(refusal(changed(draft, proposer: 1), after: parent) == .vrfProofInvalid)
        #expect(refusal(changed(draft, vrfProof: Self.chain.block(2).header.draft.vrfProof), after: parent) == .vrfProofInvalid)
        #expect(refusal(changed(draft, vrfProof: VRFProof()), after: parent) == .vrfProofInvalid)
        #expect(refusal(changed(draft, beacon: Beacon()), after: parent) == .beaconWrong(expected: draft.beacon, actual: Beacon()))
    }

    /// Weights are 10, 10, 10, 30 in epoch 1: more than 40 of 60 must have voted.
    @Test func parentVotes() throws {
        let parent = Self.chain.block(6).header
        let draft = Self.chain.block(7).header.draft
        #expect(refusal(changed(draft, votes: [0, 1, 3]), after: parent) == nil)
        #expect(refusal(changed(draft, votes: [0, 3]), after: parent) == .parentVotesTooFew(weight: 40, total: 60))
        #expect(refusal(changed(draft, votes: [0, 1, 2]), after: parent) == .parentVotesTooFew(weight: 30, total: 60))
        #expect(refusal(changed(draft, votes: []), after: parent) == .parentVotesTooFew(weight: 0, total: 60))
        #expect(refusal(changed(draft, votes: [0, 1, 2, 3, 4]), after: parent) == .parentVoterUnknown(ValidatorIndex(4)))
    }

    @Test func firstBlock() throws {
        let genesis = try Self.chain.genesis.header()
        let draft = Self.chain.block(1).header.draft
        #expect(refusal(draft, after: genesis) == nil)
        #expect(refusal(changed(draft, votes: [0, 1, 2]), after: genesis) == .parentVotesOfGenesis)
    }

    /// The first block of an epoch: a new number and set, and votes of the old one.
    @Test func epochBoundary() throws {
        let parent = Self.chain.block(4).header
        let draft = Self.chain.block(5).header.draft
        #expect(parent.endsEpoch && !Self.chain.block(3).header.endsEpoch)
        #expect(refusal(draft, after: parent) == nil)
        #expect(refusal(changed(draft, epoch: 0), after: parent) == .epochWrong(expected: 1, actual: 0))
        #expect(refusal(changed(draft, validatorsHash: parent.draft.validatorsHash), after: parent)
            == .validatorsHashWrong(expected: parent.result.nextValidatorsHash, actual: parent.draft.validatorsHash))
        // In the old set each has a quarter: three suffice, two do not.
        #expect(refusal(changed(draft, votes: [0, 1, 2]), after: parent) == nil)
        #expect(refusal(changed(draft, votes: [2, 3]), after: parent) == .parentVotesTooFew(weight: 20, total: 40))
    }

    // ── Bodies ──

    private static let senders = (1...3).map { SigningKey(number: UInt8($0)) }

    private static func transfer(
        _ sender: Int, _ nonce: Nonce, gasLimit: Gas = 100_000, validUntil: Height = 99, value: UInt128 = 0, bytes: Int = 10
    ) -> SignedTransaction {
        let key = senders[sender]
        let call = Call(
            contract: .builtIn("accounts"), method: "transfer", arguments: [UInt8](repeating: 0, count: bytes), value: Amount(value))
        return Transaction(
            chainID: chain.chainID, sender: Address(of: key.publicKey), nonce: nonce, validUntilHeight: validUntil,
            gasLimit: gasLimit, gasPrice: Amount(1), calls: [call])!.signed(by: key)!
    }

    /// Senders 0 and 1 have accounts with nonces 5 and 0, and a million base units each.
    private static func account(_ address: Address) -> AccountState? {
        switch address {
        case Address(of: senders[0].publicKey): AccountState(nonce: 5, balance: Amount(1_000_000))
        case Address(of: senders[1].publicKey): AccountState(nonce: 0, balance: Amount(1_000_000))
        default: nil
        }
    }

    private func refusal(
        _ transactions: [SignedTransaction], _ parameters: NetworkParameters = NetworkParameters(), root: Digest? = nil
    ) throws -> BlockRejection? {
        let tree = MerkleTree(leafHashes: transactions.map(\.envelopeHash.leaf))
        let light = Self.chain.next(.init(transactionsRoot: root ?? tree.root))
        let block = try #require(Block(header: light.header, certificate: light.certificate, transactions: transactions))
        #expect(block.transactionsTree.root == tree.root)
        let rules = TransactionRules(chainID: Self.chain.chainID, height: 9, parameters: parameters)
        do throws(BlockRejection) {
            try block.checkBody(rules: rules, account: Self.account)
            return nil
        } catch { return error }
    }

    private typealias B = BlockTests

    @Test func noncesAreConsecutivePerSender() throws {
        #expect(try refusal([]) == nil)
        #expect(try refusal([B.transfer(0, 5), B.transfer(1, 0), B.transfer(0, 6), B.transfer(1, 1), B.transfer(0, 7)]) == nil)
        #expect(try refusal([B.transfer(0, 4)]) == .transaction(index: 0, .nonceNotConsecutive(4, expected: 5)))
        #expect(try refusal([B.transfer(0, 6)]) == .transaction(index: 0, .nonceNotConsecutive(6, expected: 5)))
        #expect(try refusal([B.transfer(0, 5), B.transfer(1, 0), B.transfer(0, 7)])
            == .transaction(index: 2, .nonceNotConsecutive(7, expected: 6)))
        #expect(try refusal([B.transfer(0, 6), B.transfer(0, 5)]) == .transaction(index: 0, .nonceNotConsecutive(6, expected: 5)))
        let stranger = Address(of: Self.senders[2].publicKey)
        #expect(try refusal([B.transfer(2, 0)]) == .transaction(index: 0, .senderUnknown(stranger)))
    }

    @Test func nothingIsInABlockTwice() throws {
        let one = B.transfer(0, 5)
        #expect(try refusal([one, one]) == .transaction(index: 1, .nonceNotConsecutive(5, expected: 6)))
        // Nor under another envelope.
        let copy = try #require(SignedTransaction(
            one.transaction, authenticator: .single(Self.senders[0].publicKey, Self.senders[0].sign([]))))
        #expect(copy.id == one.id && copy.envelopeHash != one.envelopeHash)
        #expect(try refusal([one, copy]) == .transaction(index: 1, .nonceNotConsecutive(5, expected: 6)))
    }

    @Test func theParentBalanceCoversEverything() throws {
        // Ten reserves of 100,000 are a million; one more unit is too much, and what others send does not count.
        let ten = (5..<15).map { B.transfer(0, Nonce($0)) }
        #expect(try refusal(ten) == nil)
        #expect(try refusal(Array(ten.prefix(9)) + [B.transfer(1, 0), B.transfer(0, 14, value: 1)])
            == .transaction(index: 10, .balanceTooLow(required: Amount(100_001), available: Amount(100_000))))
        #expect(try refusal([B.transfer(0, 5, value: .max)]) == .transaction(index: 0, .reserveOverflow))
    }

    @Test func eachTransactionObeysItsRules() throws {
        #expect(try refusal([B.transfer(0, 5, validUntil: 8)]) == .transaction(index: 0, .expired(validUntil: 8, height: 9)))
        #expect(try refusal([B.transfer(0, 5), B.transfer(1, 0, gasLimit: 1)])
            == .transaction(index: 1, .gasLimitTooLow(1, required: Gas(50_000 + 20 * UInt64(B.transfer(1, 0, gasLimit: 1).envelope.count)))))
    }

    @Test func limitsOfTheBlock() throws {
        let two = [B.transfer(0, 5), B.transfer(1, 0)]
        var parameters = NetworkParameters()
        parameters.blockGasMax = 200_000
        #expect(try refusal(two, parameters) == nil)
        parameters.blockGasMax = 199_999
        #expect(try refusal(two, parameters) == .gasOverLimit(gas: 200_000, limit: 199_999))
        parameters = NetworkParameters()
        let size = two[0].envelope.count + two[1].envelope.count
        parameters.blockBytesMax = UInt32(size)
        #expect(try refusal(two, parameters) == nil)
        parameters.blockBytesMax = UInt32(size - 1)
        #expect(try refusal(two, parameters) == .bytesOverLimit(bytes: size, limit: size - 1))
        parameters = NetworkParameters()
        parameters.blockTransactionsMax = 1
        #expect(try refusal(two, parameters) == .transactionsOverLimit(count: 2, limit: 1))
    }

    @Test func theRootIsOfTheEnvelopesInOrder() throws {
        let two = [B.transfer(0, 5), B.transfer(1, 0)]
        let swapped = MerkleTree(leafHashes: two.reversed().map(\.envelopeHash.leaf)).root
        let right = MerkleTree(leafHashes: two.map(\.envelopeHash.leaf)).root
        #expect(try refusal(two, root: swapped) == .transactionsRootWrong(expected: swapped, actual: right))
    }

    /// A proposer that fills a block takes what fits and stays as it was when something does not.
    @Test func fillingABlock() throws {
        let rules = TransactionRules(chainID: Self.chain.chainID, height: 9, parameters: NetworkParameters())
        var body = BlockBody(rules: rules)
        var taken: [SignedTransaction] = []
        for transaction in [B.transfer(0, 5), B.transfer(0, 7), B.transfer(2, 0), B.transfer(0, 6), B.transfer(0, 6), B.transfer(1, 0)] {
            let account = Self.account(transaction.sender)
            if (try? body.append(transaction, account: account)) != nil { taken.append(transaction) }
        }
        #expect(taken == [B.transfer(0, 5), B.transfer(0, 6), B.transfer(1, 0)])
        #expect(body.count == 3 && body.gasLimit == 300_000 && body.bytes == taken.reduce(0) { $0 + $1.envelope.count })
        #expect(!body.needsAccount(of: taken[0].sender) && body.needsAccount(of: Address()))
        #expect(try refusal(taken, root: body.transactionsRoot) == nil)
    }

    @Test func blocksAreBoundedWhenRead() throws {
        let light = Self.chain.block(1)
        let head = [0] + light.header.bcs + light.certificate.bcs
        #expect(throws: BCSError.lengthOverLimit(offset: head.count, length: 5_001, limit: 5_000)) {
            try Block(bcs: head + [0x89, 0x27] + [UInt8](repeating: 0, count: 6_000))
        }
        // Four transactions of 600 KiB are more than 2 MiB.
        let big = B.transfer(0, 5, gasLimit: 100_000_000, bytes: 600 * 1024)
        #expect(Block(header: light.header, certificate: light.certificate, transactions: [big, big, big]) != nil)
        #expect(Block(header: light.header, certificate: light.certificate, transactions: [big, big, big, big]) == nil)
        var encoder = BCSEncoder()
        encoder.append(head)
        encoder.encodeLength(4)
        for _ in 0..<4 { encoder.encodeBytes(big.envelope) }
        #expect(throws: BCSError.self) { try Block(bcs: encoder.bytes) }
    }

    @Test func receiptsAndEventsMatchTheirRoots() throws {
        let golden = Golden.vectors
        let receipts = golden.receipts.map(\.value)
        let events = golden.events.map(\.value)
        let light = Self.chain.next(.init(
            receiptsRoot: MerkleTree(leafHashes: receipts.map(\.leaf)).root, eventsRoot: MerkleTree(leafHashes: events.map(\.leaf)).root))
        let block = try #require(Block(header: light.header, certificate: light.certificate, transactions: []))
        try block.check(receipts: receipts, events: events)
        #expect(throws: BlockRejection.self) { try block.check(receipts: receipts.dropLast(), events: events) }
        #expect(throws: BlockRejection.self) { try block.check(receipts: receipts, events: events.reversed()) }
    }

    @Test func codesAreStable() {
        let chain = TransactionRejection.senderUnknown(Address())
        let cases: [(BlockRejection, String)] = [
            (.heightWrong(expected: 1, actual: 2), "block.height"), (.parentHashWrong(expected: .zero, actual: .zero), "block.parent-hash"),
            (.timeNotAfterParent(parent: 1, actual: 1), "block.time"), (.epochWrong(expected: 1, actual: 2), "block.epoch"),
            (.validatorsHashWrong(expected: .zero, actual: .zero), "block.validators-hash"),
            (.protocolVersionWrong(expected: 1, actual: 2), "block.protocol-version"),
            (.parentVoterUnknown(ValidatorIndex(1)), "block.parent-voter"), (.parentVotesTooFew(weight: 1, total: 3), "block.parent-votes"),
            (.parentVotesOfGenesis, "block.parent-votes-genesis"), (.proposerUnknown(ValidatorIndex(1)), "block.proposer"),
            (.vrfProofInvalid, "block.vrf-proof"), (.beaconWrong(expected: Beacon(), actual: Beacon()), "block.beacon"),
            (.transactionsRootWrong(expected: .zero, actual: .zero), "block.transactions-root"),
            (.transactionsOverLimit(count: 1, limit: 0), "block.transactions"), (.bytesOverLimit(bytes: 1, limit: 0), "block.bytes"),
            (.gasOverLimit(gas: 1, limit: 0), "block.gas"), (.transaction(index: 0, chain), "block.transaction"),
            (.receiptsRootWrong(expected: .zero, actual: .zero), "block.receipts-root"),
            (.eventsRootWrong(expected: .zero, actual: .zero), "block.events-root"),
            (.certificateMismatch(field: "height"), "block.certificate-mismatch"),
            (.certificateInvalid(.epochUnknown(1)), "block.certificate"),
        ]
        for (rejection, code) in cases { #expect(rejection.code == code) }
        #expect(Set(cases.map(\.1)).count == cases.count)
    }

    // ── Certificates ──

    @Test func certificatesSpeakOfTheirHeader() throws {
        let light = Self.chain.block(6)
        let right = light.certificate.statement
        func refusal(_ statement: CommitStatement, _ header: Header = light.header) -> BlockRejection? {
            do throws(BlockRejection) {
                let certificate = CommitCertificate(statement: statement, signatures: light.certificate.signatures)!
                try Block(header: header, certificate: certificate, transactions: [])!.checkCertificateMatches()
                return nil
            } catch { return error }
        }
        func statement(epoch: Epoch? = nil, height: Height? = nil, draft: Digest? = nil, header: Digest? = nil) -> CommitStatement {
            CommitStatement(
                epoch: epoch ?? right.epoch, height: height ?? right.height, view: right.view, draftDigest: draft ?? right.draftDigest,
                headerHash: header ?? right.headerHash)
        }
        #expect(refusal(right) == nil)
        #expect(refusal(statement(epoch: 0)) == .certificateMismatch(field: "epoch"))
        #expect(refusal(statement(height: 5)) == .certificateMismatch(field: "height"))
        #expect(refusal(statement(draft: .zero)) == .certificateMismatch(field: "draftDigest"))
        #expect(refusal(statement(header: .zero)) == .certificateMismatch(field: "headerHash"))
        // A block cannot be committed in a view before the one that first proposed it.
        let draft = light.header.draft
        let late = Header(
            draft: HeaderDraft(
                height: draft.height, epoch: draft.epoch, originView: 2, time: draft.time, proposer: draft.proposer,
                parentHash: draft.parentHash, transactionsRoot: draft.transactionsRoot, validatorsHash: draft.validatorsHash,
                vrfProof: draft.vrfProof, beacon: draft.beacon, protocolVersion: 1, parentVotes: draft.parentVotes),
            result: light.header.result)
        #expect(refusal(CommitStatement(header: late, view: 1), late) == .certificateMismatch(field: "view"))
        #expect(refusal(CommitStatement(header: late, view: 2), late) == nil)
    }
}
