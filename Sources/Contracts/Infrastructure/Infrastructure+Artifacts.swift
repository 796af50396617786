public import Execution
public import Ledger
import Primitives

/// Files that nodes run: the file is stored elsewhere, here is what it must be.
extension Infrastructure {
    static let artifactRecords = StoredMap(
        10, "artifacts", "Artifacts by their name.", KeyPair<ApplicationName, ArtifactName>.self, Artifact.self)

    public enum ArtifactNameBound: TextBound { public static var bytesMax: Int { 64 } }
    public typealias ArtifactName = BoundedText<ArtifactNameBound>
    public enum ContentIdentifierBound: TextBound { public static var bytesMax: Int { ContentIdentifier.textBytesMax } }

    /// An image or another file, by the hash of its content.
    public struct Artifact: Hashable, Record {
        public let content: BoundedText<ContentIdentifierBound>
        /// What it is: a media type, or a type of the document.
        public let type: BoundedText<ArtifactNameBound>
        public let bytes: UInt64
        /// The algorithm it is encrypted with, and how keys reach those who may have them; none when everyone may read it.
        public let encryption: BoundedText<ArtifactNameBound>?
        public let keyDistribution: BoundedText<ArtifactNameBound>?

        public init(
            content: BoundedText<ContentIdentifierBound>, type: BoundedText<ArtifactNameBound>, bytes: UInt64,
            encryption: BoundedText<ArtifactNameBound>? = nil, keyDistribution: BoundedText<ArtifactNameBound>? = nil
        ) {
            self.content = content
            self.type = type
            self.bytes = bytes
            self.encryption = encryption
            self.keyDistribution = keyDistribution
        }

        public static let fields = Fields(
            Field("content", "Its content identifier, version 0 or 1.") { $0.content }, Field("type", "What it is; readable.") { $0.type },
            Field("bytes", "Its size.") { $0.bytes }, Field("encryption", "The algorithm it is encrypted with.") { $0.encryption },
            Field("keyDistribution", "How keys reach those who may have them.") { $0.keyDistribution },
            make: { Artifact(content: $0, type: $1, bytes: $2, encryption: $3, keyDistribution: $4) })
    }

    /// An artifact with its name.
    public struct NamedArtifact: Hashable, Record {
        public let name: ArtifactName
        public let artifact: Artifact

        public static let fields = Fields(
            Field("name", "Its name.") { $0.name }, Field("artifact", "What it is.") { $0.artifact },
            make: { NamedArtifact(name: $0, artifact: $1) })
    }

    public static let setArtifact = Method(
        "set_artifact", "Adds or replaces an artifact. For the holder of the permission of artifacts.",
        Argument("application", "Of which.", ApplicationName.self), Argument("name", "A token.", ArtifactName.self),
        Argument("artifact", "What it is.", Artifact.self)
    ) { context, name, artifactName, artifact throws(CallError) in
        _ = try permitted(.artifacts, name, context)
        // Base 58 is one long number: as many steps as characters for each of them.
        let length = UInt64(artifact.content.text.utf8.count)
        try context.charge(GasSchedule.step * 64 + 4 * length * length)
        try context.require(ContentIdentifier(artifact.content.text) != nil, InfrastructureRejection.contentIdentifierInvalid)
        let texts = [artifact.type, artifact.encryption, artifact.keyDistribution].compactMap(\.self)
        try context.require(
            TextRule.isToken(artifactName.text) && texts.allSatisfy { TextRule.isReadable($0.text) }
                && (artifact.keyDistribution == nil || artifact.encryption != nil), InfrastructureRejection.artifactInvalid)
        try context.write(artifactRecords, KeyPair(name, artifactName), artifact)
        try context.emit(ArtifactChanged(application: name, name: artifactName, artifact: artifact))
        return Nothing()
    }

    public static let removeArtifact = Method(
        "remove_artifact", "Removes an artifact. For the holder of the permission of artifacts.",
        Argument("application", "Of which.", ApplicationName.self), Argument("name", "Its name.", ArtifactName.self)
    ) { context, name, artifactName throws(CallError) in
        _ = try permitted(.artifacts, name, context)
        try context.require(try context.contains(artifactRecords, KeyPair(name, artifactName)), InfrastructureRejection.artifactUnknown)
        try context.remove(artifactRecords, KeyPair(name, artifactName))
        try context.emit(ArtifactChanged(application: name, name: artifactName, artifact: nil))
        return Nothing()
    }
}
