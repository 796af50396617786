/// The files that a new contract begins with: an example, and what it is built on. They are part of the program.
public enum Template: String, CaseIterable, Sendable {
    /// Counts, for everybody together and for each caller.
    case counter
    /// A token with allowances.
    case token
    /// A payment that waits until a delivery is among an application's artifacts in the contract `infrastructure`.
    case payment

    func source(_ language: ContractLanguage) -> [UInt8] {
        switch (self, language) {
        case (.counter, .c): PackageResources.counter_c
        case (.counter, .swift): PackageResources.counter_swift_txt
        case (.token, .c): PackageResources.token_c
        case (.token, .swift): PackageResources.token_swift_txt
        case (.payment, .c): PackageResources.payment_c
        case (.payment, .swift): PackageResources.payment_swift_txt
        }
    }

    var test: [UInt8] {
        switch self {
        case .counter: PackageResources.counter_test
        case .token: PackageResources.token_test
        case .payment: PackageResources.payment_test
        }
    }

    /// What every contract of a language is built with, by name.
    static func support(_ language: ContractLanguage) -> [(name: String, bytes: [UInt8])] {
        let common = [("trellis.h", PackageResources.trellis_h), ("runtime.c", PackageResources.runtime_c)]
        return language == .c ? common : common + [("Trellis.swift", PackageResources.Trellis_swift_txt)]
    }
}

/// What contracts are written in.
public enum ContractLanguage: String, CaseIterable, Sendable {
    case c, swift

    var sourceName: String { "contract.\(rawValue)" }
}
