public import Execution
import Ledger
public import Primitives

/// How a name comes into somebody's hands, and how it leaves them.
extension Identity {
    public static let commit = Method(
        "commit", """
            Commits to a name without telling it. A registration needs a commitment that is a minute and four blocks old, \
            so that nobody who sees the registration come can be faster.
            """,
        Argument("commitment", "The hash of network, name, owner and salt.", Digest.self)
    ) { context, commitment throws(CallError) in
        try context.write(
            commitments, KeyPair(context.caller, commitment), Commitment(height: context.block.height, time: context.block.time))
        return Nothing()
    }

    public static let registerName = Method(
        "register_name", "Registers a name of one label that the caller has committed to. The attached value is the fee, and is destroyed.",
        takesValue: true, Argument("name", "Which name.", Name.self), Argument("owner", "Whose it shall be.", Address.self),
        Argument("salt", "That of the commitment.", Digest.self), Argument("years", "For how long, 1 to 10.", UInt8.self)
    ) { context, name, owner, salt, years throws(CallError) in
        try context.require(name.parent == nil, IdentityRejection.nameHasParent)
        try context.require(
            name.labelBytes >= Costs.labelBytesMin, IdentityRejection.nameTooShort, "at least \(Costs.labelBytesMin) characters are needed")
        try context.require(owner != Address(), IdentityRejection.ownerNobody)
        let key = KeyPair(context.caller, try context.commitment(to: NameClaim(chainID: context.block.chainID, name: name, owner: owner, salt: salt)))
        guard let commitment = try context.read(commitments, key) else { throw context.rejection(IdentityRejection.commitmentUnknown) }
        try checkAge(context, commitment)
        let (_, standing) = try registration(context, name)
        try context.require(standing == .free, IdentityRejection.nameTaken)
        let lasting = try paidFor(context, name, years)
        guard let expires = context.block.time.advanced(by: lasting) else { throw context.rejection(IdentityRejection.yearsOutOfRange) }

        try context.remove(commitments, key)
        try context.burn(context.value)
        try begin(context, name, owner: owner, parentNumber: 0, expires: expires)
        return Nothing()
    }

    public static let renewName = Method(
        "renew_name", "Prolongs a name of one label; anybody may. The attached value is the fee, and is destroyed.", takesValue: true,
        Argument("name", "Which name.", Name.self), Argument("years", "By how long; it may then last for up to 10 years from now.", UInt8.self)
    ) { context, name, years throws(CallError) in
        try context.require(name.parent == nil, IdentityRejection.nameHasParent)
        guard case (var registration?, let standing) = try registration(context, name), standing != .free else {
            throw context.rejection(IdentityRejection.nameNotActive)
        }
        let lasting = try paidFor(context, name, years)
        guard let expires = registration.expires.advanced(by: lasting),
              expires.rawValue <= context.block.time.rawValue + Costs.yearMilliseconds * UInt64(Costs.yearsMax) else {
            throw context.rejection(IdentityRejection.yearsOutOfRange)
        }
        registration.expires = expires
        try context.burn(context.value)
        try context.write(registrations, name, registration)
        try context.emit(NameRenewed(name: name, expires: expires))
        return Nothing()
    }

    public static let createChild = Method(
        "create_child", """
            Gives a name below one of the caller's to somebody. It is theirs until it expires, or the name above it ends; \
            nobody can take it back before.
            """,
        Argument("name", "The new name; what is behind its first dot is the caller's.", Name.self),
        Argument("owner", "Whose it shall be.", Address.self), Argument("expires", "Block time of its end.", Timestamp.self)
    ) { context, name, owner, expires throws(CallError) in
        let parent = try requireParent(context, of: name)
        try context.require(owner != Address(), IdentityRejection.ownerNobody)
        try context.require(expires > context.block.time, IdentityRejection.expiryPast, "block time is \(context.block.time)")
        let (_, standing) = try registration(context, name)
        try context.require(standing == .free, IdentityRejection.nameTaken)
        try begin(context, name, owner: owner, parentNumber: parent.number, expires: expires)
        return Nothing()
    }

    public static let extendChild = Method(
        "extend_child", "Prolongs a name below one of the caller's.", Argument("name", "Which name.", Name.self),
        Argument("expires", "Block time of its end, later than before.", Timestamp.self)
    ) { context, name, expires throws(CallError) in
        _ = try requireParent(context, of: name)
        var child = try requireActive(context, name)
        try context.require(expires > child.expires, IdentityRejection.expiryPast, "it lasts until \(child.expires) already")
        child.expires = expires
        try context.write(registrations, name, child)
        try context.emit(NameRenewed(name: name, expires: expires))
        return Nothing()
    }

    public static let offerName = Method(
        "offer_name", "Offers one of the caller's names to an account, which accepts it or not.", Argument("name", "Which name.", Name.self),
        Argument("to", "Who may accept; none to take an offer back.", Address?.self)
    ) { context, name, to throws(CallError) in
        var registration = try requireOwned(context, name)
        try context.require(to != Address(), IdentityRejection.ownerNobody)
        registration.offeredTo = to
        try context.write(registrations, name, registration)
        try context.emit(NameOffered(name: name, from: context.caller, to: to))
        return Nothing()
    }

