import Contracts
import Execution
import Hummingbird
import Interface
import Ledger
import Primitives

/// What became of an agreement, from events. The node's index notes the account of its escrow with every transaction that told of it, so
/// that no block is read in vain.
struct AgreementHistory: Sendable {
    private let exchange: Exchange
    private let view: Agreements.AgreementView
    private let list: Cursor.List
    private let pin: Height
    /// Where the part begins: entries behind are newer.
    private let start: Cursor?
    private let limit: Int

    /// Transactions that one part looks through.
    private static let transactionsMax = 200

    init(_ exchange: Exchange, _ list: Cursor.List) async throws {
        let number = try exchange.number("agreement")
        self.exchange = exchange
        self.list = list
        limit = try exchange.query.limit()
        start = try Cursor(exchange.query, list)
        pin = start?.pin ?? exchange.head.height
        view = try await exchange.inquire(.agreements, unknown: .agreementUnknown) { try $0.find(Agreements.agreement.reference, number) }.value
    }

    func payments() async throws -> Reply { try await reply(payment) }

    func evidence() async throws -> Reply { try await reply(evidence) }

    /// A part of a list: what `entry` makes of the events of its transactions, newest first.
    private func reply<Entry: Resource>(_ entry: (Int, BlockIndex) -> Entry?) async throws -> Reply {
        var items: [Entry] = [], next: Cursor?, open: BlockIndex?
        // The one at which the last part ended may have more to tell; one more than are looked through tells whether the list goes on.
        let below = start.map { TransactionPosition(height: $0.height, index: UInt32($0.index >> 16) + 1) } ?? TransactionPosition(height: pin.successor, index: 0)
        let positions = try await exchange.node.transactions(
            of: .subaccount(number, of: .agreements), below: below, limit: Self.transactionsMax + 1)
        scan: for position in positions.prefix(Self.transactionsMax) {
            if open?.height != position.height { open = try await exchange.node.block(at: position.height).map { BlockIndex($0) } }
            // What is pruned is no longer told, nor what is behind it.
            guard let index = open, Int(position.index) < index.block.transactions.count else { return page(items, nil) }
            for place in index.events(ofReceipt: Int(position.index)).reversed() {
                let record = index.block.events[place].index
                if let start, start.height == position.height, Self.mark(position.index, record) >= start.index { continue }
                guard let found = entry(place, index) else { continue }
                items.append(found)
                if items.count == limit {
                    next = Cursor(list, pin: pin, height: position.height, index: Self.mark(position.index, record))
                    break scan
                }
            }
        }
        if next == nil, positions.count > Self.transactionsMax {
            let last = positions[Self.transactionsMax - 1]
            next = Cursor(list, pin: pin, height: last.height, index: Self.mark(last.index, 0))
        }
        return page(items, next)
    }

    private func page(_ items: [some Resource], _ next: Cursor?) -> Reply { .json(PageResource(items: items, next: next?.text, height: pin.rawValue)) }

    /// A transaction of a block and an event of it: both are below 2¹⁶, as a block has fewer transactions and a receipt fewer events.
    private static func mark(_ transaction: UInt32, _ event: UInt32) -> UInt32 { transaction << 16 | min(event, 0xffff) }

    // ── Money ──

    private func payment(_ place: Int, of index: BlockIndex) -> AgreementPaymentResource? {
        let record = index.block.events[place], event = record.event
        guard event.contract == .agreements, let id = record.origin.transaction else { return nil }
        func payment(_ purpose: PaymentWord, _ account: Address?, _ amount: Amount, isIncoming: Bool) -> AgreementPaymentResource? {
            guard amount != .zero else { return nil }
            return AgreementPaymentResource(
                id: index.id(of: place), height: index.height.rawValue, time: TimeText(index.block.header.draft.time), transaction: FixedHex(id),
                isIncoming: isIncoming, purpose: purpose, account: account.map(text), amount: AmountText(amount))
        }
        if let paid: Agreements.Paid = event.read(), paid.agreement == number {
            return payment(PaymentWord(paid.purpose), paid.to, paid.amount, isIncoming: false)
        }
        if let funded: Agreements.Funded = event.read(), funded.agreement == number { return payment(.advance, funded.by, funded.amount, isIncoming: true) }
        if let deposited: Agreements.Deposited = event.read(), deposited.agreement == number {
            return payment(.collateral, deposited.provider, deposited.amount, isIncoming: true)
        }
        if let enlisted: Agreements.Enlisted = event.read(), enlisted.agreement == number { return payment(.bond, enlisted.monitor, enlisted.bond, isIncoming: true) }
        if let expelled: Agreements.Expelled = event.read(), expelled.agreement == number {
            return payment(.forfeit, nil, expelled.bond.subtracting(reward(before: place, of: index)) ?? .zero, isIncoming: false)
        }
        return nil
    }

