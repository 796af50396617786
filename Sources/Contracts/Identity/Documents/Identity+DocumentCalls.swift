import Cryptography
public import Execution
import Ledger
public import Primitives

extension Identity {
    public static let updateDocument = Method(
        "update_document", "Writes the document of an account, the caller's or one that names it as a controller.",
        Argument("subject", "Whose.", Address.self),
        Argument("version", "The version that this change is for, 0 for the default one; another one in between refuses it.", UInt64.self),
        Argument("content", "All of it.", DocumentContent.self)
    ) { context, subject, version, content throws(CallError) in
        let former = try requireController(context, of: subject, version: version)
        try check(context, content)
        let created = former?.created ?? context.block.time
        try context.write(documents, subject, Document(content: content, version: version + 1, created: created, updated: context.block.time))
        try context.emit(DocumentUpdated(subject: subject, by: context.caller, version: version + 1))
        return Nothing()
    }

    public static let deactivateDocument = Method(
        "deactivate_document", "Ends an identifier for ever. The account itself is not touched.", Argument("subject", "Whose.", Address.self),
        Argument("version", "The version that is ended.", UInt64.self)
    ) { context, subject, version throws(CallError) in
        let former = try requireController(context, of: subject, version: version)
        let created = former?.created ?? context.block.time
        try context.write(documents, subject, Document(content: nil, version: version + 1, created: created, updated: context.block.time))
        try context.emit(DocumentDeactivated(subject: subject, by: context.caller))
        return Nothing()
    }

    public static let document = Method(
        "document", "The document of an account, the default one if it wrote none.", kind: .view, Argument("subject", "Whose.", Address.self)
    ) { context, subject throws(CallError) in
        let bound = try entry(context, of: subject)
        let certificate = bound?.standing == .valid ? bound?.binding : nil
        guard let kept = try context.read(documents, subject) else {
            return DocumentEntry(
                subject: subject, content: .default(of: subject), version: 0, created: nil, updated: nil, certificate: certificate)
        }
        return DocumentEntry(
            subject: subject, content: kept.content, version: kept.version, created: kept.created, updated: kept.updated, certificate: certificate)
    }

    // ── Rules ──

    /// The document as it was, for a caller that may change version `version` of it.
    private static func requireController(_ context: CallContext, of subject: Address, version: UInt64) throws(CallError) -> Document? {
        let former = try context.read(documents, subject)
        guard let content = former.map({ $0.content }) ?? .default(of: subject) else {
            throw context.rejection(IdentityRejection.documentDeactivated)
        }
        try context.charge(GasSchedule.step * UInt64(content.controllers.count))
        try context.require(content.controllers.contains(context.caller), IdentityRejection.notController)
        let current = former?.version ?? 0
        try context.require(version == current, IdentityRejection.documentOutdated, "the version is \(current)")
        return former
    }

    private static func check(_ context: CallContext, _ content: DocumentContent) throws(CallError) {
        let controllers = content.controllers
        try context.require(
            !controllers.isEmpty && Set(controllers).count == controllers.count && !controllers.contains(Address()),
            IdentityRejection.controllersInvalid)
        for method in content.methods {
            try context.requireToken(method.fragment.text)
            try check(context, method)
        }
        for service in content.services {
            try context.requireToken(service.fragment.text)
            try context.requireToken(service.kind.text)
            try context.requireURI(service.endpoint.text)
        }
        for other in content.alsoKnownAs { try context.requireURI(other.text) }
        let fragments = content.methods.map(\.fragment) + content.services.map(\.fragment)
        try context.require(Set(fragments).count == fragments.count, IdentityRejection.fragmentsRepeated)
    }

    private static func check(_ context: CallContext, _ method: VerificationMethod) throws(CallError) {
        let purposes = method.purposes, name = method.fragment
        try context.require(Set(purposes).count == purposes.count, IdentityRejection.methodInvalid, "\(name) has a purpose twice")
        var isForAgreement = false
        switch method.material {
        case .account, .certificate: break
        case .ed25519(let key): try requireAcceptable(context, key, name)
        case .x25519: isForAgreement = true
        case .multisig(let set):
            try context.require(
                !set.keys.isEmpty && (1...set.keys.count).contains(Int(set.threshold)) && Set(set.keys).count == set.keys.count,
                IdentityRejection.methodInvalid, "\(name) has keys twice, or too few for its threshold")
            for key in set.keys { try requireAcceptable(context, key, name) }
        }
        try context.require(
            purposes.allSatisfy { ($0 == .agreement) == isForAgreement }, IdentityRejection.methodInvalid, "\(name) is not for such a purpose")
    }

    private static func requireAcceptable(_ context: CallContext, _ key: PublicKey, _ fragment: Text32) throws(CallError) {
        try context.charge(GasSchedule.verifySignature)
        try context.require(Ed25519.isAcceptable(key), IdentityRejection.methodInvalid, "a key of \(fragment) is none")
    }
}
