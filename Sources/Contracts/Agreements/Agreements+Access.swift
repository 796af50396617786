import Execution
import Ledger
import Primitives

/// How calls open an agreement and put it back.
extension Agreements {
    static func found(_ number: UInt64, _ context: CallContext) throws(CallError) -> (Agreement, Terms) {
        guard let agreement = try context.read(records, number) else { throw context.rejection(AgreementsRejection.agreementUnknown) }
        guard let terms = try context.read(termRecords, number) else { throw context.failure(.stateMalformed) }
        return (agreement, terms)
    }

    /// The agreement as of this block: gaps are taken in, and periods have begun or will not begin, as they must.
    static func opened(_ number: UInt64, _ context: CallContext) throws(CallError) -> (Agreement, Terms) {
        var (agreement, terms) = try found(number, context)
        guard agreement.phase == .active else { return (agreement, terms) }
        guard try takeGaps(&agreement, context) else {
            // More than one call may take in: this call is for them alone, and only `settle` says so by succeeding.
            throw context.rejection(AgreementsRejection.gapsPending)
        }
        try begin(&agreement, terms, context)
        return (agreement, terms)
    }

    /// Begins the periods whose time has come. Nothing that this depends on changes between two calls, so it does not matter how long
    /// nobody called.
    static func begin(_ agreement: inout Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        let now = context.block.time, timeline = Timeline(terms, agreement)
        let before = agreement.ends
        if agreement.begun < agreement.ends, now >= timeline.start(ofPeriod: agreement.begun) {
            if let short = terms.providers.indices.first(where: { agreement.escrow.collateral[$0] < terms.providers[$0].collateral }) {
                agreement.ends = agreement.begun
                agreement.ending = .uncovered(terms.providers[short].account)
            } else {
                // At most `ends`, which is a UInt32.
                agreement.begun = UInt32(min(UInt64(agreement.ends), timeline.periodsBegun(at: now)))
            }
        }
        if agreement.funded < agreement.ends, now >= timeline.fundingCloses(period: agreement.funded) {
            agreement.ends = agreement.funded
            agreement.ending = .unpaid
        }
        if agreement.funded < agreement.ends, agreement.warned <= agreement.funded, now >= timeline.fundingDue(period: agreement.funded) {
            agreement.warned = agreement.funded + 1
            try context.emit(PaymentOverdue(
                agreement: agreement.number, period: agreement.funded, until: timeline.fundingCloses(period: agreement.funded)))
        }
        agreement.begun = min(agreement.begun, agreement.ends)
        if agreement.ends != before { try context.emit(EndSet(agreement: agreement.number, periods: agreement.ends, ending: agreement.ending)) }
    }

    /// Writes the agreement after a call. What the books say is there must be there.
    @discardableResult
    static func save(_ agreement: Agreement, _ context: CallContext) throws(CallError) -> Nothing {
        let account = context.subaccount(agreement.number)
        guard agreement.escrow.isBalanced, let held = agreement.escrow.held, try context.balance(of: account) >= held else {
            throw context.failure(.stateMalformed, "the escrow of agreement \(agreement.number) is not balanced")
        }
        try context.write(records, agreement.number, agreement)
        return Nothing()
    }

    static func tally(_ agreement: Agreement, _ terms: Terms, _ period: UInt32, _ context: CallContext) throws(CallError) -> Tally {
        try context.read(tallies, KeyPair(agreement.number, period)) ?? Tally(providers: terms.providers.count, monitors: terms.monitors.count)
    }

    // ── Money ──

    /// Takes the attached value into the escrow.
    static func receive(_ part: Escrow.Part, _ agreement: inout Agreement, _ context: CallContext) throws(CallError) {
        guard agreement.escrow.enter(context.value, to: part) else { throw context.failure(.supplyOverflow) }
        if context.value != .zero { try context.transfer(context.value, to: context.subaccount(agreement.number)) }
    }

    /// Pays out of the escrow. A payment of nothing is none.
    static func pay(
        _ amount: Amount, from part: Escrow.Part, to account: Address, for purpose: Paid.Purpose, _ agreement: inout Agreement, _ context: CallContext
    ) throws(CallError) {
        guard amount != .zero else { return }
        guard agreement.escrow.leave(amount, from: part) else { throw context.failure(.stateMalformed) }
        try context.transfer(amount, to: account, from: agreement.number)
        try context.emit(Paid(agreement: agreement.number, to: account, amount: amount, purpose: purpose))
    }
}
