import Shared
import Sync
import Testing

@Suite struct WithheldPayloadTests {
    private let whole = WithheldPayload(
        id: Sample.identifier(1),
        payload: Array("{\"a\":\n1}\n".utf8)
    )

    @Test func `it comes back as it was, with every byte of its payload`() throws {
        #expect(try WithheldPayload(text: whole.encoded()) == whole)
    }

    @Test func `every cut is refused`() throws {
        let text = try whole.encoded()
        for count in text.indices {
            #expect(throws: SyncError.self) { try WithheldPayload(text: Array(text[..<count])) }
        }
    }

    @Test func `a changed byte, a longer line and a later version are refused`() throws {
        var text = try whole.encoded()
        text[text.count - 2] ^= 1
        #expect(throws: SyncError.malformed("the payload has another SHA-256")) {
            try WithheldPayload(text: text)
        }
        let long = [UInt8](repeating: 0x20, count: SyncLimits.headerLineBytes)
        #expect(throws: SyncError.self) { try WithheldPayload(text: long + whole.encoded()) }
        var later = whole
        later.header.protocolVersion = 3
        #expect(throws: SyncError.versionNewer(hub: 2)) {
            try WithheldPayload(text: later.encoded())
        }
        later.header.protocolVersion = 0
        #expect(throws: SyncError.self) { try WithheldPayload(text: later.encoded()) }
    }
}

@Suite struct WireVersionsTests {
    @Test func `the highest that both speak is taken`() {
        let hub = WireVersions(lowest: 2, highest: 4)
        #expect(hub.common(with: WireVersions(lowest: 2, highest: 2)) == 2)
        #expect(hub.common(with: WireVersions(lowest: 1, highest: 3)) == 3)
        #expect(hub.common(with: WireVersions(lowest: 3, highest: 6)) == 4)
        // Newer than the Hub, and older than what it speaks.
        #expect(hub.common(with: WireVersions(lowest: 5, highest: 6)) == nil)
        #expect(hub.common(with: WireVersions(lowest: 1, highest: 1)) == nil)
    }

    @Test func `who says nothing speaks version 1`() {
        #expect(WireVersions(lowest: 1, highest: 3).common(with: nil) == 1)
        #expect(WireVersions.own.common(with: nil) == 1)
        #expect(WireVersions(lowest: 2, highest: 3).common(with: nil) == nil)
    }

    @Test func `what makes no sense is nobody's version`() {
        let hub = WireVersions(lowest: 1, highest: 3)
        #expect(hub.common(with: WireVersions(lowest: 3, highest: 1)) == nil)
        #expect(hub.common(with: WireVersions(lowest: .min, highest: .max)) == 3)
        #expect(hub.common(with: WireVersions(lowest: .min, highest: .min)) == nil)
    }
}
