import Contracts
import Cryptography
import Execution
import Ledger
import Monitoring
import Primitives
import Testing
@testable import trellis

/// Files of terms and of offers: read strictly, with a line and a remedy for each mistake, and written so that they read as the same.
@Suite struct AgreementFileTests {
    private static let now = Timestamp(1_790_000_000_500)
    private static func account(_ name: String) -> Address { Address(truncating: SHA256.hash(Array(name.utf8))) }

    /// Names of accounts are any words but `nobody`; addresses are read as they are written.
    private static var reader: TermsFile {
        TermsFile(account: { text in
            if let address = try? Address(text: text, on: .development) { return address }
            guard text != "nobody" else { throw CommandFailure.usage("address.invalid", "nobody", next: "trellis key list") }
            return account(text)
        }, now: now)
    }

    private static let whole = """
        consumer: alice
        service: web-shop
        offer: 3
        providers:
          - {account: north, share: 70%, collateral: 50}
          - {account: south, share: 30%}
        monitors:
          - {account: watcher-1, source: probe-eu, weight: 2}
          - account: watcher-2
            source: probe-us
        arbiter: judge
        level:
          metrics:
            - {name: availability}
            - {name: latency, kind: gauge, unit: ms, objective: at most 250, deviation: 12.5%, provider: 1, missing: breach}
            - {name: errors, kind: counter, objective: 0 to 10, weight: 3, window: 2}
          rule: at least 2
          credits:
            - {below: 99.95%, credit: 10%}
            - {below: 99%, credit: 30.0001%}
          outage: {credit: 0.5%, grace: 2}
          cap: 110%
          unknown: 1%
          maintenance: 10
        schedule: {start: in 1h30m, interval: 1m, period: 1d, periods: 30}
        payment: {fee: 100.5, prepaid: all, hold-back: 10%, monitor-fee: 1 TRL, monitor-bond: 10, keeper-fee: 0.000001}
        windows: {settle: 2m, late: 1h, ruling: 1h, challenge: 24h, notice: 3d, grace: 6h, maintenance-notice: 30m}
        confidential: \(String(repeating: "ab", count: 32))
        expires: in 1h
        salt: 0x\(String(repeating: "5a", count: 32))
        """

    @Test func aWholeFileSaysWhatItSays() throws {
        let terms = try Self.reader.terms(Self.whole)
        #expect(terms.consumer == Self.account("alice") && terms.offer == 3 && terms.arbiter == Self.account("judge"))
        #expect(terms.providers.map(\.sharePartsPerMillion) == [700_000, 300_000] && terms.providers[0].collateral == Amount(50_000_000))
        #expect(terms.monitors.map(\.weight) == [2, 1] && terms.monitors[1].source == "probe-us")
        let level = terms.level
        #expect(level.metrics.map(\.kind) == [.binary, .gauge, .counter] && level.metrics[1].objective == .atMost(250))
        #expect(level.metrics[1].deviationPartsPerMillion == 125_000 && level.metrics[1].missing == .breach && level.metrics[2].window == 2)
        #expect(level.rule == .atLeast(2) && level.tiers[1] == CreditTier(below: 990_000, credit: 300_001) && level.capPartsPerMillion == 1_100_000)
        #expect(level.incident == IncidentCredit(ratePartsPerMillion: 5_000, graceIntervals: 2) && level.maintenanceIntervalsMax == 10)
        // Up to the next whole second.
        #expect(terms.schedule.start == Timestamp(1_790_005_401_000) && terms.expires == Timestamp(1_790_003_601_000))
        #expect(terms.schedule.periodIntervals == 1_440 && terms.schedule.periods == 30 && terms.payment.prepaidPeriods == 30)
        #expect(terms.payment.fee == Amount(100_500_000) && terms.payment.keeperFee == Amount(1) && terms.payment.monitorFee == Amount(1_000_000))
        #expect(terms.windows.noticeMilliseconds == 3 * 86_400_000 && terms.windows.maintenanceNoticeMilliseconds == 1_800_000)
        #expect(terms.fault(at: Self.now) == nil, "\(terms.fault(at: Self.now)?.description ?? "")")
        // Written again it is the same, to the last byte of what is signed.
        let again = try Self.reader.terms(TermsFile.text(terms, network: .development, heading: ["for people"]))
        #expect(again == terms && again.bcs == terms.bcs)
    }

