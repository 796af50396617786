import Testing

/// Every rule refuses an example made to break it, and lets the nearest innocent example pass.
@Suite struct RuleTests {
    private func core(_ text: String) -> [SourceFile] { [SourceFile("Sources/Consensus/Replica.swift", text)] }

    @Test(arguments: [
        ("Primitives", "import Foundation"),
        ("Primitives", "public import Cryptography"),
        ("Consensus", "import Ledger"),
        ("Consensus", "@testable import Gossip"),
        ("WorldState", "@preconcurrency import Glibc"),
        ("WorldState", "import Storage"),
        ("Ledger", "import CSodium"),
        ("Cryptography", "import struct Foundation.Date"),
        ("Storage", "import Networking"),
        ("Storage", "import CSodium"),
        ("Keystore", "import CLMDB"),
        ("Attic", "import Primitives"),
    ])
    func importAcrossALine(_ room: String, _ text: String) {
        #expect(LayerRule.violations([SourceFile("Sources/\(room)/A.swift", text)]).count == 1)
    }

    @Test(arguments: [
        ("Cryptography", "import CSodium\npublic import Primitives"),
        ("Storage", "import CLMDB\nimport Foundation\npublic import WorldState"),
        ("Node", "import Networking\nimport Storage"),
        ("Primitives", "// import Foundation\nlet text = \"import Foundation\""),
        ("Primitives", "/* one /* two */ import Glibc */"),
    ])
    func importDownwards(_ room: String, _ text: String) {
        #expect(LayerRule.violations([SourceFile("Sources/\(room)/A.swift", text)]).isEmpty)
    }

    @Test func testsMayImportWhatTheyLike() {
        #expect(LayerRule.violations([SourceFile("Tests/ConsensusTests/A.swift", "import Foundation")]).isEmpty)
    }

