import Foundation
import Logging
@testable import Node
import Testing

@Suite struct ConfigurationTests {
    private func file(_ json: String) throws -> ConfigurationFile { try ConfigurationFile(json: Data(json.utf8), path: "node.json") }

    private func refusal(_ work: () throws -> Void) -> ConfigurationError? {
        do {
            try work()
            return nil
        } catch { return error as? ConfigurationError }
    }

    @Test func flagsComeBeforeTheEnvironmentAndThatBeforeTheFile() throws {
        let file = try file(#"{"log": {"level": "error", "format": "json"}, "network": {"inboundMax": 7}}"#)
        let resolved = try ResolvedConfiguration(
            home: "h", file: file, environment: ["TRELLIS_LOG_LEVEL": "debug", "TRELLIS_NETWORK_INBOUND_MAX": "8", "PATH": "/bin"],
            flags: ["network.inboundMax=9", "network.inboundMax=10"])
        #expect(resolved.node.log.level == .debug && resolved.node.log.format == .json && resolved.node.network.inboundMax == 10)
        let origins = Dictionary(uniqueKeysWithValues: resolved.entries.map { ($0.key.name, $0.origin) })
        #expect(origins["log.format"] == .file("h/node.json"))
        #expect(origins["log.level"] == .environment("TRELLIS_LOG_LEVEL"))
        #expect(origins["network.inboundMax"] == .flag)
        #expect(origins["api.listen"] == .standard)
    }

    /// What is printed is read again as the same, for every key, from every source.
    @Test func everyKeyReadsWhatItPrints() throws {
        let samples: [String: String] = [
            "network.external": "example.org:4000", "network.persistentPeers": String(repeating: "ab", count: 32) + "@[::1]:5,"
                + String(repeating: "cd", count: 32) + "@host:6", "network.privatePeers": String(repeating: "ef", count: 32),
            "storage.retainedBlocks": "12", "storage.retainedStates": "all", "api.listen": "none", "network.allowsLocal": "true",
            "consensus.viewTimeoutMilliseconds": "10", "log.level": "trace", "log.format": "json",
        ]
        #expect(samples.keys.allSatisfy { name in ConfigurationKey.all.contains { $0.name == name } })
        for key in ConfigurationKey.all {
            for text in [key.standard, samples[key.name] ?? key.standard] {
                let flag = try ResolvedConfiguration(home: "h", file: ConfigurationFile(), flags: ["\(key.name)=\(text)"])
                let variable = try ResolvedConfiguration(home: "h", file: ConfigurationFile(), environment: [key.variable: text])
                var written = ConfigurationFile()
                try written.set("\(key.name)=\(text)")
                let read = try ResolvedConfiguration(home: "h", file: try file(written.json))
                for resolved in [flag, variable, read] {
                    #expect(resolved.entries.first { $0.key.name == key.name }?.value == text, "\(key.name)")
                }
            }
        }
        #expect(Set(ConfigurationKey.all.map(\.variable)).count == ConfigurationKey.all.count)
    }

    @Test func unknownNamesSuggestTheNearest() {
        let flag = refusal { _ = try ResolvedConfiguration(home: "h", file: ConfigurationFile(), flags: ["network.lisen=none"]) }
        #expect(flag?.code == .keyUnknown && flag?.remedy.contains("network.listen") == true)
        let inFile = refusal { _ = try file(#"{"storage": {"retainedBlock": 5}}"#) }
        #expect(inFile?.code == .keyUnknown && inFile?.remedy.contains("storage.retainedBlocks") == true)
        let variable = refusal { _ = try ResolvedConfiguration(home: "h", file: ConfigurationFile(), environment: ["TRELLIS_API_LISTN": "none"]) }
        #expect(variable?.code == .keyUnknown && variable?.remedy.contains("TRELLIS_API_LISTEN") == true)
        #expect(refusal { _ = try ResolvedConfiguration(home: "h", file: ConfigurationFile(), environment: ["TRELLIS_PROFILE": "x"]) } == nil)
        #expect(NearestWord.find("zzzzzzzzzzzz", in: ["log.level"]) == nil)
    }

    @Test(arguments: [
        "network.listen=here", "network.external=host:0", "network.inboundMax=-1", "network.inboundMax=5000", "network.inboundMax=1e2",
        "verification.threads=0", "log.level=loud", "network.allowsLocal=yes", "network.seeds=x@y:1", "storage.retainedBlocks=none",
        "network.privatePeers=abcd",
    ]) func valuesThatDoNotFitAreNamed(flag: String) throws {
        let error = try #require(refusal { _ = try ResolvedConfiguration(home: "h", file: ConfigurationFile(), flags: [flag]) })
        let parts = flag.split(separator: "=", omittingEmptySubsequences: false)
        #expect(error.code == .valueInvalid && error.reason.contains(parts[0]) && (parts[1].isEmpty || error.reason.contains(parts[1])))
    }

    @Test(arguments: ["", "[]", "{", "3", #"{"log": 3}"#, #"{"log": {"level": {}}}"#, #"{"network": {"seeds": [1]}}"#, #"{"network": {"inboundMax": 1.5}}"#])
    func filesThatAreNoSettingsAreRefused(json: String) {
        #expect(refusal { _ = try file(json) } != nil)
    }

    @Test func valuesThatDoNotGoTogetherAreRefused() {
        for flags in [
            ["consensus.viewTimeoutMilliseconds=500", "consensus.viewTimeoutMillisecondsMax=400"],
            ["api.listen=127.0.0.1:5", "network.listen=127.0.0.1:5"], ["network.listen=none", "network.outboundMax=0"],
        ] {
            #expect(refusal { _ = try ResolvedConfiguration(home: "h", file: ConfigurationFile(), flags: flags) }?.code == .conflict)
        }
        #expect(refusal { _ = try ResolvedConfiguration(home: "h", file: ConfigurationFile(), flags: ["log.level"]) }?.code == .flagMalformed)
    }

    @Test func aSettingCanBeTakenOutOfTheFile() throws {
        var file = try file(#"{"log": {"level": "error", "format": "json"}}"#)
        try file.set("log.level=")
        #expect(file.json == "{\n  \"log\": {\n    \"format\": \"json\"\n  }\n}\n")
        try file.set("log.format=")
        #expect(file.json == "{}\n")
    }
}
