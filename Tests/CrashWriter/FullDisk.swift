import Glibc
import Primitives
import Storage
import WorldState

/// What happens when the space runs out: whoever waits gets a typed error, nothing that was acknowledged is lost, what is there
/// stays readable, and work continues when space has returned.
struct FullDisk {
    let directory: String

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    /// A way to run out of space and to get it back.
    private enum Space {
        /// A file system of 8 MiB in memory, filled by a file of which little is left over.
        case small(String)
        /// The kernel's limit on the size of any file of this process.
        case limited

        func runShort() throws {
            switch self {
            case .small(let path):
                let filler = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
                let block = [UInt8](repeating: 1, count: 4096)
                while write(filler, block, block.count) > 0 {}
                ftruncate(filler, lseek(filler, 0, SEEK_END) - (640 << 10))
                close(filler)
            case .limited: limit(to: 1 << 20)
            }
        }

        func getMore() {
            switch self {
            case .small(let path): unlink(path + "/filler")
            case .limited: limit(to: rlim_t.max)
            }
        }

        private func limit(to bytes: rlim_t) {
            var limits = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
            limits.rlim_cur = min(bytes, limits.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
        }
    }

    func run() async throws {
        signal(SIGXFSZ, SIG_IGN)
        let path = directory + "/small"
        mkdir(directory, 0o700)
        mkdir(path, 0o700)
        let isMounted = system("mount -t tmpfs -o size=8m tmpfs '\(path)' 2>/dev/null") == 0
        defer { if isMounted { _ = system("umount '\(path)'") } }
        let space = isMounted ? Space.small(path) : .limited
        print(isMounted ? "by a full file system" : "by a limit on file sizes: no rights to mount")
        try await fillLog(path + "/log", space)
        try fillState(path + "/state", space)
        if isMounted { try refuseNew(path, space) }
    }

    private func fillLog(_ path: String, _ space: Space) async throws {
        let record = { @Sendable (index: UInt64) -> [UInt8] in var random = SeededGenerator(seed: index); return random.bytes(40_000) }
        // Files end often where space runs out between them, and never where one file reaches the limit.
        var segmentBytes = 200 << 10
        if case .limited = space { segmentBytes = 8 << 20 }
        let options = LogOptions(segmentBytes: segmentBytes)
        let open = { try RecordLog(directory: path, kind: .blocks, chainID: SyntheticChain.chainID, options: options) }
        var log = try open()
        for index in 0..<3 { try await log.append([record(UInt64(index))]) }
        try space.runShort()
        // Four clients at a time, so that several wait when it happens.
        var refused: [StoreError] = []
        while refused.isEmpty && log.bounds.upperBound < 10_000 {
            let next = log.bounds.upperBound
            refused = await withTaskGroup(of: StoreError?.self) { group in
                for client in 0..<4 {
                    group.addTask { [log] in
                        do throws(StoreError) { try await log.append([record(next + UInt64(client))], at: next + UInt64(client)) } catch { return error }
                        return nil
                    }
                    // The indexes must arrive in order.
                    await Task.yield()
                }
                return await group.reduce(into: []) { if let error = $1 { $0.append(error) } }
            }
            if refused.contains(where: { $0.code == .io }) { refused = [] }
        }
        guard !refused.isEmpty, refused.allSatisfy({ $0.code == .full }) else { throw Broken(description: "log: \(refused)") }
        var end = log.bounds.upperBound
        try check(log, end, record)
        log.close()
        log = try open()
        guard log.bounds == 0..<end, log.recovery.loss == nil else { throw Broken(description: "log: \(log.recovery), expected \(end)") }
        space.getMore()
        for _ in 0..<12 {
            try await log.append([record(end)], at: end)
            end += 1
        }
        log.close()
        log = try open()
        guard log.bounds == 0..<end, log.recovery.loss == nil else { throw Broken(description: "log: \(log.recovery), expected \(end)") }
        try check(log, end, record)
        log.close()
        print("log: refused as full, \(end) records kept")
    }

    private func check(_ log: RecordLog, _ end: UInt64, _ record: (UInt64) -> [UInt8]) throws {
        for index in 0..<end where try log.read(index) != record(index) {
            throw Broken(description: "log: record \(index) is not what was written")
        }
    }

    private func fillState(_ path: String, _ space: Space) throws {
        let open = { try LMDBStateStore(directory: path, chainID: SyntheticChain.chainID, options: StateStoreOptions(mapBytes: 256 << 20)) }
        var store: LMDBStateStore? = try open()
        func write(_ batch: Int) throws(StoreError) {
            try store!.write { (writer) throws(StoreError) in
                for entry in 0..<20 {
                    var random = SeededGenerator(seed: UInt64(batch * 20 + entry))
                    let value = random.bytes(3_000)
                    let key = withUnsafeBytes(of: UInt64(batch * 20 + entry).bigEndian) { [UInt8]($0) }
                    try key.withUnsafeBufferPointer { (key) throws(StoreError) in
                        try writer.put(.leaf, UnsafeRawBufferPointer(key), size: value.count) { $0.copyBytes(from: value) }
                    }
                }
            }
        }
        func check(_ batches: Int) throws {
            var entries = 0
            try store!.snapshot().scan(.leaf, .ascending, from: UnsafeRawBufferPointer(start: nil, count: 0)) { key, value in
                var random = SeededGenerator(seed: UInt64(entries))
                if value.elementsEqual(random.bytes(3_000)) { entries += 1 }
                return true
            }
            guard entries == batches * 20 else { throw Broken(description: "state: \(entries) entries, expected \(batches * 20)") }
        }
        try write(0)
        try space.runShort()
        var batches = 1
        var refusal: StoreError?
        while refusal == nil && batches < 2_000 {
            do throws(StoreError) {
                try write(batches)
                batches += 1
            } catch { refusal = error }
        }
        guard refusal?.code == .full else { throw Broken(description: "state: \(String(describing: refusal))") }
        try check(batches)
        store = nil
        store = try open()
        try check(batches)
        space.getMore()
        for _ in 0..<10 {
            try write(batches)
            batches += 1
        }
        try check(batches)
        store = nil
        store = try open()
        try check(batches)
        print("state: refused as full, \(batches) batches kept")
    }

    /// A store that cannot even be made is refused with the same error.
    private func refuseNew(_ path: String, _ space: Space) throws {
        let filler = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
        let block = [UInt8](repeating: 1, count: 4096)
        while write(filler, block, block.count) > 0 {}
        close(filler)
        do throws(StoreError) {
            _ = try ChainStore.create(in: path + "/new", chainID: SyntheticChain.chainID, options: SyntheticChain.options)
        } catch {
            guard error.code == .full else { throw Broken(description: "new: \(error)") }
            print("new store: refused as full")
            return
        }
        throw Broken(description: "new: a store was made without space")
    }
}
