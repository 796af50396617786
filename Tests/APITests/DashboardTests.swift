import API
import ChainKit
import Contracts
import Cryptography
import Execution
import Foundation
import Ledger
import Primitives
import Testing

/// The pages as files, without a browser.
@Suite struct DashboardFileTests {
    private static let paths = ["/", "/index.html", "/style.css", "/favicon.svg", "/agreements.js", "/api.js", "/app.js", "/chain.js", "/dom.js", "/infrastructure.js", "/mapper.js", "/offers.js", "/pages.js",
                                "/timeline.js"]

    private func served(_ body: @Sendable @escaping (Served) async throws -> Void) async throws { try await Served.run(files: Dashboard.files) { try await body($0) } }

    @Test func everyFileIsServedUnderAStrictPolicy() async throws {
        try await served { api in
            for path in Self.paths {
                let answer = try await api.get(path)
                #expect(answer.status == 200 && !answer.body.isEmpty, "\(path)")
                let policy = try #require(answer.headers["content-security-policy"])
                #expect(policy.hasPrefix("default-src 'self';") && !policy.contains("unsafe") && policy.contains("require-trusted-types-for 'script'"), "\(path)")
                #expect(answer.headers["x-content-type-options"] == "nosniff", "\(path)")
                #expect(answer.headers["etag"] != nil && answer.headers["cache-control"] == "no-cache", "\(path)")
            }
            #expect(try await api.get("/app.js").headers["content-type"] == "text/javascript; charset=utf-8")
            #expect(try await api.get("/").body == api.get("/index.html").body)
            #expect(try await api.get("/Dashboard.swift").status == 404)
        }
    }

