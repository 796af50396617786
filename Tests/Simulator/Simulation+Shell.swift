import Consensus
import Primitives

/// What a node's shell does: it hands inputs to the replica and does what effects ask for, in their order.
extension Simulation {
    func give(_ input: Input, to node: SimulatedNode) {
        guard node.isUp else { return }
        let incarnation = node.incarnation
        let (view, height) = (node.replica.view, node.replica.height)
        var effects: [Effect] = []
        node.replica.step(input, into: &effects)
        node.recording?.add(input, effects)
        if isRecording, node.replica.height == height, node.replica.view != view {
            note("node \(node.number) goes to view \(node.replica.view) of height \(height)")
        }
        for effect in effects where node.isUp && node.incarnation == incarnation { perform(effect, of: node) }
    }

    private func perform(_ effect: Effect, of node: SimulatedNode) {
        switch effect {
        case .persist(let record, let sequence): persist(record, sequence, node)
        case .send(let message, let destination): send(message, to: destination, from: node)
        case .serveBlocks(let heights, let peer): serve(heights, to: Int(peer.rawValue), from: node)
        case .requestBlocks(let heights, let peer):
            guard nodes.indices.contains(Int(peer.rawValue)) else { return }
            post(Packet(.request(heights)), from: node, to: Int(peer.rawValue))
        case .check(let check):
            judge.ordered(check, by: node)
            queue.schedule(at: now + duration(upTo: 8_000), .checked(node.number, incarnation: node.incarnation, check))
        case .build(let request):
            queue.schedule(at: now + duration(upTo: 500), .built(node.number, incarnation: node.incarnation, request))
        case .execute(let request):
            queue.schedule(at: now + (cost?.executionMicroseconds ?? duration(upTo: 15_000)), .executed(node.number, incarnation: node.incarnation, request))
        case .shareTransactions: share(Array(node.open.prefix(8)), from: node)
        case .prioritise(let operations):
            let first = operations.filter { !node.included.contains($0) }
            node.known.formUnion(first)
            node.pool = first + node.pool.filter { !first.contains($0) }
        case .deliver(let block, _): deliver(block, node)
        case .submitEvidence(let evidence): judge.accused(evidence, by: node)
        case .alarm(let alarm): raised(alarm, node)
        }
    }

    /// A duration of work in the shell; nothing where costs are simulated one by one.
    func duration(upTo bound: UInt64) -> UInt64 { cost == nil ? shellChance.below(bound) : 0 }

    // MARK: The journal

    private func persist(_ record: JournalRecord, _ sequence: UInt64, _ node: SimulatedNode) {
        if case .committed(let committed) = record { committedInMemory(committed, node) }
        if case .vote(let message, let proposal) = record { judge.signing(message, proposal, by: node) }
        if let (records, point) = node.crashPoint {
            node.crashPoint = records > 0 ? (records - 1, point) : nil
            if records == 0 {
                note("node \(node.number) crashes \(point) \(describe(record))")
                switch point {
                case .beforeRecord: return crash(node, survivors: 0, torn: nil)
                case .withinRecord:
                    node.disk.write(record, sequence: sequence)
                    return crash(node, survivors: node.disk.pending.count - 1, torn: 1 + shellChance.below(998))
                case .afterRecord:
                    node.disk.write(record, sequence: sequence)
                    return crash(node, survivors: .max, torn: nil)
                case .amongConsequences: node.lettersUntilCrash = shellChance.below(nodes.count)
                }
            }
        }
        node.disk.write(record, sequence: sequence)
        flushLater(node)
    }

    private func flushLater(_ node: SimulatedNode) {
        guard !node.disk.isFlushing, !node.disk.pending.isEmpty else { return }
        node.disk.isFlushing = true
        let latency = cost?.flushMicroseconds ?? (300 + shellChance.below(2_500) + node.slowDiskMicroseconds)
        queue.schedule(
            at: max(now, node.stalledUntil) + latency,
            .flushed(node.number, incarnation: node.incarnation, count: node.disk.pending.count))
    }

    func flushed(_ node: SimulatedNode, _ count: Int) {
        node.disk.isFlushing = false
        guard let sequence = node.disk.flush(count) else { return }
        judge.durable(node.disk.takeFreshVotes(), of: node)
        mix(2, UInt64(node.number) << 32 | sequence)
        flushLater(node)
        give(.persisted(through: sequence), to: node)
    }

    // MARK: Proposals

    func checked(_ node: SimulatedNode, _ check: ProposalCheck) {
        let draft = check.proposal.draft
        let payload = check.proposal.payload
        let isValid = Keys.proof(check.vrfKey, check.parentBeacon) == draft.vrfProof
            && payload.allSatisfy { SimulatedApplication.isWellFormed($0) && !node.included.contains($0) }
            && Set(payload).count == payload.count
        mix(3, UInt64(node.number))
        // The bodies of a valid proposal are from now on here.
        if isValid { for operation in payload { _ = node.learn(operation) } }
        give(.proposalChecked(
            draftDigest: check.draftDigest,
            isValid ? .valid(beacon: Keys.beacon(draft.vrfProof, check.parentBeacon)) : .invalid(reason: "a bad payload or proof")), to: node)
    }

