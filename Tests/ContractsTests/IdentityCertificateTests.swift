import ChainKit
import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// Certificates bound to accounts, with real certificates and signatures of OpenSSL.
@Suite struct IdentityCertificateTests {
    private let alice = Person(1), bob = Person(2), carol = Person(3)
    private let kit = CertificateKit.all

    /// A chain in the year 2027, when the certificates of the vectors are valid.
    private func chain() -> TestChain {
        let chain = TestChain([Accounts.self, Identity.self, Steward.self], people: [alice, bob, carol])
        chain.advance(time: Timestamp(1_800_000_000_000))
        return chain
    }

    private func bind(
        _ chain: TestChain, _ name: String, _ person: Person, _ number: UInt64 = 1, signature: BoundedBytes<512>? = nil, _ issuance: Identity.Issuance? = nil
    ) -> UInt32? {
        let entry = kit[name]
        let signature = signature ?? entry.signed(for: person.address, number, chainID: chain.genesis.chainID)
        let receipt = chain.send(person, Identity.bind.reference.call(on: .identity, entry.argument, number, signature, issuance))
        return receipt.code
    }

    private func binding(_ chain: TestChain, _ person: Person) -> Identity.BindingEntry? {
        chain.ask(Identity.binding.reference, of: .identity, person.address)
    }

