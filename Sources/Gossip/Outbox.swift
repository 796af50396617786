import Primitives

/// What the machines of one step leave behind: effects for the shell, and offences for the judge of peers.
struct Outbox {
    var effects: [GossipEffect] = []
    var offences: [(link: Link, misbehaviour: Misbehaviour)] = []

    mutating func send(_ message: GossipMessage, to link: Link) { effects.append(.send(message, to: [link])) }

    mutating func send(_ message: GossipMessage, to links: [Link]) {
        if !links.isEmpty { effects.append(.send(message, to: links)) }
    }

    mutating func offend(_ link: Link, _ misbehaviour: Misbehaviour) { offences.append((link, misbehaviour)) }
}
