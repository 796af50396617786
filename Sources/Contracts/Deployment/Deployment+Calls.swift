public import Execution
import Ledger
public import Primitives

extension Deployment {
    private static let initialise: MethodName = "init"
    private static let migrate: MethodName = "migrate"

    public static let deploy = Method(
        "deploy", "Deploys a contract and returns its address. Its method init, if it has one, is called in the deployer's name, with the arguments and the attached value.",
        takesValue: true, Argument("code", "A WebAssembly module with its schema in the section trellis_schema.", Code.self),
        Argument("policy", "Who may replace the code.", OwnerPolicy.self), Argument("arguments", "For init, encoded.", SetupArguments.self)
    ) { context, code, policy, arguments throws(CallError) in
        try check(context, policy)
        let hash = try context.sha256(code.bytes)
        let prepared = try prepare(context, code, hash)
        let initialises = prepared.kind(of: initialise) != nil
        try context.require(initialises || (arguments.bytes.isEmpty && context.value == .zero), DeploymentRejection.setupMissing)
        let address = try newAddress(context)

        try keep(context, code, hash)
        try context.write(DeploymentRecords.contracts, address, DeployedContract(
            codeHash: hash, codeBytes: UInt32(code.bytes.count), revision: 0, deployer: context.caller, height: context.block.height, policy: policy))
        try context.emit(ContractDeployed(contract: address, deployer: context.caller, codeHash: hash))
        if initialises { try context.setUp(address, initialise, arguments.bytes, value: context.value, by: context.caller) }
        return address
    }

    public static let upgrade = Method(
        "upgrade", "Replaces the code of a contract, or announces it when the policy has a delay. Its method migrate, if the new code has one, is called with the arguments.",
        Argument("contract", "Which.", Address.self), Argument("code", "The new module.", Code.self),
        Argument("arguments", "For migrate, encoded.", SetupArguments.self)
    ) { context, contract, code, arguments throws(CallError) in
        let record = try owned(context, contract)
        let hash = try context.sha256(code.bytes)
        let migrates = try prepare(context, code, hash).kind(of: migrate) != nil
        try context.require(migrates || arguments.bytes.isEmpty, DeploymentRejection.setupMissing)
        // No overflow: a delay is at most a year.
        let delay: UInt64 = if case .delayed(let delayed) = record.policy { delayed.delay } else { 0 }
        let upgrade = PendingUpgrade(
            codeHash: hash, codeBytes: UInt32(code.bytes.count), due: Timestamp(context.block.time.rawValue + delay), migrates: migrates,
            arguments: arguments)

        try keep(context, code, hash)
        if case .delayed = record.policy {
            try context.write(pending, contract, upgrade)
            try context.emit(UpgradeAnnounced(contract: contract, codeHash: hash, due: upgrade.due))
        } else {
            try apply(context, contract, record, upgrade)
        }
        return Nothing()
    }

    public static let applyUpgrade = Method(
        "apply_upgrade", "Puts an announced upgrade into effect when its delay has passed, for thirty days. Anyone may call it.",
        Argument("contract", "Which.", Address.self)
    ) { context, contract throws(CallError) in
        let record = try known(context, contract)
        guard let upgrade = try context.read(pending, contract) else { throw context.rejection(DeploymentRejection.upgradeMissing) }
        try context.require(context.block.time >= upgrade.due, DeploymentRejection.upgradeTooEarly)
        try context.require(context.block.time.rawValue - upgrade.due.rawValue <= upgradeLife, DeploymentRejection.upgradeExpired)
        try context.remove(pending, contract)
        try apply(context, contract, record, upgrade)
        return Nothing()
    }

    public static let cancelUpgrade = Method(
        "cancel_upgrade", "Takes an announced upgrade back. For the owner.", Argument("contract", "Which.", Address.self)
    ) { context, contract throws(CallError) in
        _ = try owned(context, contract)
        try context.require(try context.contains(pending, contract), DeploymentRejection.upgradeMissing)
        try context.remove(pending, contract)
        try context.emit(UpgradeCancelled(contract: contract))
        return Nothing()
    }

    public static let offerOwnership = Method(
        "offer_ownership", "Offers a contract to somebody, who becomes its owner by accepting. For the owner; a new offer replaces the old one.",
        Argument("contract", "Which.", Address.self), Argument("to", "To whom.", Address.self)
    ) { context, contract, to throws(CallError) in
        _ = try owned(context, contract)
        try context.require(to != Address(), DeploymentRejection.ownerMalformed)
        try context.write(offers, contract, to)
        try context.emit(OwnershipOffered(contract: contract, to: to))
        return Nothing()
    }

    public static let acceptOwnership = Method(
        "accept_ownership", "Makes the caller the owner of a contract that was offered. The delay stays; an announced upgrade is dropped, as it was the old owner's.",
        Argument("contract", "Which.", Address.self)
    ) { context, contract throws(CallError) in
        let record = try known(context, contract)
        try context.require(try context.read(offers, contract) == context.caller, DeploymentRejection.offerMissing)
        let policy: OwnerPolicy = if case .delayed(let delayed) = record.policy {
            .delayed(DelayedOwner(owner: context.caller, delay: delayed.delay))
        } else {
            .owner(context.caller)
        }
        try context.remove(offers, contract)
        try context.remove(pending, contract)
        try write(context, contract, record, policy)
        return Nothing()
    }

