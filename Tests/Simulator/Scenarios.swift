import Primitives

/// The failures that others have had, each as a paragraph.
extension Scenario {
    public static let all: [Scenario] = [
        partitionAtStart, viewChangeWhileDecisionArrives, twoOfFourRestart, setGrowsWhilePrimaryIsDown, lostJournal,
        equivocationAtEpochEdge, powerLoss, liarAboutHeight, prematureTimers, decisionSeenByOne, mutePrimary, stalledDisk,
        crashesAtEveryRecord, halfOfTheVotesLost,
    ]

    /// Nobody has ever heard of anybody, timers run out alone, and then the cable is plugged in.
    static let partitionAtStart = Scenario("a partition at the start heals") { network in
        network.part([0, 1]).submit(2).submit(1, to: 3)
        network.expectStandstill(whileWaitingSeconds: 20)
        network.join().wait(seconds: 20)
        network.expectAllDelivered().expectHeights(within: 0)
    }

    /// One replica misses every COMMIT, gives up on the view, and learns in the midst of it that all is decided.
    static let viewChangeWhileDecisionArrives = Scenario("a view change while a decision arrives") { network in
        let late = network.others(network.primary())[0]
        network.lose(.commit, to: [late]).submit(2).wait(seconds: 0.9)
        network.part([late]).wait(seconds: 1.2)
        network.join().lose(nil, to: []).wait(seconds: 5)
        network.expectAllDelivered().expectHeights(within: 0)
        network.trickle(3).wait(seconds: 3).expectAllDelivered().expectView(atMost: 0)
    }

    static let twoOfFourRestart = Scenario("two of four restart") { network in
        network.trickle(3).stop(2, 3).submit(2)
        network.expectStandstill(whileWaitingSeconds: 8)
        network.start(2, 3).wait(seconds: 15)
        network.expectAllDelivered().expectHeights(within: 0)
    }

    /// New voters join at boundaries while the one whose turn it is lies dead.
    static let setGrowsWhilePrimaryIsDown = Scenario(
        "the set grows while a primary is down", standby: 3, epochBlocks: 4, changesStakes: true, seed: 5
    ) { network in
        for _ in 0..<6 {
            let dead = network.primary()
            network.stop(dead).trickle(4, to: (dead + 1) % 4, everySeconds: 2.5)
            network.start(dead).wait(seconds: 4)
        }
        network.wait(seconds: 20).expectAllDelivered().expectHeights(within: 0).expectEpoch(atLeast: 3)
    }

    static let lostJournal = Scenario("a node that lost its journal", losesJournal: [1]) { network in
        network.trickle(2).submit(1).wait(seconds: 0.01)
        network.stop(1).loseJournal(of: 1).start(1)
        network.trickle(6, everySeconds: 1.5).wait(seconds: 5)
        network.expectAllDelivered().expectHeights(within: 0)
    }

    static let equivocationAtEpochEdge = Scenario(
        "an equivocating primary at the edge of an epoch", corrupt: [2: [.equivocate, .voteForAll]], epochBlocks: 3
    ) { network in
        network.trickle(14, everySeconds: 1.2).wait(seconds: 20)
        network.expectAllDelivered().expectHeights(within: 0).expectEpoch(atLeast: 3)
    }

    static let powerLoss = Scenario("the whole network loses its power and returns one by one", weights: [1, 1, 1, 1, 1, 1, 1]) { network in
        network.trickle(4).submit(3).wait(seconds: 0.012)
        network.stop([0, 1, 2, 3, 4, 5, 6]).wait(seconds: 1)
        for number in [4, 2, 6, 0, 5, 1, 3] { network.start(number).wait(seconds: 3) }
        network.wait(seconds: 20).expectAllDelivered().expectHeights(within: 0)
    }

    /// Far heights are told and never delivered; the chain moves on, also when the liar's turn is lost.
    static let liarAboutHeight = Scenario("a peer that lies about its height", corrupt: [3: [.lieAboutHeight, .serveWrongBlocks, .withhold]]) { network in
        network.trickle(4).stop(1).trickle(0).wait(seconds: 2)
        network.start(1).trickle(6, everySeconds: 2).wait(seconds: 20)
        network.expectAllDelivered().expectHeights(within: 0)
    }

    /// A replica far behind catches up and must not disturb the views of those who work.
    static let prematureTimers = Scenario("no premature timers after a resync") { network in
        network.part([3]).trickle(12).submit(1, to: 3).wait(seconds: 5)
        network.join().wait(seconds: 4)
        network.expectHeights(within: 0).expectAllDelivered()
        network.trickle(8).expectView(atMost: 0).expectAllDelivered()
    }

    /// One replica alone saw the quorum of COMMITs and then died. Whatever the others do, it is that block.
    static let decisionSeenByOne = Scenario("a decision that one replica saw") { network in
        let lucky = network.others(network.primary())[0]
        network.lose(.commit, to: network.others(lucky)).submit(1, to: lucky).wait(seconds: 0.4)
        network.expect("the lucky one has delivered", network.heights[lucky] == 1)
        network.stop(lucky).lose(nil, to: []).wait(seconds: 8)
        network.start(lucky).wait(seconds: 5)
        network.expectAllDelivered().expectHeights(within: 0)
    }

    /// The primary hears everything and is heard by nobody.
    static let mutePrimary = Scenario("a primary that nobody hears") { network in
        let mute = network.primary()
        network.mute(mute).submit(2, to: network.others(mute)[0]).wait(seconds: 8)
        network.expectAllDelivered()
        network.join().wait(seconds: 4).expectHeights(within: 0)
    }

    static let stalledDisk = Scenario("a disk that stalls while its node is primary") { network in
        let slow = network.primary()
        network.stallDisk(of: slow, seconds: 6).submit(3, to: network.others(slow)[0]).wait(seconds: 12)
        network.expectAllDelivered().expectHeights(within: 0)
    }

    /// The same node dies at its first record, returns, dies at its second, and so on.
    static let crashesAtEveryRecord = Scenario("a crash at every record") { network in
        for records in 0..<12 {
            network.crash(records % 4, afterRecords: records).submit(2, to: (records + 1) % 4).wait(seconds: 2)
            network.start(records % 4).wait(seconds: 3)
        }
        network.wait(seconds: 15).expectAllDelivered().expectHeights(within: 0)
    }

    static let halfOfTheVotesLost = Scenario("PREPAREs never reach half of the network") { network in
        network.lose(.prepare, to: [0, 1]).submit(2).wait(seconds: 12)
        network.lose(nil, to: []).wait(seconds: 20)
        network.expectAllDelivered().expectHeights(within: 0)
    }
}
