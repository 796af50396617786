public import Foundation

/// What may go wrong in a run, as data. Each run draws its own selection and strengths from the menu, so that many seeds cover
/// combinations: a network that loses nothing but whose disks stall is as instructive as one that does everything at once.
///
/// Rates are per simulated minute and for the whole network; shares are in parts per thousand; times in milliseconds.
public struct FaultMenu: Codable, Sendable, Equatable {
    /// Runs in which nothing goes wrong at all, in which nobody may change the view.
    public var calmShare = 60
    /// How long faults last before the network heals.
    public var faultMilliseconds = 16_000
    /// Each kind below is on the table of a run with this chance.
    public var selectionShare = 450

    public var lossShareMax = 250
    public var duplicationShareMax = 150
    /// Extra delay of single letters, which reorders them.
    public var jitterMillisecondsMax = 1_500
    public var partitionsPerMinute = 14
    /// Partitions through which letters pass in one direction.
    public var asymmetricShare = 400
    /// Short walls around whoever is primary.
    public var huntsPerMinute = 30
    /// Hunts that go on behind one primary after the other, so that the network sees high views.
    public var pursuitShare = 250
    /// Runs in which patience does not grow with the view.
    public var steadyPatienceShare = 250
    /// Spans in which some nodes hear nothing of one kind of message.
    public var deafnessPerMinute = 16
    /// Links that hold all their letters back for a while and then let them go at once.
    public var clogsPerMinute = 12
    /// Crashes of one node, most of them at a point of its journal: before, within, after a record, before its consequences.
    public var crashesPerMinute = 20
    /// All nodes or more than a third lose their power and return one by one.
    public var powerLossesPerMinute = 4
    /// Crashes that leave half a record behind.
    public var tornShare = 400
    public var diskStallsPerMinute = 10
    public var slowDiskMillisecondsMax = 120
    /// Honest clocks differ by so much at most; half of the protocol's precision.
    public var skewMillisecondsMax = 200
    /// Runs with short epochs, whose sets change.
    public var shortEpochsShare = 700
    /// Runs with nodes that may lose their journals, and with them their memory of votes.
    public var journalLossShare = 200
    /// Runs with nodes whose clocks are beyond the protocol's precision.
    public var badClockShare = 150
    /// Runs with a node that computes a wrong state now and then.
    public var divergenceShare = 120
    /// Runs with corrupt validators of less than a third of the weight, and of those the ones in which they are twins.
    public var corruptShare = 550
    public var twinsShare = 300
    /// Runs in which more than a third is corrupt: twins, which in most of these runs also misbehave. Only accountability is expected.
    public var overwhelmedShare = 30

    public init() {}

    /// A menu on which nothing is.
    public static var nothing: FaultMenu {
        var menu = FaultMenu()
        menu.calmShare = 1000
        menu.overwhelmedShare = 0
        return menu
    }

    /// Reads a JSON object. What it leaves out is as usual; a name that is not on the menu is an error.
    public init(json: Data) throws {
        guard let changes = try JSONSerialization.jsonObject(with: json) as? [String: Any],
              var all = try JSONSerialization.jsonObject(with: JSONEncoder().encode(FaultMenu())) as? [String: Any]
        else { throw MenuError.notAnObject }
        for name in changes.keys.sorted() {
            guard all[name] != nil else { throw MenuError.unknown(name) }
            guard let value = changes[name] as? Int, value >= 0 else { throw MenuError.notANumber(name) }
            all[name] = value
        }
        self = try JSONDecoder().decode(FaultMenu.self, from: JSONSerialization.data(withJSONObject: all))
    }

    public enum MenuError: Error, Equatable {
        case notAnObject
        case unknown(String)
        case notANumber(String)
    }
}