    @Test func theShortestFileHasSensibleRest() throws {
        let text = """
            consumer: alice
            service: shop
            providers: [{account: north}]
            monitors: [{account: watcher, source: probe}]
            level: {like: amazon-ec2}
            schedule: {start: 2026-12-01T00:00:00Z, interval: 60s, period: 30d, periods: 12}
            payment: {fee: 1}
            """
        let terms = try Self.reader.terms(text), other = try Self.reader.terms(text)
        #expect(terms.level == .amazonEC2 && terms.expires == terms.schedule.start && terms.windows == Agreements.Windows() && terms.payment.prepaidPeriods == 1)
        #expect(terms.salt != other.salt, "two agreements of the same words are two agreements")
        #expect(terms.fault(at: Self.now) == nil)
    }

    /// A line of the file in another form, and what is said of it: the key, its line, and a remedy.
    private static let mistakes: [(from: String, to: String, key: String)] = [
        ("consumer: alice", "consumer: nobody", "consumer"), ("consumer: alice", "customer: alice", "consumer"), ("service: web-shop", "service:", "service"),
        ("offer: 3", "offer: three", "offer"), ("offer: 3", "offer: -1", "offer"), ("share: 70%", "share: 70", "providers[0].share"),
        ("share: 70%, ", "", "providers[0].share"), ("collateral: 50", "collateral: 50 EUR", "providers[0].collateral"),
        ("collateral: 50", "collateral: 0.0000001", "providers[0].collateral"), ("collateral: 50", "colateral: 50", "providers[0].colateral"),
        ("weight: 2", "weight: 0", "monitors[0].weight"), ("weight: 2", "weight: 1001", "monitors[0].weight"), ("source: probe-us", "where: probe-us", "monitors[1].source"),
        ("kind: gauge", "kind: guage", "level.metrics[1].kind"), ("objective: at most 250", "objective: <= 250", "level.metrics[1].objective"),
        ("objective: at most 250, ", "", "level.metrics[1].objective"), ("name: availability", "name: availability, objective: at least 1", "level.metrics[0].objective"),
        ("missing: breach", "missing: up", "level.metrics[1].missing"), ("rule: at least 2", "rule: 2", "level.rule"), ("below: 99.95%", "below: 0.9995", "level.credits[0].below"),
        ("below: 99.95%", "below: 99.99999%", "level.credits[0].below"), ("grace: 2", "grace: 61", "level.outage.grace"), ("cap: 110%", "cap: 4294967296%", "level.cap"),
        ("start: in 1h30m", "start: tomorrow", "schedule.start"), ("start: in 1h30m", "start: in 30m1h", "schedule.start"), ("interval: 1m", "interval: 1", "schedule.interval"),
        ("interval: 1m", "interval: 500ms", "schedule.interval"), ("period: 1d", "period: 90s", "schedule.period"), ("periods: 30", "periods: 0", "schedule.periods"),
        ("prepaid: all", "prepaid: 31", "payment.prepaid"), ("fee: 100.5, ", "", "payment.fee"), ("settle: 2m", "settle: 8d", "windows.settle"),
        ("late: 1h", "late: 18446744073709551615d", "windows.late"), ("confidential: ", "confidential: z", "confidential"), ("salt: 0x", "salt: 0x5a", "salt"),
        ("arbiter: judge", "arbitre: judge", "arbitre"), ("arbiter: judge", "arbiter: [judge]", "arbiter"), ("payment: {", "payments: {", "payment"),
    ]

    @Test(arguments: mistakes) func eachMistakeIsToldWithItsPlaceAndARemedy(from: String, to: String, key: String) throws {
        let text = Self.whole.replacing(from, with: to, maxReplacements: 1)
        try #require(text != Self.whole)
        do {
            _ = try Self.reader.terms(text)
            Issue.record("\(to) was read")
        } catch let error as MonitorConfigurationError {
            #expect(error.key == key, "\(error)")
            #expect(!error.remedy.isEmpty)
            let failure = CommandFailure(error, code: TermsFile.code, in: "terms.yaml")
            #expect(failure.status == .usage && failure.code == "sla.terms" && failure.next?.hasSuffix(".") == true)
            // What is there is told with the line on which it is; of what is missing, with the line of what it belongs to.
            let named = key.split(separator: ".").last.map(String.init) ?? "", line = text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains(to) && $0.contains("\(named):") }
            if let line, to.contains("\(named):"), !to.isEmpty { #expect(error.line == line + 1, "\(error)") }
        }
    }

