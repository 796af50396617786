import ChainKit
import Contracts
import Cryptography
import Execution
import Foundation
import Ledger
import Primitives
import Testing

/// Decentralised identifiers: who may change a document, and what it looks like.
@Suite struct IdentityDocumentTests {
    private typealias Content = Identity.DocumentContent
    private let alice = Person(1), bob = Person(2), carol = Person(3)

    private func chain() -> TestChain { TestChain([Accounts.self, Identity.self], people: [alice, bob, carol]) }

    private func update(_ chain: TestChain, _ person: Person, _ subject: Person, _ version: UInt64, _ content: Content) -> UInt32? {
        chain.send(person, Identity.updateDocument.reference.call(on: .identity, subject.address, version, content)).code
    }

    private func content(
        controllers: [Person], methods: [Identity.VerificationMethod] = [], services: [Identity.Service] = [], also: [Identity.Text256] = []
    ) -> Content {
        Content(controllers: Bounded(controllers.map(\.address))!, methods: Bounded(methods)!, services: Bounded(services)!, alsoKnownAs: Bounded(also)!)
    }

    private func method(_ fragment: Identity.Text32, _ material: Identity.Material, _ purposes: [Identity.Purpose] = [.authentication]) -> Identity.VerificationMethod {
        .init(fragment: fragment, material: material, purposes: Bounded(purposes)!)
    }

