import Cryptography
import Primitives

/// Files that are served from memory, such as a dashboard: no path of a request ever reaches a disk.
public struct StaticFiles: Sendable {
    public struct File: Sendable {
        public let bytes: [UInt8]
        public let contentType: String
        /// A strong one: the hash of the bytes, in quotes.
        public let etag: String

        public init(bytes: [UInt8], contentType: String) {
            self.bytes = bytes
            self.contentType = contentType
            etag = "\"\(SHA256.hash(bytes).hex.prefix(32))\""
        }
    }

    /// What browsers allow these files: nothing from elsewhere, no script or style within a page, and no HTML made of text.
    static let policy = """
        default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; \
        require-trusted-types-for 'script'; trusted-types 'none'
        """

    private var files: [String: File]

    /// - Parameter files: by their paths, `/style.css`; `/index.html` is also at `/`.
    public init(_ files: [String: File] = [:]) {
        self.files = files
        precondition(files.keys.allSatisfy { $0.hasPrefix("/") }, "paths begin with /")
        if let index = files["/index.html"] { self.files["/"] = index }
    }

    public subscript(path: String) -> File? { files[path] }
}
