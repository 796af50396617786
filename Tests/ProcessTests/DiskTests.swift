import Client
import Foundation
import Glibc
import Interface
import Testing

extension RealProcesses {
    /// A node that runs out of space stops writing, says so, and goes on when there is some again.
    @Suite struct DiskTests {
        @Test(.enabled(if: mayMount, "no rights to mount a file system"), .timeLimit(.minutes(10))) func aDiskIsFull() async throws {
            try await Devnet.with("--port", "27400") { devnet in
                // The data of one node move to a small file system in memory.
                let data = devnet.directory + "/nodes/validator-4/data"
                try await devnet.run(["fault", "kill", "validator-4"])
                try Self.mount(data, megabytes: 24)
                defer { _ = system("umount -l '\(data)'") }
                try await devnet.run(["up", "--detach"])
                let process = try #require(try devnet.nodes[3].process?.id), full = try devnet.nodes[3].client

                let load = try await devnet.withLoad { load in
                    try Self.fill(data, leaving: 64 << 10)
                    // The others do not mind.
                    await load.expectProgress(rounds: 4, within: 60)
                    await Self.expect(full, says: "store.full")
                    #expect(kill(process, 0) == 0, "the process ended")
                    unlink(data + "/filler")
                }
                await Self.expect(full, says: nil)
                try await devnet.expectAgreement(within: 60)
                try await load.expectNothingLost()
                try await devnet.run(["down"])
            }
        }

        /// Waits until the node names an obstacle, or none.
        private static func expect(_ client: Client, says code: String?, sourceLocation: SourceLocation = #_sourceLocation) async {
            let isSaid = await eventually(within: 60) {
                guard let status = try? await client.status() else { return false }
                return code.map { code in status.obstacles.contains { $0.code == code } } ?? status.isReady
            }
            let last = try? await client.status().obstacles
            #expect(isSaid, "\(String(describing: last))", sourceLocation: sourceLocation)
        }

        private static func tmpfs(_ path: String, megabytes: Int) -> Bool {
            system("mount -t tmpfs -o size=\(megabytes)m,mode=700 tmpfs '\(path)' 2>/dev/null") == 0
        }

        private static let mayMount: Bool = {
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("trellis-mount-\(getpid())").path
            mkdir(path, 0o700)
            let isMounted = tmpfs(path, megabytes: 1)
            if isMounted { _ = system("umount -l '\(path)'") }
            rmdir(path)
            return isMounted
        }()

        /// Puts a file system of this size under a directory and its content into it.
        private static func mount(_ path: String, megabytes: Int) throws {
            let aside = path + ".aside"
            try FileManager.default.moveItem(atPath: path, toPath: aside)
            mkdir(path, 0o700)
            try #require(tmpfs(path, megabytes: megabytes))
            try #require(system("cp -a --sparse=always '\(aside)/.' '\(path)/'") == 0)
            try FileManager.default.removeItem(atPath: aside)
        }

        private static func fill(_ path: String, leaving bytes: Int) throws {
            let filler = open(path + "/filler", O_WRONLY | O_CREAT, 0o600), block = [UInt8](repeating: 1, count: 4_096)
            defer { close(filler) }
            while write(filler, block, block.count) > 0 {}
            try #require(ftruncate(filler, lseek(filler, 0, SEEK_END) - bytes) == 0)
        }
    }
}
