public import Execution
public import Primitives

extension Agreements {
    /// The money of one agreement, which lies in a subaccount of its own.
    ///
    /// Invariant: `paidIn = paidOut + advance + Σ collateral + Σ heldBack + Σ bonds`.
    public struct Escrow: Hashable, Record {
        public private(set) var paidIn = Amount.zero
        public private(set) var paidOut = Amount.zero
        /// Of the consumer, for periods that are not closed.
        public private(set) var advance = Amount.zero
        /// Of each provider.
        public private(set) var collateral: Bounded<8, Amount>
        /// What each provider has earned and gets at the end.
        public private(set) var heldBack: Bounded<8, Amount>
        /// Of each monitor.
        public private(set) var bonds: Bounded<16, Amount>

        /// A part of the money.
        enum Part {
            case advance, collateral(Int), heldBack(Int), bond(Int)
        }

        init(providers: Int, monitors: Int) {
            collateral = Bounded(Array(repeating: .zero, count: providers)) ?? Bounded()
            heldBack = collateral
            bonds = Bounded(Array(repeating: .zero, count: monitors)) ?? Bounded()
        }

        private init(
            paidIn: Amount, paidOut: Amount, advance: Amount, collateral: Bounded<8, Amount>, heldBack: Bounded<8, Amount>, bonds: Bounded<16, Amount>
        ) {
            self.paidIn = paidIn
            self.paidOut = paidOut
            self.advance = advance
            self.collateral = collateral
            self.heldBack = heldBack
            self.bonds = bonds
        }

        /// What lies there; nil when the books make no sense.
        public var held: Amount? { Amount.sum([advance] + collateral + heldBack + bonds) }

        /// Whether the invariant holds.
        public var isBalanced: Bool { held.flatMap { $0.adding(paidOut) } == paidIn }

        func amount(_ part: Part) -> Amount {
            switch part {
            case .advance: advance
            case .collateral(let place): collateral[place]
            case .heldBack(let place): heldBack[place]
            case .bond(let place): bonds[place]
            }
        }

        private mutating func set(_ part: Part, _ amount: Amount) {
            switch part {
            case .advance: advance = amount
            case .collateral(let place): collateral = collateral.replacing(place, amount)
            case .heldBack(let place): heldBack = heldBack.replacing(place, amount)
            case .bond(let place): bonds = bonds.replacing(place, amount)
            }
        }

        /// Money that comes in; false when it is more than there can be.
        mutating func enter(_ amount: Amount, to part: Part) -> Bool {
            guard let sum = self.amount(part).adding(amount), let total = paidIn.adding(amount) else { return false }
            set(part, sum)
            paidIn = total
            return true
        }

        /// Money that goes out; false when there is not so much.
        mutating func leave(_ amount: Amount, from part: Part) -> Bool {
            guard let rest = self.amount(part).subtracting(amount), let total = paidOut.adding(amount) else { return false }
            set(part, rest)
            paidOut = total
            return true
        }

        /// Money that changes its purpose; false when there is not so much.
        mutating func shift(_ amount: Amount, from source: Part, to target: Part) -> Bool {
            guard let rest = self.amount(source).subtracting(amount), let sum = self.amount(target).adding(amount) else { return false }
            set(source, rest)
            set(target, sum)
            return true
        }

        public static let fields = Fields(
            Field("paidIn", "All that came in.") { $0.paidIn }, Field("paidOut", "All that went out.") { $0.paidOut },
            Field("advance", "Of the consumer, for periods that are not closed.") { $0.advance },
            Field("collateral", "Of each provider.") { $0.collateral },
            Field("heldBack", "What each provider has earned and gets at the end.") { $0.heldBack }, Field("bonds", "Of each monitor.") { $0.bonds },
            make: { Escrow(paidIn: $0, paidOut: $1, advance: $2, collateral: $3, heldBack: $4, bonds: $5) })
    }
}
