import Cryptography
import Ledger
import Primitives

extension [UInt8] {
    func flipping(_ bit: Int) -> [UInt8] {
        var copy = self
        copy[bit / 8] ^= 1 << UInt8(bit % 8)
        return copy
    }
}

extension SigningKey {
    /// A key of a test, told apart by a number.
    convenience init(number: UInt8) { self.init(seed: SecretBytes(copying: [UInt8](repeating: number, count: 32))) }
}

/// A validator with its secrets.
struct Member: Sendable {
    let consensus: SigningKey
    let vrf: VRFKey
    let weight: UInt64

    init(_ number: UInt8, weight: UInt64 = 10) {
        consensus = SigningKey(number: number)
        vrf = VRFKey(seed: SecretBytes(copying: [UInt8](repeating: number ^ 0xff, count: 32)))
        self.weight = weight
    }

    var validator: Validator { Validator(consensusKey: consensus.publicKey, vrfKey: vrf.publicKey, weight: weight) }

    func founder(of charter: GenesisCharter) -> GenesisValidator {
        let account = Address(of: consensus.publicKey)
        return GenesisValidator(
            account: account, validator: validator,
            consensusPossession: consensus.provePossession(for: account, chainID: charter.id),
            vrfPossession: vrf.provePossession(for: account, chainID: charter.id))
    }
}

/// A small chain with real keys: one block a second, each epoch with its own members.
struct TestChain: Sendable {
    let genesis: Genesis
    let epochs: [[Member]]
    let epochLength: UInt64
    private(set) var blocks: [LightBlock] = []

    static let start = Timestamp(1_760_000_000_000)

    static func set(_ members: [Member], epoch: UInt64) -> ValidatorSet {
        do { return try ValidatorSet(epoch: Epoch(epoch), validators: members.map(\.validator)) } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Blocks 1 … epochs × length; the last block of each epoch names the next set.
    init(epochs: [[Member]], epochLength: UInt64 = 4, stateRoot: Digest = .zero) {
        let charter = GenesisCharter(
            chainName: "test", network: .development, time: TestChain.start, parameters: NetworkParameters())
        genesis = Genesis(
            charter: charter, validators: epochs[0].map { $0.founder(of: charter) }, allocations: [], stateRoot: stateRoot)
        self.epochs = epochs
        self.epochLength = epochLength
        for _ in 0..<UInt64(epochs.count - 1) * epochLength { blocks.append(next()) }
    }

    var chainID: ChainID { genesis.chainID }

    func epoch(of height: UInt64) -> UInt64 { (height - 1) / epochLength }

    /// Block `height`, from 1.
    func block(_ height: UInt64) -> LightBlock { blocks[Int(height) - 1] }

    var top: Header {
        if let last = blocks.last { return last.header }
        do { return try genesis.header() } catch { preconditionFailure("\(error)") }
    }

    /// What may be changed in the next block to make another, or a wrong, one.
    struct Change {
        var view: UInt64 = 0
        var time: UInt64?
        var epoch: UInt64?
        var members: [Member]?
        var nextMembers: [Member]?
        var stateRoot: Digest = .zero
        var transactionsRoot = MerkleTree.emptyRoot
        var receiptsRoot = MerkleTree.emptyRoot
        var eventsRoot = MerkleTree.emptyRoot
        /// Places of the signers in the set; all when nil.
        var signers: [Int]?
        var parent: Header?
    }

    /// The block above `parent`, by default the top.
    func next(_ change: Change = Change()) -> LightBlock {
        let parent = change.parent ?? top
        let height = parent.height.rawValue + 1
        let epoch = change.epoch ?? self.epoch(of: height)
        let members = change.members ?? epochs[Int(epoch)]
        let nextEpoch = self.epoch(of: height + 1)
        let nextMembers = change.nextMembers ?? epochs[Int(nextEpoch)]
        let set = TestChain.set(members, epoch: epoch)
        let proposer = Int(height % UInt64(members.count))
        let (proof, beacon) = BeaconStep.prove(
            with: members[proposer].vrf, chainID: chainID, height: Height(height), previous: parent.draft.beacon)
        let voters = height == 1 ? [] : (0..<epochs[Int(self.epoch(of: height - 1))].count).map { ValidatorIndex(UInt16($0)) }
        let header = Header(
            draft: HeaderDraft(
                height: Height(height), epoch: Epoch(epoch), originView: 0,
                time: Timestamp(change.time ?? TestChain.start.rawValue + height * 1_000), proposer: ValidatorIndex(UInt16(proposer)),
                parentHash: parent.digest, transactionsRoot: change.transactionsRoot, validatorsHash: set.digest,
                vrfProof: proof, beacon: beacon, protocolVersion: 1, parentVotes: ValidatorBitmap(voters)),
            result: HeaderResult(
                stateRoot: change.stateRoot, receiptsRoot: change.receiptsRoot, eventsRoot: change.eventsRoot, gasUsed: 0,
                nextValidatorsHash: TestChain.set(nextMembers, epoch: nextEpoch).digest))
        let certificate = certify(header, members, view: change.view, signers: change.signers)
        return LightBlock(header: header, certificate: certificate, validators: set)
    }

    func certify(_ header: Header, _ members: [Member], view: UInt64 = 0, signers: [Int]? = nil) -> CommitCertificate {
        let statement = CommitStatement(header: header, view: View(view))
        return CommitCertificate(
            statement: statement,
            signatures: (signers ?? Array(members.indices)).map { place in
                CertificateSignature(
                    signer: ValidatorIndex(UInt16(place)),
                    signature: members[place].consensus.sign(statement, as: .commit, chainID: chainID))
            })!
    }

    /// A clock that reads `seconds` after genesis, and a trusting period of ten minutes.
    func rules(at seconds: UInt64) -> LightClientRules {
        LightClientRules(
            chainID: chainID, now: Timestamp(TestChain.start.rawValue + seconds * 1_000), trustingMilliseconds: 600_000,
            driftMilliseconds: 5_000)
    }
}
