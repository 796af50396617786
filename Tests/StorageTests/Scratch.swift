import Foundation

/// A directory that is removed with the value.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array((FileManager.default.temporaryDirectory.path + "/trellis-storage-XXXXXX").utf8CString)
        path = String(cString: mkdtemp(&template)!)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
