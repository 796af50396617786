import Cryptography
import Primitives
import Testing
@_spi(Fuzzing) @testable import Networking

/// Who is a validator, and what follows: only they get and give consensus.
@Suite struct ValidatorTests {
    @Test func validatorsProveThemselvesAndVote() async throws {
        let validators = try TestValidators(epoch: 3)
        let one = try await TestNode(1, validator: validators.identity(0)), two = try await TestNode(2, validator: validators.identity(1))
        let reader = try await TestNode(3)
        for node in [one, two, reader] {
            let own = node === one ? validators.identity(0) : node === two ? validators.identity(1) : nil
            node.transport.setValidators([validators.set], own: own)
        }
        await connect(one, two)
        await connect(reader, one)
        let standing = ValidatorStanding(epoch: 3, index: ValidatorIndex(1), consensusKey: validators.keys[1].publicKey)
        #expect(one.transport.peers.first { $0.info.peer == two.peer }?.info.validator == standing)
        #expect(reader.transport.peers[0].info.validator?.index == ValidatorIndex(0))
        #expect(one.transport.peers.first { $0.info.peer == reader.peer }?.info.validator == nil)
        #expect(one.transport.send([1], as: .consensus, to: two.peer) == .queued(dropped: 0))
        #expect(one.transport.send([1], as: .consensus, to: reader.peer) == .notValidator)
        await eventually("the vote") { two.messages == [InboundMessage(peer: one.peer, trafficClass: .consensus, bytes: [1])] }
        #expect(one.transport.broadcast([2], as: .consensus) == 1)

        // A reader may send what it likes: it is read over and counted, and credit comes back for it.
        #expect(reader.transport.send([3], as: .consensus, to: one.peer) == .queued(dropped: 0))
        await eventually("it is counted") { one.transport.counters.received.consensus.framesDiscarded == 1 }
        #expect(one.messages.isEmpty)
        for node in [one, two, reader] { await node.stop() }
    }

