import Execution
import Ledger
import Primitives

/// What a proposal must be before anybody votes on it.
extension Governance {
    static func record(_ number: UInt64, _ context: CallContext) throws(CallError) -> Proposal {
        guard let proposal = try context.read(records, number) else { throw context.rejection(GovernanceRejection.proposalUnknown) }
        return proposal
    }

    static func heldGuardianship(_ context: CallContext) throws(CallError) -> HeldPermission {
        try context.read(guardianship) ?? HeldPermission(.vote)
    }

    /// The counts with one more of `kind`, if there is room.
    static func countedIn(_ kind: Kind, _ context: CallContext) throws(CallError) -> OpenCounts {
        var counts = try context.read(openCounts) ?? OpenCounts()
        if kind.isEmergency {
            try context.require(counts.emergency < openEmergencyMax, GovernanceRejection.openOverLimit)
            counts.emergency += 1
        } else {
            try context.require(counts.ordinary < openMax, GovernanceRejection.openOverLimit)
            counts.ordinary += 1
        }
        return counts
    }

    static func check(_ content: Content, _ context: CallContext) throws(CallError) {
        let bytes = content.bcs.count
        try context.charge(GasSchedule.codecPerByte * UInt64(bytes))
        try context.require(bytes <= contentBytesMax, GovernanceRejection.contentTooLong, "\(bytes) bytes, at most \(contentBytesMax)")
        try context.require(!content.title.text.isEmpty, GovernanceRejection.titleEmpty)
        switch content.action {
        case .parameters(let changes): _ = try changed(changes, context)
        case .calls(let calls):
            try context.require(!calls.isEmpty, GovernanceRejection.actionEmpty)
            try context.require(calls.allSatisfy { $0.contract != context.contract }, GovernanceRejection.callsItself)
        case .text, .guardian: break
        case .pause(let order):
            try context.require(
                order.milliseconds >= 1 && order.milliseconds <= context.block.parameters.pauseMillisecondsMax,
                GovernanceRejection.pauseTooLong)
            try checkContracts(order.contracts.elements, context)
            try context.require(!order.contracts.contains(where: protected.contains), GovernanceRejection.contractProtected)
        case .unpause(let contracts): try checkContracts(contracts.elements, context)
        }
    }

    private static func checkContracts(_ contracts: [Address], _ context: CallContext) throws(CallError) {
        try context.require(!contracts.isEmpty, GovernanceRejection.actionEmpty)
        try context.require(Set(contracts).count == contracts.count, GovernanceRejection.contractTwice)
    }

    /// The parameters of the next epoch with `changes`, if they work together. Asked when a change is proposed and again when it is
    /// executed, because others may have come between.
    static func changed(_ changes: Bounded<64, ParameterChange>, _ context: CallContext) throws(CallError) -> NetworkParameters {
        try context.require(!changes.isEmpty, GovernanceRejection.actionEmpty)
        try context.require(Set(changes.map(\.name)).count == changes.count, GovernanceRejection.parameterTwice)
        try context.charge(GasSchedule.step * UInt64(changes.count * NetworkParameters.fields.count))
        var parameters = try context.scheduledParameters()
        for change in changes {
            guard let field = NetworkParameters.field(change.name.text) else {
                throw context.rejection(GovernanceRejection.parameterUnknown, "\(change.name.text) is not a parameter")
            }
            guard field.set(&parameters, change.value) else {
                throw context.rejection(GovernanceRejection.parameterInvalid, "\(field.name): \(change.value) does not fit")
            }
        }
        do { try parameters.validate() } catch { throw context.rejection(GovernanceRejection.parameterInvalid, "\(error)") }
        return parameters
    }
}
