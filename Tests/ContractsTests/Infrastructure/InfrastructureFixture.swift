import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing

/// A chain with the infrastructure contract, an application of the first person, and the calls that tests make on it. After every call the
/// contract's balance is compared with what it owes.
final class InfrastructureFixture {
    typealias Change = Infrastructure.Change

    let chain: TestChain
    let people: [Person]
    var owner: Person { people[0] }
    let app: ApplicationName = "shop"

    static let token = Amount.unitsPerToken
    static let voting: UInt64 = 60_000
    static let timeLock: UInt64 = 30_000

    init(people count: Int = 8, settings: Infrastructure.Settings = InfrastructureFixture.settings(), also others: [any BuiltInContract.Type] = []) {
        people = (0..<count).map { Person(UInt64($0)) }
        chain = TestChain(
            [Accounts.self, StandInStaking.self, Groups.self, Governance.self, Infrastructure.self] + others, people: people
        ) { parameters in
            parameters.drawDelay = 2
            parameters.proposalDeposit = Amount(1_000)
            parameters.votingMilliseconds = Self.voting
            parameters.timeLockMilliseconds = Self.timeLock
        }
        #expect(call(owner, Infrastructure.create.reference.call(on: .infrastructure, app, .account(owner.address), settings)).succeeded)
    }

    static func settings(
        threshold: UInt64 = 100, unit: UInt64 = 100, operatorsMax: UInt32 = 100, epochBlocks: UInt64 = 20, reputationMin: UInt32 = 0
    ) -> Infrastructure.Settings {
        Infrastructure.Settings(
            stakeThreshold: Amount(UInt128(threshold) * token), unitStake: Amount(UInt128(unit) * token), operatorsMax: operatorsMax,
            epochBlocks: epochBlocks, reputationMin: reputationMin)
    }

    @discardableResult
    func call(_ person: Person, _ call: Call, gasLimit: UInt64 = 40_000_000) -> Receipt {
        let receipt = chain.send(person, call, gasLimit: gasLimit)
        audit()
        return receipt
    }

    func audit() {
        let books = chain.ask(Infrastructure.books.reference, of: .infrastructure)
        #expect(books.stakes.adding(books.leaving) == chain.balance(.infrastructure))
    }

    func result<each Value: SchemaValue, Result: SchemaValue>(
        _ method: MethodReference<repeat each Value, Result>, _ receipt: Receipt
    ) throws -> Result {
        guard case .succeeded(let results) = receipt.outcome else { throw Refused(receipt: receipt) }
        return try method.result(results.values[0])
    }

    struct Refused: Error { let receipt: Receipt }

    func refuses(_ receipt: Receipt, _ reason: InfrastructureRejection, _ location: SourceLocation = #_sourceLocation) {
        #expect(receipt.code == reason.rawValue, "\(receipt.outcome)", sourceLocation: location)
    }

    // ── Documents ──

    static func object(_ section: DocumentSection, _ name: String, _ value: DocumentValue) -> DocumentObject {
        do { return try DocumentObject(section, name, value) } catch { preconditionFailure("\(error)") }
    }

    static func map(_ members: (String, DocumentValue)...) -> DocumentValue {
        .map(sorting: members.map { DocumentValue.Member($0.0, $0.1) })!
    }

    static func worker(_ name: String, count: Int64 = 1) -> DocumentObject {
        object(.nodeTemplates, name, map(("type", .text("diac.nodes.Worker")), ("properties", map(("count", .integer(count))))))
    }

    static func shard(_ name: String, copies: Int64, of workers: String) -> DocumentObject {
        object(.nodeTemplates, name, map(
            ("type", .text("diac.nodes.Shard")), ("properties", map(("count", .integer(copies)))),
            ("requirements", .list([map(("composed_of", .text(workers)))]))))
    }

    static func document(_ objects: DocumentObject...) -> Document {
        do { return try Document(sorting: objects) } catch { preconditionFailure("\(error)") }
    }

    func importing(_ person: Person, base: UInt64, _ change: Change, reason: Infrastructure.Reason = "because") -> Receipt {
        call(person, Infrastructure.importDocument.reference.call(on: .infrastructure, app, base, change, reason))
    }

    /// The whole document of a revision, page by page.
    func export(_ revision: UInt64?) throws -> Document {
        var objects: [DocumentObject] = [], from: DocumentKey?
        repeat {
            let page = chain.ask(Infrastructure.objects.reference, of: .infrastructure, app, revision, from)
            objects += page.objects.objects
            from = page.next
        } while from != nil
        return try Document(objects)
    }

    var application: Infrastructure.Application { chain.ask(Infrastructure.application.reference, of: .infrastructure, app)! }

    // ── Operators and assignments ──

    @discardableResult
    func join(
        _ person: Person, stake: UInt64 = 100, name: Infrastructure.OperatorName? = nil, region: RegionName = "DE", provider: ProviderName? = nil,
        credential: Digest? = nil
    ) -> Receipt {
        let name = name ?? Infrastructure.OperatorName("op-\(person.address.hex.prefix(8))")!
        let place = Infrastructure.Place(continent: .europe, region: region, provider: provider)
        return call(person, Infrastructure.join.reference.call(
            on: .infrastructure, app, name, place, credential, value: Amount(UInt128(stake) * Self.token)))
    }

    func freeze(_ person: Person? = nil) -> Receipt {
        call(person ?? owner, Infrastructure.freeze.reference.call(on: .infrastructure, app))
    }

    func map(gasLimit: UInt64 = 40_000_000) -> Receipt {
        call(owner, Infrastructure.map.reference.call(on: .infrastructure, app), gasLimit: gasLimit)
    }

    /// Freezes, waits for the beacon, and maps.
    @discardableResult
    func remap() throws -> MappingSummary {
        #expect(freeze().succeeded)
        chain.advance()
        chain.advance()
        return try result(Infrastructure.map.reference, map())
    }

    func assignment() -> [Infrastructure.Assigned] {
        var all: [Infrastructure.Assigned] = []
        while true {
            let page = chain.ask(Infrastructure.assignment.reference, of: .infrastructure, app, UInt32(all.count), false)
            if page.isEmpty { return all }
            all += page
        }
    }

    func number(_ person: Person) -> UInt32? {
        chain.ask(Infrastructure.operatorInfo.reference, of: .infrastructure, app, person.address).record?.number
    }
}
