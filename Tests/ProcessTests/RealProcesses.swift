import Testing

/// Networks of real processes, with real sockets, disks and signals, made by `trellis devnet`. One after the other: each alone is more
/// than a small machine can do at once.
@Suite(.serialized) enum RealProcesses {}
