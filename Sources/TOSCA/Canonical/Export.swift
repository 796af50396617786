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

    /// A CSAR archive: the document as its one template, and a pointer for each file that is found by a content identifier, so that readers which
    /// look for the files of artifacts find something. The same document makes the same bytes.
    public func archive() -> [UInt8] {
        var pointers: [(name: String, bytes: [UInt8])] = []
        for object in objects(in: .files) {
            // A chain may hold any name; an archive holds only those that stay inside of it, and none that another one needs as a directory.
            guard let path = FilePath(object.name), path.description == object.name, !object.name.hasPrefix("TOSCA-Metadata/"),
                  !pointers.contains(where: { object.name.hasPrefix($0.name + "/") }) else { continue }
            pointers.append((object.name, Array(JSONText.text(object.value).utf8)))
        }
        var entry = "service.yaml"
        while pointers.contains(where: { $0.name == entry || $0.name.hasPrefix(entry + "/") }) { entry = "_" + entry }
        let meta = "TOSCA-Meta-File-Version: 1.1\nCSAR-Version: 1.1\nCreated-By: trellis\nEntry-Definitions: \(entry)\n"
        return ZipWriter.archive([("TOSCA-Metadata/TOSCA.meta", Array(meta.utf8)), (entry, Array(export(.yaml).utf8))] + pointers)
    }
}
