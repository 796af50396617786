import Execution

/// A result as people read it.
enum TextView {
    /// Names and values under one another.
    case fields([(name: String, value: String)])
    case table(columns: [String], rows: [[String]])
    /// As it is.
    case text(String)
    /// One below the other with an empty line between.
    case parts([TextView])

    /// What any value looks like.
    init(_ value: DynamicValue) {
        switch value {
        case .object(let members): self = .fields(members.flatMap { Self.lines($0.name, $0.value) })
        case .list(let values):
            let objects: [[DynamicValue.Member]] = values.compactMap { if case .object(let members) = $0 { members } else { nil } }
            if objects.count == values.count, let first = objects.first {
                let columns = first.map(\.name)
                self = .table(columns: columns, rows: values.map { item in columns.map { item[$0]?.plain ?? "" } })
            } else {
                self = .text(values.map(\.plain).joined(separator: "\n"))
            }
        default: self = .text(value.plain)
        }
    }

    /// A member, and those of an object in it, with the path in front.
    private static func lines(_ name: String, _ value: DynamicValue) -> [(name: String, value: String)] {
        guard case .object(let members) = value, !members.isEmpty else { return [(name, value.plain)] }
        return members.flatMap { lines("\(name).\($0.name)", $0.value) }
    }

    func text(isStyled: Bool) -> String {
        switch self {
        case .text(let text): return text.isEmpty ? "" : text + "\n"
        case .parts(let parts): return parts.map { $0.text(isStyled: isStyled) }.filter { !$0.isEmpty }.joined(separator: "\n")
        case .fields(let fields):
            let width = fields.map { $0.name.count }.max() ?? 0
            return fields.map { field in
                let name = field.name + String(repeating: " ", count: width - field.name.count)
                return (isStyled ? Terminal.apply(.bold, to: name) : name) + "  " + field.value.replacing("\n", with: "\n" + String(repeating: " ", count: width + 2)) + "\n"
            }.joined()
        case .table(let columns, let rows):
            let widths = columns.indices.map { column in rows.map { $0[column].count }.reduce(columns[column].count, max) }
            func line(_ cells: [String]) -> String {
                var line = ""
                for (column, cell) in cells.enumerated() {
                    line += column + 1 == cells.count ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
                }
                return line
            }
            // A path of members is titled by its last one.
            let header = line(columns.map { String($0.split(separator: ".").last ?? "").uppercased() })
            return ([isStyled ? Terminal.apply(.bold, to: header) : header] + rows.map(line)).map { $0 + "\n" }.joined()
        }
    }
}
