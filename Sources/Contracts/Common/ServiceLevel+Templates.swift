import Ledger
import Primitives

/// Service levels that large clouds publish, as templates.
extension ServiceLevel {
    /// Amazon EC2, region level: 10 % back below 99.99 %, 30 % below 99.0 %, all below 95.0 %
    /// (Amazon Compute Service Level Agreement).
    public static let amazonEC2 = ServiceLevel(
        metrics: availability, tiers: tiers((999_900, 100_000), (990_000, 300_000), (950_000, 1_000_000)))

    /// Azure virtual machines in two or more availability zones: 10 % back below 99.99 %, 25 % below 99 %, all below 95 %
    /// (Service Level Agreement for Microsoft Online Services).
    public static let azureVirtualMachineZones = ServiceLevel(
        metrics: availability, tiers: tiers((999_900, 100_000), (990_000, 250_000), (950_000, 1_000_000)))

    private static let availability = Bounded<8, ServiceMetric>([ServiceMetric(name: "availability")])!

    private static func tiers(_ list: (below: UInt32, credit: UInt32)...) -> Bounded<8, CreditTier> {
        Bounded(list.map { CreditTier(below: $0.below, credit: $0.credit) })!
    }
}