    @Test func hostileFilesEndInAnError() {
        let hostile = [
            "", " ", "\t", "---", "null", "[]", "text", "{", "a: [", "\u{0}", "a: b: c", "consumer: alice\nconsumer: bob", "? [a]\n: b", "{[a]: b}", "1: 2",
            "a: &x [1]\nb: *x", "a: [&x [1,2], *x]", "a: {b: &x c, d: *x}", "? &a [x]\n: *a", "<<: {consumer: alice}", "consumer: !!binary aGk=", "%YAML 9.9\n---\na: b",
            "a: b\n---\nc: d", String(repeating: "[", count: 20_000), String(repeating: "{a: ", count: 20_000), String(repeating: "- ", count: 20_000),
            "consumer: " + String(repeating: "a", count: 5_000), "consumer: \"\u{7}\"", String(repeating: "# x\n", count: 70_000),
            "consumer: alice\nservice: x\nproviders:\n" + String(repeating: "  - {account: a}\n", count: 9),
            "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n? [*c,*c,*c,*c,*c,*c,*c,*c]\n: d",
        ]
        for text in hostile {
            #expect(throws: MonitorConfigurationError.self, "\(text.prefix(40))") { _ = try Self.reader.terms(text) }
            #expect(throws: MonitorConfigurationError.self, "\(text.prefix(40))") { _ = try OfferFile.offer(text) }
        }
        // Bytes at random: a file, or an error, and never the end of the program.
        var generator = SystemRandomNumberGenerator()
        let base = Array(Self.whole.utf8)
        for _ in 0..<400 {
            var altered = base
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<altered.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: altered[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: altered.remove(at: place)
                default: altered.insert(contentsOf: Array(["&x ", "*x", "- ", "[", "{", ": ", "\n", "'"].randomElement(using: &generator)!.utf8), at: place)
                }
            }
            do { _ = try Self.reader.terms(String(decoding: altered, as: UTF8.self)) } catch { #expect(error is MonitorConfigurationError, "\(error)") }
        }
    }

    private static let offer = """
        name: Small web server, EU
        kind: web-server
        region: DE
        price: 0.02
        resources: {processor: 2000, memory: 4096, storage: 40, network: 1000}
        options: {backup: 0.005, address: 0.001 TRL}
        hardware: [tee.sev-snp, gpu.h200]
        power: 45000
        attributes: {green: yes, cores: 2, processor: epyc, label: "yes", size: "10", spare: no}
        levels:
          - {like: amazon-ec2}
          - metrics: [{name: latency, kind: gauge, objective: at most 250}]
            credits: [{below: 99%, credit: 5%}]
        documentation: https://north.example/web
        """

    @Test func anOfferReadsAndIsWrittenAgain() throws {
        let offer = try OfferFile.offer(Self.offer)
        #expect(offer.fault == nil && offer.price == Amount(20_000) && offer.levels.count == 2 && offer.levels[0] == .amazonEC2)
        #expect(offer.hardware.map(\.text) == ["gpu.h200", "tee.sev-snp"] && offer.options.map(\.name.text) == ["address", "backup"])
        let attributes = Dictionary(uniqueKeysWithValues: offer.attributes.map { ($0.name.text, $0.value) })
        #expect(attributes == ["green": .flag(true), "spare": .flag(false), "cores": .number(2), "processor": .word("epyc"), "label": .word("yes"), "size": .word("10")])
        #expect(try OfferFile.offer(OfferFile.text(offer, heading: ["an offer"])) == offer)
    }

