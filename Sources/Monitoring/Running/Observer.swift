import Primitives

/// Decides the intervals of one watch, one after the other.
struct Observer {
    private let monitor: Monitor
    private let watch: Watch
    private let rule: WatchRule
    private let query: Digest
    private var generator: SeededGenerator
    private var pauses: RetryPauses

    init(_ monitor: Monitor, _ watch: Watch, seed: UInt64) {
        self.monitor = monitor
        self.watch = watch
        rule = watch.rule
        query = watch.queryDigest
        generator = SeededGenerator(seed: seed)
        pauses = RetryPauses(first: 1_000, last: 60_000, seed: generator.next())
    }

    private var clock: any MonitorClock { monitor.clock }

    mutating func run() async throws(JournalError) {
        let key = watch.key, schedule = watch.scheduleDigest, journal = monitor.journal
        var first: UInt64?
        while first == nil, !Task.isCancelled {
            first = try await monitor.written(&pauses) { () async throws(JournalError) in try await journal.open(key, schedule) }
        }
        var next = first ?? 0, phase = generator.below(rule.latestPhase + 1), isFull = false
        while !Task.isCancelled {
            guard journal.waiting < MonitoringLimits.pendingMax else {
                if !isFull { monitor.report(.full(key)) }
                isFull = true
                await clock.sleep(for: .seconds(1))
                continue
            }
            isFull = false
            let before = next
            switch rule.step(next: next, now: clock.now, phase: phase) {
            case .finished: return
            case .wait(let time): await clock.sleep(until: time)
            case .excluded(let range): next = try await pass(range, isMaintenance: true)
            case .closed(let range): next = try await pass(range, isMaintenance: false)
            case .missed(let range, let reason):
                let now = clock.now
                next = try await decide(range, range.map { watch.measurement($0, .missing(reason), query: query, at: now) })
            case .read(let range): next = try await read(range)
            }
            if next != before { phase = generator.below(rule.latestPhase + 1) }
        }
    }

    private mutating func pass(_ range: Range<UInt64>, isMaintenance: Bool) async throws(JournalError) -> UInt64 {
        let journal = monitor.journal, key = watch.key
        let written: Void? = try await monitor.written(&pauses) { () async throws(JournalError) in try await journal.advance(key, to: range.upperBound) }
        guard written != nil else { return range.lowerBound }
        monitor.report(.passedOver(key, range, isMaintenance: isMaintenance))
        return range.upperBound
    }

    private mutating func decide(_ range: Range<UInt64>, _ measurements: [IntervalMeasurement], fault: SourceError? = nil) async throws(JournalError) -> UInt64 {
        let journal = monitor.journal
        let written: Void? = try await monitor.written(&pauses) { () async throws(JournalError) in
            try await journal.decide(measurements, next: range.upperBound)
        }
        guard written != nil else { return range.lowerBound }
        for measurement in measurements { monitor.report(.measured(measurement, fault: fault)) }
        return range.upperBound
    }

    private mutating func read(_ range: Range<UInt64>) async throws(JournalError) -> UInt64 {
        if case .live(let effort) = rule.presence {
            guard let (measurement, fault) = await probe(range.lowerBound, effort) else { return range.lowerBound }
            return try await decide(range, [measurement], fault: fault)
        }
        let windows = range.map { watch.schedule.window($0) }, source = watch.source
        let answer: SourceAnswer
        do throws(SourceError) {
            answer = try await Deadline.run(seconds: secondsLeft(range.lowerBound)) { () async throws(SourceError) in try await source.read(windows) }
            guard answer.outcomes.count == windows.count else { throw SourceError(.answer, "\(answer.outcomes.count) outcomes of \(windows.count) intervals") }
        } catch { return try await unanswered(range, error) }
        pauses.reset()
        let now = clock.now
        return try await decide(range, zip(range, answer.outcomes).map { watch.measurement($0, $1, answer: answer.digest, query: query, at: now) })
    }

    /// How long a source may take with an answer, so that there is time to tell that it gave none.
    private func secondsLeft(_ index: UInt64) -> Int {
        let now = clock.now.rawValue, abandoned = watch.schedule.abandoned(index).rawValue, closed = watch.schedule.closed(index).rawValue
        let left = now < abandoned ? abandoned - now : (closed - min(closed, now)) / 2
        return Int(min(max(left / 1_000, 1), UInt64(Self.historySecondsMax)))
    }

    /// A source that keeps silent is asked again until its silence itself has to be told.
    private mutating func unanswered(_ range: Range<UInt64>, _ error: SourceError) async throws(JournalError) -> UInt64 {
        let now = clock.now
        let given = range.prefix { watch.schedule.abandoned($0) <= now }
        guard !given.isEmpty else {
            // The next time is the last one when its silence must be told before it would be asked again.
            let pause = min(pauses.next(), .milliseconds(Int64(watch.schedule.abandoned(range.lowerBound).rawValue - now.rawValue)))
            monitor.report(.failing(watch.key, error, pause: pause))
            await clock.sleep(for: pause)
            return range.lowerBound
        }
        let measurements = given.map { watch.measurement($0, .missing(error.reason), query: query, at: now) }
        return try await decide(given.startIndex..<given.endIndex, measurements, fault: error)
    }

    /// Asks a live source until it says the best that it can, or the attempts are used up. nil when the task is cancelled.
    private mutating func probe(_ index: UInt64, _ effort: ProbeEffort) async -> (IntervalMeasurement, SourceError?)? {
        let window = watch.schedule.window(index), source = watch.source
        var outcome = Outcome.missing(.absent), answer = Digest.zero, fault: SourceError?
        var pauses = RetryPauses(first: max(1, effort.pauseMilliseconds * 5 / 6), last: max(1, effort.pauseMilliseconds * 5 / 6), seed: generator.next())
        for attempt in 1...effort.attempts {
            if attempt > 1 { await clock.sleep(for: pauses.next()) }
            (outcome, answer, fault) = await attemptOnce(source, window, effort)
            if Task.isCancelled { return nil }
            if fault == nil { break }
        }
        if fault != nil, !watch.controls.isEmpty, await !isConnected(window, effort) { outcome = .missing(.control) }
        if Task.isCancelled { return nil }
        let now = clock.now
        // The machine slept, or its clock was set: what was seen is of no known interval.
        if !window.contains(now) { outcome = .missing(.absent) }
        return (watch.measurement(index, outcome, answer: answer, query: query, at: now), fault)
    }

    private func attemptOnce(_ source: any MeasurementSource, _ window: TimeWindow, _ effort: ProbeEffort) async -> (Outcome, Digest, SourceError?) {
        do throws(SourceError) {
            let answer = try await Deadline.run(seconds: effort.seconds + 1) { () async throws(SourceError) in try await source.read([window]) }
            guard answer.outcomes.count == 1 else { throw SourceError(.answer, "\(answer.outcomes.count) outcomes of one interval") }
            return (answer.outcomes[0], answer.digest, answer.fault)
        } catch { return (.missing(error.reason), .zero, error) }
    }

    /// Whether at least one of the control targets answers.
    private func isConnected(_ window: TimeWindow, _ effort: ProbeEffort) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for control in watch.controls {
                group.addTask { await attemptOnce(control, window, effort).2 == nil }
            }
            for await isUp in group where isUp {
                group.cancelAll()
                return true
            }
            return false
        }
    }

    /// Seconds in which a source must answer, all its pages together.
    private static let historySecondsMax = 300
}