    /// Few operations, so that runs have many blocks.
    static let payloadMax = 4

    func built(_ node: SimulatedNode, _ request: ProposalRequest) {
        mix(4, UInt64(node.number))
        let proof = Keys.proof(Keys.vrf(node.key), request.parentBeacon)
        give(.proposalBuilt(BuiltProposal(
            height: request.height, view: request.view, payload: Array(node.open.prefix(Self.payloadMax)), vrfProof: proof,
            beacon: Keys.beacon(proof, request.parentBeacon), now: reading(node))), to: node)
    }

    func executed(_ node: SimulatedNode, _ request: ExecutionRequest) {
        let draft = request.proposal.draft
        guard draft.height == node.height.successor else { return }
        mix(5, UInt64(node.number))
        var state = node.application
        let weights = state.execute(request.proposal.payload, height: draft.height, endsEpoch: request.endsEpoch, electorate: plan.electorate)
        node.overlays[request.draftDigest] = (state, weights)
        let position = node.replica.position
        let next = weights.map { NextEpoch(validators: Electorate.validators($0, epoch: position.epoch.epoch.successor), parameters: plan.parameters) }
        var root = state.root
        if node.divergesNext {
            node.divergesNext = false
            note("node \(node.number) computes a wrong state for height \(draft.height)")
            root = node.signer.hash(.header, root.bytes)
        }
        let result = HeaderResult(
            stateRoot: root, receiptsRoot: .zero, eventsRoot: .zero, gasUsed: Gas(UInt64(request.proposal.payload.count)),
            nextValidatorsHash: next.map { node.signer.validatorsHash($0.validators) } ?? position.epoch.validatorsHash)
        give(.executed(ExecutedProposal(draftDigest: request.draftDigest, result: result, next: next)), to: node)
    }

    // MARK: Blocks

    /// The replica has moved to the next height; what executes there stands on this block's state.
    private func committedInMemory(_ record: CommittedRecord, _ node: SimulatedNode) {
        guard let overlay = node.overlays[record.block.certificate.statement.draftDigest] else { return }
        node.states.append(overlay.state)
        node.overlays = [:]
        node.include(record.block.payload)
        judge.committed(record, overlay.next, by: node, in: self)
    }

    private func deliver(_ block: CertifiedBlock, _ node: SimulatedNode) {
        node.delivered = block.height
        mix(6, UInt64(node.number) << 40 | block.height.rawValue)
        note("node \(node.number) delivers height \(block.height), view \(block.certificate.statement.view), \(block.payload.count) operations")
        judge.delivered(block, by: node, in: self)
        onDeliver(node.number, block.height)
        queue.schedule(at: now, .delivered(node.number, incarnation: node.incarnation, block))
    }

    /// Tells the replica whether there is work and, after a block, what it passed over.
    func tellWork(_ node: SimulatedNode, after block: CertifiedBlock? = nil) {
        let open = node.open
        if block != nil || node.toldExecutable != !open.isEmpty {
            node.toldExecutable = !open.isEmpty
            give(.work(hasExecutable: !open.isEmpty), to: node)
        }
        if let block, node.isUp, block.payload.count < Self.payloadMax {
            let passedOver = open.filter { node.sharedAt[$0].map { $0 + 1_000_000 < now } ?? false }
            give(.passedOver(Array(passedOver.prefix(16)), at: block.height), to: node)
        }
    }

    private func raised(_ alarm: Alarm, _ node: SimulatedNode) {
        note("ALARM at node \(node.number): \(alarm)")
        judge.alarmed(alarm, node)
        // An operator stops the machine, restores its state and starts it again.
        if case .diverged = alarm, !judge.hasForked { queue.schedule(at: now + 1_500_000, .end(.rebuild(node.number))) }
    }

    /// What shells do now and then: pass on what is still open, so that an operation reaches those who missed it.
    func housekeeping(_ node: SimulatedNode) {
        guard cost == nil, shellChance.chance(1, in: 30) else { return }
        let open = Array(node.open.prefix(8))
        guard !open.isEmpty else { return }
        post(Packet(.operations(open)), from: node, to: shellChance.below(nodes.count))
    }

    func describe(_ record: JournalRecord) -> String {
        switch record {
        case .vote(let message, _): "\(message.vote!.step) of height \(message.height), view \(message.vote!.place.view)"
        case .prepared(let prepared): "the prepared certificate of height \(prepared.certificate.statement.height)"
        case .committed(let record): "the commit of height \(record.block.height)"
        case .evidence: "evidence"
        case .floor(let height): "the floor \(height)"
        }
    }
}

extension Simulation {
    /// Whether a block that `node` holds durably was the last of its epoch.
    func endsEpoch(_ block: CertifiedBlock, _ node: SimulatedNode) -> Bool {
        let position = Int(block.height.rawValue) - 1
        return node.disk.blocks.indices.contains(position) && node.disk.blocks[position].next != nil
    }
}
