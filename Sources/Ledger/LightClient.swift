public import Primitives

/// Leads a light client from a trusted header to a target height with few headers in between: it tries the target, and while
/// too little of the trusted set signed a candidate, asks for one half as far.
///
/// It does no input or output: the caller fetches what ``next`` names from any peer and hands it to ``receive(_:rules:)``. A
/// refused block is forgotten, so that the same height can be asked of another peer.
///
/// Invariant: `candidates` are in descending order of height, each less than half as far from the trusted header as the one
/// before it was when asked for; therefore there are at most 64.
public struct LightClient: Sendable {
    public private(set) var trusted: TrustedHeader
    public let target: Height
    /// The height of the block that the newest error of ``receive(_:rules:)`` is about; nil before the first.
    public private(set) var refusedHeight: Height?
    private var candidates: [LightBlock] = []

    /// What the caller does next.
    @frozen public enum Step: Hashable, Sendable {
        case fetch(Height)
        /// ``trusted`` is at the target, or was above it from the start.
        case done
    }

    public init(from trusted: TrustedHeader, to target: Height) {
        self.trusted = trusted
        self.target = target
    }

    public var next: Step {
        guard trusted.height < target else { return .done }
        guard let nearest = candidates.last else { return .fetch(target) }
        // A candidate waits only while it is not linked, therefore there is a height between.
        let distance = nearest.height.rawValue - trusted.height.rawValue
        return .fetch(Height(trusted.height.rawValue + distance / 2))
    }

    /// Takes the block of the height that ``next`` names, and goes as far as it leads. An error is about the block at
    /// ``refusedHeight``, which may have come earlier and could not be judged then: whoever sent the one just received need not
    /// be to blame.
    public mutating func receive(_ block: LightBlock, rules: LightClientRules) throws(LightClientError) {
        guard case .fetch(let height) = next else {
            refusedHeight = block.height
            throw .heightNotAbove(trusted: trusted.height, actual: block.height)
        }
        guard block.height == height else {
            refusedHeight = block.height
            throw .heightNotAsked(expected: height, actual: block.height)
        }
        candidates.append(block)
        while let candidate = candidates.last {
            do {
                trusted = try trusted.advanced(to: candidate, rules: rules)
                candidates.removeLast()
            } catch .overlapTooSmall {
                return
            } catch {
                refusedHeight = candidate.height
                candidates.removeLast()
                throw error
            }
        }
    }
}
