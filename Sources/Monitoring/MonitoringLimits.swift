/// The bounds of everything that a server, a file or time can make grow, each with its reason.
enum MonitoringLimits {
    /// Bytes of an answer. A day of one-minute points with their times is some 150 kB in the most wordy of the formats.
    static let answerBytesMax = 1 << 20
    /// Bytes of an answer that is not wanted, read for the reason in it.
    static let refusalBytesMax = 8 << 10
    /// Characters of a server's own words that are repeated to people.
    static let wordsMax = 240
    /// Intervals that one question asks for, so that an answer stays far below its bound.
    static let windowsMax = 200
    /// Points of one answer; a series may have many for one interval where a service ignores the period.
    static let pointsMax = 20_000
    /// Pages of one answer.
    static let pagesMax = 8
    /// Levels of an XML answer. Those of the services that are asked have nine.
    static let xmlDepthMax = 24
    /// Elements of an XML answer.
    static let xmlElementsMax = 50_000
    /// Watches of one monitor.
    static let watchesMax = 256
    /// Measurements that wait for the chain, of all watches together: some 20 MB. While as many wait, none is made.
    static let pendingMax = 100_000
    /// Reports that are sealed and wait: those of one transaction.
    static let batchMax = 32
    /// Intervals that are told as missed in one record of the journal.
    static let missedMax = 256
    /// Bytes of a record of the journal: ``windowsMax`` or ``missedMax`` measurements of some 200 bytes.
    static let recordBytesMax = 1 << 20
    /// Bytes of the journal before it is written anew, if most of it is no longer needed.
    static let journalBytesMax = 4 << 20
    /// Bytes of a configuration, and of a file with a secret.
    static let configurationBytesMax = 256 << 10
    static let secretBytesMax = 16 << 10
    /// The shortest and the longest interval in milliseconds. Below a second the network's own delays are what is measured.
    static let intervalMilliseconds: ClosedRange<UInt64> = 1_000...86_400_000
    /// The longest time from an interval's end until its measurements are refused: those of terms, with room.
    static let lateMax: UInt64 = 60 * 86_400_000
    /// The last time that an agreement may name: the end of the year 9999.
    static let timeMax: UInt64 = 253_402_300_799_999
    /// Maintenance windows of one watch.
    static let exclusionsMax = 1_024
}
