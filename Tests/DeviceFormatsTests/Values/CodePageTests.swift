import Shared
import Testing

@testable import DeviceFormats

@Suite struct CodePageTests {
    @Test func `code page 437 has its letters where the old systems had them`() {
        // Ç ü é â ä à å ç at 0x80, Ä Å É at 0x8E, Ö Ü at 0x99, ß at 0xE1, ° at 0xF8.
        let bytes: [UInt8] = [
            0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x8E, 0x8F, 0x90, 0x99, 0x9A, 0xE1,
            0xF8, 0xFF, 0x41,
        ]
        #expect(CodePage437.text(of: bytes) == "ÇüéâäàåçÄÅÉÖÜß°\u{A0}A")
        #expect(CodePage437.text(of: UInt8.min...UInt8.max).unicodeScalars.count == 256)
    }

    @Test func `windows 1252 differs from latin 1 below 0xA0 and has five gaps`() {
        #expect(Windows1252.text(of: [0x80, 0x8A, 0xE9]) == "€Šé")
        for gap in [0x81, 0x8D, 0x8F, 0x90, 0x9D] as [UInt8] {
            #expect(Windows1252.text(of: [gap]) == nil)
        }
    }
}
