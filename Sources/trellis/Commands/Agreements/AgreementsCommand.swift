import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Monitoring
import Primitives

/// Agreements on a service, for all who take part in them.
struct AgreementsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "sla", "Makes, keeps and shows agreements on the level of a service.",
        discussion: """
            FILE holds terms in YAML; trellis sla offer drafts them from an offer, trellis sla show N --terms writes those of an agreement.

            A consumer: offer, propose, fund, show, watch, terminate. A provider: accept or counter, deposit, announce. A monitor: enlist, \
            monitor-config, then trellis monitor run. An arbiter: evidence, rule, award. Anyone: settle.
            """,
        examples: ["trellis sla offer 3 --consumer alice --to terms.yaml", "trellis sla propose terms.yaml --from alice", "trellis sla show 7"],
        subcommands: [
            AgreementOffer.self, AgreementCheck.self, AgreementPropose.self, AgreementCounter.self, AgreementAccept.self, AgreementWithdraw.self, AgreementSign.self,
            AgreementConclude.self,
            AgreementFund.self, AgreementDeposit.self, AgreementEnlist.self, AgreementMonitorFile.self, AgreementList.self, AgreementShow.self,
            AgreementWatch.self, AgreementEvidence.self, AgreementAnnounce.self, AgreementStop.self, AgreementResume.self, AgreementTerminate.self,
            AgreementSettle.self, AgreementRule.self, AgreementAward.self, AgreementSeal.self, AgreementOpen.self,
        ])
}

/// Which agreement.
struct AgreementArgument: ParsableArguments {
    @Argument(help: "The agreement's number.") var number: UInt64
}

/// A node that is asked about agreements.
struct AgreementReader {
    let client: Client
    let network: NetworkKind
    /// The newest block when it was asked.
    let head: HeadResource

    init(_ client: Client) async throws {
        self.client = client
        network = try await client.networkKind()
        head = try await client.head()
    }

    /// The time of the newest block; as a chain with nothing to do makes few of them, also how it is now, if that is later.
    var now: Timestamp { max(head.time.value, Timestamp.system) }

    func agreement(_ number: UInt64) async throws -> Agreements.AgreementView {
        guard let found = try await client.view(Agreements.agreement.reference, of: .agreements, number) else {
            throw CommandFailure(code: "sla.not-found", what: "there is no agreement \(number)", next: "trellis sla list", status: .notFound)
        }
        return found
    }

    func period(_ number: UInt64, _ period: UInt32) async throws -> Agreements.PeriodView? {
        try await client.view(Agreements.period.reference, of: .agreements, number, period)
    }

    func text(_ address: Address) -> String { address.text(on: network) }

    /// The terms of a file, with names of own keys where accounts stand.
    func terms(_ path: String, _ keys: KeyOptions, isFixed: Bool = false) throws -> Agreements.Terms {
        let names = Names(client: client, home: try keys.resolvedHome()), network = network
        let text = String(decoding: try Files.read(path, max: 1 << 20), as: UTF8.self)
        let terms: Agreements.Terms
        do { terms = try TermsFile(account: { try names.address($0, on: network) }, now: now, isFixed: isFixed).terms(text) } catch let error as MonitorConfigurationError {
            throw CommandFailure(error, code: TermsFile.code, in: path)
        }
        if let fault = terms.fault(at: now) {
            throw CommandFailure.usage(
                TermsFile.code, "\(path == "-" ? "stdin" : path) cannot become an agreement: \(fault)", next: "Change what is named there; trellis sla check \(path)")
        }
        return terms
    }
}
