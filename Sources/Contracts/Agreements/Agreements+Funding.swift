public import Execution
import Ledger
import Primitives

/// The money is there before the service begins: the consumer's advance, the providers' collateral, the monitors' bonds.
extension Agreements {
    public static let fund = Method(
        "fund", "Pays for so many more periods with the attached value, which must be exactly their cost. Anyone may; what is left over goes to the consumer.",
        takesValue: true, Argument("agreement", "Which.", UInt64.self), Argument("periods", "How many.", UInt32.self)
    ) { context, number, periods throws(CallError) in
        var (agreement, terms) = try opened(number, context)
        try requireFundable(agreement, terms, context)
        try context.require(periods > 0 && periods <= agreement.ends - min(agreement.ends, agreement.funded), AgreementsRejection.periodsWrong)
        guard let due = terms.periodCost()?.multiplied(by: UInt64(periods)) else { throw context.failure(.stateMalformed) }
        try context.require(context.value == due, AgreementsRejection.valueWrong, "\(due) is due, \(context.value) is attached")
        agreement.funded += periods
        try receive(.advance, &agreement, context)
        try context.emit(Funded(agreement: number, by: context.caller, periods: agreement.funded, amount: context.value))
        try activateIfReady(&agreement, terms, context)
        try save(agreement, context)
        return Nothing()
    }

    public static let deposit = Method(
        "deposit", "Adds the attached value to a provider's collateral.", takesValue: true, Argument("agreement", "Which.", UInt64.self)
    ) { context, number throws(CallError) in
        var (agreement, terms) = try opened(number, context)
        guard let place = terms.providers.firstIndex(where: { $0.account == context.caller }) else {
            throw context.rejection(AgreementsRejection.notProvider)
        }
        try requireFundable(agreement, terms, context)
        try context.require(context.value > .zero, AgreementsRejection.valueWrong)
        try receive(.collateral(place), &agreement, context)
        try context.emit(Deposited(agreement: number, provider: context.caller, amount: context.value))
        try activateIfReady(&agreement, terms, context)
        try save(agreement, context)
        return Nothing()
    }

    public static let enlist = Method(
        "enlist", "Accepts to monitor. The attached value is the bond.", takesValue: true, Argument("agreement", "Which.", UInt64.self)
    ) { context, number throws(CallError) in
        var (agreement, terms) = try opened(number, context)
        let place = try monitor(context.caller, of: terms, context)
        try context.require(agreement.phase == .signed, AgreementsRejection.phaseWrong)
        try context.require(context.block.time < terms.expires, AgreementsRejection.expired)
        try context.require(!agreement.monitors[place].isEnlisted, AgreementsRejection.enlistedAlready)
        try context.require(
            context.value == terms.payment.monitorBond, AgreementsRejection.valueWrong, "the bond is \(terms.payment.monitorBond)")
        var state = agreement.monitors[place]
        state.isEnlisted = true
        agreement.monitors = agreement.monitors.replacing(place, state)
        try receive(.bond(place), &agreement, context)
        try context.emit(Enlisted(agreement: number, monitor: context.caller, bond: context.value))
        try activateIfReady(&agreement, terms, context)
        try save(agreement, context)
        return Nothing()
    }

    static func monitor(_ account: Address, of terms: Terms, _ context: CallContext) throws(CallError) -> Int {
        guard let place = terms.monitors.firstIndex(where: { $0.account == account }) else { throw context.rejection(AgreementsRejection.notMonitor) }
        return place
    }

    /// Money is taken before the agreement is active and while periods are to come.
    private static func requireFundable(_ agreement: Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        switch agreement.phase {
        case .signed: try context.require(context.block.time < terms.expires, AgreementsRejection.expired)
        case .active: break
        case .offered, .closing, .settled, .lapsed: throw context.rejection(AgreementsRejection.phaseWrong)
        }
    }

    private static func activateIfReady(_ agreement: inout Agreement, _ terms: Terms, _ context: CallContext) throws(CallError) {
        guard agreement.phase == .signed, agreement.funded >= terms.payment.prepaidPeriods, agreement.monitors.allSatisfy(\.isEnlisted),
              terms.providers.indices.allSatisfy({ agreement.escrow.collateral[$0] >= terms.providers[$0].collateral }) else { return }
        agreement.phase = .active
        try count(active: true, context)
        agreement.gapsSeen = try currentClock(context).gaps
        try context.emit(Activated(agreement: agreement.number))
    }
}
