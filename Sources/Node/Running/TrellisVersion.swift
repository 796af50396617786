/// Which program this is: what the command line prints and a node tells its peers and readers.
public enum TrellisVersion {
    public static let text = "0.1.0"
}
