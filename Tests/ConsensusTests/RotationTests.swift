import Consensus
import Testing

@Suite struct RotationTests {
    @Test func bounds() { #expect(ConsensusLimits.skipExponentMax == 8) }
}
