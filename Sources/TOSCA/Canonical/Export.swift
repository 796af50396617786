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
}
