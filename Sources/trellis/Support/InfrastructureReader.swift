import Client
import Contracts
import Execution
import Ledger
import Primitives

/// An application of the contract of infrastructure, as a node tells it.
struct InfrastructureReader {
    let client: Client
    let name: ApplicationName

    init(_ client: Client, _ name: ApplicationName) {
        self.client = client
        self.name = name
    }

    /// nil when there is none of this name.
    func find() async throws -> Infrastructure.Application? {
        try await client.view(Infrastructure.application.reference, of: .infrastructure, name)
    }

    func application() async throws -> Infrastructure.Application {
        guard let application = try await find() else {
            throw CommandFailure(code: "infrastructure.application-unknown", what: "there is no application \(name)", next: "trellis infra list", status: .notFound)
        }
        return application
    }

    // ── Documents ──

    /// The document of a revision, or of the newest. Its digest is computed again: what does not fit what the chain says is refused.
    func document(_ number: UInt64? = nil) async throws -> Document {
        let chosen: UInt64
        if let number { chosen = number } else { chosen = try await application().revision }
        // The state before the first revision.
        if chosen == 0 { return .empty }
        guard let revision = try await client.view(Infrastructure.revision.reference, of: .infrastructure, name, chosen) else {
            throw CommandFailure(
                code: "infrastructure.revision-unknown", what: "\(name) has no revision \(chosen)", next: "trellis infra history \(name)", status: .notFound)
        }
        var objects: [DocumentObject] = [], next: DocumentKey?
        repeat {
            let page = try await client.view(Infrastructure.objects.reference, of: .infrastructure, name, chosen, next)
            guard !page.objects.objects.isEmpty, objects.count <= DocumentLimits.objectsMax else { break }
            objects += page.objects.objects
            next = page.next
        } while next != nil
        guard let document = try? Document(objects), document.digest == revision.digest else {
            throw CommandFailure(
                code: "infrastructure.document-altered", what: "the node tells something else than the document that the chain holds",
                why: "the digest of revision \(chosen) is 0x\(revision.digest.hex)", next: "Do not believe this node; ask another one.")
        }
        return document
    }

    func draft(_ number: UInt64) async throws -> Infrastructure.Draft {
        let found = try await client.view(Infrastructure.drafts.reference, of: .infrastructure, name, number).first
        guard let found, found.number == number else {
            throw CommandFailure(code: "infrastructure.draft-unknown", what: "\(name) has no draft \(number)", next: "trellis infra drafts \(name)", status: .notFound)
        }
        return found
    }

    // ── Who runs what ──

    /// The newest assignment that was computed, by slot; empty before the first.
    func assignment() async throws -> [Infrastructure.Assigned] {
        let count = try await application().mapping
        if count == 0 { return [] }
        if count == 1, try await client.view(Infrastructure.mapping.reference, of: .infrastructure, name, 1)?.outcome == nil { return [] }
        var all: [Infrastructure.Assigned] = []
        while all.count < Topology.slotsMax {
            let page = try await client.view(Infrastructure.assignment.reference, of: .infrastructure, name, UInt32(all.count), false)
            if page.isEmpty { break }
            all += page
        }
        return all
    }

    /// What was reported, by slot.
    func instances() async throws -> [Infrastructure.InstanceView] {
        var all: [Infrastructure.InstanceView] = [], next: UInt32? = 0
        while let from = next, all.count < Topology.slotsMax {
            let page = try await client.view(Infrastructure.instances.reference, of: .infrastructure, name, from)
            all += page
            next = page.last.map { $0.instance.slot + 1 }
        }
        return all
    }

    /// The place of an instance: its number, or its name in the newest assignment.
    func slot(_ text: String) async throws -> UInt32 {
        if let number = UInt32(text) { return number }
        guard let found = try await assignment().first(where: { $0.instance.text == text }) else {
            throw CommandFailure(
                code: "infrastructure.instance-unknown", what: "nobody is assigned to \(text)", next: "trellis infra instances \(name)", status: .notFound)
        }
        return found.slot
    }
}