    public static let freeze = Method(
        "freeze", "Makes a contract immutable, for ever. For the owner; an announced upgrade and an offer are dropped.",
        Argument("contract", "Which.", Address.self)
    ) { context, contract throws(CallError) in
        let record = try owned(context, contract)
        try context.remove(offers, contract)
        try context.remove(pending, contract)
        try write(context, contract, record, .immutable)
        return Nothing()
    }

    // ── Questions ──

    public static let show = Method(
        "show", "The record of a contract; none when nothing was deployed there.", kind: .view, Argument("contract", "Which.", Address.self)
    ) { context, contract throws(CallError) in
        try context.read(DeploymentRecords.contracts, contract)
    }

    public static let list = Method(
        "list", "Contracts in the order of their addresses, at most 64; for more, ask again from behind the last one.", kind: .view,
        Argument("from", "The first address; from the beginning when none.", Address?.self)
    ) { context, from throws(CallError) in
        let entries = try context.entries(DeploymentRecords.contracts, from: from, limit: pageMax)
        return Bounded<64, ListedContract>(entries.map { ListedContract(address: $0.key, contract: $0.value) })!
    }

    public static let pendingUpgrade = Method(
        "pending_upgrade", "The announced upgrade of a contract, if there is one.", kind: .view, Argument("contract", "Which.", Address.self)
    ) { context, contract throws(CallError) in
        try context.read(pending, contract)
    }

    public static let codePiece = Method(
        "code_piece", "A piece of 60 KiB of some code, or what is left for the last one; none behind it.", kind: .view,
        Argument("codeHash", "SHA-256 of the code.", Digest.self), Argument("index", "Which piece, from 0.", UInt16.self)
    ) { context, hash, index throws(CallError) in
        try context.read(DeploymentRecords.code, KeyPair(hash, index))
    }

    // ── Parts ──

    private static func check(_ context: CallContext, _ policy: OwnerPolicy) throws(CallError) {
        if case .delayed(let delayed) = policy { try context.require(delayed.delay <= delayMax, DeploymentRejection.ownerMalformed) }
        try context.require(policy.owner != Address(), DeploymentRejection.ownerMalformed)
    }

    private static func prepare(_ context: CallContext, _ code: Code, _ hash: Digest) throws(CallError) -> any Contract {
        switch try context.prepare(code.bytes, hash: hash) {
        case .success(let contract): return contract
        case .failure(let refusal): throw context.rejection(DeploymentRejection.codeRefused, refusal.description)
        }
    }

    /// An account's contract has an address that is known before its transaction is sent; those of a contract are numbered, with a call
    /// index that no transaction has.
    private static func newAddress(_ context: CallContext) throws(CallError) -> Address {
        if context.caller == context.origin, let place = context.transactionPlace {
            return .deployedContract(by: context.caller, nonce: place.nonce, callIndex: place.callIndex)
        }
        let number = try context.read(deployments, context.caller) ?? 0
        try context.write(deployments, context.caller, number + 1)
        return .deployedContract(by: context.caller, nonce: Nonce(number), callIndex: .max)
    }

    private static func keep(_ context: CallContext, _ code: Code, _ hash: Digest) throws(CallError) {
        guard try !context.contains(DeploymentRecords.code, KeyPair(hash, 0)) else { return }
        for (index, start) in stride(from: 0, to: code.bytes.count, by: DeploymentRecords.pieceBytes).enumerated() {
            let piece = DeploymentRecords.CodePiece(Array(code.bytes[start...].prefix(DeploymentRecords.pieceBytes)))!
            try context.write(DeploymentRecords.code, KeyPair(hash, UInt16(index)), piece)
        }
    }

    private static func known(_ context: CallContext, _ contract: Address) throws(CallError) -> DeployedContract {
        guard let record = try context.read(DeploymentRecords.contracts, contract) else {
            throw context.rejection(DeploymentRejection.contractUnknown)
        }
        return record
    }

    private static func owned(_ context: CallContext, _ contract: Address) throws(CallError) -> DeployedContract {
        let record = try known(context, contract)
        try context.require(record.policy.owner == context.caller, DeploymentRejection.notOwner)
        return record
    }

    private static func apply(
        _ context: CallContext, _ contract: Address, _ record: DeployedContract, _ upgrade: PendingUpgrade
    ) throws(CallError) {
        let revision = record.revision &+ 1
        try context.write(DeploymentRecords.contracts, contract, DeployedContract(
            codeHash: upgrade.codeHash, codeBytes: upgrade.codeBytes, revision: revision, deployer: record.deployer,
            height: context.block.height, policy: record.policy))
        try context.emit(ContractUpgraded(contract: contract, revision: revision, codeHash: upgrade.codeHash))
        if upgrade.migrates { _ = try context.call(contract, migrate, upgrade.arguments.bytes) }
    }

    private static func write(
        _ context: CallContext, _ contract: Address, _ record: DeployedContract, _ policy: OwnerPolicy
    ) throws(CallError) {
        try context.write(DeploymentRecords.contracts, contract, DeployedContract(
            codeHash: record.codeHash, codeBytes: record.codeBytes, revision: record.revision, deployer: record.deployer,
            height: record.height, policy: policy))
        try context.emit(OwnershipChanged(contract: contract, policy: policy))
    }
}
