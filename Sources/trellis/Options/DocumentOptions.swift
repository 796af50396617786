import ArgumentParser
import Client
import Contracts
import Execution
import Foundation
import Ledger
import TOSCA

/// How files with infrastructure documents are read.
struct ReadingOptions: ParsableArguments {
    @Flag(help: "Do not look whether artifacts and implementations are there.") var withoutFiles = false

    /// The template of a file, or all that is wrong in it, and the files that came with it.
    func readTemplate(_ path: String) throws(DocumentError) -> (template: ServiceTemplate, files: any FileSource) {
        let options = ServiceTemplate.Options(checksFiles: !withoutFiles), url = URL(fileURLWithPath: path)
        func refused(_ code: ProblemCode, _ what: String) -> DocumentError {
            DocumentError(problems: [Problem(code, what, remedy: "name a file that can be read", place: Place(file: path))], isCut: false)
        }
        guard let files = DirectoryFiles(url.deletingLastPathComponent().path), let name = FilePath(url.lastPathComponent) else {
            throw refused(.fileMissing, "there is no file \(path)")
        }
        let head: [UInt8]
        do throws(Problem) {
            guard let bytes = try files.bytes(of: name, max: TemplateLimits.archiveBytesMax) else { throw refused(.fileMissing, "there is no file \(path)").problems[0] }
            head = bytes
        } catch { throw DocumentError(problems: [error], isCut: false) }
        guard ServiceArchive.isArchive(head) else { return (try ServiceTemplate(name.description, from: files, options: options), files) }
        let archive: ServiceArchive
        do throws(Problem) { archive = try ServiceArchive(head, name: name.description) } catch { throw DocumentError(problems: [error], isCut: false) }
        return (try ServiceTemplate(archive.entry.description, from: archive, options: options), archive)
    }

    /// The same for commands that need a good document; warnings are told.
    func template(_ path: String) throws(CommandFailure) -> ServiceTemplate { try templateAndFiles(path).template }

    func templateAndFiles(_ path: String) throws(CommandFailure) -> (template: ServiceTemplate, files: any FileSource) {
        do throws(DocumentError) {
            let read = try readTemplate(path)
            for warning in read.template.warnings { Console.warn(Terminal.printable(warning.description)) }
            return read
        } catch { throw CommandFailure(error, of: path, next: "trellis infra check \(path)") }
    }
}

/// A document that the user names: a file, or what the chain holds.
enum DocumentReference: ExpressibleByArgument {
    case file(String)
    /// A revision of an application; the newest without a number.
    case application(ApplicationName, UInt64?)

    static let help: ArgumentHelp = "A file, or an application, as NAME or NAME@REVISION."
    private static let endings = [".yaml", ".yml", ".json", ".csar", ".zip", ".tosca"]

    init?(argument: String) {
        if argument.contains("/") || Self.endings.contains(where: argument.hasSuffix) {
            self = .file(argument)
            return
        }
        let parts = argument.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard let name = ApplicationName(parts[0]), parts.count <= 2 else { return nil }
        if parts.count == 1 {
            self = .application(name, nil)
        } else {
            guard let number = UInt64(parts[1]) else { return nil }
            self = .application(name, number)
        }
    }

    /// The document, unchecked when the chain holds it: a contract does not know the standard.
    func document(_ reading: ReadingOptions, _ node: NodeOptions) async throws -> Document {
        switch self {
        case .file(let path): return try reading.template(path).document
        case .application(let name, let number): return try await TopologyReader(try node.client(), name).held(number)
        }
    }

    /// The document as a template by the standard.
    func template(_ reading: ReadingOptions, _ node: NodeOptions) async throws -> ServiceTemplate {
        switch self {
        case .file(let path): return try reading.template(path)
        case .application(let name, _):
            let document = try await document(reading, node)
            do throws(DocumentError) { return try ServiceTemplate(checking: document, options: .init(checksFiles: false)) } catch {
                throw CommandFailure(error, of: name.text, next: "trellis infra export \(name) --to FILE.yaml && trellis infra check FILE.yaml")
            }
        }
    }
}

extension DocumentError {
    /// Whether there is no such file, rather than something wrong in it.
    var isMissingFile: Bool { problems.count == 1 && problems[0].code == .fileMissing && problems[0].place.line == 0 }
}

extension CommandFailure {
    /// The first of a document's problems; `next` shows all of them.
    init(_ error: DocumentError, of path: String, next: String) {
        let first = error.problems.first { $0.severity == .error }, others = error.problems.count - 1
        self.init(
            code: first?.code.rawValue ?? "document.refused", what: first.map { "\($0.place): \($0.message)" } ?? "\(path) is refused",
            why: others > 0 ? "and \(others) more problems" : nil,
            next: others > 0 ? next : first.map { $0.remedy.prefix(1).uppercased() + $0.remedy.dropFirst() + "." },
            status: error.isMissingFile ? .notFound : .failure)
    }
}
