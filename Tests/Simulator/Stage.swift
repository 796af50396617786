import Consensus
import Primitives

/// The network of a scenario. Its verbs read as a paragraph: stop, part, submit, wait, expect. The judges watch as in any run.
final class Stage {
    let simulation: Simulation

    init(_ simulation: Simulation) { self.simulation = simulation }

    private func nodes(_ numbers: [Int]) -> [SimulatedNode] { numbers.map { simulation.nodes[$0] } }
    private func expect(_ holds: Bool, _ text: @autoclosure () -> String) { if !holds { simulation.judge.fail("expectation", text()) } }

    // MARK: Time and work

    /// Lets time pass.
    @discardableResult func wait(seconds: Double) -> Stage {
        simulation.run(until: simulation.now + UInt64(seconds * 1_000_000))
        return self
    }

    /// Brings operations to a node.
    @discardableResult func submit(_ count: Int, to number: Int = 0) -> Stage {
        for _ in 0..<count { simulation.submit(to: number) }
        return self
    }

    /// Brings one operation after the other to a node, with a pause behind each.
    @discardableResult func trickle(_ count: Int, to number: Int = 0, everySeconds pause: Double = 0.3) -> Stage {
        for _ in 0..<count { submit(1, to: number).wait(seconds: pause) }
        return self
    }

    // MARK: Machines

    /// Pulls the plug.
    @discardableResult func stop(_ numbers: Int...) -> Stage { stop(numbers) }
    @discardableResult func stop(_ numbers: [Int]) -> Stage {
        for node in nodes(numbers) { simulation.crash(node, survivors: 0, torn: nil, returns: false) }
        return self
    }

    @discardableResult func start(_ numbers: Int...) -> Stage { start(numbers) }
    @discardableResult func start(_ numbers: [Int]) -> Stage {
        for node in nodes(numbers) { simulation.restart(node) }
        return self
    }

    /// The node crashes when it is about to write its next records: with the last one lost, torn, durable, or before its consequences.
    @discardableResult func crash(_ number: Int, afterRecords records: Int) -> Stage {
        simulation.nodes[number].crashPoint = (records, .afterRecord)
        return self
    }

    /// A node that is down loses its journal, and with it what it knows of its votes.
    @discardableResult func loseJournal(of number: Int) -> Stage {
        simulation.loseJournal(of: simulation.nodes[number], keepingBlocks: .max)
        return self
    }

    @discardableResult func stallDisk(of number: Int, seconds: Double) -> Stage {
        simulation.nodes[number].stalledUntil = simulation.now + UInt64(seconds * 1_000_000)
        return self
    }

    // MARK: The network

    /// Cuts `side` off from all others.
    @discardableResult func part(_ side: [Int]) -> Stage {
        simulation.wall(simulation.nodes.indices.map(side.contains), isAsymmetric: false, until: nil)
        return self
    }

    /// Nobody hears these any more; they hear everybody.
    @discardableResult func mute(_ numbers: Int...) -> Stage {
        simulation.wall(simulation.nodes.indices.map(numbers.contains), isAsymmetric: true, until: nil)
        return self
    }

    /// Nothing reaches these any more; everybody hears them.
    @discardableResult func deafen(_ numbers: Int...) -> Stage {
        simulation.wall(simulation.nodes.indices.map { !numbers.contains($0) }, isAsymmetric: true, until: nil)
        return self
    }

    /// Tears down all walls.
    @discardableResult func join() -> Stage {
        simulation.network.walls = simulation.network.walls.map { _ in 0 }
        return self
    }

    /// Loses every letter that carries such a message.
    @discardableResult func lose(_ step: Step?, to receivers: [Int]) -> Stage {
        simulation.loses = { message, receiver in step != nil && message.vote?.step == step && receivers.contains(receiver) }
        return self
    }

    // MARK: Questions

    var heights: [UInt64] { simulation.nodes.map(\.height.rawValue) }
    var view: UInt64 { simulation.nodes.filter(\.isUp).map(\.replica.view.rawValue).max() ?? 0 }
    var submitted: Int { simulation.submitted.count }

    /// The node that is primary of the height in flight, as a node that is up sees it.
    func primary() -> Int {
        guard let node = simulation.nodes.first(where: { $0.isUp && $0.isHonest }) else { return 0 }
        return simulation.judge.key(node.replica.report.primary, in: node.replica.position.epoch.epoch) ?? 0
    }

    func others(_ number: Int) -> [Int] { simulation.nodes.indices.filter { $0 != number } }

    // MARK: Expectations

    @discardableResult func expectAllDelivered(except absent: [Int] = []) -> Stage {
        for node in simulation.nodes where node.isHonest && !absent.contains(node.number) {
            let left = simulation.submitted.count { !node.included.contains($0) }
            expect(left == 0, "\(left) operations are open at node \(node.number), height \(node.height): \(node.replica.report)")
        }
        return self
    }

    @discardableResult func expectHeights(within distance: UInt64, except absent: [Int] = []) -> Stage {
        let heights = simulation.nodes.filter { $0.isHonest && !absent.contains($0.number) }.map(\.height.rawValue)
        expect((heights.max() ?? 0) - (heights.min() ?? 0) <= distance, "heights \(heights)")
        return self
    }

    @discardableResult func expectStandstill(whileWaitingSeconds seconds: Double) -> Stage {
        let before = heights
        wait(seconds: seconds)
        expect(before == heights, "the chain moves from \(before) to \(heights) without a quorum")
        return self
    }

    @discardableResult func expectView(atMost view: UInt64) -> Stage {
        expect(self.view <= view, "a node is in view \(self.view)")
        return self
    }

    @discardableResult func expectEpoch(atLeast epoch: UInt64) -> Stage {
        let epochs = simulation.nodes.filter(\.isHonest).map(\.replica.position.epoch.epoch.rawValue)
        expect(epochs.allSatisfy { $0 >= epoch }, "epochs \(epochs)")
        return self
    }

    @discardableResult func expect(_ text: String, _ holds: Bool) -> Stage {
        expect(holds, text)
        return self
    }
}
