import Execution
import Interface
import Testing

@Suite struct SchemaTests {
    static let resources: [any Resource.Type] = [
        Problem.self, HeadResource.self, ChainResource.self, GenesisResource.self, ParametersResource.self, StatusResource.self,
        ReadinessResource.self, PeersResource.self, BlockResource.self, BeaconResource.self, TransactionReport.self, SubmissionRequest.self,
        SubmissionResource.self, BatchResource.self, FeesResource.self, ReceiptResource.self, LaggedResource.self, AccountResource.self,
        PendingListResource.self, ContractListResource.self, ContractResource.self, ViewRequest.self, ViewResource.self,
        StateEntryResource.self, SimulationRequest.self, SimulationResource.self, ProofRequest.self, ProofResource.self,
        ValidatorsResource.self, PageResource<BlockResource>.self,
    ]

    /// Every field has its meaning and every meaning its field, in the same order.
    @Test func fieldsAndMeaningsBelongTogether() throws {
        var schemas = ResourceSchemas()
        for type in Self.resources { _ = schemas.schema(of: type) }
        #expect(schemas.components.count > Self.resources.count)
        for (name, component) in schemas.components {
            guard case .fields(let fields, let description) = component else {
                #expect(Bool(false), "\(name) has no fields")
                continue
            }
            #expect(!description.isEmpty && !fields.isEmpty, "\(name)")
            for field in fields { #expect(!field.meaning.isEmpty, "\(name).\(field.name)") }
            #expect(Set(fields.map(\.name)).count == fields.count)
        }
        for type in Self.resources {
            guard case .fields(let fields, _)? = schemas.components[type.resourceName] else { continue }
            #expect(fields.map(\.name) == type.meanings.map(\.key), "\(type)")
        }
    }

    @Test func shapes() throws {
        var schemas = ResourceSchemas()
        #expect(schemas.schema(of: TransactionReport.self) == .reference("TransactionReport"))
        guard case .fields(let fields, _)? = schemas.components["TransactionReport"] else { return #expect(Bool(false)) }
        let state = try #require(fields.first { $0.name == "state" })
        #expect(state.schema == .words(["pending", "committed", "dropped"]) && !state.isOptional)
        let receipt = try #require(fields.first { $0.name == "receipt" })
        #expect(receipt.schema == .reference("Receipt") && receipt.isOptional)
        // Optionals of every kind: of a resource, of a text, of a number, of a list.
        #expect(fields.filter { !$0.isOptional }.map(\.name) == ["id", "state"])
        _ = schemas.schema(of: BlockResource.self)
        guard case .fields(let block, _)? = schemas.components["Block"] else { return #expect(Bool(false)) }
        #expect(block.filter(\.isOptional).map(\.name) == ["signers", "certificate", "header"])
        guard case .fields(let inner, _)? = schemas.components["Receipt"] else { return #expect(Bool(false)) }
        #expect(inner.first { $0.name == "events" }?.schema == .list(of: .reference("Event")))
        #expect(inner.first { $0.name == "height" }?.schema == .integer)
        #expect(inner.first { $0.name == "height" }?.isOptional == false)
    }
}
