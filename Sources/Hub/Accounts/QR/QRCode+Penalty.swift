extension QRCode {
    /// How hard the code is to read, by the rules of ISO/IEC 18004, 7.8.3: less is better.
    var penalty: Int {
        var sum = 0
        for line in 0..<size {
            sum += Self.penalty(of: (0..<size).map { self[$0, line] })
            sum += Self.penalty(of: (0..<size).map { self[line, $0] })
        }
        var darkCount = 0
        for y in 0..<size {
            for x in 0..<size {
                if self[x, y] { darkCount += 1 }
                guard x + 1 < size, y + 1 < size else { continue }
                let isDark = self[x, y]
                if self[x + 1, y] == isDark, self[x, y + 1] == isDark,
                    self[x + 1, y + 1] == isDark
                {
                    sum += 3
                }
            }
        }
        let percent = darkCount * 100 / (size * size)
        return sum + abs(percent - 50) / 5 * 10
    }

    /// Runs of five and more, and what looks like a finder pattern.
    private static func penalty(of line: [Bool]) -> Int {
        var sum = 0
        var run = 1
        for index in 1..<line.count {
            if line[index] == line[index - 1] {
                run += 1
                if run == 5 { sum += 3 } else if run > 5 { sum += 1 }
            } else {
                run = 1
            }
        }
        let finder = [true, false, true, true, true, false, true]
        let light = [false, false, false, false]
        for pattern in [finder + light, light + finder] where line.count >= pattern.count {
            for start in 0...(line.count - pattern.count)
            where line[start..<start + pattern.count].elementsEqual(pattern) {
                sum += 40
            }
        }
        return sum
    }
}
