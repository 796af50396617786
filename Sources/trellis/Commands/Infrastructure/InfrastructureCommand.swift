import ArgumentParser
import Contracts
import Execution
import Primitives
import TOSCA

/// Infrastructure as code on the chain: documents, the applications that they describe, and who runs these.
struct InfrastructureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "infra", "Checks, compares and plans infrastructure documents in TOSCA, and keeps them on the chain.",
        discussion: """
            FILE is a service template in YAML or JSON, or a CSAR archive. What it imports lies in its directory or below. NAME is an application \
            on the chain; where either may stand, NAME@3 is its revision 3, and a file is known by its ending or by a slash.
            """,
        examples: [
            "trellis infra check Genesis/tosca/proxies.yaml", "trellis infra import Genesis/tosca/proxies.yaml --app shop --create --from alice",
            "trellis infra plan service.yaml --app shop",
        ],
        subcommands: [
            InfrastructureCheck.self, InfrastructureConvert.self, InfrastructureDiff.self, InfrastructurePlan.self, InfrastructureCreate.self, InfrastructurePermission.self, InfrastructureList.self,
            InfrastructureImport.self, InfrastructureDrafts.self, InfrastructureAdopt.self, InfrastructureShow.self, InfrastructureHistory.self,
            InfrastructureExport.self, InfrastructureOperators.self, InfrastructureInstances.self, InfrastructureReport.self,
        ])
}

struct InfrastructureCheck: ResultCommand {
    static let configuration = CommandConfiguration(
        "check", "Tells everything that is wrong in a document, each with its place and a remedy.",
        discussion: "It ends with status 1 when the document is refused, and with 3 when there is no such file.", examples: ["trellis infra check Genesis/tosca/proxies.yaml"])

    @Argument(help: "A service template or a CSAR archive.") var file: String
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        do throws(DocumentError) {
            let template = try reading.readTemplate(file).template
            return CommandOutput(.fields([
                ("accepted", .bool(true)), ("digest", .text("0x" + template.document.digest.hex)),
                ("objects", .number(UInt64(template.document.objects.count))),
                ("nodeTemplates", .number(UInt64(template.document.objects(in: .nodeTemplates).count))),
                ("problems", .list(template.warnings.map(\.value))),
            ]), names: ["0x" + template.document.digest.hex], view: .parts([
                .fields([("accepted", "yes"), ("digest", "0x" + template.document.digest.hex), ("objects", String(template.document.objects.count))]),
                .text(template.warnings.map { Terminal.printable($0.description) }.joined(separator: "\n")),
            ]))
        } catch {
            if error.isMissingFile { throw CommandFailure(error, of: file, next: "ls") }
            return CommandOutput(
                .fields([("accepted", .bool(false)), ("problems", .list(error.problems.map(\.value))), ("isCut", .bool(error.isCut))]),
                names: error.problems.map(\.code.rawValue), view: .text(Terminal.printable(error.description)), status: .failure)
        }
    }
}

struct InfrastructureConvert: ResultCommand {
    static let configuration = CommandConfiguration(
        "convert", "Writes a file in its canonical form, as one file that reads as the same document.",
        discussion: "An archive takes the files along that the document names.",
        examples: ["trellis infra convert Genesis/tosca/proxies.yaml --format json", "trellis infra convert service.csar --to service.yaml"])

    @Argument(help: "A service template or a CSAR archive.") var file: String
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var writing: WritingOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (template, source) = try reading.templateAndFiles(file)
        return try writing.output(template.document, naming: template.files, from: source)
    }
}

struct InfrastructureDiff: ResultCommand {
    static let configuration = CommandConfiguration(
        "diff", "Shows what changes from one document to another.",
        discussion: "A line for each change: + added, ~ changed, - removed. Either may be a file or what the chain holds. It ends with status 6 when there are changes.",
        examples: ["trellis infra diff shop service.yaml", "trellis infra diff shop@3 shop", "trellis infra diff before.yaml Genesis/tosca/proxies.yaml"])

