public import Cryptography
public import Ledger
public import Primitives
import WorldState

/// The chain as contracts see it, and the parts that the machine gives to staking and governance.
extension CallContext {
    // ── Randomness ──

    /// Asks for randomness under a number of the contract's choice. What the draw decides on must be settled by now: the beacon that
    /// answers it does not exist yet; its height is returned. A number that is in use is refused, so that nobody draws again until the
    /// result suits.
    @discardableResult
    public func requestDraw(_ number: UInt64) throws(CallError) -> Height {
        try requireWritable()
        try charge(GasSchedule.read + GasSchedule.write + GasSchedule.writeNew)
        guard try machine.readChain(ChainRecords.draws, KeyPair(contract, number)) == nil else { throw failure(.drawPending) }
        guard let due = block.height.advanced(by: UInt64(block.parameters.drawDelay)) else { throw failure(.drawUnknown) }
        try machine.writeChain(ChainRecords.draws, KeyPair(contract, number), due)
        return due
    }

    /// The beacon of the block `drawDelay` blocks behind the request, with the delay of that time; the same whenever it is asked for.
    public func draw(_ number: UInt64) throws(CallError) -> Beacon {
        try charge(GasSchedule.read + GasSchedule.beacon)
        guard let due = try machine.readChain(ChainRecords.draws, KeyPair(contract, number)) else { throw failure(.drawUnknown) }
        guard block.height >= due else { throw failure(.drawTooEarly, "the beacon of height \(due) is needed") }
        guard let record = try machine.readChain(ChainRecords.beacons, ChainRecords.slot(due)), record.height == due else {
            throw failure(.drawUnknown)
        }
        return record.beacon
    }

    /// Forgets a request, so that its number can be used again.
    public func closeDraw(_ number: UInt64) throws(CallError) {
        try requireWritable()
        try charge(GasSchedule.remove)
        try machine.writeChain(ChainRecords.draws, KeyPair(contract, number), nil)
    }

    // ── Epochs ──

    /// The voters of `epoch`: the next, this one, and those before whose evidence still counts.
    public func validatorSet(of epoch: Epoch) throws(CallError) -> ValidatorSet? {
        let set = try machine.readChain(ChainRecords.validatorSets, epoch)
        try charge(GasSchedule.read + GasSchedule.step * UInt64(set?.validators.count ?? 0))
        return set
    }

    /// The block behind which `epoch` began; nil when it has not, or no longer kept.
    public func start(of epoch: Epoch) throws(CallError) -> EpochStart? {
        try charge(GasSchedule.read)
        return try machine.readChain(ChainRecords.epochStarts, epoch)
    }

    /// Names the voters of the epoch after the next, and who must leave the next one's. For the staking contract, in its
    /// `epoch_end`.
    public func schedule(validators: [Validator], removing removed: [PublicKey]) throws(CallError) {
        try requireWritable()
        guard contract == .staking else { throw failure(.unauthorised) }
        try charge(GasSchedule.step * UInt64(validators.count + removed.count))
        machine.schedule = ValidatorSchedule(candidates: validators, removed: removed)
    }

    // ── Governance ──

    /// The parameters that the next epoch begins with, if they have been changed; for the governance contract, which validated them.
    public func schedule(parameters: NetworkParameters) throws(CallError) {
        try requireWritable()
        guard contract == .governance else { throw failure(.unauthorised) }
        try charge(GasSchedule.write + GasSchedule.writeNew)
        try machine.writeChain(ChainRecords.nextParameters, parameters)
    }

    /// The parameters of the next epoch, as far as they are known.
    public func scheduledParameters() throws(CallError) -> NetworkParameters {
        try charge(GasSchedule.read)
        return try machine.readChain(ChainRecords.nextParameters) ?? block.parameters
    }

    /// Contracts that are paused, as of the parent block; a pause begins with the next one.
    public func pauses() throws(CallError) -> [Pause] {
        try charge(GasSchedule.read)
        return try machine.readChain(ChainRecords.pauses)?.elements ?? []
    }

    /// Replaces the list of paused contracts; for the governance contract. False when there are too many.
    public func setPauses(_ pauses: [Pause]) throws(CallError) -> Bool {
        try requireWritable()
        guard contract == .governance else { throw failure(.unauthorised) }
        guard let list = Bounded<16, Pause>(pauses) else { return false }
        try charge(GasSchedule.write)
        try machine.writeChain(ChainRecords.pauses, list)
        return true
    }

    // ── Cryptography ──

    public func sha256(_ bytes: [UInt8]) throws(CallError) -> Digest {
        try charge(GasSchedule.hash + GasSchedule.hashPerBlock * UInt64((bytes.count + 63) / 64))
        return SHA256.hash(bytes)
    }

    /// The output that `proof` proves of `alpha` under an acceptable key; nil when it proves nothing.
    public func verifyProof(_ proof: VRFProof, alpha: [UInt8], by key: VRFPublicKey) throws(CallError) -> VRFOutput? {
        try charge(GasSchedule.verifyVRF + GasSchedule.hashPerBlock * UInt64((alpha.count + 63) / 64))
        return ECVRF.verify(proof, alpha: alpha, by: key)
    }

    /// Whether `signature` of an acceptable key holds over `message`.
    public func verifySignature(_ signature: Signature, of message: [UInt8], by key: PublicKey) throws(CallError) -> Bool {
        try charge(GasSchedule.verifySignature + GasSchedule.hashPerBlock * UInt64((message.count + 63) / 64))
        return Ed25519.isValid(signature, of: message, by: key)
    }

    /// Whether `signature`, in the fixed form of its kind, holds over `message` with SHA-256 by the key of a certificate.
    public func verifySignature(_ signature: [UInt8], of message: [UInt8], by key: CertificateKey) throws(CallError) -> Bool {
        try charge(GasSchedule.verification(of: key) + GasSchedule.hashPerBlock * UInt64((message.count + 63) / 64))
        return key.isValid(signature, of: message)
    }
}
