public import Contracts

extension Document {
    /// A CSAR archive: the document as its one template, and a pointer for each file that is found by a content identifier, so that readers which
    /// look for the files of artifacts find something. The same document makes the same bytes.
    public func archive() -> [UInt8] {
        var pointers: [(name: String, bytes: [UInt8])] = []
        for object in objects(in: .files) {
            // A chain may hold any name; an archive holds only those that stay inside of it, and none that another one needs as a directory.
            guard let path = FilePath(object.name), path.description == object.name, !object.name.hasPrefix("TOSCA-Metadata/"),
                  !pointers.contains(where: { object.name.hasPrefix($0.name + "/") }) else { continue }
            pointers.append((object.name, Array(JSONText.text(object.value).utf8)))
        }
        var entry = "service.yaml"
        while pointers.contains(where: { $0.name == entry || $0.name.hasPrefix(entry + "/") }) { entry = "_" + entry }
        let meta = "TOSCA-Meta-File-Version: 1.1\nCSAR-Version: 1.1\nCreated-By: trellis\nEntry-Definitions: \(entry)\n"
        return ZipWriter.archive([("TOSCA-Metadata/TOSCA.meta", Array(meta.utf8)), (entry, Array(export(.yaml).utf8))] + pointers)
    }
}

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
