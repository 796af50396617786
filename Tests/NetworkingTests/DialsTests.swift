@testable import Networking
import Primitives
import Synchronization
import Testing

@Suite struct DialsTests {
    @Test func theEndWaitsForDialsAndLetsNoneBegin() async {
        let dials = Dials(), isOver = Flag()
        #expect(dials.begin() && dials.begin())
        let end = Task {
            await dials.close()
            isOver.value.store(true, ordering: .sequentiallyConsistent)
        }
        while dials.begin() {
            dials.end()
            await Task.yield()
        }
        dials.end()
        let wasOver = isOver.value.load(ordering: .sequentiallyConsistent)
        #expect(!wasOver)
        dials.end()
        await end.value
        #expect(!dials.begin())
        await dials.close()
    }

    /// Whoever dials at the very end touches no event loop that has ended: a debug build would crash.
    @Test(.timeLimit(.minutes(15))) func dialsAtTheEndAreRefused() async throws {
        let nobody = try #require(NetworkAddress(host: "127.0.0.1", port: 1))
        for _ in 0..<20 {
            let transport = try await TestNode(1).transport, isOver = Flag()
            async let dialling: Void = {
                while !isOver.value.load(ordering: .relaxed) {
                    transport.dial(nobody)
                    await Task.yield()
                }
                for _ in 0..<100 { transport.dial(nobody) }
            }()
            await transport.shutdown()
            isOver.value.store(true, ordering: .relaxed)
            await dialling
        }
    }

    private final class Flag: Sendable { let value = Atomic(false) }
}
