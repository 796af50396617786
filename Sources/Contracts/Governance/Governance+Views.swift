public import Execution
public import Ledger
public import Primitives
import WorldState

extension Governance {
    public static let proposal = Method(
        "proposal", "A proposal with its content, its votes and what they would decide; none when there is none of this number.", kind: .view,
        Argument("proposal", "Its number.", UInt64.self)
    ) { context, number throws(CallError) in
        guard let proposal = try context.read(records, number) else { return ProposalView?.none }
        guard let content = try context.read(contents, number), let tally = try context.read(tallies, number) else {
            throw context.failure(.stateMalformed)
        }
        return ProposalView(proposal: proposal, content: content, tally: tally, outlook: Outlook(proposal, tally))
    }

    public static let proposals = Method(
        "proposals", "The proposals at some stage, the newest first, at most 50.", kind: .view,
        Argument("stage", "At which stage.", Stage.self),
        Argument("before", "Only those with a smaller number; none to begin with the newest.", UInt64?.self)
    ) { context, stage, before throws(CallError) in
        var page: [Summary] = []
        for entry in try context.entries(stages, first: stage.rawValue, from: before, .descending, limit: pageMax) {
            let number = entry.key.second
            guard let proposal = try context.read(records, number), let content = try context.read(contents, number),
                  let tally = try context.read(tallies, number) else { throw context.failure(.stateMalformed) }
            page.append(Summary(proposal: proposal, title: content.title, tally: tally))
        }
        return Bounded<50, Summary>(page)!
    }

    public static let voteOf = Method(
        "vote_of", "How an account voted; none when it did not.", kind: .view,
        Argument("proposal", "Its number.", UInt64.self), Argument("account", "Whose vote.", Address.self)
    ) { context, number, account throws(CallError) in
        guard let vote = try context.read(votes, KeyPair(number, account)) else { return VoteView?.none }
        return VoteView(option: vote.option, own: vote.own, carried: try context.read(pools, KeyPair(number, account))?.rest ?? .zero)
    }

    public static let parameters = Method(
        "parameters", "All network parameters: what they mean, their values, and those of the next epoch.", kind: .view
    ) { context throws(CallError) in
        try context.charge(GasSchedule.step * UInt64(NetworkParameters.fields.count))
        let next = try context.scheduledParameters()
        return Bounded<128, ParameterView>(NetworkParameters.fields.map { field in
            ParameterView(
                name: BoundedText(truncating: field.name.description), meaning: BoundedText(truncating: field.meaning.description),
                value: field.get(context.block.parameters), scheduled: field.get(next))
        })!
    }

    public static let pauses = Method(
        "pauses", "The contracts that take no calls, from the next block on.", kind: .view
    ) { context throws(CallError) in
        Bounded<16, Pause>(try activePauses(context))!
    }

    public static let guardian = Method(
        "guardian", "Who may cancel proposals, and to whom that is offered. At first it is a vote, which is nobody.", kind: .view
    ) { context throws(CallError) in
        try heldGuardianship(context)
    }

    /// A proposal as its view shows it.
    public struct ProposalView: Hashable, Record {
        public let proposal: Proposal
        public let content: Content
        public let tally: Tally
        public let outlook: Outlook

        public static let fields = Fields(
            Field("proposal", "The proposal.") { $0.proposal }, Field("content", "What it says and would do.") { $0.content },
            Field("tally", "The power behind each option.") { $0.tally },
            Field("outlook", "What the votes so far would decide, and why.") { $0.outlook },
            make: { ProposalView(proposal: $0, content: $1, tally: $2, outlook: $3) })
    }

    /// What is missing or enough; base units.
    public struct Outlook: Hashable, Record {
        public let voted: Amount
        public let quorum: Amount
        public let veto: Amount
        public let yes: Amount
        public let refusal: RejectionReason?

        public static let fields = Fields(
            Field("voted", "All power that voted.") { $0.voted }, Field("quorum", "How much must vote.") { $0.quorum },
            Field("veto", "How much veto stops it, with the votes so far.") { $0.veto },
            Field("yes", "How much yes it needs: of the votes so far, or of all power in an emergency.") { $0.yes },
            Field("refusal", "Why it would be rejected, or was; none when it would be accepted.") { $0.refusal },
            make: { Outlook(voted: $0, quorum: $1, veto: $2, yes: $3, refusal: $4) })

        init(voted: Amount, quorum: Amount, veto: Amount, yes: Amount, refusal: RejectionReason?) {
            self.voted = voted
            self.quorum = quorum
            self.veto = veto
            self.yes = yes
            self.refusal = refusal
        }

        init(_ proposal: Proposal, _ tally: Tally) {
            let rules = proposal.rules, total = proposal.totalPower, isEmergency = proposal.kind.isEmergency
            self.init(
                voted: tally.voted, quorum: rules.quorum(of: total), veto: rules.veto(of: tally),
                yes: isEmergency ? rules.emergency(of: total) : rules.yes(of: tally),
                refusal: rules.refusal(tally, total: total, isEmergency: isEmergency))
        }
    }

    /// A line of a list of proposals.
    public struct Summary: Hashable, Record {
        public let proposal: Proposal
        public let title: BoundedText<TitleBound>
        public let tally: Tally

        public static let fields = Fields(
            Field("proposal", "The proposal.") { $0.proposal }, Field("title", "What it is about.") { $0.title },
            Field("tally", "The power behind each option.") { $0.tally },
            make: { Summary(proposal: $0, title: $1, tally: $2) })
    }

    /// How an account voted.
    public struct VoteView: Hashable, Record {
        public let option: VoteOption
        public let own: Amount
        public let carried: Amount

        public static let fields = Fields(
            Field("option", "Its choice.") { $0.option }, Field("own", "Base units of its delegations.") { $0.own },
            Field("carried", "What a validator's delegators leave to its vote, its own bond included.") { $0.carried },
            make: { VoteView(option: $0, own: $1, carried: $2) })
    }

    /// A network parameter.
    public struct ParameterView: Hashable, Record {
        public let name: BoundedText<ParameterNameBound>
        public let meaning: BoundedText<MeaningBound>
        public let value: UInt128
        public let scheduled: UInt128

        public static let fields = Fields(
            Field("name", "As in proposals.") { $0.name }, Field("meaning", "What it bounds or sets, with its unit.") { $0.meaning },
            Field("value", "In force.") { $0.value }, Field("scheduled", "From the next epoch on, as far as it was decided.") { $0.scheduled },
            make: { ParameterView(name: $0, meaning: $1, value: $2, scheduled: $3) })
    }
}
