import Cryptography
public import Execution
import Ledger
public import Primitives

/// A monitor that says two things of one interval is worth nothing: it loses its bond and its voice.
extension Agreements {
    /// A measurement with a signature of its own, as a monitor hands it to others without posting it.
    public struct SignedMeasurement: Hashable, Record {
        public let measurement: Measurement
        public let key: PublicKey
        /// Over `trellis/measurement/1 || chainID || BCS(measurement)`.
        public let signature: Signature

        public init(measurement: Measurement, key: PublicKey, signature: Signature) {
            self.measurement = measurement
            self.key = key
            self.signature = signature
        }

        /// What a monitor signs.
        public static func signedBytes(_ measurement: Measurement, chainID: ChainID) -> [UInt8] {
            SigningDomain.measurement.signedBytes(measurement, chainID: chainID)
        }

        public static let fields = Fields(
            Field("measurement", "What it says.") { $0.measurement }, Field("key", "Of the monitor's account.") { $0.key },
            Field("signature", "Over the measurement.") { $0.signature },
            make: { SignedMeasurement(measurement: $0, key: $1, signature: $2) })
    }

    public static let proveContradiction = Method(
        "prove_contradiction", """
            Shows that a monitor signed two measurements that contradict each other, or one that contradicts what it posted. Half of its bond \
            goes to the caller, half is destroyed. Anyone may.
            """,
        Argument("statement", "What it signed.", SignedMeasurement.self),
        Argument("other", "What else it signed; none for what it posted.", SignedMeasurement?.self)
    ) { context, statement, other throws(CallError) in
        var (agreement, terms) = try opened(statement.measurement.agreement, context)
        let account = Address(of: statement.key), place = try monitor(account, of: terms, context)
        guard agreement.phase == .active || agreement.isClosing else { throw context.rejection(AgreementsRejection.phaseWrong) }
        try context.require(!agreement.monitors[place].isExpelled, AgreementsRejection.monitorExpelled)
        let timeline = Timeline(terms, agreement), said = statement.measurement
        let values = try checked(said, agreement, terms, timeline, context)
        try requireSigned(statement, context)
        let before: MonitorReadings
        if let other {
            let second = other.measurement
            try context.require(
                other.key == statement.key && second.agreement == said.agreement && second.metric == said.metric && second.period == said.period
                    && second.first / pageIntervals == said.first / pageIntervals, AgreementsRejection.notContradictory)
            let secondValues = try checked(second, agreement, terms, timeline, context)
            try requireSigned(other, context)
            var readings = MonitorReadings()
            for (offset, value) in secondValues.enumerated() { readings.add(value, at: Int(second.first % pageIntervals) + offset) }
            before = readings
        } else {
            let key = pageKey(agreement.number, said.period, said.first / pageIntervals)
            guard let page = try context.read(readingPages, KeyPair(key, said.metric)) else { throw context.rejection(AgreementsRejection.notContradictory) }
            before = page.monitors[place]
        }
        try context.require(contradicts(before, values, Int(said.first % pageIntervals)), AgreementsRejection.notContradictory)
        try expel(place, reporter: context.caller == account ? nil : context.caller, &agreement, terms, context)
        return try save(agreement, context)
    }

    private static func requireSigned(_ statement: SignedMeasurement, _ context: CallContext) throws(CallError) {
        let bytes = SignedMeasurement.signedBytes(statement.measurement, chainID: context.block.chainID)
        try context.require(
            try context.verifySignature(statement.signature, of: bytes, by: statement.key), AgreementsRejection.signatureInvalid)
    }

    /// Takes a monitor's bond and its voice. What was decided with it stays; what was not is decided without it.
    static func expel(
        _ place: Int, reporter: Address?, _ agreement: inout Agreement, _ terms: Terms, _ context: CallContext
    ) throws(CallError) {
        var state = agreement.monitors[place]
        state.isExpelled = true
        agreement.monitors = agreement.monitors.replacing(place, state)
        let bond = agreement.escrow.amount(.bond(place))
        let reward = reporter == nil ? Amount.zero : Amount(bond.units / 2)
        if let reporter { try pay(reward, from: .bond(place), to: reporter, for: .reward, &agreement, context) }
        let rest = agreement.escrow.amount(.bond(place))
        if rest != .zero {
            guard agreement.escrow.leave(rest, from: .bond(place)) else { throw context.failure(.stateMalformed) }
            try context.transfer(rest, to: context.contract, from: agreement.number)
            try context.burn(rest)
        }
        try context.emit(Expelled(agreement: agreement.number, monitor: terms.monitors[place].account, bond: bond))
    }
}