    private func json(_ chain: TestChain, _ person: Person) throws -> [String: Any] {
        let entry = chain.ask(Identity.document.reference, of: .identity, person.address)
        let text = entry.text(on: .development, chainID: chain.genesis.chainID)
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func everyAccountHasADocument() throws {
        let chain = chain()
        let entry = chain.ask(Identity.document.reference, of: .identity, alice.address)
        #expect(entry.version == 0 && entry.created == nil && entry.content == .default(of: alice.address))
        let document = try json(chain, alice)
        let id = "did:trellis:ttrl:\(alice.address.text(on: .development))"
        #expect(document["id"] as? String == id && document["controller"] as? [String] == [id])
        let methods = try #require(document["verificationMethod"] as? [[String: Any]])
        #expect(methods.count == 1 && methods[0]["id"] as? String == "\(id)#account" && methods[0]["type"] as? String == "TrellisAccount")
        for relationship in ["authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation"] {
            #expect(document[relationship] as? [String] == ["\(id)#account"])
        }
        #expect(document["keyAgreement"] == nil)
    }

    @Test func identifiersHaveOneSpelling() {
        let id = Identity.identifier(of: alice.address, on: .development)
        #expect(Identity.account(ofIdentifier: id, on: .development) == alice.address)
        for wrong in ["", id.uppercased(), "did:trellis:trl:" + alice.address.text(on: .main), "did:trellis:ttrl:" + alice.address.text(on: .main),
                      id + "q", String(id.dropLast()), "did:other:ttrl:" + alice.address.text(on: .development),
                      "did:trellis:ttrl:" + alice.address.text(on: .development).uppercased(), id + "#account"] {
            #expect(Identity.account(ofIdentifier: wrong, on: .development) == nil, "\(wrong)")
        }
    }

    @Test func controllersAloneChangeADocument() {
        let chain = chain()
        #expect(update(chain, bob, alice, 0, content(controllers: [bob])) == IdentityRejection.notController.rawValue)
        #expect(update(chain, alice, alice, 1, content(controllers: [alice])) == IdentityRejection.documentOutdated.rawValue)
        #expect(update(chain, alice, alice, 0, content(controllers: [alice, bob])) == nil)
        #expect(chain.events(Identity.DocumentUpdated.self) == [.init(subject: alice.address, by: alice.address, version: 1)])
        let created = chain.time
        #expect(update(chain, carol, alice, 1, content(controllers: [carol])) == IdentityRejection.notController.rawValue)
        // Two changes of one version: the second is refused, and does not undo the first.
        let receipts = chain.advance([
            chain.transaction(bob, [Identity.updateDocument.reference.call(on: .identity, alice.address, 1, content(controllers: [bob]))]),
            chain.transaction(alice, [Identity.updateDocument.reference.call(on: .identity, alice.address, 1, content(controllers: [alice]))]),
        ]).receipts
        // The account itself lost its say with the list, which is how a lost key is left behind; the identifier is as before.
        #expect(receipts[0].succeeded && receipts[1].code == IdentityRejection.notController.rawValue)
        let entry = chain.ask(Identity.document.reference, of: .identity, alice.address)
        #expect(entry.version == 2 && entry.created == created && entry.updated == chain.time && entry.content?.controllers.elements == [bob.address])
        #expect(update(chain, bob, alice, 1, content(controllers: [bob])) == IdentityRejection.documentOutdated.rawValue)
        #expect(update(chain, bob, alice, 2, content(controllers: [bob], methods: [method("new", .ed25519(carol.key.publicKey))])) == nil)
        #expect(chain.send(alice, Identity.deactivateDocument.reference.call(on: .identity, alice.address, 3)).code == IdentityRejection.notController.rawValue)
        #expect(chain.send(bob, Identity.deactivateDocument.reference.call(on: .identity, alice.address, 2)).code == IdentityRejection.documentOutdated.rawValue)
        #expect(chain.send(bob, Identity.deactivateDocument.reference.call(on: .identity, alice.address, 3)).succeeded)
        #expect(chain.events(Identity.DocumentDeactivated.self) == [.init(subject: alice.address, by: bob.address)])
        for person in [alice, bob] {
            #expect(update(chain, person, alice, 4, content(controllers: [alice])) == IdentityRejection.documentDeactivated.rawValue)
            #expect(chain.send(person, Identity.deactivateDocument.reference.call(on: .identity, alice.address, 4)).code == IdentityRejection.documentDeactivated.rawValue)
        }
        let gone = chain.ask(Identity.document.reference, of: .identity, alice.address)
        #expect(gone.content == nil && gone.version == 4)
        // Whoever never wrote one can deactivate the default.
        #expect(chain.send(carol, Identity.deactivateDocument.reference.call(on: .identity, carol.address, 0)).succeeded)
    }

    @Test func contentIsChecked() {
        let chain = chain()
        let key = bob.key.publicKey, small = PublicKey([1] + [UInt8](repeating: 0, count: 31))!
        func refused(_ content: Content, _ reason: IdentityRejection, line: Int = #line) {
            #expect(update(chain, alice, alice, 0, content) == reason.rawValue, "line \(line)")
        }
        func set(_ threshold: UInt8, _ keys: [PublicKey]) -> Identity.Material { .multisig(.init(threshold: threshold, keys: Bounded(keys)!)) }
        refused(content(controllers: []), .controllersInvalid)
        refused(content(controllers: [alice, alice]), .controllersInvalid)
        refused(Content(controllers: Bounded([Address()])!, methods: Bounded()), .controllersInvalid)
        refused(content(controllers: [alice], methods: [method("a", .account), method("a", .certificate)]), .fragmentsRepeated)
        refused(content(controllers: [alice], methods: [method("a", .account)], services: [.init(fragment: "a", kind: "X", endpoint: "https://x.example")]), .fragmentsRepeated)
        refused(content(controllers: [alice], methods: [method("a#b", .account)]), .tokenInvalid)
        refused(content(controllers: [alice], methods: [method("", .account)]), .tokenInvalid)
        refused(content(controllers: [alice], services: [.init(fragment: "a", kind: "\"", endpoint: "https://x.example")]), .tokenInvalid)
        refused(content(controllers: [alice], services: [.init(fragment: "a", kind: "X", endpoint: "x")]), .uriInvalid)
        refused(content(controllers: [alice], also: ["\"},{"]), .uriInvalid)
        refused(content(controllers: [alice], methods: [method("a", .account, [.assertion, .assertion])]), .methodInvalid)
        refused(content(controllers: [alice], methods: [method("a", .ed25519(small))]), .methodInvalid)
        refused(content(controllers: [alice], methods: [method("a", .ed25519(key), [.agreement])]), .methodInvalid)
        refused(content(controllers: [alice], methods: [method("a", .x25519(.zero), [.authentication, .agreement])]), .methodInvalid)
        refused(content(controllers: [alice], methods: [method("a", set(0, [key]))]), .methodInvalid)
        refused(content(controllers: [alice], methods: [method("a", set(2, [key]))]), .methodInvalid)
        refused(content(controllers: [alice], methods: [method("a", set(1, []))]), .methodInvalid)
        refused(content(controllers: [alice], methods: [method("a", set(1, [key, key]))]), .methodInvalid)
        refused(content(controllers: [alice], methods: [method("a", set(1, [key, small]))]), .methodInvalid)
        #expect(chain.ask(Identity.document.reference, of: .identity, alice.address).version == 0)
    }

    @Test func documentsAreRenderedAsTheStandardHasThem() throws {
        let chain = chain(), kit = CertificateKit.all
        chain.advance(time: Timestamp(1_800_000_000_000))
        // The test vector of the did:key specification for Ed25519.
        let published = PublicKey(hex: "2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6")!
        let methods = [
            method("account", .account), method("key", .ed25519(published), [.authentication, .assertion]), method("box", .x25519(.zero), [.agreement]),
            method("board", .multisig(.init(threshold: 2, keys: Bounded([bob.key.publicKey, carol.key.publicKey])!)), [.assertion]),
            method("site", .certificate, [.assertion]),
        ]
        let full = content(
            controllers: [alice, bob], methods: methods, services: [.init(fragment: "web", kind: "LinkedDomains", endpoint: "https://alice.example")],
            also: ["https://alice.example/about"])
        #expect(update(chain, alice, alice, 0, full) == nil)
        let id = Identity.identifier(of: alice.address, on: .development)
        // Without a certificate its method is not there.
        var document = try json(chain, alice)
        #expect((document["verificationMethod"] as? [[String: Any]])?.count == 4 && document["assertionMethod"] as? [String] == ["\(id)#key", "\(id)#board"])
        let signature = kit["cli-p256"].signed(for: alice.address, 1, chainID: chain.genesis.chainID)
        #expect(chain.send(alice, Identity.bind.reference.call(on: .identity, kit["cli-p256"].argument, 1, signature, nil)).succeeded)
        document = try json(chain, alice)
        let shown = try #require(document["verificationMethod"] as? [[String: Any]])
        #expect(shown.map { $0["id"] as? String } == ["account", "key", "box", "board", "site"].map { "\(id)#\($0)" })
        #expect(shown.allSatisfy { $0["controller"] as? String == id })
        #expect(shown[1]["publicKeyMultibase"] as? String == "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
        #expect((shown[2]["publicKeyMultibase"] as? String)?.hasPrefix("z6LS") == true)
        #expect(shown[3]["threshold"] as? Int == 2 && (shown[3]["conditionThreshold"] as? [[String: Any]])?.count == 2)
        let thumbprint = Data(kit["cli-p256"].certificate.fingerprint.bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        #expect(shown[4]["x5t#S256"] as? String == thumbprint)
        #expect(document["keyAgreement"] as? [String] == ["\(id)#box"] && document["alsoKnownAs"] as? [String] == ["https://alice.example/about"])
        #expect((document["service"] as? [[String: String]]) == [["id": "\(id)#web", "type": "LinkedDomains", "serviceEndpoint": "https://alice.example"]])
        // An expired certificate goes, as an ended binding does.
        chain.advance(time: Timestamp(kit["cli-p256"].certificate.notAfter.rawValue + 1_000))
        #expect((try json(chain, alice)["verificationMethod"] as? [[String: Any]])?.count == 4)
        #expect(chain.send(alice, Identity.deactivateDocument.reference.call(on: .identity, alice.address, 1)).succeeded)
        #expect(try json(chain, alice).keys.sorted() == ["@context", "id"])
    }
}
