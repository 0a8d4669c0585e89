/// A QR code (ISO/IEC 18004) of a short text: byte mode, error correction M, versions 1 to 20.
///
/// It is drawn here because the one thing that is to be shown, a factor's secret, must not be
/// handed to anything outside of the Hub.
struct QRCode: Sendable {
    /// Modules on a side.
    private(set) var size: Int
    private var dark: [Bool]
    private var isFunction: [Bool]

    /// Takes at most 666 bytes; nil for more.
    init?(_ text: String) {
        guard let plan = QRPlan(bytes: text.utf8.count) else { return nil }
        size = plan.size
        dark = Array(repeating: false, count: size * size)
        isFunction = dark
        drawFunctions(plan)
        draw(plan.codewords(of: Array(text.utf8)))
        var best: (penalty: Int, mask: Int)?
        for mask in 0..<8 {
            let penalty = masked(mask).penalty
            if best.map({ penalty < $0.penalty }) ?? true { best = (penalty, mask) }
        }
        self = masked(best?.mask ?? 0)
    }

    /// True where the module is dark; `x` to the right, `y` down.
    subscript(x: Int, y: Int) -> Bool { dark[y * size + x] }

    /// A picture with the quiet zone of four modules around it.
    var svg: String {
        var path = ""
        for y in 0..<size {
            var x = 0
            while x < size {
                let start = x
                while x < size, self[x, y] { x += 1 }
                if x > start { path += "M\(start + 4),\(y + 4)h\(x - start)v1h-\(x - start)z" }
                x += 1
            }
        }
        let side = size + 8
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" \
            shape-rendering="crispEdges"><path fill="#fff" d="M0,0h\(side)v\(side)h-\(side)z"/>\
            <path fill="#000" d="\(path)"/></svg>
            """
    }

    // MARK: What is the same in every code of a version

    private mutating func set(_ x: Int, _ y: Int, _ isDark: Bool) {
        dark[y * size + x] = isDark
        isFunction[y * size + x] = true
    }

    private mutating func drawFunctions(_ plan: QRPlan) {
        for index in 0..<size {
            set(6, index, index.isMultiple(of: 2))
            set(index, 6, index.isMultiple(of: 2))
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] { drawFinder(x, y) }
        let places = plan.alignment
        for x in places {
            for y in places {
                let isFinder =
                    (x == 6 && (y == 6 || y == size - 7)) || (x == size - 7 && y == 6)
                if !isFinder { drawAlignment(x, y) }
            }
        }
        drawFormat(mask: 0)
        for (index, isDark) in plan.versionBits.enumerated() {
            let (far, near) = (size - 11 + index % 3, index / 3)
            set(far, near, isDark)
            set(near, far, isDark)
        }
    }

    private mutating func drawFinder(_ x: Int, _ y: Int) {
        for down in -4...4 {
            for right in -4...4 {
                let (column, row) = (x + right, y + down)
                guard (0..<size).contains(column), (0..<size).contains(row) else { continue }
                let ring = max(abs(right), abs(down))
                set(column, row, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignment(_ x: Int, _ y: Int) {
        for down in -2...2 {
            for right in -2...2 { set(x + right, y + down, max(abs(right), abs(down)) != 1) }
        }
    }

    private mutating func drawFormat(mask: Int) {
        let bits = QRPlan.formatBits(mask: mask)
        for index in 0..<15 {
            let isDark = bits >> index & 1 == 1
            switch index {
            case 0...5: set(8, index, isDark)
            case 6: set(8, 7, isDark)
            case 7: set(8, 8, isDark)
            case 8: set(7, 8, isDark)
            default: set(14 - index, 8, isDark)
            }
            if index < 8 {
                set(size - 1 - index, 8, isDark)
            } else {
                set(8, size - 15 + index, isDark)
            }
        }
        set(8, size - 8, true)
    }

    // MARK: What the text makes of it

    private mutating func draw(_ codewords: [UInt8]) {
        var index = 0
        for pair in stride(from: size - 1, through: 1, by: -2) {
            // The column of the timing pattern is passed over.
            let right = pair <= 6 ? pair - 1 : pair
            let isUpward = (right + 1) & 2 == 0
            for step in 0..<size {
                let y = isUpward ? size - 1 - step : step
                for x in [right, right - 1] where !isFunction[y * size + x] {
                    guard index < codewords.count * 8 else { continue }
                    dark[y * size + x] = codewords[index / 8] >> (7 - index % 8) & 1 == 1
                    index += 1
                }
            }
        }
    }

    private func masked(_ mask: Int) -> QRCode {
        var code = self
        for y in 0..<size {
            for x in 0..<size where !isFunction[y * size + x] {
                if QRPlan.isInverted(x, y, by: mask) { code.dark[y * size + x].toggle() }
            }
        }
        code.drawFormat(mask: mask)
        return code
    }
}
