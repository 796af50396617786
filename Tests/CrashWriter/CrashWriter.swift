import Glibc
import Primitives

/// `crash-writer write DIR SEED`: extends a chain until it is killed.
/// `crash-writer torture DIR ROUNDS SEED`: kills such writers at random moments and judges what they leave.
/// `crash-writer power DIR ROUNDS SEED`: the same on a disk that loses its power with each kill; needs the rights to mount.
/// `crash-writer restore DIR SEED`: restores a snapshot and puts it in the place of the chain; then waits to be killed.
/// `crash-writer restorations DIR ROUNDS SEED`: kills such restorations and judges what they leave.
/// `crash-writer full DIR`: runs out of space and gets it back.
@main
enum CrashWriter {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            switch (words.first, words.count) {
            case ("write", 3):
                try await Writing(directory: words[1], chain: SyntheticChain(seed: UInt64(words[2]) ?? 0)).run()
            case ("torture", 4):
                try torture(words[1], rounds: Int(words[2]) ?? 0, seed: UInt64(words[3]) ?? 0) {}
            case ("power", 4):
                let disk: PowerDisk
                do { disk = try PowerDisk(below: words[1]) } catch {
                    print("skipped: no disk to cut the power of: \(error)")
                    return
                }
                defer { disk.unmount() }
                try torture(disk.mountPoint + "/chain", rounds: Int(words[2]) ?? 0, seed: UInt64(words[3]) ?? 0) {
                    try disk.losePower()
                }
            case ("restore", 3):
                try await Restoration(directory: words[1], chain: SyntheticChain(seed: UInt64(words[2]) ?? 0)).run()
            case ("restorations", 4):
                let seed = UInt64(words[3]) ?? 0
                let tally = try await Restoration(directory: words[1], chain: SyntheticChain(seed: seed)).torture(rounds: Int(words[2]) ?? 0, seed: seed)
                print("kill_rounds \(tally.rounds)\nrestored \(tally.restored)\nresumed \(tally.resumed)\nkilled_in_switch \(tally.killedInSwitch)")
            case ("full", 2):
                try await FullDisk(directory: words[1]).run()
            default:
                print("usage: crash-writer write DIR SEED | torture DIR ROUNDS SEED | power DIR ROUNDS SEED | restore DIR SEED "
                    + "| restorations DIR ROUNDS SEED | full DIR")
                exit(2)
            }
        } catch {
            print("failed: \(error)")
            exit(1)
        }
    }

    private static func torture(_ directory: String, rounds: Int, seed: UInt64, afterKill: () throws -> Void) throws {
        var torture = try Torture(directory: directory, seed: seed)
        for round in 0..<rounds {
            do {
                try torture.round(afterKill)
            } catch {
                print("failed in round \(round) with seed \(seed): \(error)")
                throw error
            }
        }
        print("kill_rounds \(rounds)\nacknowledged \(torture.acknowledged)\nacknowledged_lost \(torture.lost)\n"
            + "torn_tails \(torture.tornTails)\nheights \(torture.heights)\nblocks_replayed \(torture.replayed)")
    }
}
