import Foundation
import Simulator

/// Figures about size, as a table or as one JSON object.
enum ScalingReport {
    static func print(json: Bool) throws {
        Swift.print(json ? "{}" : "")
    }
}
