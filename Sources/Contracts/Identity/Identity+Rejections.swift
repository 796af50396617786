public import Execution

/// Why a call of the identity contract is refused.
public enum IdentityRejection: UInt32, RejectionCode {
    // ── Roles, profiles, attestations ──
    case rolesRepeated = 100
    case roleHeld = 101
    case roleNotHeld = 102
    case textNotReadable = 103
    case uriInvalid = 104
    case regionInvalid = 105
    case tokenInvalid = 106
    case profileMissing = 107
    case subjectSelf = 108
    case expiryPast = 109
    case attestationUnknown = 110
    // ── Names ──
    case commitmentUnknown = 120
    case commitmentYoung = 121
    case commitmentOld = 122
    case nameTaken = 123
    case nameHasParent = 124
    case nameHasNoParent = 125
    case nameTooShort = 126
    case yearsOutOfRange = 127
    case feeWrong = 128
    case ownerNobody = 129
    case nameNotActive = 130
    case nameNotOwned = 131
    case nameNotOffered = 132
    case recordsRepeated = 133
    case nameLeadsElsewhere = 134
    // ── Certificates ──
    case certificateMalformed = 140
    case certificateNotYetValid = 141
    case certificateExpired = 142
    case keyUnsupported = 143
    case statementInvalid = 144
    case statementNotNewer = 145
    case certificateNotBound = 146
    case notGovernance = 147
    case rootKnown = 148
    case rootUnknown = 149
    case rootsOverLimit = 150
    case issuerInvalid = 151
    case issuerMismatch = 152
    // ── Decentralised identifiers ──
    case documentDeactivated = 160
    case notController = 161
    case controllersInvalid = 162
    case fragmentsRepeated = 163
    case methodInvalid = 164
    case documentOutdated = 165

    public var text: String {
        switch self {
        case .rolesRepeated: "No role is named, or one is named twice."
        case .roleHeld: "The account is in this role already."
        case .roleNotHeld: "The account is not in this role."
        case .textNotReadable: "A text is empty, or has characters that nobody can see."
        case .uriInvalid: "A text is not an address with a scheme."
        case .regionInvalid: "The region is not a country code."
        case .tokenInvalid: "A short name has other characters than letters, digits, dot, hyphen and underscore, or none."
        case .profileMissing: "The account has no profile."
        case .subjectSelf: "An account cannot attest anything about itself."
        case .expiryPast: "The end is not after the time from which it counts."
        case .attestationUnknown: "The caller attests nothing of this kind about this account."
        case .commitmentUnknown: "The caller made no commitment to this name for this owner with this salt."
        case .commitmentYoung: "The commitment is less than a minute or four blocks old."
        case .commitmentOld: "The commitment is older than a day."
        case .nameTaken: "Somebody has this name, or may still renew it."
        case .nameHasParent: "This is for names of one label."
        case .nameHasNoParent: "This is for names below another name."
        case .nameTooShort: "The name is too short."
        case .yearsOutOfRange: "A name lasts for 1 to 10 years from now."
        case .feeWrong: "The attached value is not the fee."
        case .ownerNobody: "The zero address is nobody's."
        case .nameNotActive: "The name is not registered, or has expired."
        case .nameNotOwned: "The name is not the caller's."
        case .nameNotOffered: "The name is not offered to the caller."
        case .recordsRepeated: "A service or a key stands there twice."
        case .nameLeadsElsewhere: "The name does not lead to the caller."
        case .certificateMalformed: "The bytes are not a certificate that is accepted here."
        case .certificateNotYetValid: "The certificate is not valid yet."
        case .certificateExpired: "The certificate has expired."
        case .keyUnsupported: "The certificate's key is not of an accepted kind."
        case .statementInvalid: "The signature is not that of the certificate's key over this statement."
        case .statementNotNewer: "The certificate's key has made a statement with this number, or a higher one."
        case .certificateNotBound: "There is no such binding."
        case .notGovernance: "Only the governance contract may do this."
        case .rootKnown: "The root is registered already."
        case .rootUnknown: "No root is registered under this key."
        case .rootsOverLimit: "There are as many roots as may be."
        case .issuerInvalid: "The issuer may not issue certificates now."
        case .issuerMismatch: "The certificate was not issued by this issuer."
        case .documentDeactivated: "The identifier was deactivated, for ever."
        case .notController: "The caller is not a controller of the document."
        case .controllersInvalid: "There is no controller, or one is named twice, or is the zero address."
        case .fragmentsRepeated: "Two methods or services have the same fragment."
        case .methodInvalid: "A verification method cannot be used as the document says."
        case .documentOutdated: "The document has changed since the version that this change is for."
        }
    }