    @Argument(help: DocumentReference.help) var before: DocumentReference
    @Argument(help: DocumentReference.help) var after: DocumentReference
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let difference = DocumentDifference(from: try await before.document(reading, node), to: try await after.document(reading, node))
        return CommandOutput(
            .list(difference.changes.map(\.value)), names: difference.changes.map(\.path), view: difference.view, status: difference.isEmpty ? .ok : .changes)
    }
}

/// How a document is written, and where to.
struct WritingOptions: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument { case yaml, json, csar }

    @Option(help: "yaml, json, or csar, an archive with what there is of the files that the document names (default: what --to ends with, or yaml).") var format: Format?
    @Option(help: ArgumentHelp("A file that is not there yet; without it the document goes to stdout.", valueName: "file")) var to: String?

    func validate() throws {
        if format == .csar, to == nil { throw ValidationError("an archive needs --to") }
    }

    /// Writes a document, and tells which of the files that it names a reader will not find. An archive takes along what `source` has of them.
    func output(_ document: Document, naming names: [String], from source: (any FileSource)? = nil) throws -> CommandOutput {
        let format = format ?? Format.allCases.first { to?.hasSuffix(".\($0.rawValue)") ?? false } ?? .yaml
        let bytes: [UInt8], there: (any FileSource)?
        switch format {
        case .yaml, .json:
            bytes = Array(document.export(format == .yaml ? .yaml : .json).utf8)
            there = DirectoryFiles(to.map(Files.directory(of:)) ?? ".")
        case .csar:
            bytes = document.archive(files: try Self.files(names, source))
            there = try ServiceArchive(bytes, name: to ?? "archive")
        }
        if let to { try Files.write(bytes, to: to) }
        let missing = names.filter { name in !(FilePath(name).flatMap { there?.contains($0) } ?? false) }
        if !missing.isEmpty {
            let told = missing.prefix(12).joined(separator: ", ") + (missing.count > 12 ? " and \(missing.count - 12) more" : "")
            Console.warn(Terminal.printable("the document names files that are not with it: \(told); put them there, or read it with --without-files"))
        }
        let text = to == nil ? String(decoding: bytes, as: UTF8.self) : nil, digest = "0x" + document.digest.hex
        return CommandOutput(
            .fields([("digest", .text(digest)), ("format", .text(format.rawValue)), ("file", to.map { .text($0) }), ("text", text.map { .text($0) })]),
            names: [digest], view: text.map { .text(String($0.dropLast())) })
    }
}

extension WritingOptions {
    private static func files(_ names: [String], _ source: (any FileSource)?) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:], bytesLeft = TemplateLimits.archiveBytesMax
        for name in names {
            guard let path = FilePath(name), let bytes = try source?.bytes(of: path) else { continue }
            bytesLeft -= bytes.count
            guard bytesLeft >= 0 else {
                throw CommandFailure(code: "archive.limit", what: "the files that the document names have more than \(TemplateLimits.archiveBytesMax) bytes")
            }
            found[name] = bytes
        }
        return found
    }
}

extension TOSCA.Problem: FailureReport {
    var failure: CommandFailure { CommandFailure(DocumentError(problems: [self]), of: place.file, next: remedy) }
}

extension Problem {
    var value: DynamicValue {
        .fields([
            ("code", .text(code.rawValue)), ("severity", .text(severity.rawValue)), ("file", .text(place.file)), ("line", .number(UInt64(place.line))),
            ("column", .number(UInt64(place.column))), ("path", .text(path)), ("message", .text(message)), ("remedy", .text(remedy)),
        ])
    }
}

extension DocumentDifference {
    var view: TextView { .text(isEmpty ? "no changes" : Terminal.printable(String(text.dropLast()))) }
}

extension DocumentDifference.Change {
    var value: DynamicValue { .fields([("kind", .text(kind.rawValue)), ("path", .text(path)), ("text", .text(description))]) }
}
