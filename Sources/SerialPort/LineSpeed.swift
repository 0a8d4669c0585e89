internal import Glibc

/// The speeds that the system has a number for.
package enum LineSpeed {
    /// In bits per second, the slowest first.
    package static var supported: [Int] { table.map(\.baud) }

    /// The system's number for a speed; nil where it has none.
    static func code(_ baud: Int) -> speed_t? {
        table.first { $0.baud == baud }.map { speed_t($0.code) }
    }

    private static let table: [(baud: Int, code: Int32)] = [
        (50, Int32(B50)), (75, Int32(B75)), (110, Int32(B110)), (134, Int32(B134)),
        (150, Int32(B150)), (200, Int32(B200)), (300, Int32(B300)), (600, Int32(B600)),
        (1200, Int32(B1200)), (1800, Int32(B1800)), (2400, Int32(B2400)), (4800, Int32(B4800)),
        (9600, Int32(B9600)), (19200, Int32(B19200)), (38400, Int32(B38400)),
        (57600, Int32(B57600)), (115_200, Int32(B115200)), (230_400, Int32(B230400)),
        (460_800, Int32(B460800)), (921_600, Int32(B921600)), (1_000_000, Int32(B1000000)),
        (2_000_000, Int32(B2000000)), (3_000_000, Int32(B3000000)), (4_000_000, Int32(B4000000)),
    ]
}
