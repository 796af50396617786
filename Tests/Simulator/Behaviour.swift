/// What a corrupt validator may do. A run gives each corrupt one a few of these.
public enum Behaviour: String, CaseIterable, Codable, Sendable {
    /// Says nothing of some kinds of message.
    case withhold
    /// Sends to some only.
    case sendPartially
    /// Proposes one draft to these and another to those.
    case equivocate
    /// Votes for whatever it hears of, in all steps.
    case voteForAll
    /// Claims nothing when it changes the view, whatever it prepared and committed to.
    case forget
    /// Starts a view without the claims that oblige it, or with a lower one, or with too few view changes.
    case distortNewView
    case lieAboutTime
    case lieAboutRoots
    /// Leaves operations out, or orders what is no operation, or one twice.
    case censor
    case lieAboutHeight
    /// Many messages for heights and views to come, many proposals for one view, and complaints about what nobody censors.
    case flood
    /// Sends again what it saw long ago.
    case replay
    case serveWrongBlocks
    /// Proposes when it is not its turn.
    case usurp
}
