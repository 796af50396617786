public import Execution
public import Primitives

/// Who is who: roles and profiles, attestations, names, certificates, and decentralised identifiers of accounts.
///
/// An account is a key and needs nothing from here; each part is there for those who want it. What can be proved is proved on the
/// spot, and from both sides: a name that an account claims must lead to it, and a certificate's key must have signed for the account.
/// Nothing here holds money: fees for names are destroyed in the call that pays them.
public enum Identity: BuiltInContract {
    public static let name: StaticString = "identity"
    public static let documentation: StaticString = "Roles, profiles, attestations, names, certificates and decentralised identifiers."
    public typealias Rejections = IdentityRejection

    public static var methods: [any ContractMethod] {
        [join, leave, setProfile, clearProfile, participant, members, counts, attest, revoke, attestation, attestationsAbout]
            + [commit, registerName, renewName, createChild, extendChild, offerName, acceptName, releaseName, setRecords, setPrimaryName,
               resolve, reverse, nameEntry, namesOf, nameFee]
            + [bind, unbind, disown, registerRoot, removeRoot, binding, holderOfCertificate, holderOfKey, listRoots]
            + [updateDocument, deactivateDocument, document]
    }

    public static var events: [any ContractEvent.Type] {
        [RoleJoined.self, RoleLeft.self, ProfileChanged.self, Attested.self, Revoked.self]
            + [NameRegistered.self, NameRenewed.self, NameOffered.self, NameTransferred.self, NameReleased.self, RecordsChanged.self,
               PrimaryNameChanged.self]
            + [CertificateBound.self, CertificateUnbound.self, RootRegistered.self, RootRemoved.self]
            + [DocumentUpdated.self, DocumentDeactivated.self]
    }

    public static var storage: [any StorageDeclaration] {
        [participants, roleMembers, roleCounts, attestations]
            + [commitments, registrations, records, namesOfOwner, primaryNames, registrationCount]
            + [bindings, keyHolders, certificateHolders, roots, rootCount]
            + [documents]
    }
}

extension Address {
    /// The identity contract.
    public static let identity = Identity.address
}