    /// Small, from nowhere else, and without the ways in which text becomes HTML or code.
    @Test func whatTheFilesAreMadeOf() throws {
        var total = 0
        for path in Self.paths.dropFirst() {
            let file = try #require(Dashboard.files[path])
            total += file.bytes.count
            let text = String(decoding: file.bytes, as: UTF8.self).replacing("http://www.w3.org/2000/svg", with: "")
            for word in ["http://", "https://", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", " style=", " onclick=", "javascript:"] {
                #expect(!text.contains(word), "\(path) has \(word)")
            }
            // Every module and file that is named is served.
            for match in text.matches(of: #/(?:from "\.|href="|src=")(\/[a-z]+\.[a-z]+)"/#) { #expect(Dashboard.files[String(match.1)] != nil, "\(path): \(match.1)") }
        }
        #expect(total < 200_000)
        #expect(String(decoding: Dashboard.files["/index.html"]!.bytes, as: UTF8.self).matches(of: #/<script[^>]*></script>/#).count == 1)
    }
}

/// The pages in a real browser, over a chain that executes real blocks.
@Suite(.serialized, .enabled(if: Browser.path != nil, Browser.missing)) struct DashboardBrowserTests {
    /// Opens pages in turn. The console stays empty.
    private func open(_ node: TestNode, _ pages: [String], allowing: String? = nil) async throws -> [Browser.Page] {
        let result = Pages()
        try await Served.run(node, files: Dashboard.files) { api in
            for page in pages {
                let address = "http://127.0.0.1:\(api.port)/\(page)"
                result.add(try await off { try Browser.open(address) })
            }
        }
        let all = result.all
        for page in all { #expect(page.console.filter { line in allowing.map { !line.contains($0) } ?? true }.isEmpty) }
        return all
    }

    private final class Pages: @unchecked Sendable {
        private let lock = NSLock()
        private var pages: [Browser.Page] = []
        func add(_ page: Browser.Page) { lock.withLock { pages.append(page) } }
        var all: [Browser.Page] { lock.withLock { pages } }
    }

    private func expect(_ page: Browser.Page, _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        for text in texts { #expect(page.text.contains(text), "\(text) is missing in: \(page.text)", sourceLocation: sourceLocation) }
    }

    @Test func homeTellsHowItStands() async throws {
        let node = TestNode()
        let payment = node.payment(0, 1, 1_250_000)
        node.advance([payment])
        node.advance()
        node.obstacles = [NodeStatus.Obstacle(code: "sync.behind", text: "Nine blocks behind."), NodeStatus.Obstacle(code: "peers.none", text: "Nobody is connected.")]
        let home = try await open(node, [""])[0]
        expect(home, "Height 2", "not ready", "sync.behind Nine blocks behind.", "peers.none Nobody is connected.", "Agreement on height 3", "It waits for: proposal",
               "validator 1 proposes ✗ message missing", "validator 0 ✓ not awaited", "accounts.transfer 1.25 TRL", "succeeded", "Peers 1")
        #expect(home.main.matches(of: #/<li class="missing">/#).count == 1 && home.main.matches(of: #/<li class="here">/#).count == 3)
        #expect(home.main.contains("href=\"#/transaction/0x\(payment.id.hex)\""))
        #expect(home.html.contains("trellis status --why --node http://127.0.0.1:") && home.html.contains("href=\"/v1/status\""))
        #expect(home.title == "Home · Trellis")
    }

    @Test func blocksAndOneBlock() async throws {
        let node = TestNode()
        let payment = node.payment(0, 1, 5_000_000)
        let block = node.advance([payment])
        node.advance(by: 30)
        let pages = try await open(node, ["#/blocks", "#/block/1", "#/block/0x\(block.hash.hex)", "#/search/1"])
        expect(pages[0], "Final blocks, newest first", "31", "Older")
        for page in pages[1...] {
            expect(page, "Block 1", block.hash.hex, "succeeded", "accounts.Transferred", "amount: 5 TRL", "validator 0, validator 1, validator 2", "1-0-0", "proof")
        }
        #expect(pages[1].html.contains("trellis block show 1 --node"))
        #expect(pages[1].html.contains("href=\"/v1/blocks/1/receipts\""))
    }

    @Test func transactionsFromWaitingToFailed() async throws {
        let node = TestNode()
        let payment = node.payment(0, 1, 7)
        let failing = node.transaction(node.people[1], [Call(contract: .accounts, method: "burn", arguments: [])])
        let block = node.advance([payment, failing])
        let failure = try #require(block.receipts[1].outcome.failure)
        let waiting = node.payment(2, 3, 1)
        _ = await node.submit([waiting])
        let lost = node.payment(3, 0, 1)
        node.drop(lost.id, code: "tx.expired")
        let pages = try await open(node, [payment, failing, waiting, lost].map { "#/transaction/0x\($0.id.hex)" } + ["#/search/\(payment.id.hex)"], allowing: "404")
        for page in [pages[0], pages[4]] {
            expect(page, "committed succeeded", "to: \(node.text(1))", "0.000007 TRL", "Transferred", "from: \(node.text(0))", "that the block contains it")
            #expect(page.main.contains("href=\"/v1/proofs/transactions/0x\(payment.id.hex)\"") && page.main.contains("href=\"#/account/\(node.text(0))\""))
        }
        expect(pages[1], "reverted", "Why it failed", "code \(failure.code)", "Meaning", "What to do")
        expect(pages[2], "pending", "for the next block")
        expect(pages[3], "dropped", "tx.expired")
    }

    @Test func accountsValidatorsAndTheNetwork() async throws {
        let node = TestNode()
        node.advance([node.payment(0, 1, 7)])
        _ = await node.submit([node.payment(0, 1, 8)])
        let pages = try await open(node, ["#/account/\(node.text(0))", "#/validators", "#/network"])
        expect(pages[0], node.text(0), "TRL", "Transactions 1", "Next nonce 2", "Waiting", "the next block", "History, newest first", "sent")
        #expect(pages[0].html.contains("trellis account show \(node.text(0)) --node"))
        expect(pages[1], "Validators 4", "40000", "25 %", "missing proposes", "(this node)", node.founders[2].consensus.publicKey.hex)
        #expect(pages[1].main.matches(of: #/<progress value="25" max="100"/#).count == 4)
        expect(pages[2], "192.0.2.1:4000", "inbound", "test \"quoted\"", "0.25 ms")
    }

    @Test func applicationsAndWhoRunsThem() async throws {
        let node = TestNode()
        node.makeShop()
        let pages = try await open(node, ["#/infrastructures", "#/infrastructure/shop", "#/infrastructure/stall", "#/infrastructure/shop/recompute"], allowing: "Failed to load resource")
        expect(pages[0], "Applications", "shop", "2", "up to date")
        #expect(pages[0].main.contains("href=\"#/infrastructure/shop\"") && pages[0].main.contains(node.text(0)))
        expect(pages[1], "Nodes 4 of 4", "Stake 600 TRL", "Assignment 1", "Revision", "two shards", "one shard", "operator-1", "operator-2", "europe", "Who may change what", "security",
               "Who runs which node", "shard 1: 2 nodes", "shard 2: 2 nodes", "worker_2_2", "trellis mapper verify shop")
        #expect(pages[1].main.matches(of: #/<rect /#).count == 4 && pages[1].main.matches(of: #/<title>worker_[12]_[12]: operator-[12]<\/title>/#).count == 4)
        #expect(pages[1].html.contains("trellis mapper explain shop --node") && pages[1].html.contains("href=\"/v1/infrastructures/shop/assignment\""))
        expect(pages[2], "The node refuses", "infrastructure.unknown")
        // The mapper a second time, in another language: who runs what is the same.
        expect(pages[3], "has the digest of the record", "is that of its block", "the same for every node")
    }

    @Test func offersAndWhyOthersAreLeftOut() async throws {
        let node = TestNode(people: 8)
        node.publishOffers()
        let pages = try await open(node, [
            "#/offers", "#/offers?kind=virtual-machine&regions=DE&priceMax=500000&availabilityMin=999900", "#/offer/1", "#/offer/9", "#/offers?kind=virtual-machine&units=many", "#/offers?regions=DE",
        ], allowing: "Failed to load resource")
        expect(pages[0], "Offers, newest first", "Small machine", "Paused machine", "Dear machine", "paused", "dataset", "0.4 TRL", "12.5 W", "all kinds")
        #expect(pages[0].main.contains("href=\"#/offer/0\"") && pages[0].html.contains("trellis mesh list --node"))
        expect(pages[1], "What fits", "Small machine", "Left out, and why", "it is paused", "it costs 2 TRL", "it is in US-CA", "it vouches for no availability")
        #expect(pages[1].html.contains("href=\"/v1/offers?kind=virtual-machine&amp;regions=DE") && pages[1].html.contains("trellis mesh search virtual-machine --region DE --price-max 0.5 --availability '99.99%' --why --node"))
        // What was looked for stands in the form again, in units of people.
        #expect(pages[1].main.contains("name=\"priceMax\" placeholder=\"0.5\" autocomplete=\"off\" value=\"0.5\"") && pages[1].main.contains("value=\"99.99\""))
        expect(pages[2], "Offer 1", "Dear machine", "US-CA", "2 TRL", "gpu.h200", "disk", "ssd", "backup", "https://example.org/dear")
        #expect(!pages[2].main.contains("href=\"https://"))
        expect(pages[3], "The node refuses", "offer.unknown")
        expect(pages[4], "request.query", "Where units")
        expect(pages[5], "request.query", "name a kind")
    }

    @Test func agreementsAndAnOutage() async throws {
        let node = TestNode(people: 8)
        node.publishOffers()
        node.makeAgreement()
        let pages = try await open(node, ["#/agreements", "#/agreement/0", "#/agreements?account=\(node.text(2))", "#/agreement/9", "#/agreement/0?period=7", "#/agreement/0?period=0&from=8"], allowing: "Failed to load resource")
        expect(pages[0], "Agreements, newest first", "web-1", "active", "80 %", "9 TRL", "0, 1, 2", "Runway", " min")
        #expect(pages[0].main.contains("href=\"#/agreement/0\"") && pages[0].html.contains("trellis sla list --all --node"))
        let page = pages[1]
        expect(page, "Phase active", "Timeline of period 0", "Outages of period 0", "Lasted", "3 min", "latency", "availability", "provider", "monitor", "probe-1", "enlisted", "expelled",
               "Escrow", "balance", "Billing periods", "What is promised", "250 ms or less", "below 99.99 %", "Payments, newest first", "credit", "advance", "bond", "forfeit", "destroyed", "Evidence, newest first",
               "measured", "violated", "expelled", "4 × up", "lost 5 TRL")
        // The picture: an outage of three intervals and one of one, maintenance hatched, a line and a threshold, what is open, and the credits as marks.
        let picture = page.main
        #expect(picture.matches(of: #/<rect class="outage"[^>]*aria-label="Outage of 3 intervals from 2025-10-09 [^"]*: availability; credit 9[^"]{1,6}TRL"/#).count == 1)
        #expect(picture.matches(of: #/<rect class="outage"[^>]*aria-label="Outage of 1 interval [^"]*: latency; credit 0[^"]{1,6}TRL"/#).count == 1)
        #expect(picture.matches(of: #/<rect class="span down"/#).count >= 4 && picture.matches(of: #/<rect class="span excluded"[^>]*url\(#hatched\)/#).count >= 2)
        #expect(picture.matches(of: #/<line class="threshold"/#).count >= 2 && picture.matches(of: #/<path class="metric" d="M/#).count == 2)
        #expect(picture.matches(of: #/<path class="payment credit" tabindex="0" role="img" aria-label="Out: [^"]*credit/#).count >= 1)
        #expect(picture.contains("aria-label=\"Intervals 0 to 19 of period 0"))
        expect(page, "8 up, 4 down, 2 excluded, 6 open", "2 outages:")
        #expect(page.html.contains("trellis sla show 0 --node") && page.html.contains("href=\"/v1/agreements/0/violations\""))
        expect(pages[2], "Of one account", node.text(2), "web-1", "monitor")
        expect(pages[3], "The node refuses", "agreement.unknown")
        expect(pages[4], "agreement.unknown", "The agreement has 2 periods")
        expect(pages[5], "Intervals 8 to 19 of period 0", "Earlier")
    }

    @Test func hostileOffersAndAgreementsStayText() async throws {
        let node = TestNode(people: 8)
        let hostile = "<img src=x onerror=\"document.title='owned'\">"
        node.publishOffers(name: hostile)
        node.makeAgreement()
        let search = hostile.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        let pages = try await open(node, ["#/offers", "#/offer/0", "#/offers?kind=\(search)", "#/agreement/\(search)", "#/agreements?account=\(search)"], allowing: "Failed to load resource")
        for page in pages[0...1] { expect(page, hostile) }
        for page in pages {
            #expect(!page.main.contains("<img") && page.title.hasSuffix("· Trellis"))
        }
    }

    @Test func hostileDocumentsStayText() async throws {
        let node = TestNode()
        let hostile = "<img src=x onerror=\"document.title='owned'\">"
        node.makeShop(text: hostile)
        let person = node.people[0], reason = try #require(Infrastructure.Reason(hostile))
        let object = try DocumentObject(.nodeTemplates, hostile, .map([DocumentValue.Member("type", .text("diac.nodes.Worker"))]))
        let delta = try #require(Infrastructure.Delta(objects: Document([object])))
        let change = Infrastructure.importDocument.reference.call(on: .infrastructure, "shop", 2, .delta(delta), reason)
        for call in [change, Infrastructure.freeze.reference.call(on: .infrastructure, "shop")] { node.advance([node.transaction(person, [call], gasLimit: 20_000_000)]) }
        node.advance(by: Int(NetworkParameters().drawDelay))
        node.advance([node.transaction(person, [Infrastructure.map.reference.call(on: .infrastructure, "shop")], gasLimit: 40_000_000)])
        let page = try await open(node, ["#/infrastructure/shop"])[0]
        expect(page, hostile, "Assignment 2", "Nodes 5 of 5")
        #expect(!page.main.contains("<img") && page.title == "shop · Trellis")
    }

    @Test func refusalsAreTold() async throws {
        let node = TestNode()
        let pages = try await open(node, ["#/block/nothing", "#/block/99", "#/account/ttrl1nobody", "#/transaction/zz", "#/search/what%20is%20this", "#/nowhere", "#/constructor", "#/block/%ff"],
                                   allowing: "Failed to load resource")
        expect(pages[0], "The node refuses", "request.path", "Must be a height, 32 bytes in hexadecimal, or head.", "See /docs for what the route takes.")
        expect(pages[1], "height.unknown")
        expect(pages[2], "request.path")
        expect(pages[3], "request.path")
        expect(pages[4], "what is this is no height")
        expect(pages[5], "There is no such page.")
        expect(pages[6], "There is no such page.")
        expect(pages[7], "is no height")
    }

    /// What fails for a while is told, and then the page is there: it goes on by itself.
    @Test func itGoesOnByItself() async throws {
        let node = TestNode()
        node.advance([node.payment(0, 1, 7)])
        node.fail(.storage("disk 3 is on fire"))
        let refused = try await open(node, ["#/block/1"], allowing: "Failed to load resource")
        expect(refused[0], "The node refuses", "node.storage")
        #expect(!refused[0].text.contains("disk 3"))
        let again = TestNode()
        again.advance([again.payment(0, 1, 7)])
        again.fail(.storage("for a moment"), times: 1)
        let recovered = try await open(again, ["#/block/1"], allowing: "Failed to load resource")
        expect(recovered[0], "Block 1", "accounts.Transferred")
        #expect(!recovered[0].text.contains("refuses"))
    }

    /// Text of the chain and of peers stays text.
    @Test func hostileTextStaysText() async throws {
        let node = TestNode()
        let person = node.people[0]
        let hostile = #"<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>&lt;"#
        let memo = try #require(Memo(hostile))
        let unsigned = try #require(Transaction(
            chainID: node.genesis.chainID, sender: person.address, nonce: 0, validUntilHeight: 900, gasLimit: 2_000_000, gasPrice: Amount(1),
            calls: [Call(contract: .accounts, method: "<b>x</b>", arguments: Array(hostile.utf8))], memo: memo))
        let transaction = try #require(unsigned.signed(by: person.key))
        node.advance([transaction])
        let search = hostile.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        let pages = try await open(node, ["#/transaction/0x\(transaction.id.hex)", "", "#/block/1", "#/search/\(search)"])
        expect(pages[0], hostile, "<b>x</b>")
        for page in pages[1...2] { expect(page, "<b>x</b>") }
        expect(pages[3], hostile)
        for page in pages {
            #expect(!page.main.contains("<img") && !page.main.contains("<script") && !page.main.contains("<b>x"))
            #expect(page.title.hasSuffix("· Trellis"))
        }
    }
}
