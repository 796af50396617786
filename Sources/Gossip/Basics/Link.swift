public import Primitives

/// The shell's number for a connection, never used again after it. The room attaches nothing to it but the bounds of what one
/// peer may cost.
@frozen public struct Link: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static func < (left: Link, right: Link) -> Bool { left.rawValue < right.rawValue }
    public var description: String { "link \(rawValue)" }
}

/// The room's own time: how many ticks its shell has given it, one every ``GossipLimits/tickMilliseconds``.
@frozen public struct GossipTick: Counter {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// This moment and `ticks` more; the end of time stands in for what lies behind it.
    func after(_ ticks: UInt64) -> GossipTick { advanced(by: ticks) ?? GossipTick(.max) }
}

/// An object for each connection, in ascending order of links, so that walking it gives the same order everywhere.
struct LinkTable<Value: AnyObject> {
    private(set) var links: [Link] = []
    private var values: [Value] = []

    var count: Int { links.count }

    private func place(_ link: Link) -> (position: Int, isThere: Bool) {
        var low = 0, high = links.count
        while low < high {
            let middle = (low + high) / 2
            if links[middle] < link { low = middle + 1 } else { high = middle }
        }
        return (low, low < links.count && links[low] == link)
    }

    subscript(link: Link) -> Value? {
        get {
            let (position, isThere) = place(link)
            return isThere ? values[position] : nil
        }
        set {
            let (position, isThere) = place(link)
            switch (newValue, isThere) {
            case (let value?, true): values[position] = value
            case (let value?, false):
                links.insert(link, at: position)
                values.insert(value, at: position)
            case (nil, true):
                links.remove(at: position)
                values.remove(at: position)
            case (nil, false): break
            }
        }
    }
}