    @Test(arguments: ["cli-ed25519", "cli-p256", "cli-p384", "cli-rsa2048", "cli-rsa3072", "cli-rsa4096"])
    func everyKindOfKeyBindsAndOnlyForWhomItSigned(_ name: String) {
        let chain = chain(), entry = kit[name], certificate = entry.certificate, chainID = chain.genesis.chainID
        let forBob = entry.signed(for: bob.address, 1, chainID: chainID), forAlice = entry.signed(for: alice.address, 1, chainID: chainID)
        let elsewhere = entry.signed(for: alice.address, 1, chainID: ChainID([UInt8](repeating: 1, count: 32))!)
        for wrong in [forBob, elsewhere, BoundedBytes<512>([])!, BoundedBytes<512>(Array(forAlice.bytes.dropLast()))!] {
            #expect(bind(chain, name, alice, signature: wrong) == IdentityRejection.statementInvalid.rawValue)
        }
        #expect(bind(chain, name, alice, 2, signature: forAlice) == IdentityRejection.statementInvalid.rawValue)
        #expect(bind(chain, name, alice, signature: forAlice) == nil)
        #expect(chain.events(Identity.CertificateBound.self) == [
            .init(account: alice.address, certificate: certificate.fingerprint, key: certificate.keyFingerprint, root: nil)])
        let bound = binding(chain, alice)
        #expect(bound?.standing == .valid && bound?.level == .selfAsserted)
        #expect(bound?.binding.commonName?.text == "\(name).example.org" && bound?.binding.subject.bytes == certificate.subject)
        #expect(bound?.binding.notAfter == certificate.notAfter && bound?.binding.serial.bytes == certificate.serial)
        #expect(chain.ask(Identity.holderOfCertificate.reference, of: .identity, certificate.fingerprint) == alice.address)
        #expect(chain.ask(Identity.holderOfKey.reference, of: .identity, certificate.keyFingerprint) == .init(account: alice.address, number: 1))
        // The same statement again is no newer one.
        #expect(bind(chain, name, alice, signature: forAlice) == IdentityRejection.statementNotNewer.rawValue)
    }

    @Test func bytesThatAreNoCertificateAreRefused() {
        let chain = chain()
        let signature = BoundedBytes<512>([])!
        var generator = SeededGenerator(seed: 1)
        let good = kit["cli-p256"].bytes
        let bad = [[], [0x30], [0x30, 0x80, 0, 0], good + [0], Array(good.dropLast()), [UInt8](repeating: 0x30, count: 4_096)]
            + (0..<50).map { _ in generator.bytes(generator.below(300)) }
        for bytes in bad {
            let receipt = chain.send(alice, Identity.bind.reference.call(on: .identity, BoundedBytes<4096>(bytes)!, 1, signature, nil))
            #expect(receipt.code == IdentityRejection.certificateMalformed.rawValue)
        }
        let tooLong = Call(contract: .identity, method: "bind", arguments: [0x81, 0x20] + [UInt8](repeating: 0, count: 4_097) + [UInt8](repeating: 0, count: 10))
        #expect(chain.send(alice, tooLong).code == SystemRejection.argumentsMalformed.rawValue)
    }

    /// A name that people would not see as it is: the certificate is well formed, and its key signed for the account.
    @Test func aNameThatCannotBeReadIsRefused() throws {
        let chain = chain(), good = kit["leaf-of-root"]
        let place = try #require(good.bytes.firstRange(of: Array("service".utf8))).lowerBound
        var bytes = good.bytes
        bytes[place] = 5
        let altered = CertificateKit.Entry(name: "altered", der: bytes.hex, key: good.key)
        #expect(altered.certificate.commonName == "Zoë's \u{5}ervice")
        let signature = altered.signed(for: alice.address, 1, chainID: chain.genesis.chainID)
        #expect(chain.send(alice, Identity.bind.reference.call(on: .identity, altered.argument, 1, signature, nil)).code == IdentityRejection.textNotReadable.rawValue)
    }

    @Test func validityIsThatOfBlockTime() {
        let chain = chain()
        #expect(bind(chain, "expired", alice) == IdentityRejection.certificateExpired.rawValue)
        #expect(bind(chain, "not-yet", alice) == IdentityRejection.certificateNotYetValid.rawValue)
        #expect(bind(chain, "long-life", alice) == nil)
        #expect(bind(chain, "leaf-of-root", bob) == nil)
        let end = kit["leaf-of-root"].certificate.notAfter.rawValue
        chain.advance(time: Timestamp(end + 999))
        #expect(binding(chain, bob)?.standing == .valid)
        chain.advance(time: Timestamp(end + 1_000))
        #expect(binding(chain, bob)?.standing == .expired && binding(chain, alice)?.standing == .valid)
        #expect(bind(chain, "leaf-of-root", bob, 2) == IdentityRejection.certificateExpired.rawValue)
    }

    /// A key speaks for one account at a time and an account has one certificate; each side ends it alone, and nothing old comes back.
    @Test func bindingsMoveAndEndFromBothSides() {
        let chain = chain(), chainID = chain.genesis.chainID
        let leaf = kit["leaf-of-middle"], renewed = kit["leaf-renewed"], key = leaf.certificate.keyFingerprint
        let first = leaf.signed(for: alice.address, 1, chainID: chainID)
        #expect(chain.send(alice, Identity.unbind.reference.call(on: .identity)).code == IdentityRejection.certificateNotBound.rawValue)
        #expect(bind(chain, "leaf-of-middle", alice, 1, signature: first) == nil)
        // Renewal: another certificate of the same key.
        #expect(bind(chain, "leaf-renewed", alice, 2) == nil)
        #expect(chain.events(Identity.CertificateUnbound.self) == [.init(account: alice.address, certificate: leaf.certificate.fingerprint, cause: .replaced)])
        #expect(chain.ask(Identity.holderOfCertificate.reference, of: .identity, leaf.certificate.fingerprint) == nil)
        #expect(chain.ask(Identity.holderOfCertificate.reference, of: .identity, renewed.certificate.fingerprint) == alice.address)
        // The key's holder moves it to bob, whatever alice wants, and alice's old statements do not bring it back.
        #expect(bind(chain, "leaf-of-middle", bob, 2) == IdentityRejection.statementNotNewer.rawValue)
        #expect(bind(chain, "leaf-of-middle", bob, 3) == nil)
        #expect(chain.events(Identity.CertificateUnbound.self) == [.init(account: alice.address, certificate: renewed.certificate.fingerprint, cause: .movedByKey)])
        #expect(binding(chain, alice) == nil && binding(chain, bob)?.binding.fingerprint == leaf.certificate.fingerprint)
        #expect(chain.ask(Identity.holderOfKey.reference, of: .identity, key) == .init(account: bob.address, number: 3))
        #expect(bind(chain, "leaf-of-middle", alice, 1, signature: first) == IdentityRejection.statementNotNewer.rawValue)
        // Bob ends it; the key's number stays.
        #expect(chain.send(bob, Identity.unbind.reference.call(on: .identity)).succeeded)
        #expect(chain.events(Identity.CertificateUnbound.self) == [.init(account: bob.address, certificate: leaf.certificate.fingerprint, cause: .endedByAccount)])
        #expect(chain.ask(Identity.holderOfKey.reference, of: .identity, key) == .init(account: nil, number: 3))
        #expect(bind(chain, "leaf-of-middle", alice, 1, signature: first) == IdentityRejection.statementNotNewer.rawValue)
        // An account replaces its certificate by that of another key, which another account had.
        #expect(bind(chain, "leaf-of-middle", alice, 4) == nil && bind(chain, "cli-ed25519", bob, 1) == nil && bind(chain, "cli-ed25519", alice, 2) == nil)
        #expect(chain.events(Identity.CertificateUnbound.self).map(\.cause) == [.replaced, .movedByKey])
        #expect(binding(chain, bob) == nil && chain.ask(Identity.holderOfKey.reference, of: .identity, key)?.account == nil)

        // The key ends it through a stranger, and even with an expired certificate of its own.
        #expect(bind(chain, "leaf-of-middle", bob, 5) == nil)
        func disown(_ name: String, _ number: UInt64, for account: Address = Address()) -> UInt32? {
            let signature = kit[name].signed(for: account, number, chainID: chainID)
            return chain.send(carol, Identity.disown.reference.call(on: .identity, kit[name].argument, number, signature)).code
        }
        #expect(disown("expired", 5) == IdentityRejection.statementNotNewer.rawValue)
        #expect(disown("expired", 6, for: carol.address) == IdentityRejection.statementInvalid.rawValue)
        #expect(disown("expired", 9) == nil)
        #expect(chain.events(Identity.CertificateUnbound.self) == [.init(account: bob.address, certificate: leaf.certificate.fingerprint, cause: .endedByKey)])
        #expect(binding(chain, bob) == nil && chain.ask(Identity.holderOfKey.reference, of: .identity, key) == .init(account: nil, number: 9))
        // A key that is bound to nobody can make its earlier statements worthless.
        let early = kit["cli-p384"].signed(for: alice.address, 1, chainID: chainID)
        #expect(disown("cli-p384", 2) == nil)
        #expect(bind(chain, "cli-p384", alice, 1, signature: early) == IdentityRejection.statementNotNewer.rawValue)
    }

    @Test func rootsAreGovernancesAndVouchForNames() {
        let chain = chain()
        func register(_ name: String) -> UInt32? {
            chain.send(carol, Steward.registerRoot.reference.call(on: .governance, kit[name].argument)).code
        }
        let rootKey = kit["root"].certificate.keyFingerprint, direct = Identity.Issuance(root: rootKey)
        #expect(chain.send(carol, Identity.registerRoot.reference.call(on: .identity, kit["root"].argument)).code == IdentityRejection.notGovernance.rawValue)
        #expect(chain.send(carol, Identity.removeRoot.reference.call(on: .identity, rootKey)).code == IdentityRejection.notGovernance.rawValue)
        #expect(bind(chain, "leaf-of-root", alice, 1, direct) == IdentityRejection.rootUnknown.rawValue)
        #expect(register("leaf-of-root") == IdentityRejection.issuerInvalid.rawValue)
        #expect(register("root-late") == IdentityRejection.issuerInvalid.rawValue)
        #expect(register("middle-constrained") == IdentityRejection.issuerInvalid.rawValue)
        #expect(register("root") == nil)
        #expect(chain.events(Identity.RootRegistered.self) == [.init(key: rootKey, certificate: kit["root"].certificate.fingerprint)])
        #expect(register("root-short") == IdentityRejection.rootKnown.rawValue)
        #expect(register("root-p384") == nil && register("root-ed25519") == nil)
        #expect(chain.ask(Identity.listRoots.reference, of: .identity).map(\.keyFingerprint).sorted()
            == ["root", "root-p384", "root-ed25519"].map { kit[$0].certificate.keyFingerprint }.sorted())

        // From the root itself, by each kind of key.
        #expect(bind(chain, "leaf-of-root", alice, 1, direct) == nil)
        #expect(binding(chain, alice)?.level == .issued(rootKey))
        #expect(bind(chain, "leaf-of-p384", bob, 1, .init(root: kit["root-p384"].certificate.keyFingerprint)) == nil)
        #expect(bind(chain, "leaf-of-ed25519", bob, 2, .init(root: kit["root-ed25519"].certificate.keyFingerprint)) == nil)
        // Names of another issuer, and its name without its signature.
        #expect(bind(chain, "leaf-of-middle", bob, 3, direct) == IdentityRejection.issuerMismatch.rawValue)
        #expect(bind(chain, "leaf-forged", alice, 3, direct) == IdentityRejection.issuerMismatch.rawValue)
        #expect(bind(chain, "leaf-critical", bob, 3, direct) == IdentityRejection.certificateMalformed.rawValue)
        // Over one certificate between.
        func over(_ name: String) -> Identity.Issuance { .init(root: rootKey, intermediate: kit[name].argument) }
        #expect(bind(chain, "leaf-of-middle", bob, 3, over("middle")) == nil)
        #expect(bind(chain, "leaf-sha384", bob, 4, over("middle")) == nil && bind(chain, "leaf-sha512", bob, 5, over("middle")) == nil)
        #expect(bind(chain, "leaf-pss", bob, 6, over("middle")) == IdentityRejection.issuerMismatch.rawValue)
        for bad in ["middle-no-authority", "middle-no-signing", "middle-constrained", "middle-old"] {
            #expect(bind(chain, "leaf-of-middle", bob, 6, over(bad)) == IdentityRejection.issuerInvalid.rawValue, "\(bad)")
        }
        #expect(bind(chain, "leaf-of-middle", bob, 6, over("middle-forged")) == IdentityRejection.issuerMismatch.rawValue)
        #expect(bind(chain, "leaf-of-root", alice, 6, over("middle")) == IdentityRejection.issuerMismatch.rawValue)
        #expect(binding(chain, bob)?.binding.fingerprint == kit["leaf-sha512"].certificate.fingerprint)

        // A root that allows nothing between.
        #expect(chain.send(carol, Steward.removeRoot.reference.call(on: .governance, rootKey)).succeeded)
        #expect(chain.events(Identity.RootRemoved.self) == [.init(key: rootKey)])
        #expect(binding(chain, alice)?.level == .lapsed(rootKey) && binding(chain, bob)?.level == .lapsed(rootKey))
        #expect(chain.send(carol, Steward.removeRoot.reference.call(on: .governance, rootKey)).code == IdentityRejection.rootUnknown.rawValue)
        #expect(register("root-short") == nil)
        #expect(bind(chain, "leaf-of-middle", bob, 6, over("middle")) == IdentityRejection.issuerInvalid.rawValue)
        #expect(bind(chain, "leaf-of-root", alice, 6, direct) == nil)
        // An expired root vouches for nothing.
        chain.advance(time: Timestamp(kit["root-short"].certificate.notAfter.rawValue + 1_000))
        #expect(binding(chain, alice)?.level == .lapsed(rootKey))
    }

    /// Random bindings, endings and disownments of few keys by few accounts, against dictionaries: never two accounts for a key, never
    /// two keys for an account, and no statement twice.
    @Test func bindingsAgreeWithAModel() {
        let people = [alice, bob, carol], chain = chain(), chainID = chain.genesis.chainID
        let names = ["cli-ed25519", "leaf-of-middle", "leaf-renewed", "leaf-of-root"]
        let keys = Dictionary(uniqueKeysWithValues: names.map { ($0, kit[$0].certificate.keyFingerprint) })
        var holder: [Digest: Address] = [:], certificate: [Address: String] = [:], numbers: [Digest: UInt64] = [:]
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<400 {
            let person = people[generator.below(3)], name = names[generator.below(4)], key = keys[name]!
            let number = (numbers[key] ?? 0) + UInt64(generator.below(3)), isNew = numbers[key].map { number > $0 } ?? true
            func release(_ account: Address) {
                guard let name = certificate.removeValue(forKey: account) else { return }
                holder[keys[name]!] = nil
            }
            switch generator.below(6) {
            case 0:
                let works = certificate[person.address] != nil
                #expect(chain.send(person, Identity.unbind.reference.call(on: .identity)).succeeded == works)
                release(person.address)
            case 1:
                let signature = kit[name].signed(for: Address(), number, chainID: chainID)
                #expect(chain.send(person, Identity.disown.reference.call(on: .identity, kit[name].argument, number, signature)).succeeded == isNew)
                if isNew {
                    if let account = holder[key] { release(account) }
                    numbers[key] = number
                }
            default:
                #expect((bind(chain, name, person, number) == nil) == isNew)
                if isNew {
                    release(person.address)
                    if let account = holder[key] { release(account) }
                    (holder[key], certificate[person.address], numbers[key]) = (person.address, name, number)
                }
            }
            for person in people {
                #expect(binding(chain, person)?.binding.fingerprint == certificate[person.address].map { kit[$0].certificate.fingerprint })
            }
            for name in names {
                #expect(chain.ask(Identity.holderOfKey.reference, of: .identity, keys[name]!)?.account == holder[keys[name]!])
                let fingerprint = kit[name].certificate.fingerprint
                #expect(chain.ask(Identity.holderOfCertificate.reference, of: .identity, fingerprint) == certificate.first { $0.value == name }?.key)
            }
        }
    }

    /// The dearest binding fits into a transaction many times over, and a failed one is paid for.
    @Test func gasIsBoundedAndPaid() {
        let chain = chain()
        let wrong = BoundedBytes<512>([UInt8](repeating: 1, count: 96))!
        let receipt = chain.send(alice, Identity.bind.reference.call(on: .identity, kit["cli-p384"].argument, 1, wrong, nil))
        #expect(receipt.code == IdentityRejection.statementInvalid.rawValue)
        #expect(receipt.gasUsed.rawValue > GasSchedule.verifyP384 && receipt.gasUsed.rawValue < 3_000_000)
        let short = chain.send(alice, Identity.bind.reference.call(on: .identity, kit["cli-p384"].argument, 1, wrong, nil), gasLimit: 300_000)
        guard case .outOfGas = short.outcome else { Issue.record("\(short.outcome)"); return }
    }
}

/// Stands in for governance: it calls whatever anybody asks of it.
enum Steward: BuiltInContract {
    static let name: StaticString = "governance"
    static let documentation: StaticString = "Stands in for governance."
    typealias Rejections = AccountsRejection
    static var methods: [any ContractMethod] { [registerRoot, removeRoot] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }

    static let registerRoot = Method(
        "register_root", "Passes it on.", Argument("certificate", "In DER.", BoundedBytes<4096>.self)
    ) { context, certificate throws(CallError) in
        try context.call(Identity.registerRoot.reference, on: .identity, certificate)
    }

    static let removeRoot = Method("remove_root", "Passes it on.", Argument("key", "The root's.", Digest.self)) { context, key throws(CallError) in
        try context.call(Identity.removeRoot.reference, on: .identity, key)
    }
}
