import Cryptography
public import Execution
import Ledger
public import Primitives

extension Identity {
    public static let bind = Method(
        "bind", """
            Binds a certificate to the caller. Its key must have signed a statement that names the caller; a binding of \
            the key to another account, and one of the caller to another certificate, end with it.
            """,
        Argument("certificate", "In DER.", BoundedBytes<4096>.self),
        Argument("number", "The statement's number, above that of every earlier statement of the key; the time in milliseconds serves.", UInt64.self),
        Argument("signature", """
            Over the statement with SHA-256: 64 bytes of Ed25519, r and s of ECDSA at full length, or RSA PKCS#1 v1.5.
            """, BoundedBytes<512>.self),
        Argument("issuance", "How the certificate leads to a registered root; none to claim no such thing.", Issuance?.self)
    ) { context, certificate, number, signature, issuance throws(CallError) in
        let certificate = try read(context, certificate.bytes)
        try requireValid(context, certificate)
        if let name = certificate.commonName { try context.requireReadable(name) }
        let statement = BindingStatement(account: context.caller, number: number, certificate: certificate.fingerprint)
        let former = try require(context, statement, signature.bytes, by: certificate)
        if let issuance { try require(context, issuance, leadsTo: certificate) }
        let binding = record(certificate, at: context.block.time, root: issuance?.root)

        try end(context, of: context.caller, cause: .replaced)
        if let holder = former?.account, holder != context.caller { try end(context, of: holder, cause: .movedByKey) }
        try context.write(bindings, context.caller, binding)
        try context.write(keyHolders, binding.keyFingerprint, KeyHolder(account: context.caller, number: number))
        try context.write(certificateHolders, binding.fingerprint, context.caller)
        try context.emit(CertificateBound(account: context.caller, certificate: binding.fingerprint, key: binding.keyFingerprint, root: binding.root))
        return Nothing()
    }

    public static let unbind = Method(
        "unbind", "Ends the binding of the caller's certificate, from the account's side."
    ) { context throws(CallError) in
        try context.require(try context.contains(bindings, context.caller), IdentityRejection.certificateNotBound)
        try end(context, of: context.caller, cause: .endedByAccount)
        return Nothing()
    }

    public static let disown = Method(
        "disown", """
            Ends the binding of a certificate's key from the key's side, whatever the account wants, and makes its earlier \
            statements worthless. Anybody may bring the statement.
            """,
        Argument("certificate", "One of the key's certificates, in DER; it may have expired.", BoundedBytes<4096>.self),
        Argument("number", "The statement's number.", UInt64.self),
        Argument("signature", "Over a statement for the zero address.", BoundedBytes<512>.self)
    ) { context, certificate, number, signature throws(CallError) in
        let certificate = try read(context, certificate.bytes)
        let statement = BindingStatement(account: Address(), number: number, certificate: certificate.fingerprint)
        let former = try require(context, statement, signature.bytes, by: certificate)
        if let holder = former?.account { try end(context, of: holder, cause: .endedByKey) }
        try context.write(keyHolders, certificate.keyFingerprint, KeyHolder(account: nil, number: number))
        return Nothing()
    }

    // ── Views ──

    public static let binding = Method(
        "binding", "The certificate of an account, whether it is valid now, and on whose word its names rest.", kind: .view,
        Argument("account", "Whose.", Address.self)
    ) { context, account throws(CallError) in
        try entry(context, of: account)
    }

    public static let holderOfCertificate = Method(
        "holder_of_certificate", "The account to which a certificate is bound.", kind: .view,
        Argument("fingerprint", "SHA-256 of the certificate.", Digest.self)
    ) { context, fingerprint throws(CallError) in
        try context.read(certificateHolders, fingerprint)
    }

    public static let holderOfKey = Method(
        "holder_of_key", "The last statement of a certificate's key.", kind: .view,
        Argument("keyFingerprint", "SHA-256 of the SubjectPublicKeyInfo.", Digest.self)
    ) { context, keyFingerprint throws(CallError) in
        try context.read(keyHolders, keyFingerprint)
    }

