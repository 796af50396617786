import ChainKit
import Contracts
import Execution
import Foundation
import Ledger
@testable import Node
import Primitives
import Testing
import WorldState

@Suite struct GenesisPresetTests {
    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Genesis")

    private func preset(_ name: String) throws -> GenesisPreset {
        try GenesisPreset(json: Data(contentsOf: Self.directory.appendingPathComponent(name + ".json")))
    }

    @Test(arguments: ["devnet", "testnet", "single"]) func everyPresetBuildsItsFirstState(name: String) throws {
        let preset = try preset(name)
        #expect(preset.chainName.text == name)
        let time: Timestamp = 1_760_000_000_000
        let charter = preset.charter(time: time)
        let founders = (0..<UInt64(preset.founderCount)).map { Founder($0, weight: preset.founderWeight) }
        let accounts = Dictionary(uniqueKeysWithValues: preset.allocations.keys.sorted().enumerated().map { ($1, Person(UInt64($0) + 50).address) })
        let genesis = try preset.genesis(
            time: time, founders: founders.map { $0.entry(of: charter) }, accounts: accounts, contracts: Catalogue.definitions)
        let state = try WorldState(opening: MemoryStore().snapshot())
        try GenesisState.apply(genesis, Catalogue.definitions, to: state)
        #expect(state.root == genesis.stateRoot && genesis.stateRoot != .zero)
        #expect(try AccountRecords.supply(in: state.view) == genesis.supply)
        #expect(try ChainRecords.parameters(in: state.view) == preset.parameters)
        for (account, address) in accounts {
            #expect(try AccountRecords.account(address, in: state.view)?.balance == preset.allocations[account])
        }
        // Another time is another chain.
        #expect(preset.charter(time: 1).id != charter.id)
    }

    @Test func aWrongStateRootIsRefused() throws {
        let preset = try preset("single")
        let founder = Founder(1, weight: preset.founderWeight).entry(of: preset.charter(time: 5))
        let genesis = try preset.genesis(
            time: 5, founders: [founder], accounts: ["faucet": Person(1).address], contracts: Catalogue.definitions)
        let state = try WorldState(opening: MemoryStore().snapshot())
        #expect(throws: GenesisState.Failure.stateRootWrong(expected: .zero, actual: genesis.stateRoot)) {
            try GenesisState.apply(genesis.with(stateRoot: .zero), Catalogue.definitions, to: state)
        }
    }

    @Test func mistakesAreNamed() throws {
        let good = try String(contentsOf: Self.directory.appendingPathComponent("devnet.json"), encoding: .utf8)
        func mistake(_ old: String, _ new: String) -> String? {
            precondition(good.contains(old))
            do {
                _ = try GenesisPreset(json: Data(good.replacingOccurrences(of: old, with: new).utf8))
                return nil
            } catch { return error.description }
        }
        #expect(mistake(#""count": 4"#, #""count": 0"#) == "founders.count: must be from 1 to 1024")
        #expect(mistake(#""stake": "10000""#, #""stake": "1.5""#) == "founders.stake: must be a whole number of TRL")
        #expect(mistake(#""stake": "10000""#, #""stake": "999""#) == "founders.stake: is below parameters.selfBondMin, 1000 TRL")
        #expect(mistake(#""network": "development""#, #""network": "dev""#) == "network: must be main or development")
        #expect(mistake(#""faucet": "1000000000""#, #""faucet": "-1""#) == "allocations.faucet: must be an amount of TRL above zero")
        #expect(mistake(#""epochHeights": "600""#, #""epochHights": "600""#) == "parameters.epochHights: is not a parameter")
        #expect(mistake(#""epochHeights": "600""#, #""epochHeights": "0""#) == "parameters.epochHeights: must be from 3 to 2^32")
        #expect(mistake(#""drawDelay": "4""#, #""drawDelay": "99999999999""#) == "parameters.drawDelay: must be an integer that fits the field")
        #expect(mistake(#""chainName": "devnet","#, "") == "chainName: is missing")
        #expect(mistake("{", "") == "file: is not JSON")
    }

    @Test func anAccountWithoutAnAddressIsNamed() throws {
        let preset = try preset("single")
        let founder = Founder(1, weight: preset.founderWeight).entry(of: preset.charter(time: 5))
        #expect(throws: PresetError(path: "allocations.faucet", reason: "no address was given")) {
            try preset.genesis(time: 5, founders: [founder], accounts: [:], contracts: [])
        }
    }
}
