import Client
import Contracts
import Execution
import Ledger
import Primitives

/// What commands ask of an application, with failures that say what to do.
extension TopologyReader {
    func existing() async throws -> Infrastructure.Application {
        guard let application = try await application() else {
            throw CommandFailure(code: "infrastructure.application-unknown", what: "there is no application \(name)", next: "trellis infra list", status: .notFound)
        }
        return application
    }

    /// The document of a revision, or of the newest; before the first there is an empty one.
    func held(_ number: UInt64? = nil) async throws -> Document {
        let newest = try await existing().revision, chosen = number ?? newest
        guard chosen <= newest else {
            throw CommandFailure(
                code: "infrastructure.revision-unknown", what: "\(name) has no revision \(chosen)", next: "trellis infra history \(name)", status: .notFound)
        }
        return chosen == 0 ? .empty : try await document(chosen).document
    }

    func draft(_ number: UInt64) async throws -> Infrastructure.Draft {
        let found = try await client.view(Infrastructure.drafts.reference, of: .infrastructure, name, Optional(number), at: height).first
        guard let found, found.number == number else {
            throw CommandFailure(code: "infrastructure.draft-unknown", what: "\(name) has no draft \(number)", next: "trellis infra drafts \(name)", status: .notFound)
        }
        return found
    }

    /// The newest assignment that was computed, by slot; empty before the first.
    func assigned() async throws -> [Infrastructure.Assigned] {
        _ = try await existing()
        guard let newest = try await mapping(), newest.outcome != nil || newest.number > 1 else { return [] }
        return try await assignment()
    }

    /// What was reported, by slot.
    func instances() async throws -> [Infrastructure.InstanceView] {
        var all: [Infrastructure.InstanceView] = []
        while all.count < Topology.slotsMax {
            let next = all.last.map { $0.instance.slot &+ 1 }
            let page = try await client.view(Infrastructure.instances.reference, of: .infrastructure, name, next, at: height)
            if page.isEmpty { break }
            all += page
        }
        return all
    }

    /// The place of an instance: its number, or its name in the newest assignment.
    func slot(_ text: String) async throws -> UInt32 {
        if let number = UInt32(text) { return number }
        guard let found = try await assigned().first(where: { $0.instance.text == text }) else {
            throw CommandFailure(
                code: "infrastructure.instance-unknown", what: "nobody is assigned to \(text)", next: "trellis infra instances \(name)", status: .notFound)
        }
        return found.slot
    }
}