    public static let acceptName = Method(
        "accept_name", "Takes a name that was offered to the caller. Its records are removed: what it led to was the former owner's.",
        Argument("name", "Which name.", Name.self)
    ) { context, name throws(CallError) in
        var registration = try requireActive(context, name)
        try context.require(registration.offeredTo == context.caller, IdentityRejection.nameNotOffered)
        let former = registration.owner
        registration.owner = context.caller
        registration.offeredTo = nil
        try context.remove(namesOfOwner, KeyPair(former, name))
        try context.write(registrations, name, registration)
        try context.write(namesOfOwner, KeyPair(context.caller, name), registration.number)
        try context.remove(records, name)
        try context.emit(NameTransferred(name: name, from: former, to: context.caller))
        return Nothing()
    }

    public static let releaseName = Method(
        "release_name", "Gives one of the caller's names up at once, with everything below it.", Argument("name", "Which name.", Name.self)
    ) { context, name throws(CallError) in
        _ = try requireOwned(context, name)
        try context.remove(registrations, name)
        try context.remove(namesOfOwner, KeyPair(context.caller, name))
        try context.remove(records, name)
        try context.emit(NameReleased(name: name, owner: context.caller))
        return Nothing()
    }

    // ── Rules ──

    /// The last registration of `name`, and how the name stands. Three reads at most are those of the names above it.
    static func registration(_ context: CallContext, _ name: Name) throws(CallError) -> (Registration?, NameStanding) {
        let time = context.block.time
        guard let own = try context.read(registrations, name) else { return (nil, .free) }
        guard let parent = name.parent else {
            if time < own.expires { return (own, .active) }
            return (own, own.expires.advanced(by: Costs.graceMilliseconds).map { time < $0 } ?? true ? .grace : .free)
        }
        // A name with a parent has no grace of its own: at its end it is the parent's owner's again.
        guard time < own.expires else { return (own, .free) }
        let (above, standing) = try registration(context, parent)
        return (own, above?.number == own.parentNumber ? standing : .free)
    }

    static func requireActive(_ context: CallContext, _ name: Name) throws(CallError) -> Registration {
        guard case (let registration?, .active) = try registration(context, name) else { throw context.rejection(IdentityRejection.nameNotActive) }
        return registration
    }

    static func requireOwned(_ context: CallContext, _ name: Name) throws(CallError) -> Registration {
        let registration = try requireActive(context, name)
        try context.require(registration.owner == context.caller, IdentityRejection.nameNotOwned)
        return registration
    }

    private static func requireParent(_ context: CallContext, of name: Name) throws(CallError) -> Registration {
        guard let parent = name.parent else { throw context.rejection(IdentityRejection.nameHasNoParent) }
        return try requireOwned(context, parent)
    }

    private static func checkAge(_ context: CallContext, _ commitment: Commitment) throws(CallError) {
        let (height, time) = (context.block.height.rawValue, context.block.time.rawValue)
        let age = time - commitment.time.rawValue
        try context.require(
            height >= commitment.height.rawValue + Costs.commitmentHeightsMin && age >= Costs.commitmentMillisecondsMin,
            IdentityRejection.commitmentYoung)
        try context.require(age <= Costs.commitmentMillisecondsMax, IdentityRejection.commitmentOld)
    }

    /// Milliseconds that the attached value pays for; it must be the fee to the unit, so that nothing is left with the contract.
    private static func paidFor(_ context: CallContext, _ name: Name, _ years: UInt8) throws(CallError) -> UInt64 {
        guard (1...Costs.yearsMax).contains(years) else { throw context.rejection(IdentityRejection.yearsOutOfRange) }
        let fee = Costs.fee(labelBytes: name.labelBytes, years: years)
        try context.require(context.value == fee, IdentityRejection.feeWrong, "\(fee) must be attached, \(context.value) is")
        return Costs.yearMilliseconds * UInt64(years)
    }

    /// Writes a new registration over whatever ended before it.
    private static func begin(
        _ context: CallContext, _ name: Name, owner: Address, parentNumber: UInt64, expires: Timestamp
    ) throws(CallError) {
        if let former = try context.read(registrations, name) {
            try context.remove(namesOfOwner, KeyPair(former.owner, name))
            try context.remove(records, name)
        }
        // No overflow: each registration is paid for.
        let number = (try context.read(registrationCount) ?? 0) + 1
        try context.write(registrationCount, number)
        try context.write(registrations, name, Registration(
            owner: owner, number: number, parentNumber: parentNumber, registered: context.block.time, expires: expires))
        try context.write(namesOfOwner, KeyPair(owner, name), number)
        try context.emit(NameRegistered(name: name, owner: owner, expires: expires))
    }
}

extension CallContext {
    /// The commitment to `claim`.
    func commitment(to claim: Identity.NameClaim) throws(CallError) -> Digest {
        try sha256(HashDomain.nameCommitment.prefix + claim.bcs)
    }
}
