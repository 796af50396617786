import ArgumentParser
import Cryptography
import Execution
import Keystore
import Primitives

/// Verifiable randomness (RFC 9381), as the beacon uses it.
struct VRFCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "vrf", "Proves and checks verifiable randomness (RFC 9381, ECVRF-EDWARDS25519-SHA512-TAI).",
        examples: ["trellis vrf prove vrf --alpha 0x00ff"], subcommands: [VRFProve.self, VRFVerify.self])
}

struct VRFProve: ResultCommand {
    static let configuration = CommandConfiguration(
        "prove", "Makes the proof and the output of a key for an input.", examples: ["trellis vrf prove vrf --alpha 0x00ff"])

    @Argument(help: "Which key, of the role vrf.") var name: String
    @Option(help: "The input, in hexadecimal.") var alpha: Hexadecimal
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        guard let key = try keys.key(name, role: .vrf).vrfKey else { throw CommandFailure(code: "key.role", what: "the key \(name) proves nothing") }
        let proof = key.prove(alpha: alpha.bytes)
        guard let output = ECVRF.verify(proof, alpha: alpha.bytes, by: key.publicKey) else { preconditionFailure("a proof made here does not hold") }
        return .fields(
            [("publicKey", .text("0x" + key.publicKey.hex)), ("proof", .text("0x" + proof.hex)), ("output", .text("0x" + output.hex))], name: "0x" + proof.hex)
    }
}

struct VRFVerify: ResultCommand {
    static let configuration = CommandConfiguration(
        "verify", "Checks a proof and shows its output.", discussion: "It ends with status 1 when the proof does not hold.",
        examples: ["trellis vrf verify --public-key 0x\(String(repeating: "5a", count: 32)) --proof 0x\(String(repeating: "00", count: 80)) --alpha 0x00ff"])

    @Option(help: "Whose proof.") var publicKey: FixedArgument<VRFPublicKey>
    @Option(help: "The proof.") var proof: FixedArgument<VRFProof>
    @Option(help: "The input, in hexadecimal.") var alpha: Hexadecimal
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        guard let output = ECVRF.verify(proof.value, alpha: alpha.bytes, by: publicKey.value) else {
            throw CommandFailure(code: "vrf.proof-invalid", what: "the proof does not hold", why: "the key, the input or the proof is another one")
        }
        return .fields([("valid", .bool(true)), ("output", .text("0x" + output.hex))], name: "0x" + output.hex)
    }
}
