import Testing

/// The project itself, held against every rule of this folder.
@Suite struct ProjectTests {
    private let files = SourceTree.project.files

    @Test func theTreeIsRead() {
        #expect(files.contains { $0.path == "Package.swift" })
        #expect(files.contains { $0.path == "Deploy/test" })
        #expect(files.count { $0.room == "Primitives" } > 10)
    }

    @Test func importsPointDownAndStayOnTheirSideOfTheGlassLine() { expectNone(LayerRule.violations(files)) }
    @Test func theCoreSaysNothingThatDependsOnTimeOrPlace() { expectNone(CoreRule.violations(files)) }
    @Test func theCoreLoopsOverNothingWithoutOrder() { expectNone(OrderRule.violations(files)) }
    @Test func signaturesAreVerifiedInOnePlace() { expectNone(VerificationRule.violations(files)) }
    @Test func tlsIsMadeInOnePlace() { expectNone(TLSRule.violations(files)) }
    @Test func noFileIsDead() { expectNone(DeadFileRule.violations(files)) }
    @Test func noFileIsTooLong() { expectNone(TidyRule.longFiles(files)) }
    @Test func noNotesAreLeft() { expectNone(TidyRule.notesLeft(files)) }
    @Test func noPathLeadsOutOfTheProject() { expectNone(TidyRule.foreignPaths(files)) }
    @Test func noUnsafeFlags() { expectNone(TidyRule.unsafeFlags(files)) }
    @Test func theTopLevelIsFixed() { expectNone(TidyRule.layout(SourceTree.project.topLevel)) }
    @Test func everyRoomHasALandingPage() { expectNone(TidyRule.landingPages(files)) }

    private func expectNone(_ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation) {
        for violation in violations { Issue.record("\(violation)", sourceLocation: sourceLocation) }
    }
}