    @Test(arguments: [
        "let now = Date()", "clock_gettime(CLOCK_REALTIME, &time)", "let clock = ContinuousClock()",
        "var generator = SystemRandomNumberGenerator()", "let x = Int.random(in: 0..<3)", "list.shuffled()", "randombytes_buf(p, 32)",
        "Task { }", "func step() async {", "await step()", "actor Owner {", "let lock = Mutex(0)", "let count = Atomic<Int>(0)",
        "let half = 0.5", "let x: Double = 1", "let large = 1e9", "print(x)", "dump(x)", "let h = key.hashValue", "var hasher = Hasher()",
        "FileManager.default", "getenv(name)",
        "let text = \"\\(Date())\"",
    ])
    func bannedInTheCore(_ line: String) { #expect(!CoreRule.violations(core(line)).isEmpty) }

    @Test(arguments: [
        "let date = header.time // Date() would differ", "let text = \"print(x) at 0.5\"", "let x = generator.below(3)",
        "let x = Int.random(in: 0..<3, using: &generator)", "list.shuffled(using: &generator)", "let range = 0..<5", "let x = tuple.0.1", "pairs.sorted { $0.1 < $1.1 }",
        "func hash(into hasher: inout Hasher) {", "let mask = 0x1e5", "reprint(x)",
        "let text = #\"Date() \"quoted\" await\"#", "let text = \"\"\"\n  await Task\n  \"\"\"", "asynchronous()", "updateValue(1, forKey: key)",
    ])
    func allowedInTheCore(_ line: String) { #expect(CoreRule.violations(core(line)) == []) }

    @Test(arguments: [
        "for (peer, height) in heights {", "for peer in heights.keys {", "for height in self.heights.values where height > 3 {",
        "for peer in state.seen { use(peer) }", "for key in local {",
    ])
    func loopsWithoutOrder(_ loop: String) {
        let replica = SourceFile("Sources/Consensus/Replica.swift", """
            struct Replica {
                private var heights: [PeerID: Height] = [:]
                var seen: Set<PeerID> = []
                var keys: [PublicKey]
            """)
        let aspect = SourceFile("Sources/Consensus/Replica+Votes.swift", "let local = [Int: Int]()\n\(loop)")
        #expect(OrderRule.violations([replica, aspect]).map(\.line) == [2])
        // The same name in another type is another thing.
        #expect(loop.contains("local") || OrderRule.violations([replica, SourceFile("Sources/Consensus/Other.swift", loop)]).isEmpty)
        #expect(OrderRule.violations([SourceFile("Sources/Storage/A.swift", "let local = [Int: Int]()\n\(loop)")]).isEmpty)
    }

    @Test(arguments: [
        "for peer in heights.keys.sorted() {", "for (peer, _) in heights.sorted(by: { $0.key < $1.key }) {", "for key in keys {",
        "for key in heights[peer] {", "for key in authenticator.keys {", "for vote in votes(heights) {",
    ])
    func loopsWithOrder(_ loop: String) {
        let file = SourceFile("Sources/Consensus/Replica.swift", "var heights: [PeerID: Height] = [:]\nvar keys: [PublicKey]\n\(loop)")
        #expect(OrderRule.violations([file]) == [])
    }

    @Test func theShellMaySayIt() {
        #expect(CoreRule.violations([SourceFile("Sources/Storage/A.swift", "let now = Date()")]).isEmpty)
    }

    @Test func whoMakesAVerifiedValue() {
        let text = "@_spi(Verification) public import Primitives"
        #expect(VerificationRule.violations([SourceFile("Sources/Consensus/A.swift", text)]).count == 1)
        #expect(VerificationRule.violations([SourceFile("Sources/Cryptography/A.swift", text)]).isEmpty)
        #expect(VerificationRule.violations([SourceFile("Tests/ConsensusTests/A.swift", text)]).isEmpty)
        #expect(VerificationRule.violations([SourceFile("Sources/Primitives/A.swift", "@_spi(Verification) init()")]).isEmpty)
    }

    @Test func whoVerifiesASignature() {
        let call = "crypto_sign_verify_detached(s, m, n, k) == 0"
        #expect(VerificationRule.violations([SourceFile("Sources/Cryptography/VRF.swift", call)]).count == 1)
        #expect(VerificationRule.violations([SourceFile("Sources/Networking/A.swift", call)]).count == 1)
        #expect(VerificationRule.violations([SourceFile(VerificationRule.wrapper, call)]).isEmpty)
        #expect(VerificationRule.violations([SourceFile("Sources/Ledger/A.swift", "// " + call)]).isEmpty)
    }

    @Test func tlsBesideTheOneWay() {
        for line in ["let c = try NIOSSLContext(configuration: x)", "NIOSSLServerHandler(context: c)", "TLSConfiguration.makeServerConfiguration()"] {
            #expect(TLSRule.violations([SourceFile("Sources/Networking/A.swift", line)]).count == 1)
            #expect(TLSRule.violations([SourceFile(TLSRule.wrapper, line), SourceFile("Tests/NetworkTests/A.swift", line)]).isEmpty)
        }
    }

    @Test func aDeadFile() {
        let user = SourceFile("Sources/Ledger/Block.swift", "public struct Block { let header: Head }")
        let test = SourceFile("Tests/LedgerTests/BlockTests.swift", "let block = Block(); block.summary; Text(1).hexText")
        let used = SourceFile("Sources/Ledger/Head.swift", "struct Head {\n    var height = 0\n}")
        let dead = SourceFile("Sources/Ledger/Attic.swift", "// Block\nstruct Attic {\n    var height = 0\n}\nextension Block {}")
        let members = SourceFile("Sources/Ledger/Block+Summary.swift", "extension Block {\n    var summary: Int { 0 }\n}")
        let deadMembers = SourceFile("Sources/Ledger/Block+Attic.swift", "extension Block {\n    func attic() {}\n}")
        let conformance = SourceFile("Sources/Ledger/Block+Hashable.swift", "extension Block: Hashable {}")
        let program = SourceFile("Sources/trellis/Program.swift", "@main struct Program {}")
        let violations = DeadFileRule.violations([user, test, used, dead, members, deadMembers, conformance, program])
        #expect(violations.map(\.path) == [dead.path, deadMembers.path])
    }

    @Test func aLongFile() {
        let line = "let x = 1\n"
        #expect(TidyRule.longFiles([SourceFile("Sources/A/A.swift", String(repeating: line, count: 599))]).isEmpty)
        #expect(TidyRule.longFiles([SourceFile("Sources/A/A.swift", String(repeating: line, count: 600))]).count == 1)
    }

    @Test func aNoteLeft() {
        for word in ["TO" + "DO", "FIX" + "ME", "X" + "XX"] {
            #expect(TidyRule.notesLeft([SourceFile("Sources/A/A.swift", "x // \(word): later")]).count == 1)
            #expect(TidyRule.notesLeft([SourceFile("Deploy/test", "# \(word)")]).count == 1)
            #expect(TidyRule.notesLeft([SourceFile("Deploy/test", "mktemp a.\(word)\(word)")]).isEmpty)
        }
    }

    @Test func aForeignPath() {
        for path in ["/" + "work/main", "/" + "home/somebody/x", "../" + "shared/vectors", "/" + "root/x"] {
            #expect(TidyRule.foreignPaths([SourceFile("Sources/A/A.swift", "let p = \"\(path)\"")]).count == 1)
        }
        #expect(TidyRule.foreignPaths([SourceFile("README.md", "see Sources" + "/" + "home/x and $root" + "/" + "work/y")]).isEmpty)
    }

    @Test func unsafeFlags() {
        #expect(TidyRule.unsafeFlags([SourceFile("Package.swift", "swiftSettings: [.unsafeFlags([])]")]).count == 1)
        #expect(TidyRule.unsafeFlags([SourceFile("Package.swift", "// no unsafeFlags here")]).isEmpty)
    }

    @Test func aStrangerAtTheTop() {
        #expect(TidyRule.layout(["Package.swift", "Sources", "docs"]).map(\.path) == ["docs"])
    }

    @Test func aRoomWithoutALandingPage() {
        let file = SourceFile("Sources/Ledger/Block.swift", "struct Block {}")
        let page = "Sources/Ledger/Ledger.docc/Ledger.md"
        #expect(TidyRule.landingPages([file]).count == 1)
        #expect(TidyRule.landingPages([file, SourceFile(page, "# Ledger\n")]).count == 1)
        #expect(TidyRule.landingPages([file, SourceFile(page, "# ``Ledger``\n\nText.")]).isEmpty)
        #expect(TidyRule.landingPages([SourceFile("Sources/CLMDB/module.modulemap", "module CLMDB {}")]).isEmpty)
    }

    @Test func scanningKeepsLinesAndInterpolations() {
        let text = "let a = \"x \\(f(\"y\", g())) z\" // tail\nlet b = \"\"\"\n  \\(h)\n  \"\"\" + #\"\\(no) \\#(yes)\"#"
        let code = CodeScanner.code(of: text)
        #expect(code.split(separator: "\n", omittingEmptySubsequences: false).count == 4)
        for word in ["f(", "g()", "h", "yes"] { #expect(code.contains(word)) }
        for word in ["x ", "y", "z", "tail", "no"] where word != "y" { #expect(!code.contains(word)) }
    }
}