    @Test(arguments: [
        ("name: Small web server, EU\n", "", "name"), ("price: 0.02", "price: cheap", "price"), ("processor: 2000", "cpu: 2", "resources.cpu"), ("backup: 0.005", "backup: free", "options.backup"),
        ("gpu.h200]", "gpu.h200, gpu.h200]", "hardware"), ("power: 45000", "power: 45 W", "power"), ("like: amazon-ec2", "like: everybody", "levels[0].like"), ("power: 45000", "powers: 45000", "powers"),
        ("like: amazon-ec2", "like: amazon-ec2, cap: 5%", "levels[0].cap"), ("credits: [{below: 99%", "credits: [{under: 99%", "levels[1].credits[0].below"),
    ]) func anOffersMistakesAreTold(from: String, to: String, key: String) throws {
        let text = Self.offer.replacing(from, with: to)
        try #require(text != Self.offer)
        #expect { _ = try OfferFile.offer(text) } throws: { ($0 as? MonitorConfigurationError)?.key == key }
    }

    @Test func quantitiesReadAsTheyAreWritten() {
        for milliseconds: UInt64 in [0, 1, 999, 1_000, 1_500, 60_000, 90_000, 3_600_000, 86_400_000, 90_000_000, 30 * 86_400_000, .max] {
            #expect(DurationText.milliseconds(DurationText.text(milliseconds)) == milliseconds)
        }
        #expect(DurationText.milliseconds("1d2h3m4s5ms") == 93_784_005)
        for text in ["", "5", "s", "5 s", "-5s", "5s5s", "5s1m", "1.5h", "5S", "٣s", "99999999999999999999s", "18446744073709551615d", "5m5"] {
            #expect(DurationText.milliseconds(text) == nil, "\(text)")
        }
        for share: UInt32 in [0, 1, 10, 9_999, 10_000, 999_900, 999_999, 1_000_000, 10_000_000, .max] { #expect(ShareText.partsPerMillion(ShareText.text(share)) == share) }
        for text in ["", "%", "1", "1.%", ".5%", "1.00001%", "-1%", "1e2%", "4294967296%", "99999999999999999999%", " 1%", "1 %", "429496.7296%"] {
            #expect(ShareText.partsPerMillion(text) == nil, "\(text)")
        }
        #expect(AmountWords.amount("1.5 TRL") == Amount(1_500_000) && AmountWords.amount("1.5TRL") == nil && AmountWords.amount("TRL") == nil)
        #expect(TimeWords(now: Timestamp(.max)).time("in 1s") == nil && TimeWords(now: Self.now).time("5") == nil && TimeWords(now: Self.now).time("in") == nil)
    }

    @Test func eventsReadAsSentences() {
        #expect(AgreementWords.places(0, 0b1) == "interval 0" && AgreementWords.places(2, 0b1011) == "intervals 128 to 129, interval 131")
        #expect(AgreementWords.places(0, .max) == "intervals 0 to 63")
    }

    /// A box opens where it was left and nowhere else.
    @Test func secretsNameTheirPlace() throws {
        let key = SealingKey(seed: SecretBytes(copying: [UInt8](repeating: 3, count: 32))), other = SealingKey(seed: SecretBytes(copying: [UInt8](repeating: 4, count: 32)))
        let place = SealedSecret(chainID: ChainID(), agreement: 7, sender: Self.account("north"), receiver: Self.account("alice")), secret = Array("password".utf8)
        let box = try #require(place.seal(secret, for: key.publicKey))
        #expect(place.open(box.bytes, with: key) == .secret(secret) && place.open(box.bytes, with: other) == .closed && place.open([], with: key) == .closed)
        #expect(try box.bytes != #require(place.seal(secret, for: key.publicKey)).bytes)
        for elsewhere in [
            SealedSecret(chainID: ChainID(), agreement: 8, sender: place.sender, receiver: place.receiver),
            SealedSecret(chainID: ChainID(), agreement: 7, sender: Self.account("mallory"), receiver: place.receiver),
            SealedSecret(chainID: ChainID(), agreement: 7, sender: place.sender, receiver: Self.account("mallory")),
        ] { #expect(elsewhere.open(box.bytes, with: key) == .misplaced) }
        #expect(place.seal([UInt8](repeating: 0, count: place.bytesMax), for: key.publicKey)?.bytes.count == 4_096)
        #expect(place.seal([UInt8](repeating: 0, count: place.bytesMax + 1), for: key.publicKey) == nil)
        // A key of small order, which would make the box readable by everybody.
        #expect(place.seal(secret, for: SealingPublicKey()) == nil)
    }
}
