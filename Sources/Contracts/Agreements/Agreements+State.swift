public import Execution
import Ledger
public import Primitives

extension Agreements {
    static let count = StoredValue(0, "count", "How many agreements were proposed.", UInt64.self)
    static let records = StoredMap(1, "agreements", "Agreements by number.", UInt64.self, Agreement.self)
    static let termRecords = StoredMap(2, "terms", "The terms of each agreement.", UInt64.self, Terms.self)
    static let digests = StoredMap(3, "digests", "The agreement that signed terms made, by their digest.", Digest.self, UInt64.self)
    static let participations = StoredMap(
        4, "participations", "The agreements of each account.", KeyPair<Address, UInt64>.self, Role.self)
    static let tallies = StoredMap(5, "tallies", "What has become of each period.", KeyPair<UInt64, UInt32>.self, Tally.self)
    static let verdictPages = StoredMap(
        6, "verdicts", "What was decided, by agreement, period and page.", PageKey.self, VerdictPage.self)
    static let readingPages = StoredMap(
        7, "readings", "What was reported, by agreement, period, page and metric.", KeyPair<PageKey, UInt8>.self, ReadingsPage.self)
    static let envelopes = StoredMap(
        8, "envelopes", "Sealed bytes, by agreement, receiver and sender.", KeyPair<UInt64, KeyPair<Address, Address>>.self, Envelope.self)
    static let clock = StoredValue(9, "clock", "When the last block was, as long as an agreement is active.", Clock.self)
    static let gapRecords = StoredMap(10, "gaps", "Times without blocks.", UInt32.self, Gap.self)

    public typealias PageKey = KeyPair<KeyPair<UInt64, UInt32>, UInt32>

    static func pageKey(_ number: UInt64, _ period: UInt32, _ page: UInt32) -> PageKey { KeyPair(KeyPair(number, period), page) }

    /// What an account has to do with an agreement.
    public enum Role: Hashable, Choice {
        case consumer, provider, monitor, arbiter

        public static let cases: [Case<Role>] = [
            Case("consumer", "It buys.", .consumer), Case("provider", "It provides.", .provider), Case("monitor", "It measures.", .monitor),
            Case("arbiter", "It decides where monitors disagree.", .arbiter),
        ]
    }

    /// Where an agreement stands.
    public enum Phase: Hashable, Choice {
        /// Terms are on the table.
        case offered
        /// All parties have signed the same terms; money and monitors are awaited.
        case signed
        /// Everything is deposited. The service runs from its start on.
        case active
        /// The last period is closed; the arbiter may award what is held until this time.
        case closing(Timestamp)
        /// Everything is paid out.
        case settled
        /// It never became active, and everything was given back.
        case lapsed

        public static let cases: [Case<Phase>] = [
            Case("offered", "Terms are on the table.", .offered), Case("signed", "All have signed; money and monitors are awaited.", .signed),
            Case("active", "Everything is deposited.", .active),
            Case("closing", "The last period is closed; deposits are held until this time.", Phase.closing) {
                if case .closing(let until) = $0 { until } else { nil }
            },
            Case("settled", "Everything is paid out.", .settled), Case("lapsed", "It never became active.", .lapsed),
        ]
    }

    /// Why an agreement ends when it does.
    public enum Ending: Hashable, Choice {
        /// As agreed.
        case complete
        /// A party terminated it.
        case terminated(Address)
        /// The consumer did not pay for the next period.
        case unpaid
        /// A provider's collateral was used up and not filled again.
        case uncovered(Address)

        public static let cases: [Case<Ending>] = [
            Case("complete", "As agreed.", .complete),
            Case("terminated", "A party terminated it.", Ending.terminated) { if case .terminated(let party) = $0 { party } else { nil } },
            Case("unpaid", "The consumer did not pay for the next period.", .unpaid),
            Case("uncovered", "A provider did not fill up its collateral.", Ending.uncovered) { if case .uncovered(let party) = $0 { party } else { nil } },
        ]
    }

    /// A monitor of an agreement.
    public struct MonitorState: Hashable, Record {
        /// Whether it has accepted, and deposited its bond.
        public internal(set) var isEnlisted = false
        /// Whether it contradicted itself.
        public internal(set) var isExpelled = false
        /// Of its last measurement.
        public internal(set) var sequence: UInt64?

        public static let fields = Fields(
            Field("isEnlisted", "Whether it has accepted.") { $0.isEnlisted }, Field("isExpelled", "Whether it contradicted itself.") { $0.isExpelled },
            Field("sequence", "Of its last measurement.") { $0.sequence },
            make: { MonitorState(isEnlisted: $0, isExpelled: $1, sequence: $2) })
    }

