import Contracts
import Testing
@testable import TOSCA

/// One mistake each in a template that is good. Public parsers let some of them pass, and each another one; here all are refused, with the
/// place of the mistake.
@Suite struct MutationTests {
    struct Mutation: Sendable, CustomTestStringConvertible {
        let name: String
        let code: ProblemCode
        /// What is replaced, and by what.
        let old: String
        let new: String
        /// In the profile instead of the template.
        var inProfile = false
        var testDescription: String { name }
    }

    static let mutations: [Mutation] = [
        .init(name: "unknown node type", code: .typeUnknown, old: "type: diac.nodes.Proxy", new: "type: diac.nodes.Prox"),
        .init(name: "missing required property", code: .propertyMissing, old: "        name: alice\n", new: ""),
        .init(name: "unknown property", code: .propertyUnknown, old: "stake: 1000", new: "stake: 1000\n        colour: blue"),
        .init(name: "wrong scalar type", code: .valueType, old: "stake: 1000", new: "stake: many"),
        .init(name: "quoted number", code: .valueType, old: "stake: 1000", new: "stake: \"1000\""),
        .init(name: "in_range inside a data type in a list", code: .valueConstraint, old: "target: 12345, published: 12345", new: "target: 12345, published: 70000"),
        .init(name: "valid_values", code: .valueConstraint, old: "technology: sgx", new: "technology: sgx2"),
        .init(name: "greater_or_equal", code: .valueConstraint, old: "stake: 1000", new: "stake: -1"),
        .init(name: "dangling requirement", code: .requirementTarget, old: "operated_by: alice", new: "operated_by: alicia"),
        .init(name: "undeclared requirement", code: .requirementUnknown, old: "operated_by: alice", new: "owned_by: alice"),
        .init(name: "requirement to a node of the wrong type", code: .requirementTarget, old: "operated_by: alice", new: "operated_by: worker_2"),
        .init(name: "missing group member", code: .groupMember, old: "members: [ worker_1, worker_2 ]", new: "members: [ worker_1, worker_3 ]"),
        .init(name: "group member of the wrong type", code: .groupMember, old: "members: [ worker_1, worker_2 ]", new: "members: [ worker_1, alice ]"),
        .init(name: "missing policy target", code: .policyTarget, old: "targets: [ alice, bob ]", new: "targets: [ alice, carol ]"),
        .init(name: "unknown policy type", code: .typeUnknown, old: "type: diac.policies.Stake", new: "type: diac.policies.Steak"),
        .init(name: "policies as a map", code: .shape, old: "    - admission:\n        type: diac.policies.Stake\n        targets: [ alice, bob ]\n        properties: { threshold: 100 }\n    - spread:",
              new: "      spread:"),
        .init(name: "requirements as a map", code: .shape, old: "        - operated_by: bob\n        - validates: worker_1\n        - validates: worker_2", new: "        operated_by: bob"),
        .init(name: "unknown capability", code: .capabilityUnknown, old: "        tee:\n          properties: { technology: sgx }", new: "        tea:\n          properties: { technology: sgx }"),
        .init(name: "unknown parent", code: .typeUnknown, old: "derived_from: diac.nodes.Node\n    capabilities:\n      tee: { type: diac.capabilities.Tee }\n    requirements",
              new: "derived_from: diac.nodes.Nood\n    capabilities:\n      tee: { type: diac.capabilities.Tee }\n    requirements", inProfile: true),
        .init(name: "unknown key", code: .keyUnknown, old: "    bob:\n      type:", new: "    bob:\n      colour: blue\n      type:"),
        .init(name: "missing import", code: .fileMissing, old: "  - diac.yaml", new: "  - diac2.yaml"),
        .init(name: "version 9_9", code: .versionUnknown, old: "tosca_simple_yaml_1_3", new: "tosca_simple_yaml_9_9"),
        .init(name: "get_input of an undeclared input", code: .inputUnknown, old: "threshold: 100", new: "threshold: { get_input: nothing }"),
        .init(name: "duplicate node name", code: .yamlDuplicateKey, old: "    bob:\n", new: "    bob: { type: diac.nodes.Operator, properties: { name: b } }\n    bob:\n"),
        .init(name: "derived_from cycle", code: .typeCycle, old: "  diac.nodes.Node:\n    derived_from: tosca.nodes.Root", new: "  diac.nodes.Node:\n    derived_from: diac.nodes.Worker", inProfile: true),
        .init(name: "artifact file absent", code: .artifactMissing, old: "file: images/worker.image", new: "file: images/other.image"),
        .init(name: "content identifier as file", code: .artifactMissing, old: "file: images/worker.image", new: "file: ipfs://bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
        .init(name: "import in map form", code: .shape, old: "  - diac.yaml", new: "  - types: { file: diac.yaml }"),
        // What the four parsers were not asked.
        .init(name: "import outside the directory", code: .fileRefused, old: "  - diac.yaml", new: "  - ../diac.yaml"),
        .init(name: "import by address", code: .fileRefused, old: "  - diac.yaml", new: "  - https://example.org/diac.yaml"),
        .init(name: "import of itself", code: .importCycle, old: "  - diac.yaml", new: "  - diac.yaml\n  - service.yaml"),
        .init(name: "property of a referenced node", code: .functionReference, old: "[ worker_1, service, port ]", new: "[ worker_1, service, harbour ]"),
        .init(name: "too many of a requirement", code: .requirementCount, old: "- operated_by: bob\n        - validates", new: "- operated_by: bob\n        - operated_by: alice\n        - validates"),
        .init(name: "merge key", code: .yamlKey, old: "    bob:\n      type:", new: "    bob:\n      <<: {}\n      type:"),
        .init(name: "tag", code: .yamlTag, old: "stake: 1000", new: "stake: !!python/object 1000"),
    ]

    @Test func theTemplateIsGood() throws {
        let template = try Samples.read(Samples.proxies)
        #expect(template.document.objects(in: .nodeTemplates).count == 6)
    }

    @Test(arguments: mutations) func isRefused(_ mutation: Mutation) throws {
        let good = mutation.inProfile ? Samples.profileText : Samples.proxies
        let bad = good.replacing(mutation.old, with: mutation.new, maxReplacements: 1)
        try #require(bad != good, "the mutation does not fit the template any more")
        let problems = mutation.inProfile ? Samples.problems(Samples.proxies, files: ["diac.yaml": bad]) : Samples.problems(bad)
        let found = try #require(problems.first { $0.code == mutation.code }, "\(problems)")
        #expect(found.place.file == (mutation.inProfile ? "diac.yaml" : "service.yaml"))
        #expect(!found.message.isEmpty && !found.remedy.isEmpty)
        // The first line that differs is where the mistake is, or directly before it.
        let lines = zip(good.split(separator: "\n", omittingEmptySubsequences: false), bad.split(separator: "\n", omittingEmptySubsequences: false))
        let place = try #require(lines.enumerated().first { $0.element.0 != $0.element.1 }).offset + 1
        #expect(abs(found.place.line - place) <= 5 && found.place.column > 0, "\(found) at \(place)")
        if ![.yamlDuplicateKey, .yamlKey, .yamlTag].contains(mutation.code) { #expect(!found.path.isEmpty, "\(found)") }
    }

    @Test func severalMistakesAreToldAtOnce() {
        let bad = Samples.proxies.replacing("stake: 1000", with: "stake: many").replacing("technology: sgx", with: "technology: sgx2").replacing("targets: [ alice, bob ]", with: "targets: [ carol ]")
        let problems = Samples.problems(bad)
        #expect(Set(problems.map(\.code)) == [.valueType, .valueConstraint, .policyTarget])
        #expect(problems.map(\.place.line) == problems.map(\.place.line).sorted())
    }

    @Test func thereIsAnEndOfProblems() throws {
        let nodes = (0..<300).map { "    n\($0): { type: nothing.\($0) }" }.joined(separator: "\n")
        do {
            _ = try Samples.read(Samples.topology(nodes))
            Issue.record("accepted")
        } catch {
            #expect(error.problems.count == TemplateLimits.problemsMax && error.isCut)
        }
    }
}