    // ── Rules ──

    static func read(_ context: CallContext, _ bytes: [UInt8]) throws(CallError) -> Certificate {
        try context.charge(GasSchedule.certificate + GasSchedule.certificatePerByte * UInt64(bytes.count))
        let certificate = try parsed(context, bytes)
        try context.charge(GasSchedule.keyCheck(of: certificate.key))
        return certificate
    }

    private static func parsed(_ context: CallContext, _ bytes: [UInt8]) throws(CallError) -> Certificate {
        do { return try Certificate(bytes) } catch .keyUnsupported {
            throw context.rejection(IdentityRejection.keyUnsupported)
        } catch {
            throw context.rejection(IdentityRejection.certificateMalformed, "\(error)")
        }
    }

    static func requireValid(_ context: CallContext, _ certificate: Certificate) throws(CallError) {
        let time = context.block.time
        try context.require(
            certificate.notBefore <= time, IdentityRejection.certificateNotYetValid, "valid from \(certificate.notBefore), block time is \(time)")
        try context.require(
            certificate.isValid(at: time), IdentityRejection.certificateExpired, "valid until \(certificate.notAfter), block time is \(time)")
    }

    static func entry(_ context: CallContext, of account: Address) throws(CallError) -> BindingEntry? {
        guard let binding = try context.read(bindings, account) else { return nil }
        let time = context.block.time
        let standing: BindingStanding = time.rawValue < binding.notAfter.rawValue + 1_000 ? .valid : .expired
        guard let root = binding.root else { return BindingEntry(binding: binding, standing: standing, level: .selfAsserted) }
        let stands = try context.read(roots, root)?.isValid(at: time) ?? false
        return BindingEntry(binding: binding, standing: standing, level: stands ? .issued(root) : .lapsed(root))
    }

    /// Checks a statement of the certificate's key, and returns what the key said last.
    private static func require(
        _ context: CallContext, _ statement: BindingStatement, _ signature: [UInt8], by certificate: Certificate
    ) throws(CallError) -> KeyHolder? {
        try context.charge(GasSchedule.hash + GasSchedule.hashPerBlock * UInt64(certificate.bytes.count / 64 + 1))
        let former = try context.read(keyHolders, certificate.keyFingerprint)
        if let former {
            try context.require(statement.number > former.number, IdentityRejection.statementNotNewer, "the last number was \(former.number)")
        }
        let message = statement.message(chainID: context.block.chainID)
        try context.require(
            try context.verifySignature(signature, of: message, by: certificate.key), IdentityRejection.statementInvalid)
        return former
    }

    /// Ends what `account` has, if anything. The key's number stays, so that no old statement comes back.
    private static func end(_ context: CallContext, of account: Address, cause: UnbindingCause) throws(CallError) {
        guard let binding = try context.read(bindings, account), let holder = try context.read(keyHolders, binding.keyFingerprint) else { return }
        try context.remove(bindings, account)
        try context.remove(certificateHolders, binding.fingerprint)
        try context.write(keyHolders, binding.keyFingerprint, KeyHolder(account: nil, number: holder.number))
        try context.emit(CertificateUnbound(account: account, certificate: binding.fingerprint, cause: cause))
    }

    private static func record(_ certificate: Certificate, at time: Timestamp, root: Digest?) -> Binding {
        guard let subject = BoundedBytes<1024>(certificate.subject), let issuer = BoundedBytes<1024>(certificate.issuer),
              let serial = BoundedBytes<20>(certificate.serial) else { preconditionFailure("a certificate above its own limits") }
        return Binding(
            fingerprint: certificate.fingerprint, keyFingerprint: certificate.keyFingerprint, keyKind: KeyKind(certificate.key), subject: subject,
            commonName: certificate.commonName.flatMap { Text128($0) }, issuer: issuer, serial: serial, notBefore: certificate.notBefore,
            notAfter: certificate.notAfter, bound: time, root: root)
    }
}
