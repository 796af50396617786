@_spi(Mutants) import Consensus

/// Deliberate bugs of the replica, each of which some checker must find. What no checker finds is a hole in the suite.
public enum MutationGate {
    /// Whether this build has mutants: the trait `Mutants` compiles them in.
    public static var isAvailable: Bool {
        #if MUTANTS
        true
        #else
        false
        #endif
    }

    /// The names of all mutants.
    public static var mutants: [String] {
        #if MUTANTS
        Mutant.allCases.map(\.rawValue)
        #else
        []
        #endif
    }

    /// What found a mutant, and after how many attempts.
    public struct Catch: Sendable {
        public let seeds: Int
        public let by: String
    }

    /// Tries one seed after the other. Without a mutant nothing may be caught, or the judges object to what is right.
    public static func hunt(_ mutant: String?, seedsMax: Int, menu: FaultMenu = FaultMenu()) -> Catch? {
        for seed in 0..<seedsMax {
            // Large networks take long and find nothing that small ones do not.
            let plan = RunPlan(seed: UInt64(seed), menu: menu, nodes: seed % 4 == 0 ? 7 : 4)
            if let violation = Simulation(plan, mutant: mutant).run().violation { return Catch(seeds: seed + 1, by: violation.checker) }
        }
        return nil
    }
}
