import ChainKit
import Contracts
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// Roles, profiles and attestations.
@Suite struct IdentityRolesTests {
    private let alice = Person(1), bob = Person(2), carol = Person(3)

    private func chain() -> TestChain { TestChain([Accounts.self, Identity.self], people: [alice, bob, carol]) }
    private func roles(_ roles: [Identity.Role]) -> Identity.Roles { Identity.Roles(roles)! }

    @Test func anAccountJoinsAndLeavesRoles() {
        let chain = chain()
        #expect(chain.send(alice, Identity.join.reference.call(on: .identity, roles([.witness, .developer]))).succeeded)
        #expect(chain.events(Identity.RoleJoined.self) == [.init(account: alice.address, role: .witness), .init(account: alice.address, role: .developer)])
        let joined = chain.time
        let kept = chain.ask(Identity.participant.reference, of: .identity, alice.address)
        #expect(kept?.roles.elements == [.init(role: .developer, since: joined), .init(role: .witness, since: joined)])
        #expect(kept?.profile == nil)
        #expect(chain.send(alice, Identity.join.reference.call(on: .identity, roles([.provider, .witness]))).code == IdentityRejection.roleHeld.rawValue)
        #expect(chain.send(alice, Identity.leave.reference.call(on: .identity, roles([.provider]))).code == IdentityRejection.roleNotHeld.rawValue)
        // The text names the role as the schema does.
        let missing = chain.send(alice, Identity.leave.reference.call(on: .identity, roles([.operator])))
        #expect(missing.outcome.failure?.message == "not in the role operator")
        #expect(Identity.Role.allCases.map(\.caseName) == ["developer", "operator", "provider", "witness", "validator", "endUser"])
        for refused in [[], [Identity.Role.provider, .provider]] {
            #expect(chain.send(alice, Identity.join.reference.call(on: .identity, roles(refused))).code == IdentityRejection.rolesRepeated.rawValue)
            #expect(chain.send(alice, Identity.leave.reference.call(on: .identity, roles(refused))).code == IdentityRejection.rolesRepeated.rawValue)
        }
        #expect(chain.send(alice, Identity.leave.reference.call(on: .identity, roles([.developer, .witness]))).succeeded)
        #expect(chain.events(Identity.RoleLeft.self).map(\.role) == [.developer, .witness])
        #expect(chain.ask(Identity.participant.reference, of: .identity, alice.address) == nil)
        #expect(chain.send(alice, Identity.leave.reference.call(on: .identity, roles([.developer]))).code == IdentityRejection.roleNotHeld.rawValue)
    }

    @Test func aProfileIsReadableOrRefused() {
        let chain = chain()
        func set(_ profile: Identity.Profile) -> UInt32? { chain.send(alice, Identity.setProfile.reference.call(on: .identity, profile)).code }
        let good = Identity.Profile(
            name: "Zoë & Söhne 株式会社", contact: "mailto:zoe@example.org", description: "https://example.org/about?x=1#y",
            descriptionHash: Digest([UInt8](repeating: 7, count: 32)), region: "US-CA")
        #expect(set(good) == nil)
        #expect(chain.events(Identity.ProfileChanged.self) == [.init(account: alice.address)])
        #expect(chain.ask(Identity.participant.reference, of: .identity, alice.address)?.profile == good)
        for name: Identity.Text64 in ["", "a\u{202e}b", "a\nb", "\u{200b}", "soft\u{ad}hyphen", "a\u{7f}"] {
            #expect(set(.init(name: name)) == IdentityRejection.textNotReadable.rawValue, "\(name)")
        }
        for uri: Identity.Text256 in ["", "example.org", ":x", "1a:b", "http:", "https://exa mple.org", "https://exämple.org", "https://a\u{0}", "java script:x"] {
            #expect(set(.init(name: "a", contact: uri)) == IdentityRejection.uriInvalid.rawValue, "\(uri)")
            #expect(set(.init(name: "a", description: uri)) == IdentityRejection.uriInvalid.rawValue, "\(uri)")
        }
        for region: Identity.Text16 in ["", "D", "de", "DEU", "DE-", "DE-ABCD", "D1", "DE_BE"] {
            #expect(set(.init(name: "a", region: region)) == IdentityRejection.regionInvalid.rawValue, "\(region)")
        }
        #expect(chain.ask(Identity.participant.reference, of: .identity, alice.address)?.profile == good)
        #expect(chain.send(alice, Identity.clearProfile.reference.call(on: .identity)).succeeded)
        #expect(chain.ask(Identity.participant.reference, of: .identity, alice.address) == nil)
        #expect(chain.send(alice, Identity.clearProfile.reference.call(on: .identity)).code == IdentityRejection.profileMissing.rawValue)
        let tooLong = Call(contract: .identity, method: "set_profile", arguments: [65] + [UInt8](repeating: 0x61, count: 65) + [0, 0, 0, 0])
        #expect(chain.send(alice, tooLong).code == SystemRejection.argumentsMalformed.rawValue)
    }