    /// What whoever showed a contradiction got of the bond, right before the monitor was expelled.
    private func reward(before place: Int, of index: BlockIndex) -> Amount {
        let origin = index.block.events[place].origin
        guard let last = index.block.events[..<place].last(where: { $0.event.contract == .agreements }), last.origin == origin,
              let paid: Agreements.Paid = last.event.read(), paid.agreement == number, paid.purpose == .reward else { return .zero }
        return paid.amount
    }

    // ── Evidence ──

    private func evidence(_ place: Int, of index: BlockIndex) -> EvidenceResource? {
        let record = index.block.events[place], event = record.event
        guard event.contract == .agreements, let id = record.origin.transaction else { return nil }
        func piece(
            _ kind: EvidenceWord, account: Address? = nil, metric: UInt8? = nil, period: UInt32? = nil, intervals: [UInt32] = [],
            readings: [String]? = nil, ruling: String? = nil, evidence: Digest? = nil, bond: Amount? = nil
        ) -> EvidenceResource {
            func time(_ interval: UInt32?, _ more: UInt32) -> TimeText? {
                interval.flatMap { interval in period.map { TimeText(view.start(of: interval + more, ofPeriod: $0)) } }
            }
            return EvidenceResource(
                id: index.id(of: place), height: index.height.rawValue, time: TimeText(index.block.header.draft.time), transaction: FixedHex(id),
                kind: kind, account: account.map { text($0) }, source: view.terms.monitors.first { $0.account == account }?.source.text,
                metric: metric.map { view.terms.level.metrics[Int($0)].name.text }, period: period, intervals: intervals,
                begin: time(intervals.first, 0), end: time(intervals.last, 1), readings: readings, ruling: ruling,
                evidence: evidence.map { FixedHex($0) }, bond: bond.map { AmountText($0) })
        }
        if let said: Agreements.Measured = event.read(), said.agreement == number {
            return piece(
                .measured, account: said.monitor, metric: said.metric, period: said.period,
                intervals: Array(said.first..<(said.first + UInt32(said.readings))), readings: readings(said, of: id, in: index), evidence: said.evidence)
        }
        if let violated: Agreements.Violated = event.read(), violated.agreement == number {
            return piece(.violated, period: violated.period, intervals: Self.intervals(violated.page, violated.intervals))
        }
        if let disputed: Agreements.Disputed = event.read(), disputed.agreement == number {
            return piece(.disputed, period: disputed.period, intervals: Self.intervals(disputed.page, disputed.intervals))
        }
        if let ruled: Agreements.Ruled = event.read(), ruled.agreement == number {
            return piece(
                .ruled, account: view.terms.arbiter, metric: ruled.metric, period: ruled.period,
                intervals: Array(ruled.first..<(ruled.first + UInt32(ruled.count))), ruling: Self.word(ruled.ruling))
        }
        if let expelled: Agreements.Expelled = event.read(), expelled.agreement == number {
            return piece(.expelled, account: expelled.monitor, bond: expelled.bond)
        }
        return nil
    }

    /// What the transaction says that posted a measurement itself.
    private func readings(_ said: Agreements.Measured, of id: TransactionID, in index: BlockIndex) -> [String]? {
        let calls = index.block.transactions.first { $0.id == id }?.transaction.calls ?? []
        for call in calls where call.contract == .agreements && call.method == Agreements.measure.name {
            guard let measurement = try? Agreements.Measurement(bcs: call.arguments), measurement.agreement == number, measurement.metric == said.metric,
                  measurement.period == said.period, measurement.first == said.first, measurement.evidence == said.evidence else { continue }
            return measurement.readings.map { reading in
                switch reading {
                case .missing: "missing"
                case .state(let isUp): isUp ? "up" : "down"
                case .value(let value): String(value)
                case .counter(let count): String(count.delta)
                }
            }
        }
        return nil
    }

    private static func intervals(_ page: UInt32, _ bits: UInt64) -> [UInt32] {
        (0..<Agreements.pageIntervals).filter { bits >> UInt64($0) & 1 == 1 }.map { page * Agreements.pageIntervals + $0 }
    }

    private static func word(_ ruling: Agreements.Ruling) -> String {
        switch ruling {
        case .up: "up"
        case .down: "down"
        case .unknown: "unknown"
        }
    }

    private var number: UInt64 { view.agreement.number }

    private func text(_ address: Address) -> AddressText { AddressText(address, on: exchange.network) }
}

extension Event {
    /// The event as a type; nil when it is another one.
    fileprivate func read<Emitted: ContractEvent>() -> Emitted? { name == Emitted.name ? try? Emitted(bcs: data) : nil }
}

extension Origin {
    fileprivate var transaction: TransactionID? { if case .transaction(let id) = self { id } else { nil } }
}

extension PaymentWord {
    fileprivate init(_ purpose: Agreements.Paid.Purpose) {
        self = switch purpose {
        case .credit: .credit
        case .fee: .fee
        case .monitoring: .monitoring
        case .keeping: .keeping
        case .refund: .refund
        case .deposit: .deposit
        case .award: .award
        case .reward: .reward
        }
    }
}
