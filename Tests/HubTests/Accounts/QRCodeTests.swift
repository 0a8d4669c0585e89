import Foundation
import Testing

@testable import Hub

struct QRCodeTests {
    @Test(arguments: [
        // ISO/IEC 18004, table 7: the most bytes with correction M.
        (14, 21), (15, 25), (26, 25), (27, 29), (62, 33), (63, 37), (213, 57), (214, 61),
        (666, 97),
    ])
    func `a code has the size that the standard gives to so many bytes`(
        bytes: Int,
        size: Int
    )
        throws
    {
        let code = try #require(QRCode(String(repeating: "a", count: bytes)))
        #expect(code.size == size)
    }

    @Test func `what is too long has none`() {
        #expect(QRCode(String(repeating: "a", count: 667)) == nil)
    }

    @Test func `the correction is the standard's`() {
        // ISO/IEC 18004, annex I: "01234567" as version 1 with correction M.
        let data: [UInt8] = [
            0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11,
            0xEC, 0x11,
        ]
        #expect(
            ReedSolomon.remainder(of: data, by: ReedSolomon.divisor(degree: 10))
                == [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55]
        )
    }

    @Test func `format and version are the standard's`() throws {
        // ISO/IEC 18004, annex C, and annex D for version 7.
        #expect(QRPlan.formatBits(mask: 5) == 0b100_0000_1100_1110)
        let plan = try #require(QRPlan(bytes: 120))
        #expect(plan.version == 7)
        let bits = plan.versionBits.enumerated().reduce(0) {
            $0 | ($1.element ? 1 << $1.offset : 0)
        }
        #expect(bits == 0b00_0111_1100_1001_0100)
        #expect(plan.alignment == [6, 22, 38])
    }

    @Test func `the picture is quiet around and draws nothing but itself`() throws {
        let svg = try #require(QRCode("otpauth://totp/x?secret=MZXW6YTBOI")).svg
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 37 37\""))
        #expect(!svg.contains("MZXW") && !svg.contains("script") && !svg.contains("href"))
        #expect(svg.contains("M4,4h7v1h-7z"))
    }

    @Test(arguments: [8, 40, 100, 150, 300, 600])
    func `a second program reads what was written`(bytes: Int) throws {
        let reader = "/usr/bin/zbarimg"
        guard FileManager.default.isExecutableFile(atPath: reader) else { return }
        let text = AuthenticatorApp(
            secret: Array(repeating: 0x5A, count: 20),
            email: String(repeating: "long-", count: 10) + "name@clinic.example"
        ).address.prefix(bytes)
        let content = String(text) + String(repeating: "x", count: bytes - text.count)
        let code = try #require(QRCode(content))
        let file = FileManager.default.temporaryDirectory
            .appending(path: "qr-\(UUID().uuidString).pgm")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(Self.picture(code)).write(to: file)
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: reader)
        process.arguments = ["--quiet", "--raw", file.path()]
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(String(decoding: output, as: UTF8.self).trimmed == content)
    }

    /// Eight pixels a module, with the quiet zone.
    private static func picture(_ code: QRCode) -> [UInt8] {
        let side = (code.size + 8) * 8
        var pixels: [UInt8] = []
        for y in 0..<side {
            for x in 0..<side {
                let (column, row) = (x / 8 - 4, y / 8 - 4)
                let isInside = (0..<code.size).contains(column) && (0..<code.size).contains(row)
                pixels.append(isInside && code[column, row] ? 0 : 255)
            }
        }
        return Array("P5\n\(side) \(side)\n255\n".utf8) + pixels
    }
}