    @Test func attestationsAreMadeExpireAndAreRevoked() {
        let chain = chain()
        let claim = Digest([UInt8](repeating: 9, count: 32))!, kind: Identity.Text32 = "kyc"
        func standing() -> Identity.AttestationStanding? {
            chain.ask(Identity.attestation.reference, of: .identity, alice.address, bob.address, kind)?.standing
        }
        #expect(standing() == nil)
        #expect(chain.send(bob, Identity.attest.reference.call(on: .identity, bob.address, kind, claim, nil)).code == IdentityRejection.subjectSelf.rawValue)
        #expect(chain.send(bob, Identity.attest.reference.call(on: .identity, alice.address, "k y c", claim, nil)).code == IdentityRejection.tokenInvalid.rawValue)
        #expect(chain.send(bob, Identity.attest.reference.call(on: .identity, alice.address, kind, claim, Timestamp(chain.time.rawValue + 1_000))).code == IdentityRejection.expiryPast.rawValue)
        let expires = Timestamp(chain.time.rawValue + 10_000)
        #expect(chain.send(bob, Identity.attest.reference.call(on: .identity, alice.address, kind, claim, expires)).succeeded)
        #expect(chain.events(Identity.Attested.self) == [.init(attester: bob.address, subject: alice.address, kind: kind, claim: claim, expires: expires)])
        #expect(standing() == .valid)
        chain.advance(time: Timestamp(expires.rawValue - 1))
        #expect(standing() == .valid)
        chain.advance(time: expires)
        #expect(standing() == .expired)
        #expect(chain.send(carol, Identity.revoke.reference.call(on: .identity, alice.address, kind)).code == IdentityRejection.attestationUnknown.rawValue)
        #expect(chain.send(alice, Identity.revoke.reference.call(on: .identity, alice.address, kind)).code == IdentityRejection.attestationUnknown.rawValue)
        #expect(chain.send(bob, Identity.attest.reference.call(on: .identity, alice.address, kind, claim, nil)).succeeded)
        #expect(standing() == .valid)
        #expect(chain.send(bob, Identity.revoke.reference.call(on: .identity, alice.address, kind)).succeeded)
        #expect(chain.events(Identity.Revoked.self) == [.init(attester: bob.address, subject: alice.address, kind: kind)])
        #expect(standing() == .revoked)
        #expect(chain.send(bob, Identity.revoke.reference.call(on: .identity, alice.address, kind)).code == IdentityRejection.attestationUnknown.rawValue)
    }

    /// Whatever anybody attests, a reader who asks for one attester finds it at a price that does not grow.
    @Test func strangersAttestationsDoNotHideThoseOfATrustedAttester() throws {
        let chain = chain()
        func cost() -> UInt64 {
            let method = Identity.attestation.reference
            let result = try! chain.executor.view(
                ViewCall(contract: .identity, method: method.name, arguments: method.encode(alice.address, bob.address, "kyc")), at: chain.header, in: chain.state.view)
            return result.gasUsed.rawValue
        }
        chain.send(bob, Identity.attest.reference.call(on: .identity, alice.address, "kyc", .zero, nil))
        let before = cost()
        for block in 0..<10 {
            chain.advance((0..<20).map { number in
                chain.transaction(carol, [Identity.attest.reference.call(on: .identity, alice.address, Identity.Text32("junk-\(block)-\(number)")!, .zero, nil)])
            })
        }
        #expect(cost() == before)
        var seen: [Identity.AttestationEntry] = [], from: Identity.AttestationKey?
        repeat {
            let page = chain.ask(Identity.attestationsAbout.reference, of: .identity, alice.address, from, 33)
            #expect(page.entries.count <= 33)
            seen += page.entries
            from = page.next
        } while from != nil
        #expect(seen.count == 201 && Set(seen.map { "\($0.attester)\($0.kind)" }).count == 201)
        let ofBob = chain.ask(Identity.attestationsAbout.reference, of: .identity, alice.address, KeyPair(bob.address, ""), 1)
        #expect(ofBob.entries.first?.attester == bob.address)
    }

    /// Random joining and leaving against a dictionary.
    @Test func rolesAgreeWithAModel() {
        let people = (0..<12).map { Person(100 + $0) }
        let chain = TestChain([Accounts.self, Identity.self], people: people)
        var model: [Address: Set<Identity.Role>] = [:]
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<60 {
            var expected: [Bool] = []
            let transactions = (0..<20).map { _ in
                let person = people[generator.below(people.count)]
                let chosen = (0..<generator.below(4)).map { _ in Identity.Role.allCases[generator.below(6)] }
                let isJoin = generator.chance(1, in: 2), distinct = !chosen.isEmpty && Set(chosen).count == chosen.count
                let held = model[person.address, default: []]
                let works = distinct && chosen.allSatisfy { held.contains($0) != isJoin }
                if works { model[person.address] = isJoin ? held.union(chosen) : held.subtracting(chosen) }
                expected.append(works)
                let call = isJoin ? Identity.join.reference.call(on: .identity, roles(chosen)) : Identity.leave.reference.call(on: .identity, roles(chosen))
                return chain.transaction(person, [call])
            }
            #expect(chain.advance(transactions).receipts.map(\.succeeded) == expected)
            for count in chain.ask(Identity.counts.reference, of: .identity) {
                #expect(count.count == model.values.count { $0.contains(count.role) })
            }
            let role = Identity.Role.allCases[generator.below(6)]
            var listed: [Address] = [], from: Address?
            let limit = UInt16(1 + generator.below(5))
            repeat {
                let page = chain.ask(Identity.members.reference, of: .identity, role, from, limit)
                listed += page.members.map(\.account)
                from = page.next
            } while from != nil
            #expect(listed == model.filter { $0.value.contains(role) }.keys.sorted())
            for person in people {
                let kept = chain.ask(Identity.participant.reference, of: .identity, person.address)
                #expect(kept?.roles.map(\.role) ?? [] == Identity.Role.allCases.filter { model[person.address, default: []].contains($0) })
            }
        }
    }
}
