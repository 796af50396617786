/// Writes ZIP archives of stored files, all of them of the day with which ZIP's calendar begins.
enum ZipWriter {
    static func archive(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var data: [UInt8] = [], directory: [UInt8] = []
        for file in files {
            let name = Array(file.name.utf8), size = UInt32(file.bytes.count), offset = UInt32(data.count)
            // Version 2.0, names in UTF-8, stored, midnight of 1 January 1980.
            let common = little(UInt16(20)) + little(UInt16(0x0800)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt16(0x21))
                + little(Deflate.checksum(file.bytes)) + little(size) + little(size) + little(UInt16(name.count)) + little(UInt16(0))
            data += little(UInt32(0x0403_4b50)) + common + name + file.bytes
            directory += little(UInt32(0x0201_4b50)) + little(UInt16(20)) + common + [UInt8](repeating: 0, count: 10) + little(offset) + name
        }
        let count = little(UInt16(files.count))
        return data + directory + little(UInt32(0x0605_4b50)) + [0, 0, 0, 0] + count + count + little(UInt32(directory.count)) + little(UInt32(data.count)) + [0, 0]
    }

    private static func little(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.littleEndian, Array.init) }
}
