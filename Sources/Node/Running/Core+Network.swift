import Logging
import Consensus
import Gossip
import Networking
import Primitives

/// What the transport tells.
enum NetworkNews: Sendable {
    case connected(ConnectedPeer)
    case standingChanged(PublicKey, PublicKey?)
    case message(PublicKey, GossipMessage)
    case malformed(PublicKey)
    case disconnected(PublicKey, String)
    case refused(Refusal)

    /// Decodes a batch, off the core's queue.
    static func decode(_ events: [PeerEvent]) -> [NetworkNews] {
        var news: [NetworkNews] = []
        for event in events {
            switch event {
            case .connected(let info): news.append(.connected(ConnectedPeer(info)))
            case .standingChanged(let peer, let standing): news.append(.standingChanged(peer, standing?.consensusKey))
            case .messages(let messages):
                for message in messages {
                    if let decoded = try? GossipMessage(bcs: message.bytes), decoded.messageClass.traffic == message.trafficClass {
                        news.append(.message(message.peer, decoded))
                    } else {
                        news.append(.malformed(message.peer))
                    }
                }
            case .disconnected(let peer, let error, _): news.append(.disconnected(peer, "\(error.code.rawValue)"))
            case .refused(let refusal): news.append(.refused(refusal))
            }
        }
        return news
    }
}

extension Core {
    func take(_ news: [NetworkNews]) {
        for item in news {
            switch item {
            case .connected(let peer): connect(peer)
            case .standingChanged(let key, let validator):
                // Most often only the epoch's number has changed.
                guard let link = links[key], links[link]?.validator != validator else { continue }
                links.setValidator(validator, of: link)
                give(.standingChanged(link, validator: validator))
            case .message(let key, let message):
                if let link = links[key] { give(.message(message, from: link)) }
            case .malformed(let key):
                if let link = links[key] { give(.misbehaved(link, .malformed)) }
            case .disconnected(let key, let code):
                disconnect(key)
                environment.log.debug("peer gone", metadata: ["peer": "\(key)", "code": "\(code)"])
            case .refused(let refusal):
                environment.log.debug("connection refused", metadata: [
                    "address": "\(refusal.remoteAddress)", "direction": "\(refusal.direction.rawValue)", "code": "\(refusal.error.code.rawValue)",
                ])
                if refusal.direction == .outbound, let address = dials.removeValue(forKey: refusal.remoteAddress) { give(.dialFailed(address)) }
            }
        }
    }

    private func connect(_ peer: ConnectedPeer) {
        let link = links.add(peer)
        environment.log.debug("peer connected", metadata: ["peer": "\(peer.key)", "validator": "\(peer.validator.map { "\($0)" } ?? "no")"])
        give(.connected(link, peer))
    }

    private func disconnect(_ key: PublicKey) {
        guard let (link, _) = links.remove(key) else { return }
        give(.disconnected(link))
        give(.peerLost(Peer(link.rawValue)))
    }
}

extension ConnectedPeer {
    init(_ info: PeerInfo) {
        let remote = Networking.NetworkAddress(info.remoteAddress)
        let host = remote.flatMap { Gossip.NetworkAddress(numeric: $0.host) } ?? Gossip.NetworkAddress()
        let listensAt = info.listenAddress.flatMap { address in
            Gossip.NetworkAddress(numeric: address.host).map { Gossip.PeerAddress(key: info.peer, host: $0, port: address.port) }
        }
        self.init(key: info.peer, listensAt: listensAt, host: host, isOutbound: info.direction == .outbound, validator: info.validator?.consensusKey)
    }
}
