import ArgumentParser
import Primitives

/// Bytes on the command line.
struct Hexadecimal: ExpressibleByArgument {
    let bytes: [UInt8]

    init?(argument: String) {
        guard let bytes = [UInt8](hex: argument) else { return nil }
        self.bytes = bytes
    }
}

/// A byte string of fixed length on the command line: a key, a digest, a signature.
struct FixedArgument<Value: FixedBytes>: ExpressibleByArgument {
    let value: Value

    init?(argument: String) {
        guard let value = Value(hex: argument) else { return nil }
        self.value = value
    }
}
