import Primitives

extension Identity {
    /// What a name costs, how long things last, and how much of anything there may be.
    enum Costs {
        // ── Names ──

        static let yearMilliseconds: UInt64 = 365 * 86_400_000
        static let yearsMax: UInt8 = 10
        /// After its end a name of one label is kept for whoever had it.
        static let graceMilliseconds: UInt64 = 30 * 86_400_000
        /// Shorter names would be gone on the first day, to whoever is quickest.
        static let labelBytesMin = 3
        /// A commitment is at least so old when its name is registered. Both count: blocks, because an idle chain lets much time pass
        /// between two of them; time, because a busy one makes many blocks in a moment.
        static let commitmentHeightsMin: UInt64 = 4
        static let commitmentMillisecondsMin: UInt64 = 60_000
        static let commitmentMillisecondsMax: UInt64 = 86_400_000

        /// What a name of one label costs: 5 TRL a year, and more for short ones, which are few. All of it is destroyed.
        static func fee(labelBytes: Int, years: UInt8) -> Amount {
            let tokens: UInt128 = switch labelBytes {
            case ...3: 100
            case 4: 25
            default: 5
            }
            return Amount(tokens * Amount.unitsPerToken * UInt128(years))
        }

        // ── Lists ──

        /// Issuers that governance may trust at a time.
        static let rootsMax: UInt32 = 16

        /// Entries of one page.
        static let pageMax = 100

        static func pageSize(_ limit: UInt16) -> Int { max(1, min(pageMax, Int(limit))) }

        /// The first entries of `found`, which was asked for one more than a page, and the one behind them.
        static func page<let maximum: Int, Element>(
            _ found: [Element], _ limit: UInt16
        ) -> (Bounded<maximum, Element>, next: Element?) {
            let size = pageSize(limit)
            guard let page = Bounded<maximum, Element>(Array(found.prefix(size))) else { preconditionFailure("a page above its limit") }
            return (page, found.count > size ? found[size] : nil)
        }
    }
}
