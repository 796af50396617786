public import Execution
public import Primitives

/// Who may change something that a contract keeps. Each module stores its own and asks it before it acts; the mode is the module's
/// choice and can be changed, see ``HeldPermission``.
public enum Permission: Hashable, Choice {
    /// A decision of governance.
    case vote
    /// One account.
    case account(Address)
    /// A set of accounts that decide k of n: a group of the contract `groups`, or an address of several keys.
    case group(Address)

    public static let cases: [Case<Permission>] = [
        Case("vote", "A decision of governance.", .vote),
        Case("account", "One account.", Permission.account) { if case .account(let holder) = $0 { holder } else { nil } },
        Case("group", "Accounts that decide k of n: a group, or an address of several keys.", Permission.group) {
            if case .group(let holder) = $0 { holder } else { nil }
        },
    ]

    /// Whose calls it lets pass.
    public var holder: Address {
        switch self {
        case .vote: .governance
        case .account(let holder), .group(let holder): holder
        }
    }

    /// Refuses a caller that is not the holder.
    public func require(_ context: CallContext) throws(CallError) {
        guard context.caller == holder else {
            throw context.failure(.unauthorised, "\(context.caller.hex) may not; \(holder.hex) holds the permission")
        }
    }
}

/// A permission with the offer that may replace it. A change takes two steps, so that a mistyped address cannot lock a module for
/// ever: the holder offers, and the permission moves when the new holder accepts.
public struct HeldPermission: Hashable, Record {
    public private(set) var current: Permission
    public private(set) var offered: Permission?

    public init(_ current: Permission) { self.init(current: current, offered: nil) }

    private init(current: Permission, offered: Permission?) {
        self.current = current
        self.offered = offered
    }

    public static let fields = Fields(
        Field("current", "Who may act.") { $0.current },
        Field("offered", "Who may act as soon as they accept; none when nothing is offered.") { $0.offered },
        make: { HeldPermission(current: $0, offered: $1) })

    /// Refuses a caller that does not hold the permission.
    public func require(_ context: CallContext) throws(CallError) { try current.require(context) }

    /// The holder offers it to `permission`, in place of an earlier offer; nil takes the offer back.
    public mutating func offer(_ permission: Permission?, _ context: CallContext) throws(CallError) {
        try require(context)
        offered = permission
    }

    /// Governance offers it in the holder's place. For the contract that knows that there was a decision.
    mutating func offerByDecision(_ permission: Permission) { offered = permission }

    /// The one to whom it was offered takes it.
    public mutating func accept(_ context: CallContext) throws(CallError) {
        guard let offered else { throw context.failure(.unauthorised, "the permission is offered to nobody") }
        try offered.require(context)
        self = HeldPermission(offered)
    }
}
