public import Execution
import Ledger
public import Primitives

extension Identity {
    public static let join = Method(
        "join", "Puts the caller into roles.", Argument("roles", "Which; none twice.", Roles.self)
    ) { context, roles throws(CallError) in
        try context.charge(GasSchedule.step * UInt64(roles.count))
        try context.require(!roles.isEmpty && Set(roles).count == roles.count, IdentityRejection.rolesRepeated)
        var participant = try context.read(participants, context.caller) ?? Participant(updated: context.block.time)
        for role in roles {
            try context.require(!participant.holds(role), IdentityRejection.roleHeld, "already in the role \(role.caseName)")
        }
        let joined = participant.roles.elements + roles.map { Membership(role: $0, since: context.block.time) }
        guard let all = Bounded<6, Membership>(joined.sorted { $0.role.rawValue < $1.role.rawValue }) else {
            preconditionFailure("more distinct roles than there are")
        }
        participant.roles = all
        participant.updated = context.block.time
        try context.write(participants, context.caller, participant)
        for role in roles {
            try context.write(roleMembers, KeyPair(role, context.caller), context.block.time)
            try count(context, role) { $0 + 1 }
            try context.emit(RoleJoined(account: context.caller, role: role))
        }
        return Nothing()
    }

    public static let leave = Method(
        "leave", "Takes the caller out of roles.", Argument("roles", "Which; none twice.", Roles.self)
    ) { context, roles throws(CallError) in
        try context.charge(GasSchedule.step * UInt64(roles.count))
        try context.require(!roles.isEmpty && Set(roles).count == roles.count, IdentityRejection.rolesRepeated)
        guard var participant = try context.read(participants, context.caller) else { throw context.rejection(IdentityRejection.roleNotHeld) }
        for role in roles {
            try context.require(participant.holds(role), IdentityRejection.roleNotHeld, "not in the role \(role.caseName)")
        }
        guard let rest = Bounded<6, Membership>(participant.roles.filter { !roles.contains($0.role) }) else {
            preconditionFailure("taking away does not make more")
        }
        participant.roles = rest
        try keep(context, participant)
        for role in roles {
            try context.remove(roleMembers, KeyPair(role, context.caller))
            try count(context, role) { $0 - 1 }
            try context.emit(RoleLeft(account: context.caller, role: role))
        }
        return Nothing()
    }

    public static let setProfile = Method(
        "set_profile", "Replaces what the caller says about itself.", Argument("profile", "The new one.", Profile.self)
    ) { context, profile throws(CallError) in
        try context.requireReadable(profile.name.text)
        if let contact = profile.contact { try context.requireURI(contact.text) }
        if let description = profile.description { try context.requireURI(description.text) }
        if let region = profile.region {
            try context.require(TextRule.isRegion(region.text), IdentityRejection.regionInvalid, "\(region) is no country code")
        }
        var participant = try context.read(participants, context.caller) ?? Participant(updated: context.block.time)
        participant.profile = profile
        try keep(context, participant)
        try context.emit(ProfileChanged(account: context.caller))
        return Nothing()
    }

    public static let clearProfile = Method(
        "clear_profile", "Removes what the caller says about itself; its roles stay."
    ) { context throws(CallError) in
        guard var participant = try context.read(participants, context.caller), participant.profile != nil else {
            throw context.rejection(IdentityRejection.profileMissing)
        }
        participant.profile = nil
        try keep(context, participant)
        try context.emit(ProfileChanged(account: context.caller))
        return Nothing()
    }

    // ── Views ──

    public static let participant = Method(
        "participant", "Roles and profile of an account; none when it has neither.", kind: .view,
        Argument("account", "Whose.", Address.self)
    ) { context, account throws(CallError) in
        try context.read(participants, account)
    }

    public static let members = Method(
        "members", "The accounts of a role, page by page.", kind: .view, Argument("role", "Which role.", Role.self),
        Argument("from", "Where to begin; none for the first page.", Address?.self),
        Argument("limit", "At most so many, up to 100.", UInt16.self)
    ) { context, role, from, limit throws(CallError) in
        let found = try context.entries(roleMembers, first: role, from: from, limit: Costs.pageSize(limit) + 1)
        let members = found.map { Member(account: $0.key.second, since: $0.value) }
        let page = Costs.page(members, limit) as (Bounded<100, Member>, next: Member?)
        return MemberPage(members: page.0, next: page.next?.account)
    }

    public static let counts = Method("counts", "How many accounts are in each role.", kind: .view) { context throws(CallError) in
        var list: [RoleCount] = []
        for role in Role.allCases { list.append(RoleCount(role: role, count: try context.read(roleCounts, role) ?? 0)) }
        guard let counts = Bounded<6, RoleCount>(list) else { preconditionFailure("six roles") }
        return counts
    }

    // ── Helpers ──

    private static func keep(_ context: CallContext, _ participant: Participant) throws(CallError) {
        guard !participant.isEmpty else { return try context.remove(participants, context.caller) }
        var participant = participant
        participant.updated = context.block.time
        try context.write(participants, context.caller, participant)
    }

    /// No overflow: nobody joins twice, and nobody leaves who has not joined.
    private static func count(_ context: CallContext, _ role: Role, _ change: (UInt64) -> UInt64) throws(CallError) {
        try context.write(roleCounts, role, change(try context.read(roleCounts, role) ?? 0))
    }
}
