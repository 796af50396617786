import Consensus
import Cryptography
import Ledger
import Primitives
import Verification

/// A block from a peer, after every check that needs no state.
struct CatchUpBlock: Sendable {
    let authenticated: AuthenticatedBlock
    let transactions: [SignedTransaction]

    /// nil when the bytes are no block of `height`, or a hash or signature in it does not hold.
    static func judge(
        _ bytes: [UInt8], at height: Height, _ verifier: SignatureVerifier, _ pool: VerificationPool, chainID: ChainID
    ) async -> CatchUpBlock? {
        guard let block = try? Block(bcs: bytes), block.header.height == height, (try? block.checkCertificateMatches()) != nil,
              block.transactionsTree.root == block.header.draft.transactionsRoot else { return nil }
        let certified = CertifiedBlock(
            header: block.header, certificate: block.certificate, payload: block.transactions.map(\.envelopeHash.digest))
        guard let authenticated = try? certified.authenticated(by: verifier) else { return nil }
        let verdicts = await pool.verify(block.transactions, as: .account(chainID: chainID), lane: .bulk)
        guard verdicts.allSatisfy({ $0.verified != nil }) else { return nil }
        return CatchUpBlock(authenticated: authenticated, transactions: block.transactions)
    }
}
