import ArgumentParser
import Foundation
import TOSCA

/// An infrastructure document that the user names, and how strictly it is read.
struct DocumentOptions: ParsableArguments {
    @Argument(help: "A service template or a CSAR archive.") var file: String
    @Flag(help: "Do not look whether artifacts and implementations are there.") var withoutFiles = false

    /// The template of a file, or all that is wrong in it.
    func readTemplate(_ path: String) throws(DocumentError) -> ServiceTemplate {
        let options = ServiceTemplate.Options(checksFiles: !withoutFiles), url = URL(fileURLWithPath: path)
        func refused(_ code: ProblemCode, _ what: String) -> DocumentError {
            DocumentError(problems: [Problem(code, what, remedy: "name a file that can be read", place: Place(file: path))], isCut: false)
        }
        guard let files = DirectoryFiles(url.deletingLastPathComponent().path), let name = FilePath(url.lastPathComponent) else {
            throw refused(.fileMissing, "there is no file \(path)")
        }
        let head: [UInt8]
        do throws(Problem) {
            guard let bytes = try files.bytes(of: name) else { throw refused(.fileMissing, "there is no file \(path)").problems[0] }
            head = bytes
        } catch { throw DocumentError(problems: [error], isCut: false) }
        if ServiceArchive.isArchive(head) { return try ServiceTemplate(archive: head, name: name.description, options: options) }
        return try ServiceTemplate(name.description, from: files, options: options)
    }

    /// The same for commands that need a good document; warnings are told.
    func template(_ path: String) throws(CommandFailure) -> ServiceTemplate {
        do throws(DocumentError) {
            let template = try readTemplate(path)
            for warning in template.warnings { Console.warn(Terminal.printable(warning.description)) }
            return template
        } catch { throw failure(error, path) }
    }

    func failure(_ error: DocumentError, _ path: String) -> CommandFailure {
        let first = error.problems.first { $0.severity == .error }, others = error.problems.count - 1
        let isMissing = error.problems.count == 1 && first?.code == .fileMissing && first?.place.line == 0
        return CommandFailure(
            code: first?.code.rawValue ?? "document.refused", what: first.map { "\($0.place): \($0.message)" } ?? "the document is refused",
            why: others > 0 ? "and \(others) more problems" : nil, next: others > 0 ? "trellis infra check \(path)" : first.map { $0.remedy.prefix(1).uppercased() + $0.remedy.dropFirst() + "." },
            status: isMissing ? .notFound : .failure)
    }
}
