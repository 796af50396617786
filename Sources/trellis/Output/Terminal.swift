import Glibc
import Synchronization

/// What the program knows of the terminal, and asks on it.
enum Terminal {
    enum Style: String { case bold = "1", red = "31", green = "32", yellow = "33" }

    /// Whether results may be coloured.
    static var stylesOutput: Bool { styles(STDOUT_FILENO) }

    static func style(_ text: String, _ style: Style, on descriptor: Int32) -> String {
        styles(descriptor) ? apply(style, to: text) : text
    }

    static func apply(_ style: Style, to text: String) -> String { "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" }

    /// On a terminal that can, and not against the user's wish (no-color.org).
    private static func styles(_ descriptor: Int32) -> Bool {
        guard isatty(descriptor) == 1, variable("NO_COLOR")?.isEmpty ?? true else { return false }
        return variable("TERM") != "dumb"
    }

    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Text that somebody else wrote, without what would command a terminal.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{fffd}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\n" && scalar != "\t") || (0x7f...0x9f).contains(scalar.value)
            || (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }

    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks for a secret without showing it; nil at the end of input.
    static func secret(_ prompt: String) -> [UInt8]? {
        write(prompt)
        hide()
        defer {
            restore()
            write("\n")
        }
        return line(max: 4_096)
    }

    /// Asks a question that yes or no answers.
    static func confirms(_ question: String) -> Bool {
        write(question + " [y/N] ")
        guard let answer = line(max: 64) else { return false }
        return ["y", "yes"].contains(String(decoding: answer, as: UTF8.self).lowercased())
    }

    /// One line of input without its end, byte by byte so that nothing behind it is taken.
    static func line(max: Int) -> [UInt8]? {
        var bytes: [UInt8] = [], byte: UInt8 = 0
        while bytes.count < max {
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return bytes.isEmpty ? nil : bytes }
            if byte == UInt8(ascii: "\n") { return bytes }
            bytes.append(byte)
        }
        return bytes
    }

    // What the terminal was before it was told to hide what is typed. A signal handler reads it.
    private static let saved = Atomic<UInt32>(0)
    private static let isHidden = Atomic<Bool>(false)

    private static func hide() {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        saved.store(settings.c_lflag, ordering: .sequentiallyConsistent)
        isHidden.store(true, ordering: .sequentiallyConsistent)
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }

    /// Shows again what is typed.
    static func restore() {
        guard isHidden.exchange(false, ordering: .sequentiallyConsistent) else { return }
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        settings.c_lflag = saved.load(ordering: .sequentiallyConsistent)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
