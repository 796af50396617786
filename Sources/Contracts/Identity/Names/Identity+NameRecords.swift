public import Execution
import Ledger
public import Primitives

/// What names lead to, forwards and backwards.
extension Identity {
    public static let setRecords = Method(
        "set_records", "Replaces what one of the caller's names leads to.", Argument("name", "Which name.", Name.self),
        Argument("records", "All of them.", NameRecords.self)
    ) { context, name, new throws(CallError) in
        _ = try requireOwned(context, name)
        for endpoint in new.endpoints {
            try context.requireToken(endpoint.service.text)
            try context.requireURI(endpoint.uri.text)
        }
        for text in new.texts {
            try context.requireToken(text.key.text)
            try context.requireReadable(text.value.text)
        }
        try context.require(
            Set(new.endpoints.map(\.service)).count == new.endpoints.count && Set(new.texts.map(\.key)).count == new.texts.count,
            IdentityRejection.recordsRepeated)
        try context.write(records, name, new)
        try context.emit(RecordsChanged(name: name))
        return Nothing()
    }

    public static let setPrimaryName = Method(
        "set_primary_name", "Says by which name the caller wants to be known; the name must lead to it.",
        Argument("name", "Which name; none for none.", Name?.self)
    ) { context, name throws(CallError) in
        if let name {
            _ = try requireActive(context, name)
            try context.require(try context.read(records, name)?.account == context.caller, IdentityRejection.nameLeadsElsewhere)
            try context.write(primaryNames, context.caller, name)
        } else {
            try context.remove(primaryNames, context.caller)
        }
        try context.emit(PrimaryNameChanged(account: context.caller, name: name))
        return Nothing()
    }

    // ── Views ──

    public static let resolve = Method(
        "resolve", "What a name leads to; none unless it is active and has records.", kind: .view, Argument("name", "Which name.", Name.self)
    ) { context, name throws(CallError) in
        guard case (_, .active) = try registration(context, name) else { return NameRecords?.none }
        return try context.read(records, name)
    }

    public static let reverse = Method(
        "reverse", "The name of an account: one that the account chose and that leads to it now, which proves it both ways.", kind: .view,
        Argument("account", "Whose.", Address.self)
    ) { context, account throws(CallError) in
        guard let name = try context.read(primaryNames, account), case (_, .active) = try registration(context, name),
              try context.read(records, name)?.account == account else { return Name?.none }
        return name
    }

    public static let nameEntry = Method(
        "name", "Whose a name is, until when, and whether it can be had.", kind: .view, Argument("name", "Which name.", Name.self)
    ) { context, name throws(CallError) in
        let (registration, standing) = try registration(context, name)
        return NameEntry(name: name, standing: standing, registration: registration)
    }

    public static let namesOf = Method(
        "names_of", "The names of an owner, page by page.", kind: .view, Argument("owner", "Whose.", Address.self),
        Argument("from", "Where to begin; none for the first page.", Name?.self), Argument("limit", "At most so many, up to 20.", UInt16.self)
    ) { context, owner, from, limit throws(CallError) in
        let size = min(limit, 20)
        let found = try context.entries(namesOfOwner, first: owner, from: from, limit: Costs.pageSize(size) + 1)
        let (page, next) = Costs.page(found.map(\.key.second), size) as (Bounded<20, Name>, next: Name?)
        var entries: [NameEntry] = []
        for name in page {
            let (registration, standing) = try registration(context, name)
            entries.append(NameEntry(name: name, standing: standing, registration: registration))
        }
        guard let list = Bounded<20, NameEntry>(entries) else { preconditionFailure("a page above its limit") }
        return NamePage(entries: list, next: next)
    }

    public static let nameFee = Method(
        "name_fee", "What a name of one label costs, in base units.", kind: .view, Argument("name", "Which name.", Name.self),
        Argument("years", "For how long, 1 to 10.", UInt8.self)
    ) { context, name, years throws(CallError) in
        try context.require(name.parent == nil, IdentityRejection.nameHasParent)
        try context.require((1...Costs.yearsMax).contains(years), IdentityRejection.yearsOutOfRange)
        return Costs.fee(labelBytes: name.labelBytes, years: years)
    }
}
