public import Contracts
import Cryptography
import Execution
import Interface
public import Ledger
public import Primitives

/// Reads an application's document, operators and assignment from a node's views, page by page, all behind the same block.
///
/// Documents and frozen inputs are compared with their digests, so that a node cannot mix revisions; who believes no node at all reads with
/// ``LightReader``.
///
/// ```swift
/// let reader = try await TopologyReader(client, "shop")
/// let document = try await reader.document()
/// let nodes = try await reader.assignment()
/// ```
public struct TopologyReader: Sendable {
    public let client: Client
    public let name: ApplicationName
    /// Behind which block everything is read.
    public let height: Height

    /// - Parameter height: nil takes the newest block.
    public init(_ client: Client, _ name: ApplicationName, at height: Height? = nil) async throws(ClientError) {
        self.client = client
        self.name = name
        if let height { self.height = height } else { self.height = Height(try await client.head().height) }
    }

    /// nil when there is no such application.
    public func application() async throws(ClientError) -> Infrastructure.Application? {
        try await client.view(Infrastructure.application.reference, of: .infrastructure, name, at: height)
    }

    /// A revision's document, whole; the newest without a number.
    public func document(_ number: UInt64? = nil) async throws(ClientError) -> (revision: Infrastructure.Revision, document: Document) {
        var objects: [DocumentObject] = [], next: DocumentKey?, pages = 0
        while true {
            let page = try await client.view(Infrastructure.objects.reference, of: .infrastructure, name, number, next, at: height)
            objects += page.objects.objects
            next = page.next
            pages += 1
            guard next == nil else {
                // A page holds one object at least.
                guard pages <= DocumentLimits.objectsMax, !page.objects.objects.isEmpty else { throw .answerUnexpected("pages of a document that do not end") }
                continue
            }
            let document: Document
            do { document = try Document(objects) } catch { throw .answerUnexpected("objects that are no document: \(error)") }
            guard document.digest == page.revision.digest else { throw .answerUnexpected("the document's digest is not the revision's") }
            return (page.revision, document)
        }
    }

    /// Operators in the order of their numbers.
    public func operators() async throws(ClientError) -> [Infrastructure.Operator] {
        var all: [Infrastructure.Operator] = []
        while all.count <= Infrastructure.operatorsMax {
            let page = try await client.view(Infrastructure.operators.reference, of: .infrastructure, name, all.last.map { $0.number &+ 1 }, at: height)
            all += page
            if page.isEmpty { break }
        }
        return all
    }

    /// The nodes of the newest assignment that was computed, by slot.
    public func assignment(movesOnly: Bool = false) async throws(ClientError) -> [Infrastructure.Assigned] {
        var all: [Infrastructure.Assigned] = []
        while all.count <= Topology.slotsMax {
            let page = try await client.view(
                Infrastructure.assignment.reference, of: .infrastructure, name, all.last.map { $0.slot &+ 1 } ?? 0, movesOnly, at: height)
            all += page
            if page.isEmpty { break }
        }
        return all
    }

    /// An assignment's record; the newest without a number, nil when there is none.
    public func mapping(_ number: UInt64? = nil) async throws(ClientError) -> Infrastructure.MappingRecord? {
        try await client.view(Infrastructure.mapping.reference, of: .infrastructure, name, number, at: height)
    }

    /// What was frozen for one of the newest two assignments.
    public func input(of record: Infrastructure.MappingRecord) async throws(ClientError) -> MappingInput {
        var bytes: [UInt8] = []
        for part in 0...UInt8.max {
            guard bytes.count < Int(record.inputBytes),
                  let piece = try await client.view(Infrastructure.mappingInput.reference, of: .infrastructure, name, record.number, part, at: height)
            else { break }
            bytes += piece.bytes
        }
        guard bytes.count == Int(record.inputBytes), SHA256.hash(bytes) == record.inputDigest else {
            throw .answerUnexpected("what was frozen has another digest than the record says")
        }
        do throws(BCSError) { return try MappingInput(bcs: bytes) } catch { throw .answerUnexpected("no mapping input: \(error)") }
    }
}
