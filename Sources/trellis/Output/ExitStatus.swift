/// What the program's exit status says. The numbers are part of the interface.
enum ExitStatus: Int32, CaseIterable {
    case ok = 0
    case failure = 1
    /// The command was not understood: nothing was tried.
    case usage = 2
    case notFound = 3
    /// The chain answered, and said no.
    case rejected = 4
    case unreachable = 5
    /// What was planned or compared differs from what is.
    case changes = 6
    case interrupted = 130
}
