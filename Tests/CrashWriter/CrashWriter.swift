import Glibc
import Primitives

/// `crash-writer write DIR SEED`: extends a chain until it is killed.
/// `crash-writer torture DIR ROUNDS SEED`: kills such writers at random moments and judges what they leave.
@main
enum CrashWriter {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            switch (words.first, words.count) {
            case ("write", 3):
                try await Writing(directory: words[1], chain: SyntheticChain(seed: UInt64(words[2]) ?? 0)).run()
            case ("torture", 4):
                try torture(words[1], rounds: Int(words[2]) ?? 0, seed: UInt64(words[3]) ?? 0)
            default:
                print("usage: crash-writer write DIR SEED | torture DIR ROUNDS SEED")
                exit(2)
            }
        } catch {
            print("failed: \(error)")
            exit(1)
        }
    }

    private static func torture(_ directory: String, rounds: Int, seed: UInt64) throws {
        var torture = try Torture(directory: directory, seed: seed)
        for round in 0..<rounds {
            do {
                try torture.round(round)
            } catch {
                print("failed in round \(round) with seed \(seed): \(error)")
                throw error
            }
        }
        print("kill_rounds \(rounds)\nacknowledged \(torture.acknowledged)\nacknowledged_lost \(torture.lost)\n"
            + "torn_tails \(torture.tornTails)\nheights \(torture.heights)\nblocks_replayed \(torture.replayed)")
    }
}
