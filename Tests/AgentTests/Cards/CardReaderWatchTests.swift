import Testing
import Udev

@testable import Agent

@Suite struct CardReaderWatchTests {
    private static func device(_ interfaces: String?) -> UdevDevice {
        UdevDevice(
            path: "/sys/devices/usb1/1-4",
            subsystem: "usb",
            type: "usb_device",
            properties: interfaces.map { ["ID_USB_INTERFACES": $0] } ?? [:]
        )
    }

    @Test func `a card reader is told by its class, when it comes and when it goes`() {
        let reader = Self.device(":0b0000:")
        #expect(CardReaderWatch.isReader(.added(reader)))
        #expect(CardReaderWatch.isReader(.removed(reader)))
        #expect(CardReaderWatch.isReader(.added(Self.device(":030101:0b0000:"))))
    }

    @Test func `nothing else is one, and what was there before is known`() {
        #expect(!CardReaderWatch.isReader(.added(Self.device(":ffffff:"))))
        #expect(!CardReaderWatch.isReader(.added(Self.device(nil))))
        #expect(!CardReaderWatch.isReader(.present(Self.device(":0b0000:"))))
        #expect(!CardReaderWatch.isReader(.settled))
    }
}
