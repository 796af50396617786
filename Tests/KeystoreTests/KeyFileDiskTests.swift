import Cryptography
import Foundation
import Primitives
import Testing
@testable import Keystore

/// Key files in a file system: their modes, and what is at the path at every moment.
@Suite struct KeyFileDiskTests {
    let scratch = Scratch()
    var path: String { scratch.path + "/key.json" }

    static func file(_ number: UInt8) throws -> KeyFile {
        try KeyFile(RoleKey(role: .node, seed: SecretBytes(copying: [UInt8](repeating: number, count: 32))), passphrase: .none, cost: .cheap)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test func whatIsWrittenIsReadByItsOwnerAlone() throws {
        let file = try Self.file(1)
        try file.write(to: path)
        #expect(try KeyFile.read(path) == file)
        #expect(mode(path) == 0o600)
        #expect(scratch.names == ["key.json"])
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o777] as [mode_t]) func widePermissionsAreRefused(_ mode: mode_t) throws {
        try Self.file(1).write(to: path)
        chmod(path, mode)
        #expect(code { _ = try KeyFile.read(path) } == .permissionsTooWide)
        chmod(path, 0o400)
        #expect(code { _ = try KeyFile.read(path) } == nil)
    }

    @Test func aLinkIsAsSafeAsTheFileBehindIt() throws {
        try Self.file(1).write(to: path)
        symlink(path, scratch.path + "/link")
        #expect(try KeyFile.read(scratch.path + "/link") == KeyFile.read(path))
        chmod(path, 0o644)
        #expect(code { _ = try KeyFile.read(scratch.path + "/link") } == .permissionsTooWide)
    }

    @Test func whatIsNoFileIsRefused() throws {
        #expect(code { _ = try KeyFile.read(path) } == .notFound)
        #expect(code { _ = try KeyFile.read(scratch.path) } == .damaged)
        mkfifo(path, 0o600)
        #expect(code { _ = try KeyFile.read(path) } == .damaged)
        #expect(code { _ = try KeyFile.read("/dev/zero") } == .damaged)
        #expect(code { try Self.file(1).write(to: scratch.path + "/nowhere/key.json") } == .notFound)
    }

    @Test func hugeFilesAreNotReadToTheirEnd() throws {
        let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
        ftruncate(descriptor, 1 << 40)
        close(descriptor)
        #expect(code { _ = try KeyFile.read(path) } == .damaged)
    }

    @Test func aKeyIsNotOverwrittenByAccident() throws {
        let first = try Self.file(1), second = try Self.file(2)
        try first.write(to: path)
        #expect(code { try second.write(to: path) } == .alreadyExists)
        #expect(try KeyFile.read(path) == first)
        try second.write(to: path, replacing: true)
        #expect(try KeyFile.read(path) == second)
        #expect(scratch.names == ["key.json"] && mode(path) == 0o600)
    }

    /// A crash after any step leaves nothing, the whole old file or the whole new one at the path.
    @Test(arguments: [false, true]) func noStepLeavesHalfAFile(replacing: Bool) throws {
        let old = try Self.file(1), new = try Self.file(2)
        if replacing { try old.write(to: path) }
        func whatACrashWouldLeave() throws -> KeyFile? { scratch.names.contains("key.json") ? try KeyFile.read(path) : nil }
        let before = replacing ? old : nil

        let pending = try PendingFile(for: path)
        #expect(try whatACrashWouldLeave() == before)
        #expect(mode(pending.temporaryPath) == 0o600)
        let half = Array(new.json.prefix(300)), rest = Array(new.json.dropFirst(300))
        try pending.write(half)
        #expect(try whatACrashWouldLeave() == before)
        try pending.write(rest)
        #expect(try whatACrashWouldLeave() == before)
        try pending.synchronize()
        #expect(try whatACrashWouldLeave() == before)
        try pending.publish(replacing: replacing)
        #expect(try whatACrashWouldLeave() == new)
        try PendingFile.synchronizeDirectory(of: path)
    }

    @Test func whatIsGivenUpIsRemoved() throws {
        do {
            let pending = try PendingFile(for: path)
            try pending.write([1, 2, 3])
            #expect(scratch.names.count == 1)
        }
        #expect(scratch.names == [])
        // What a crash left behind is in nobody's way.
        #expect(FileManager.default.createFile(atPath: path + ".0011223344556677.new", contents: nil))
        try Self.file(1).write(to: path)
        #expect(try Keyring.file(directory: scratch.path).names().map(\.text) == ["key"])
    }

    @Test func oneOfManyWritersWins() async throws {
        let files = try (1...8).map(Self.file), path = path
        let outcomes = await withTaskGroup(of: KeystoreError.Code?.self) { group in
            for file in files { group.addTask { code { try file.write(to: path) } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == nil } == 1)
        #expect(outcomes.count { $0 == .alreadyExists } == 7)
        #expect(files.contains(try KeyFile.read(path)))
        #expect(scratch.names == ["key.json"])
    }

    @Test func aReaderAmongWritersAlwaysSeesAWholeFile() async throws {
        let files = try (1...4).map(Self.file), path = path
        try files[0].write(to: path)
        await withTaskGroup(of: Void.self) { group in
            for file in files {
                group.addTask {
                    for _ in 0..<25 { #expect(code { try file.write(to: path, replacing: true) } == nil) }
                }
            }
            group.addTask {
                for _ in 0..<400 { #expect((try? KeyFile.read(path)).map(files.contains) == true) }
            }
        }
        #expect(scratch.names == ["key.json"])
    }
}
