import COpenSSL
import CSodium
import Cryptography
import Primitives

extension Suite {
    /// SHA-256 of short messages by every route on this machine; the product uses `sha256_64B_ns` and `tree_node_ns`.
    static let hash = Suite(name: "hash", summary: "SHA-256 of 64-byte messages and tree nodes, against the alternatives") { report, quick in
        let rounds = quick ? 50_000 : 500_000
        let message = (0..<64).map { UInt8($0) }
        let large = [UInt8](repeating: 7, count: 4096)

        func measure(_ name: String, unit: String = "ns", rounds: Int = rounds, _ body: () -> Digest) {
            var samples: [Double] = []
            for _ in 0..<11 {
                let watch = Stopwatch()
                for _ in 0..<rounds { consume(body()) }
                samples.append(watch.threadCPU / Double(rounds) * 1e9)
            }
            report.add(name, samples, unit: unit)
        }

        measure("sha256_64B_ns") { SHA256.hash(message) }
        let left = SHA256.hash([1]), right = SHA256.hash([2])
        measure("tree_node_ns") { SHA256.node(prefix: 1, left, right) }
        measure("sha256_4KiB_ns", rounds: rounds / 20) { SHA256.hash(large) }
        measure("libsodium_64B_ns") {
            var out = Digest()
            withUnsafeMutableBytes(of: &out) {
                _ = crypto_hash_sha256($0.baseAddress!.assumingMemoryBound(to: UInt8.self), message, 64)
            }
            return out
        }
        measure("openssl_one_shot_64B_ns") {
            var out = Digest()
            withUnsafeMutableBytes(of: &out) {
                _ = COpenSSL.SHA256(message, 64, $0.baseAddress!.assumingMemoryBound(to: UInt8.self))
            }
            return out
        }
        measure("libsodium_blake2b_64B_ns") {
            var out = Digest()
            withUnsafeMutableBytes(of: &out) {
                _ = crypto_generichash($0.baseAddress!.assumingMemoryBound(to: UInt8.self), 32, message, 64, nil, 0)
            }
            return out
        }
    }
}
