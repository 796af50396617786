import Contracts
import Foundation
import Primitives
import PythonRunner
import Testing
@testable import TOSCA

/// Archives, good ones and those that somebody made with bad intentions.
@Suite struct ArchiveTests {
    /// A ZIP file of stored entries; what is said of each can be something else than what it is.
    struct Zip {
        struct File {
            var name: String
            var bytes: [UInt8]
            var localName: String?
            var size: UInt32?
            var checksum: UInt32?
            var flags: UInt16 = 0
            var method: UInt16 = 0
            var attributes: UInt32 = 0

            init(_ name: String, _ text: String = "") { (self.name, bytes) = (name, Array(text.utf8)) }
            func with(_ change: (inout File) -> Void) -> File { var copy = self; change(&copy); return copy }
        }

        static func bytes(_ files: [File]) -> [UInt8] {
            func two(_ number: UInt16) -> [UInt8] { [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)] }
            func four(_ number: UInt32) -> [UInt8] { two(UInt16(truncatingIfNeeded: number)) + two(UInt16(truncatingIfNeeded: number >> 16)) }
            var data: [UInt8] = [], directory: [UInt8] = []
            for file in files {
                let offset = UInt32(data.count), size = file.size ?? UInt32(file.bytes.count), checksum = file.checksum ?? Deflate.checksum(file.bytes)
                let common = two(20) + two(file.flags) + two(file.method) + four(0) + four(checksum) + four(UInt32(file.bytes.count)) + four(size)
                let local = Array((file.localName ?? file.name).utf8), name = Array(file.name.utf8)
                data += four(0x0403_4b50) + common + two(UInt16(local.count)) + two(0) + local + file.bytes
                directory += four(0x0201_4b50) + two(20) + common + two(UInt16(name.count)) + two(0) + two(0) + two(0) + two(0) + four(file.attributes) + four(offset) + name
            }
            return data + directory + four(0x0605_4b50) + two(0) + two(0) + two(UInt16(files.count)) + two(UInt16(files.count)) + four(UInt32(directory.count)) + four(UInt32(data.count)) + two(0)
        }
    }

    private static let template = Samples.topology("    a: { type: tosca.nodes.Compute }")
    private static let meta = "TOSCA-Meta-File-Version: 1.1\nCSAR-Version: 1.1\nCreated-By: nobody\nEntry-Definitions: definitions/a.yaml\n"

    private func code(_ files: [Zip.File]) -> ProblemCode? {
        do throws(DocumentError) {
            _ = try ServiceTemplate(archive: Zip.bytes(files), name: "a.csar")
            return nil
        } catch { return error.problems.first?.code }
    }

    @Test func archivesWithAndWithoutMetadataAreRead() throws {
        let plain = try ServiceTemplate(archive: Zip.bytes([.init("a.yaml", Self.template), .init("scripts/", ""), .init("scripts/run.sh")]), name: "a.csar")
        let told = try ServiceTemplate(archive: Zip.bytes([.init("TOSCA-Metadata/TOSCA.meta", Self.meta), .init("definitions/a.yaml", Self.template), .init("b.yaml", "other")]), name: "a.csar")
        #expect(plain.document == told.document && plain.document.objects(in: .nodeTemplates).map(\.name) == ["a"])
    }

    @Test func filesOfArchivesAreNamedFromTheRoot() throws {
        let text = Samples.topology("    a: { type: tosca.nodes.Compute, interfaces: { Standard: { operations: { create: ../scripts/run.sh } } } }")
        let read = try ServiceTemplate(archive: Zip.bytes([.init("TOSCA-Metadata/TOSCA.meta", Self.meta), .init("definitions/a.yaml", text), .init("scripts/run.sh")]), name: "a.csar")
        let operations = read.document.object(.nodeTemplates, "a")?.value["interfaces"]?["Standard"]?["operations"]
        #expect(operations?["create"]?["implementation"]?["primary"] == .text("scripts/run.sh"))
    }

    @Test(arguments: Samples.all) func exportedArchivesReadAsTheSameDocument(_ file: URL) throws {
        let document = try Samples.read(file).document, archive = document.archive()
        #expect(ServiceArchive.isArchive(archive) && archive == document.archive())
        #expect(try ServiceTemplate(archive: archive, name: "a.csar").document == document)
    }

    /// Files that are there come before pointers to them.
    @Test func archivesTakeFilesAlong() throws {
        let text = Samples.topology("    a: { type: tosca.nodes.Compute, interfaces: { Standard: { operations: { create: { implementation: { primary: scripts/run.sh, dependencies: [ lib.sh ] } } } } } }")
        let template = try Samples.read(text, files: ["scripts/run.sh": "run", "lib.sh": "lib", "other.sh": ""])
        #expect(template.files == ["lib.sh", "scripts/run.sh"])
        #expect(throws: DocumentError.self) { try ServiceTemplate(archive: template.document.archive(), name: "a.csar") }
        let bytes = template.document.archive(files: ["scripts/run.sh": Array("run".utf8), "lib.sh": Array("lib".utf8)])
        let archive = try ServiceArchive(bytes, name: "a.csar")
        #expect(try archive.bytes(of: #require(FilePath("scripts/run.sh"))) == Array("run".utf8))
        #expect(try ServiceTemplate(archive: bytes, name: "a.csar").document == template.document)
        let worker = try Samples.read(Samples.profile.appending(path: "sharding.yaml"))
        let real = try ServiceArchive(worker.document.archive(files: ["images/worker.image": [1, 2, 3]]), name: "a.csar")
        #expect(try worker.files == ["images/worker.image"] && real.bytes(of: #require(FilePath("images/worker.image"))) == [1, 2, 3])
    }

    /// An archive may be larger than one of its files may be.
    @Test func limitsOfArchivesAndFilesDiffer() throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "trellis-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        try Data(count: TemplateLimits.archiveFileBytesMax + 1).write(to: scratch.appending(path: "large"))
        let files = try #require(DirectoryFiles(scratch.path)), path = try #require(FilePath("large"))
        #expect(throws: Problem.self) { try files.bytes(of: path) }
        #expect(try files.bytes(of: path, max: TemplateLimits.archiveBytesMax)?.count == TemplateLimits.archiveFileBytesMax + 1)
    }

    /// The chain may hold any name of a file.
    @Test func exportedArchivesHoldNoTricks() throws {
        let names = ["../out", "/etc/passwd", "a\\b", "TOSCA-Metadata/TOSCA.meta", "service.yaml", "images", "images/a", "é"]
        let objects = try names.map { try DocumentObject(.files, $0, .map([.init("cid", .text("a"))])) }
        let archive = try ServiceArchive(Document(sorting: objects).archive(), name: "a.csar")
        #expect(archive.entry.description == "_service.yaml" && Set(archive.names) == ["TOSCA-Metadata/TOSCA.meta", "_service.yaml", "service.yaml", "images", "é"])
    }

    @Test func tricksAreRefused() {
        let good = Zip.File("a.yaml", Self.template)
        #expect(code([good]) == nil)
        for name in ["../b", "/b", "b/../../c", "b\\c", "./b", "b//c", "c:b", "b/./c"] { #expect(code([good, .init(name)]) == .archiveRefused, "\(name)") }
        #expect(code([good, good]) == .archiveRefused)
        #expect(code([good, .init("b.yaml", "a")]) == .archiveRefused)
        #expect(code([]) == .archiveRefused)
        #expect(code([good.with { $0.flags = 1 }]) == .archiveRefused)
        #expect(code([good.with { $0.method = 12 }]) == .archiveRefused)
        #expect(code([good.with { $0.localName = "b.yaml" }]) == .archiveRefused)
        #expect(code([good, .init("link").with { $0.attributes = 0xa1ff_0000 }]) == .archiveRefused)
        #expect(code([good.with { $0.size = .max }]) == .archiveRefused)
        #expect(code([good.with { $0.size = 5 }]) == .archiveDamaged)
        #expect(code([good.with { $0.checksum = 5 }]) == .archiveDamaged)
        #expect(code([good.with { $0.method = 8 }]) == .archiveDamaged)
        #expect(code((0...TemplateLimits.archiveFilesMax).map { .init("\($0)") }) == .archiveRefused)
        for meta in ["", "a", "TOSCA-Meta-File-Version: 9\n", Self.meta.replacing("definitions/a", with: "b"), Self.meta + Self.meta, Self.meta.replacing("definitions/", with: "../")] {
            #expect(code([good, .init("TOSCA-Metadata/TOSCA.meta", meta)]) == .archiveRefused, "\(meta)")
        }
    }

    @Test func alteredArchivesNeverTrap() {
        let good = Zip.bytes([.init("TOSCA-Metadata/TOSCA.meta", Self.meta), .init("definitions/a.yaml", Self.template)])
        var generator = SeededGenerator(seed: 3), refused = 0
        for round in 0..<2_000 {
            var bytes = good
            if round % 3 == 0 { bytes = Array(bytes.prefix(generator.below(bytes.count))) }
            for _ in 0...generator.below(3) where !bytes.isEmpty { bytes[generator.below(bytes.count)] = [0, 1, 0x7f, 0xff][generator.below(4)] }
            do { _ = try ServiceTemplate(archive: bytes, name: "a.csar") } catch { refused += 1 }
        }
        #expect(refused > 1_500)
    }

    /// What another program packs, and a bomb: a megabyte of zeros in a kilobyte, a thousand times.
    @Test(.enabled(if: Python.path != nil, Python.missing)) func packedFilesAreUnpackedWithinBounds() throws {
        let script = """
            import io, sys, zipfile
            out = io.BytesIO()
            with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
                z.writestr('a.yaml', sys.stdin.read())
                for i in range(int(sys.argv[1])): z.writestr('zeros/%d' % i, bytes(1 << 20))
            sys.stdout.buffer.write(out.getvalue())
            """
        let small = try Python.run(#require(Python.path), ["-c", script, "1"], input: Array(Self.template.utf8))
        let read = try ServiceTemplate(archive: Array(small), name: "a.csar")
        #expect(read.document.objects(in: .nodeTemplates).count == 1)
        let bomb = try Python.run(#require(Python.path), ["-c", script, "1000"], input: Array(Self.template.utf8))
        #expect(bomb.count < 2 << 20)
        do {
            _ = try ServiceTemplate(archive: Array(bomb), name: "a.csar")
            Issue.record("accepted")
        } catch { #expect(error.problems.map(\.code) == [.archiveRefused]) }
    }
}
