import Glibc

/// A disk that loses its power: a file system in an image file. What a program has written but not made durable is in the
/// memory of the mounted file system and not in the image; a copy of the image is therefore what a loss of power leaves.
/// It needs the rights to mount.
struct PowerDisk {
    let image: String
    let mountPoint: String

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes an empty ext4 of 64 MiB below `directory` and mounts it.
    init(below directory: String) throws {
        image = directory + "/disk.img"
        mountPoint = directory + "/disk"
        try Self.shell("mkdir -p '\(mountPoint)' && truncate -s 64M '\(image)' && mkfs.ext4 -q -F '\(image)'")
        try mount()
    }

    private func mount() throws { try Self.shell("mount -o loop '\(image)' '\(mountPoint)'") }

    func unmount() { try? Self.shell("umount '\(mountPoint)'") }

    /// Throws away everything that is not durable, and comes up again.
    func losePower() throws {
        try Self.shell("cp --sparse=always '\(image)' '\(image).cut'")
        try Self.shell("umount '\(mountPoint)' && mv '\(image).cut' '\(image)'")
        try mount()
    }

    private static func shell(_ command: String) throws {
        let status = system("{ \(command); } 2>/dev/null")
        if status != 0 { throw Refused(description: "refused: \(command)") }
    }
}
