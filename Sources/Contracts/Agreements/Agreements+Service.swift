public import Execution
import Ledger
public import Primitives

/// What the parties may say while the service runs: maintenance, a stop, the end. Nothing that is said counts for an interval that has begun.
extension Agreements {
    /// Announcements of each kind that may lie before an agreement at a time.
    static let exclusionsOfKindMax = 16

    public static let announce = Method(
        "announce", "Announces maintenance: the intervals do not count. For providers, so long before as the terms say.",
        Argument("agreement", "Which.", UInt64.self), Argument("period", "The billing period.", UInt32.self),
        Argument("first", "The first interval within the period.", UInt32.self), Argument("count", "How many.", UInt32.self)
    ) { context, number, period, first, length throws(CallError) in
        var (agreement, terms) = try opened(number, context)
        try context.require(terms.providers.contains { $0.account == context.caller }, AgreementsRejection.notProvider)
        try context.require(agreement.phase == .active, AgreementsRejection.phaseWrong)
        let timeline = Timeline(terms, agreement)
        try context.require(
            period < agreement.ends && first < terms.schedule.periodIntervals && length > 0 && length <= terms.schedule.periodIntervals - first,
            AgreementsRejection.placeUnknown)
        let interval = timeline.interval(first, ofPeriod: period), now = context.block.time.rawValue
        try context.require(
            timeline.start(of: interval) > now && timeline.start(of: interval) >= now + terms.windows.maintenanceNoticeMilliseconds,
            AgreementsRejection.noticeShort)
        var tally = try tally(agreement, terms, period, context)
        try context.require(
            length <= terms.level.maintenanceIntervalsMax - min(terms.level.maintenanceIntervalsMax, tally.maintenance),
            AgreementsRejection.maintenanceOverLimit, "\(tally.maintenance) of \(terms.level.maintenanceIntervalsMax) intervals are announced")
        tally.maintenance += length
        let exclusion = Exclusion(first: interval, end: interval + UInt64(length), reason: .maintenance)
        try exclude(exclusion, &agreement, context)
        try context.write(tallies, KeyPair(number, period), tally)
        return try save(agreement, context)
    }

    public static let stop = Method(
        "stop", "Stops the service from the next interval on: until `resume` no interval counts. For the consumer.",
        Argument("agreement", "Which.", UInt64.self)
    ) { context, number throws(CallError) in
        var (agreement, terms) = try opened(number, context)
        try context.require(terms.consumer == context.caller, AgreementsRejection.notConsumer)
        try context.require(agreement.phase == .active, AgreementsRejection.phaseWrong)
        try context.require(!agreement.exclusions.contains { $0.end == nil }, AgreementsRejection.stoppedAlready)
        let first = Timeline(terms, agreement).firstInterval(from: Timestamp(context.block.time.rawValue + 1))
        try exclude(Exclusion(first: first, end: nil, reason: .stop), &agreement, context)
        return try save(agreement, context)
    }

    public static let resume = Method(
        "resume", "Ends a stop from the next interval on. For the consumer.", Argument("agreement", "Which.", UInt64.self)
    ) { context, number throws(CallError) in
        var (agreement, terms) = try opened(number, context)
        try context.require(terms.consumer == context.caller, AgreementsRejection.notConsumer)
        guard let place = agreement.exclusions.firstIndex(where: { $0.end == nil }) else { throw context.rejection(AgreementsRejection.notStopped) }
        var exclusion = agreement.exclusions[place], list = agreement.exclusions.elements
        exclusion.end = max(exclusion.first, Timeline(terms, agreement).firstInterval(from: Timestamp(context.block.time.rawValue + 1)))
        // A stop and go within one interval excluded nothing.
        if exclusion.end == exclusion.first { list.remove(at: place) } else { list[place] = exclusion }
        agreement.exclusions = Bounded(list) ?? agreement.exclusions
        try context.emit(ExclusionSet(agreement: number, exclusion: exclusion))
        return try save(agreement, context)
    }

    public static let terminate = Method(
        "terminate", "Ends the agreement with the period in which the notice ends; what is paid for later periods goes back. For consumer and providers.",
        Argument("agreement", "Which.", UInt64.self)
    ) { context, number throws(CallError) in
        var (agreement, terms) = try opened(number, context)
        _ = try party(context.caller, of: terms, context)
        try context.require(agreement.phase == .active, AgreementsRejection.phaseWrong)
        let end = Timestamp(context.block.time.rawValue + terms.windows.noticeMilliseconds)
        let periods = max(UInt64(agreement.begun), Timeline(terms, agreement).periodsBegun(at: end))
        try context.require(periods < UInt64(agreement.ends), AgreementsRejection.endsAlready, "it ends after \(agreement.ends) periods")
        agreement.ends = UInt32(periods)
        agreement.ending = .terminated(context.caller)
        try context.emit(EndSet(agreement: number, periods: agreement.ends, ending: agreement.ending))
        return try save(agreement, context)
    }

    /// Remembers intervals that do not count.
    private static func exclude(_ exclusion: Exclusion, _ agreement: inout Agreement, _ context: CallContext) throws(CallError) {
        try context.require(
            agreement.exclusions.count(where: { $0.reason == exclusion.reason }) < exclusionsOfKindMax, AgreementsRejection.exclusionsOverLimit)
        guard let list = Bounded<32, Exclusion>(agreement.exclusions.elements + [exclusion]) else { throw context.failure(.stateMalformed) }
        agreement.exclusions = list
        try context.emit(ExclusionSet(agreement: agreement.number, exclusion: exclusion))
    }

    // ── Secrets ──

    public static let seal = Method(
        "seal", "Leaves sealed bytes for a participant, in the place of earlier ones; none takes them back. For participants.",
        Argument("agreement", "Which.", UInt64.self), Argument("receiver", "Who can open them.", Address.self),
        Argument("bytes", "A sealed box for the receiver's key; none for nothing.", BoundedBytes<4096>?.self)
    ) { context, number, receiver, bytes throws(CallError) in
        let (agreement, terms) = try found(number, context)
        let participants = terms.parties + terms.monitors.map(\.account) + [terms.arbiter].compactMap(\.self)
        try context.require(participants.contains(context.caller) && participants.contains(receiver), AgreementsRejection.notParticipant)
        try context.require(agreement.phase != .settled && agreement.phase != .lapsed || bytes == nil, AgreementsRejection.phaseWrong)
        let key = KeyPair(number, KeyPair(receiver, context.caller))
        if let bytes {
            try context.write(envelopes, key, Envelope(bytes: bytes, sent: context.block.time))
        } else {
            try context.require(try context.contains(envelopes, key), AgreementsRejection.nothingSealed)
            try context.remove(envelopes, key)
        }
        try context.emit(Sealed(agreement: number, sender: context.caller, receiver: receiver, isThere: bytes != nil))
        return Nothing()
    }
}
