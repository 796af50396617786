import Foundation
import Node
import Testing

/// The files for containers, systemd, Prometheus and Grafana speak of what the program really has.
@Suite struct DeploymentFileTests {
    private func text(_ path: String) throws -> String { try String(contentsOf: Shell.project.appending(path: path), encoding: .utf8) }

    private func words(_ text: String, with prefix: String) -> Set<String> {
        let pieces = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return Set(pieces.map(String.init).filter { $0.hasPrefix(prefix) })
    }

    @Test(arguments: ["Deploy/prometheus/rules.yaml", "Deploy/grafana/trellis.json"]) func metricsExist(path: String) throws {
        let source = try text("Sources/Node/Running/Node+Metrics.swift")
        let asked = words(try text(path), with: "trellis_").union(words(try text(path), with: "process_"))
        #expect(asked.count > 5)
        for metric in asked { #expect(source.contains("\"\(metric)\""), "\(metric)") }
    }

    @Test(arguments: ["Deploy/container/compose.yaml", "Deploy/container/Containerfile", "Deploy/systemd/trellis.service"]) func variablesExist(path: String) throws {
        let known = Set(ConfigurationKey.all.map(\.variable)).union(["TRELLIS_HOME", "TRELLIS_PASSPHRASE_FILE"])
        let used = words(try text(path), with: "TRELLIS_")
        #expect(!used.isEmpty && used.isSubset(of: known), "\(used.subtracting(known))")
    }

    @Test func theBoardIsJSONWithOneQueryAtLeastPerPanel() throws {
        let board = try #require(JSONSerialization.jsonObject(with: Data(try text("Deploy/grafana/trellis.json").utf8)) as? [String: Any])
        let panels = try #require(board["panels"] as? [[String: Any]])
        #expect(panels.count > 10)
        for panel in panels { #expect((panel["targets"] as? [[String: Any]])?.isEmpty == false) }
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
    }

    @Test(.enabled(if: Shell.has("promtool"), "promtool is not installed: the package prometheus has it")) func prometheusTakesTheRules() throws {
        let outcome = try Shell.run("promtool check rules Deploy/prometheus/rules.yaml && promtool check config --syntax-only Deploy/prometheus/prometheus.yaml", in: Shell.project)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    @Test(.enabled(if: Shell.has("systemd-analyze"), "systemd-analyze is not installed: the package systemd has it")) func systemdTakesTheUnit() throws {
        // The program and the user need not be on this machine.
        let outcome = try Shell.run("systemd-analyze verify --man=no Deploy/systemd/trellis.service 2>&1 | grep -v 'is not executable' || true", in: Shell.project)
        #expect(!outcome.output.contains("trellis.service:"), "\(outcome.output)")
    }
}
