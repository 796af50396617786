public import Contracts

/// Writes documents as files that read as the same document again, in the shape that the public parsers accept: types deriving from the
/// standard's, requirements and policies as lists of maps with one member, words plain only where no version of YAML doubts them.
public enum TemplateFormat: String, CaseIterable, Sendable { case yaml, json }

extension Document {
    /// One file with types and topology. JSON is YAML too, and is read by the same readers.
    public func export(_ format: TemplateFormat) -> String {
        let value = DocumentTree.value(of: self)
        return switch format {
        case .yaml: YAMLText.text(value)
        case .json: JSONText.text(value)
        }
    }

    /// A CSAR archive: the document as its one template, the files that are there, and a pointer for each other file that is found by a content
    /// identifier, so that readers which look for the files of artifacts find something. The same makes the same bytes.
    public func archive(files: [String: [UInt8]] = [:]) -> [UInt8] {
        var all = files
        for object in objects(in: .files) where all[object.name] == nil { all[object.name] = Array(JSONText.text(object.value).utf8) }
        var written: [(name: String, bytes: [UInt8])] = []
        for (name, bytes) in all.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            // A chain may hold any name; an archive holds only those that stay inside of it, and none that another one needs as a directory.
            guard let path = FilePath(name), path.description == name, !name.hasPrefix("TOSCA-Metadata/"),
                  !written.contains(where: { name.hasPrefix($0.name + "/") }) else { continue }
            written.append((name, bytes))
        }
        var entry = "service.yaml"
        while written.contains(where: { $0.name == entry || $0.name.hasPrefix(entry + "/") }) { entry = "_" + entry }
        let meta = "TOSCA-Meta-File-Version: 1.1\nCSAR-Version: 1.1\nCreated-By: trellis\nEntry-Definitions: \(entry)\n"
        return ZipWriter.archive([("TOSCA-Metadata/TOSCA.meta", Array(meta.utf8)), (entry, Array(export(.yaml).utf8))] + written)
    }
}