    public var hint: String {
        switch self {
        case .rolesRepeated: "Name each role once."
        case .roleHeld: "Leave it out; participant shows the roles of an account."
        case .roleNotHeld: "Ask for participant to see the roles of an account."
        case .textNotReadable: "Leave out control characters and marks of direction or of width zero."
        case .uriInvalid: "Write it like https://example.org or mailto:name@example.org, with other characters percent-encoded."
        case .regionInvalid: "Write two capital letters as DE, or a part of a country as US-CA."
        case .tokenInvalid: "Use letters, digits, dot, hyphen and underscore."
        case .profileMissing: "Nothing needs to be done."
        case .subjectSelf: "Put it into the profile, or ask somebody else to attest it."
        case .expiryPast: "Give a later time, in milliseconds since 1970."
        case .attestationUnknown: "Check the subject and the kind; only the attester can revoke."
        case .commitmentUnknown: "Commit first, from the same account, to exactly these values on this network."
        case .commitmentYoung: "Wait a minute and four blocks after the commitment."
        case .commitmentOld: "Commit again."
        case .nameTaken: "Choose another name, or ask for name to see when it ends."
        case .nameHasParent: "Names below another one are made by its owner, with create_child."
        case .nameHasNoParent: "Register a name of one label with commit and register_name."
        case .nameTooShort: "Choose a longer one."
        case .yearsOutOfRange: "Choose fewer years."
        case .feeWrong: "Attach exactly what name_fee says."
        case .ownerNobody: "Give the account whose it shall be."
        case .nameNotActive: "Renew it within its grace, or register it anew."
        case .nameNotOwned: "Ask for name to see whose it is."
        case .nameNotOffered: "Its owner must call offer_name with this account first."
        case .recordsRepeated: "Name each once."
        case .nameLeadsElsewhere: "Set the name's account record to this account first."
        case .certificateMalformed: "Send one X.509 version 3 certificate in DER; the message says what is wrong with it."
        case .certificateNotYetValid, .certificateExpired: "Bind a certificate that is valid at the time of the block."
        case .keyUnsupported: "Use Ed25519, ECDSA on P-256 or P-384, or RSA of 2048 to 4096 bits with the exponent 65537."
        case .statementInvalid: "Sign network, account, number and fingerprint as the contract's page says, with the certificate's private key."
        case .statementNotNewer: "Sign a statement with a higher number; the time in milliseconds serves."
        case .certificateNotBound: "Ask for binding to see what is bound to an account."
        case .notGovernance: "Make a proposal."
        case .rootKnown, .rootUnknown: "Ask for roots to see which are registered."
        case .rootsOverLimit: "Remove one first."
        case .issuerInvalid: "An issuer's certificate must be valid now, allow issuing, and hold no critical extension that is unknown here."
        case .issuerMismatch: "Send the chain from the root to the certificate, with at most one certificate between them."
        case .documentDeactivated: "Use another account."
        case .notController: "Ask for document to see its controllers."
        case .controllersInvalid: "Name at least one controller; the account itself is one only if it is named."
        case .fragmentsRepeated: "Give each method and service a fragment of its own."
        case .methodInvalid: "X25519 keys are for agreement and nothing else; Ed25519 keys must be of prime order."
        case .documentOutdated: "Read the document again and repeat the change."
        }
    }
}
