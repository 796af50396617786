import API
import Consensus
import Contracts
import Cryptography
import Execution
import Gossip
import Ledger
import Logging
import Primitives

/// Offences that the replica has proof of.
extension Core {
    /// Brings evidence before the staking contract, in the name of the node's account; without one it is logged for somebody else to
    /// bring.
    func report(_ evidence: Evidence) {
        let bytes = evidence.bcs
        environment.log.warning("evidence of an offence", metadata: ["evidence": "0x\(bytes.hex)"])
        guard let key = environment.keys.account, let argument = BoundedBytes<1024>(bytes) else { return }
        let sender = Address(of: key.publicKey), newest = environment.published.newest
        guard let nonce = gossip.pool.nextNonce(of: sender), let until = newest.head.height.advanced(by: 1_000) else { return }
        let transaction = Transaction(
            chainID: environment.chainID, sender: sender, nonce: nonce, validUntilHeight: until, gasLimit: Gas(min(2_000_000, newest.parameters.transactionGasMax)),
            gasPrice: max(newest.parameters.gasPriceMin, gossip.pool.feeEstimate.medium), calls: [Staking.submitEvidence.reference.call(on: .staking, argument)])
        if let signed = transaction?.signed(by: key) { give(.submitted([signed])) }
    }
}
