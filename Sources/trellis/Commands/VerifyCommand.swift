import ArgumentParser
import Execution
import Interface
import Ledger
import Primitives
import WorldState

/// Checks a proof without any node.
struct VerifyCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        "verify", "Checks a proof bundle offline: state, transaction, receipt or event.",
        discussion: """
            The ground of trust is the genesis document, or the chain's identifier with the hash of the validator set that may speak for it \
            at the proof's height. FILE is the bundle in BCS, an answer of a node with it (proof or bundle), or the output of a command.
            """,
        examples: [
            "trellis verify proof.json --genesis genesis.bcs",
            "trellis verify proof.bcs --chain-id 0x\(String(repeating: "5a", count: 32)) --validators-hash 0x\(String(repeating: "5b", count: 32))",
        ])

    @Argument(help: "The bundle, - for stdin.") var file: String
    @Option(help: "The genesis document that is trusted.") var genesis: String?
    @Option(help: "The chain.") var chainID: FixedArgument<ChainID>?
    @Option(help: "The validator set that is trusted for the proof's height.") var validatorsHash: FixedArgument<Digest>?
    @Option(help: "The time at which trust is judged (default: now).") var now: TimeArgument?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (genesis != nil) != (validatorsHash != nil), (validatorsHash == nil) || chainID != nil else {
            throw ValidationError("give --genesis, or --chain-id with --validators-hash")
        }
    }

    func result() async throws -> CommandOutput {
        let bundle = try ProofFile.read(file)
        let chain: ChainID, network: NetworkKind
        if let genesis {
            let document = try GenesisFile.read(genesis)
            (chain, network) = (document.chainID, document.charter.network)
            let parameters = document.charter.parameters
            let rules = LightClientRules(
                chainID: chain, now: now?.value ?? SystemTime.now, trustingMilliseconds: parameters.trustingMilliseconds,
                driftMilliseconds: parameters.precisionMilliseconds + parameters.messageDelayMilliseconds)
            do {
                _ = try bundle.verify(from: try TrustedHeader(genesis: document, chainID: chainID?.value ?? chain), rules: rules)
            } catch { throw ProofFile.failure(error) }
        } else if let chainID, let validatorsHash {
            (chain, network) = (chainID.value, .development)
            do { try bundle.verify(chainID: chain, validatorsHash: validatorsHash.value) } catch { throw ProofFile.failure(error) }
        } else {
            preconditionFailure("the arguments were checked")
        }
        return ProofFile.output(bundle, chain: chain, network: network)
    }
}