    @Test func strangersCannotFillConsensus() async throws {
        let validators = try TestValidators(epoch: 3)
        let one = try await TestNode(1, validator: validators.identity(0)), reader = try await TestNode(3)
        for node in [one, reader] { node.transport.setValidators([validators.set], own: node === one ? validators.identity(0) : nil) }
        await connect(reader, one)
        let frame = [UInt8](repeating: 4, count: 1_000_000)
        var sent = 0
        while sent < 20 {
            if reader.transport.peers[0].queuedBytes < 2_000_000 {
                if reader.transport.send(frame, as: .consensus, to: one.peer).isQueued { sent += 1 }
            } else {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        await eventually("20 frames are read over") { one.transport.counters.received.consensus.framesDiscarded == 20 }
        #expect(one.messages.isEmpty)
        #expect(one.isConnected(to: reader))
        await one.stop()
        await reader.stop()
    }

    /// A node that is behind does not know the epoch of a claim; when it does, the claim counts, without another connection.
    @Test func aClaimOfAnUnknownEpochCountsWhenTheEpochIsKnown() async throws {
        let validators = try TestValidators(epoch: 8)
        let one = try await TestNode(1, validator: validators.identity(2)), late = try await TestNode(2)
        await connect(late, one)
        #expect(late.transport.peers[0].info.validator == nil)
        late.transport.setValidators([validators.set], own: nil)
        let standing = ValidatorStanding(epoch: 8, index: ValidatorIndex(2), consensusKey: validators.keys[2].publicKey)
        await eventually("the standing") { late.events.contains(.standingChanged(one.peer, standing)) }
        #expect(late.transport.peers[0].info.validator == standing)
        #expect(late.transport.send([1], as: .consensus, to: one.peer).isQueued)
        await one.stop()
        await late.stop()
    }

    @Test func epochsChangeUnderARunningConnection() async throws {
        let before = try TestValidators(epoch: 1), after = try TestValidators(epoch: 2, seeds: 950..<953)
        let one = try await TestNode(1, validator: before.identity(0)), two = try await TestNode(2)
        one.transport.setValidators([before.set], own: before.identity(0))
        two.transport.setValidators([before.set], own: nil)
        await connect(one, two)
        await eventually("a validator") { two.transport.peers.first?.info.validator?.epoch == 1 }
        // The second node becomes a validator, the first one none.
        two.transport.setValidators([before.set, after.set], own: after.identity(1))
        one.transport.setValidators([before.set, after.set], own: nil)
        await eventually("the places have changed") {
            two.transport.peers.first?.info.validator == nil && one.transport.peers.first?.info.validator?.epoch == 2
        }
        await eventually("the owners know") {
            two.events.contains(.standingChanged(one.peer, nil))
                && one.events.contains { if case .standingChanged(two.peer, .some) = $0 { true } else { false } }
        }
        #expect(two.transport.send([1], as: .consensus, to: one.peer) == .notValidator)
        #expect(one.transport.send([1], as: .consensus, to: two.peer).isQueued)
        // The old epoch is forgotten: nobody's old claim counts any more.
        one.transport.setValidators([], own: nil)
        await eventually("no standing") { one.transport.peers.first?.info.validator == nil }
        #expect(one.isConnected(to: two))
        await one.stop()
        await two.stop()
    }

    /// At an epoch's edge the faster node claims its new place first. Consensus does not pause for that: what it has proved holds until
    /// the slower one knows the epoch, or forgets the old one.
    @Test func aClaimAheadOfTheOtherSideTakesNothingAway() async throws {
        let before = try TestValidators(epoch: 1), after = try TestValidators(epoch: 2)
        let fast = try await TestNode(1, validator: before.identity(0)), slow = try await TestNode(2)
        for node in [fast, slow] { node.transport.setValidators([before.set], own: node === fast ? before.identity(0) : nil) }
        await connect(fast, slow)
        await eventually("a validator") { slow.transport.peers.first?.info.validator?.epoch == 1 }
        fast.transport.setValidators([after.set, before.set], own: after.identity(0))
        // A frame behind the claim shows that the claim has been judged.
        #expect(fast.transport.send([7], as: .sync, to: slow.peer).isQueued)
        await eventually("the frame") { !slow.messages.isEmpty }
        #expect(slow.transport.peers.first?.info.validator?.epoch == 1)
        #expect(slow.transport.send([1], as: .consensus, to: fast.peer).isQueued)
        slow.transport.setValidators([after.set, before.set], own: nil)
        await eventually("the new place") { slow.transport.peers.first?.info.validator?.epoch == 2 }
        #expect(!slow.events.contains(.standingChanged(fast.peer, nil)))
        await fast.stop()
        await slow.stop()
    }

    @Test func aWrongClaimEndsTheConnection() async throws {
        let validators = try TestValidators(epoch: 3)
        let liar = ValidatorIdentity(epoch: 3, index: ValidatorIndex(1), consensusKey: signingKey(77))
        for (number, identity) in [liar, ValidatorIdentity(epoch: 3, index: ValidatorIndex(9), consensusKey: validators.keys[0])].enumerated() {
            // Both orders of keys: the node that judges is once the arbiter and once not.
            for seed in [UInt64(40 + number), UInt64(60 + number)] {
                let one = try await TestNode(seed), two = try await TestNode(seed + 10, validator: identity)
                one.transport.setValidators([validators.set], own: nil)
                two.dial(one)
                await one.refusal(.claimInvalid)
                // The liar may be the arbiter, and then it has already taken itself to be welcome.
                await eventually("the liar is told") { (two.refusals.map(\.error) + two.departures).contains { $0.code == .claimInvalid } }
                #expect(one.connections.isEmpty)
                await one.stop()
                await two.stop()
            }
        }
    }

    /// A claim is for one listener and one nonce: heard elsewhere, or on another connection, it proves nothing.
    @Test func aClaimCannotBePassedOn() throws {
        let validators = try TestValidators(epoch: 3)
        let claimant = signingKey(1).publicKey, listener = signingKey(2).publicKey, other = signingKey(3).publicKey
        let nonce = Digest([UInt8](repeating: 1, count: 32))!
        let claim = validators.identity(0).claim(by: claimant, to: listener, nonce: nonce, chainID: testChain)
        let verifier = SignatureVerifier(chainID: testChain, validatorSets: [validators.set])
        #expect(try claim.standing(by: claimant, to: listener, nonce: nonce, verifier: verifier)?.index == ValidatorIndex(0))
        let elsewhere = SignatureVerifier(chainID: ChainID(), validatorSets: [validators.set])
        var renumbered = claim
        renumbered.index = ValidatorIndex(1)
        for attempt in [
            { try claim.standing(by: other, to: listener, nonce: nonce, verifier: verifier) },
            { try claim.standing(by: claimant, to: other, nonce: nonce, verifier: verifier) },
            { try claim.standing(by: listener, to: claimant, nonce: nonce, verifier: verifier) },
            { try claim.standing(by: claimant, to: listener, nonce: .zero, verifier: verifier) },
            { try claim.standing(by: claimant, to: listener, nonce: nonce, verifier: elsewhere) },
            { try renumbered.standing(by: claimant, to: listener, nonce: nonce, verifier: verifier) },
        ] as [() throws -> ValidatorStanding?] {
            #expect(throws: NetworkError.self) { try attempt() }
        }
        var later = claim
        later.epoch = 4
        #expect(try later.standing(by: claimant, to: listener, nonce: nonce, verifier: verifier) == nil)
    }
}
