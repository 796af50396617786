/// The named bounds of everything that an infrastructure document can make grow, each with its reason.
public enum TemplateLimits {
    /// Bytes of one file of definitions. The largest public profile is a third of this.
    public static let fileBytesMax = 1 << 20
    /// Bytes of all files that one document reads, and of all its texts, aliases followed.
    public static let documentBytesMax = 4 << 20
    /// Files that one document reads: imports, and what they import.
    public static let filesMax = 64
    /// Nodes of the tree of one document, aliases followed: what a small file with aliases may become.
    public static let nodesMax = 200_000
    /// Levels of a tree. Templates that people write have less than twenty.
    public static let depthMax = 64
    /// Bytes of one scalar.
    public static let scalarBytesMax = 256 << 10
    /// Bytes of a name: of a type, a template, a property.
    public static let nameBytesMax = 256
    /// Problems that are told at once; who has more mends these first.
    public static let problemsMax = 50
    /// Types between a type and its root.
    public static let ancestorsMax = 32
    /// Functions and references that are followed while one value is evaluated.
    public static let evaluationStepsMax = 512
    /// The same for all values of a document together, what they yield counted too.
    public static let evaluationsMax = 200_000
    /// Bytes of a text that functions put together.
    public static let evaluatedBytesMax = 64 << 10
    /// Comparisons of values with definitions and constraints while a document is checked; patterns count a step of theirs for each character.
    public static let comparisonsMax = 10_000_000
    /// Properties and other parts that all types of a document have, those of their ancestors counted in each.
    public static let inheritedMax = 1_000_000
    /// Bytes of an archive.
    public static let archiveBytesMax = 64 << 20
    /// Files of an archive.
    public static let archiveFilesMax = 4_096
    /// Bytes of one file of an archive when it is unpacked; what it says of itself is not believed.
    public static let archiveFileBytesMax = 16 << 20
    /// Instances that one plan holds: the paper's largest case has 5,000 workers, and this is twenty times that.
    public static let instancesMax = 100_000
    /// Dependencies of all instances of one plan.
    public static let dependenciesMax = 1_000_000
}