    /// An agreement without its terms.
    ///
    /// Invariants: the escrow is balanced; `closed ≤ begun ≤ ends ≤ periods` and `ends ≤ periods`, while it is active; each list
    /// has a place for each party or monitor of the terms.
    public struct Agreement: Hashable, Record {
        public let number: UInt64
        public internal(set) var phase: Phase
        /// Of the terms that are on the table, or signed.
        public internal(set) var digest: Digest
        /// How often terms were put on the table.
        public internal(set) var round: UInt32
        /// Bit 0 for the consumer, bit 1 + i for provider i.
        public internal(set) var acceptances: UInt16
        public internal(set) var escrow: Escrow
        public internal(set) var monitors: Bounded<16, MonitorState>
        /// Periods that have begun, as far as somebody called.
        public internal(set) var begun: UInt32
        /// Periods that are paid for.
        public internal(set) var funded: UInt32
        /// Periods that there will be.
        public internal(set) var ends: UInt32
        public internal(set) var ending: Ending
        /// Periods that are closed.
        public internal(set) var closed: UInt32
        /// Pages of the next period that are final.
        public internal(set) var pagesFinal: UInt32
        public internal(set) var exclusions: Bounded<32, Exclusion>
        public internal(set) var gaps: Bounded<32, Gap>
        /// Gaps of the chain that are taken in.
        public internal(set) var gapsSeen: UInt32
        /// Periods whose payment was overdue, and told to be.
        public internal(set) var warned: UInt32

        init(number: UInt64, digest: Digest, terms: Terms) {
            self.init(
                number: number, phase: .offered, digest: digest, round: 0, acceptances: 0,
                escrow: Escrow(providers: terms.providers.count, monitors: terms.monitors.count),
                monitors: Bounded(terms.monitors.map { _ in MonitorState() }) ?? Bounded(), begun: 0, funded: 0, ends: terms.schedule.periods,
                ending: .complete, closed: 0, pagesFinal: 0, exclusions: Bounded(), gaps: Bounded(), gapsSeen: 0, warned: 0)
        }

        private init(
            number: UInt64, phase: Phase, digest: Digest, round: UInt32, acceptances: UInt16, escrow: Escrow, monitors: Bounded<16, MonitorState>,
            begun: UInt32, funded: UInt32, ends: UInt32, ending: Ending, closed: UInt32, pagesFinal: UInt32, exclusions: Bounded<32, Exclusion>,
            gaps: Bounded<32, Gap>, gapsSeen: UInt32, warned: UInt32
        ) {
            self.number = number
            self.phase = phase
            self.digest = digest
            self.round = round
            self.acceptances = acceptances
            self.escrow = escrow
            self.monitors = monitors
            self.begun = begun
            self.funded = funded
            self.ends = ends
            self.ending = ending
            self.closed = closed
            self.pagesFinal = pagesFinal
            self.exclusions = exclusions
            self.gaps = gaps
            self.gapsSeen = gapsSeen
            self.warned = warned
        }

        public static let fields = Fields(
            Field("number", "Its number; its money lies in the subaccount of this number.") { $0.number },
            Field("phase", "Where it stands.") { $0.phase }, Field("digest", "Of the terms on the table, or signed.") { $0.digest },
            Field("round", "How often terms were put on the table.") { $0.round },
            Field("acceptances", "Bit 0 for the consumer, bit 1 + i for provider i.") { $0.acceptances }, Field("escrow", "Its money.") { $0.escrow },
            Field("monitors", "By their place in the terms.") { $0.monitors }, Field("begun", "Periods that have begun.") { $0.begun },
            Field("funded", "Periods that are paid for.") { $0.funded }, Field("ends", "Periods that there will be.") { $0.ends },
            Field("ending", "Why there will be so many.") { $0.ending }, Field("closed", "Periods that are closed.") { $0.closed },
            Field("pagesFinal", "Pages of the next period that are final.") { $0.pagesFinal },
            Field("exclusions", "Intervals that do not count.") { $0.exclusions }, Field("gaps", "Times without blocks.") { $0.gaps },
            Field("gapsSeen", "Gaps of the chain that are taken in.") { $0.gapsSeen },
            Field("warned", "Periods whose payment was overdue, and told to be.") { $0.warned },
            make: {
                Agreement(
                    number: $0, phase: $1, digest: $2, round: $3, acceptances: $4, escrow: $5, monitors: $6, begun: $7, funded: $8, ends: $9,
                    ending: $10, closed: $11, pagesFinal: $12, exclusions: $13, gaps: $14, gapsSeen: $15, warned: $16)
            })
    }

    /// Sealed bytes of one participant for another: the chain keeps what it cannot read.
    public struct Envelope: Hashable, Record {
        public let bytes: BoundedBytes<4096>
        public let sent: Timestamp

        public static let fields = Fields(
            Field("bytes", "A sealed box for the receiver.") { $0.bytes }, Field("sent", "When.") { $0.sent },
            make: { Envelope(bytes: $0, sent: $1) })
    }

    /// The chain's time, as far as agreements need to remember it.
    public struct Clock: Hashable, Record {
        /// Agreements whose windows may be open.
        public internal(set) var active: UInt64
        /// Time of the last block.
        public internal(set) var last: Timestamp
        /// Times without blocks so far.
        public internal(set) var gaps: UInt32

        public static let fields = Fields(
            Field("active", "Agreements that are active.") { $0.active }, Field("last", "Time of the last block.") { $0.last },
            Field("gaps", "Times without blocks so far.") { $0.gaps }, make: { Clock(active: $0, last: $1, gaps: $2) })
    }
}
