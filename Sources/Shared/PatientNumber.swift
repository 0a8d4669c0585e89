/// The clinic's own number of a patient: six digits of a sequence from 100000, and a check digit.
///
/// People type it into devices, so the check digit is Damm's: it finds every single wrong digit and
/// every exchange of two neighbours. With seven digits no counter that a device makes up by itself,
/// which has four, is ever one. See docs/decisions/0020-patients.md.
package struct PatientNumber: Hashable, Sendable {
    /// The sequences that give a number.
    package static let sequences = 100_000...999_999

    /// The number without its check digit.
    package let sequence: Int

    /// The number of a place in the sequence; nil for one outside `sequences`.
    package init?(sequence: Int) {
        guard Self.sequences.contains(sequence) else { return nil }
        self.sequence = sequence
    }

    /// Reads seven digits, blanks around them allowed; nil for any other text, and for one whose
    /// check digit does not fit.
    package init?(_ text: some StringProtocol) {
        guard let digits = Self.digits(text), Damm.remainder(digits) == 0 else { return nil }
        self.init(sequence: digits.dropLast().reduce(0) { $0 * 10 + $1 })
    }

    /// True for text that has the form of a number, whether or not its check digit fits.
    package static func hasForm(_ text: some StringProtocol) -> Bool { digits(text) != nil }

    private static func digits(_ text: some StringProtocol) -> [Int]? {
        var bytes = Array(text.utf8)[...]
        while bytes.first == UInt8(ascii: " ") { bytes.removeFirst() }
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        guard bytes.count == 7, bytes.first != UInt8(ascii: "0"),
            bytes.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return bytes.map { Int($0 - 48) }
    }
}

extension PatientNumber: CustomStringConvertible {
    /// The seven digits.
    package var description: String {
        let digits = String(sequence).utf8.map { Int($0 - 48) }
        return "\(sequence)\(Damm.remainder(digits))"
    }
}

/// Damm's check digits.
///
/// Source: H. M. Damm, Total anti-symmetrische Quasigruppen, Marburg 2004.
private enum Damm {
    /// The published totally anti-symmetric quasigroup of order 10, with zeros on its diagonal.
    private static let table: [[Int]] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
        [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
        [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
        [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
        [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ]

    /// The check digit of `digits`; 0 where they end with their own.
    static func remainder(_ digits: [Int]) -> Int {
        digits.reduce(0) { table[$0][$1] }
    }
}
