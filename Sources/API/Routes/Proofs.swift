import Interface
import Ledger
import Primitives
import WorldState

/// Makes proof bundles.
enum Proofs {
    /// Of what a state says about keys. Reads the state: for the workers.
    static func state(_ keys: [StateKey], in state: StateAtHeight) throws -> ProofBundle {
        guard keys.count <= StateProof.keysMax else { throw Problem(.proofTooLarge, "\(keys.count) keys; at most \(StateProof.keysMax).") }
        guard !keys.isEmpty else { throw Problem(.proofUnavailable, "The answer depends on no key.") }
        guard let view = state.provable, let block = state.lightBlock else {
            throw Problem(.proofUnavailable, "Height \(state.header.height) is outside the proof window.")
        }
        return ProofBundle(block: block, content: .state(try view.claims(keys), try view.prove(keys)))
    }

    static func transaction(_ place: Int, of block: FinalBlock, _ exchange: Exchange) async throws -> ProofBundle {
        ProofBundle(
            block: try await light(block, exchange),
            content: .transaction(block.transactions[place], try path(block.transactions.map(\.envelopeHash.leaf), place)))
    }

    static func receipt(_ place: Int, of block: FinalBlock, _ exchange: Exchange) async throws -> ProofBundle {
        ProofBundle(block: try await light(block, exchange), content: .receipt(block.receipts[place], try path(block.receipts.map(\.leaf), place)))
    }

    static func event(_ place: Int, of block: FinalBlock, _ exchange: Exchange) async throws -> ProofBundle {
        ProofBundle(block: try await light(block, exchange), content: .event(block.events[place], try path(block.events.map(\.leaf), place)))
    }

    private static func light(_ block: FinalBlock, _ exchange: Exchange) async throws -> LightBlock {
        guard let certificate = block.certificate, let validators = try await exchange.node.validators(of: block.header.draft.epoch) else {
            throw Problem(.proofUnavailable, "The certificate or the voters of height \(block.header.height) are not known.")
        }
        return LightBlock(header: block.header, certificate: certificate, validators: validators)
    }

    private static func path(_ leaves: [Digest], _ place: Int) throws -> MerklePath {
        guard let path = MerkleTree(leafHashes: leaves).inclusionProof(of: place)?.merklePath else {
            throw Problem(.internalFault, "The place is outside the tree.")
        }
        return path
    }
}
