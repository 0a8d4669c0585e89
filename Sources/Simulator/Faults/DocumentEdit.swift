/// Changes one place of a finished file, in whichever encoding it has.
struct DocumentEdit {
    private(set) var file: SimulatedFile
    /// Each character takes two bytes.
    private let isWide: Bool

    init(_ file: SimulatedFile, _ device: SimulatedDevice) {
        self.file = file
        isWide = file.bytes.starts(with: [0xFF, 0xFE])
    }

    /// Keeps two thirds.
    mutating func cut() -> Bool {
        replace(Array(file.bytes.prefix(file.bytes.count * 2 / 3)))
    }

    mutating func prepend(_ mark: [UInt8]) -> Bool {
        // In files of another encoding this mark has no meaning.
        guard !isWide, !file.name.contains("KR-800S"), !file.name.contains("PRAXGATE") else {
            return false
        }
        return replace(mark + file.bytes)
    }

    mutating func rename(_ change: (String) -> String) {
        file = SimulatedFile(path: file.path.dropLast() + [change(file.name)], bytes: file.bytes)
    }

    /// Writes `text` in the place of what stands between the first of `markers` that has something
    /// behind it and the next `<` or line end.
    mutating func set(_ markers: [String], to text: String) -> Bool {
        for marker in markers {
            let marker = wide(marker)
            var from = 0
            while let found = find(marker, from: from) {
                let start = found + marker.count
                let end = self.end(from: start)
                if end > start {
                    return replace(
                        Array(file.bytes[..<start]) + wide(text) + file.bytes[end...]
                    )
                }
                from = start
            }
        }
        return false
    }

    /// Writes `text` in the place of what stands between a marker and the end of `last`.
    mutating func set(_ markers: [String], through last: String, to text: String) -> Bool {
        for marker in markers.map(wide) {
            guard let end = find(wide(last), from: 0).map({ $0 + wide(last).count }),
                let start = (0..<end).last(where: { file.bytes[$0...].starts(with: marker) })
            else { continue }
            let kept = file.bytes[..<(start + marker.count)]
            return replace(Array(kept) + wide(text) + file.bytes[end...])
        }
        return false
    }

    /// Leaves out the line in which `text` first stands.
    mutating func removeLine(with text: String) -> Bool {
        guard let found = find(wide(text), from: 0) else { return false }
        let start = file.bytes[..<found].lastIndex(of: 10).map { $0 + 1 } ?? 0
        guard let end = file.bytes[found...].firstIndex(of: 10) else { return false }
        return replace(Array(file.bytes[..<start]) + file.bytes[(end + 1)...])
    }

    private mutating func replace(_ bytes: [UInt8]) -> Bool {
        file = SimulatedFile(path: file.path, bytes: bytes)
        return true
    }

    private func wide(_ text: String) -> [UInt8] {
        isWide ? text.utf8.flatMap { [$0, 0] } : Array(text.utf8)
    }

    private func find(_ marker: [UInt8], from: Int) -> Int? {
        var from = from
        while let found = file.bytes[from...].firstIndex(of: marker[0]) {
            if file.bytes[found...].starts(with: marker) { return found }
            from = found + 1
        }
        return nil
    }

    private func end(from start: Int) -> Int {
        file.bytes[start...].firstIndex { [UInt8(ascii: "<"), 13, 10].contains($0) }
            ?? file.bytes.count
    }
}
