public import Execution
public import Ledger
public import Primitives

extension Governance {
    public enum TitleBound: TextBound { public static var bytesMax: Int { 120 } }
    public enum DescriptionBound: TextBound { public static var bytesMax: Int { 8_192 } }
    public enum ParameterNameBound: TextBound { public static var bytesMax: Int { 64 } }
    public enum MeaningBound: TextBound { public static var bytesMax: Int { 512 } }

    /// What a proposal says and would do.
    public struct Content: Hashable, Record {
        public let title: BoundedText<TitleBound>
        public let text: BoundedText<DescriptionBound>
        public let action: Action

        public init(title: BoundedText<TitleBound>, text: BoundedText<DescriptionBound> = "", action: Action) {
            self.title = title
            self.text = text
            self.action = action
        }

        public static let fields = Fields(
            Field("title", "What it is about.") { $0.title }, Field("text", "Why.") { $0.text },
            Field("action", "What is done when it is accepted.") { $0.action },
            make: { Content(title: $0, text: $1, action: $2) })
    }

    /// What is done when a proposal is accepted.
    public enum Action: Hashable, Choice {
        /// Network parameters change at the next epoch boundary.
        case parameters(Bounded<64, ParameterChange>)
        /// Calls with governance as the caller, all or none.
        case calls(Bounded<16, Call>)
        /// Nothing: an opinion is recorded.
        case text
        /// An emergency: contracts take no calls for a while.
        case pause(PauseOrder)
        /// An emergency: they take calls again.
        case unpause(Bounded<8, Address>)
        /// The guardianship is offered to another holder.
        case guardian(Permission)

        public static let cases: [Case<Action>] = [
            Case("parameters", "Network parameters change at the next epoch boundary.", Action.parameters) {
                if case .parameters(let changes) = $0 { changes } else { nil }
            },
            Case("calls", "Calls with governance as the caller, all or none.", Action.calls) {
                if case .calls(let calls) = $0 { calls } else { nil }
            },
            Case("text", "Nothing: an opinion is recorded.", .text),
            Case("pause", "An emergency: contracts take no calls for a while.", Action.pause) {
                if case .pause(let order) = $0 { order } else { nil }
            },
            Case("unpause", "An emergency: contracts take calls again.", Action.unpause) {
                if case .unpause(let contracts) = $0 { contracts } else { nil }
            },
            Case("guardian", "The guardianship is offered to another holder.", Action.guardian) {
                if case .guardian(let permission) = $0 { permission } else { nil }
            },
        ]

        var kind: Kind {
            switch self {
            case .parameters: .parameters
            case .calls: .calls
            case .text: .text
            case .pause: .pause
            case .unpause: .unpause
            case .guardian: .guardian
            }
        }
    }

    /// An ``Action`` without its details.
    public enum Kind: Hashable, Choice {
        case parameters, calls, text, pause, unpause, guardian

        public static let cases: [Case<Kind>] = [
            Case("parameters", "Changes network parameters.", .parameters), Case("calls", "Calls contracts.", .calls),
            Case("text", "Records an opinion.", .text), Case("pause", "Stops contracts for a while.", .pause),
            Case("unpause", "Ends pauses.", .unpause), Case("guardian", "Offers the guardianship.", .guardian),
        ]

        /// Whether enough power decides it at once, without a time lock.
        var isEmergency: Bool { self == .pause || self == .unpause }
    }

    /// A network parameter and its new value.
    public struct ParameterChange: Hashable, Record {
        public let name: BoundedText<ParameterNameBound>
        public let value: UInt128

        public init(name: BoundedText<ParameterNameBound>, value: UInt128) {
            self.name = name
            self.value = value
        }

        public static let fields = Fields(
            Field("name", "One of the names that the view parameters lists.") { $0.name },
            Field("value", "In the unit that its name ends with.") { $0.value }, make: { ParameterChange(name: $0, value: $1) })
    }

    /// Which contracts stop, and for how long.
    public struct PauseOrder: Hashable, Record {
        public let contracts: Bounded<8, Address>
        public let milliseconds: UInt64

        public init(contracts: Bounded<8, Address>, milliseconds: UInt64) {
            self.contracts = contracts
            self.milliseconds = milliseconds
        }

        public static let fields = Fields(
            Field("contracts", "Each once; accounts, staking and governance cannot be paused.") { $0.contracts },
            Field("milliseconds", "From the decision on, at most pauseMillisecondsMax.") { $0.milliseconds },
            make: { PauseOrder(contracts: $0, milliseconds: $1) })
    }
}
