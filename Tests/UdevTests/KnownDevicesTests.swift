import Testing

@testable import Udev

@Suite struct `What is known of the devices` {
    private func device(
        _ path: String,
        initialised: String? = "100",
        model: String = "a"
    )
        -> UdevDevice
    {
        var device = UdevDevice(path: path, subsystem: "tty", properties: ["ID_MODEL": model])
        device.properties["USEC_INITIALIZED"] = initialised
        return device
    }

    @Test func `what is attached at the start is present, and later it is added`() {
        var known = KnownDevices()
        #expect(
            known.replace(with: [device("/sys/a")], isFirst: true) == [.present(device("/sys/a"))]
        )
        #expect(
            known.note(action: "add", device("/sys/b")) == [.added(device("/sys/b"))]
        )
    }

    @Test func `adding what is there already is no news`() {
        var known = KnownDevices()
        _ = known.replace(with: [device("/sys/a")], isFirst: true)
        var again = device("/sys/a")
        again.properties["SEQNUM"] = "4711"
        again.properties["ACTION"] = "add"
        #expect(known.note(action: "add", again).isEmpty)
    }

    @Test func `a changed property is a change, and bind is none by itself`() {
        var known = KnownDevices()
        _ = known.replace(with: [device("/sys/a")], isFirst: true)
        let other = device("/sys/a", model: "b")
        #expect(known.note(action: "bind", device("/sys/a")).isEmpty)
        #expect(known.note(action: "change", other) == [.changed(other)])
    }

    @Test func `the end of a device is told as it was last known, and once`() {
        var known = KnownDevices()
        _ = known.replace(with: [device("/sys/a", model: "full")], isFirst: true)
        let bare = UdevDevice(path: "/sys/a", subsystem: "tty")
        #expect(known.note(action: "remove", bare) == [.removed(device("/sys/a", model: "full"))])
        #expect(known.note(action: "remove", bare).isEmpty)
    }

    @Test func `after lost messages the differences are told`() {
        var known = KnownDevices()
        let before = ["/sys/gone", "/sys/kept", "/sys/replugged", "/sys/changed"]
        _ = known.replace(with: before.map { device($0) }, isFirst: true)
        let events = known.replace(
            with: [
                device("/sys/kept"), device("/sys/replugged", initialised: "900"),
                device("/sys/changed", model: "b"), device("/sys/new"),
            ],
            isFirst: false
        )
        #expect(
            events == [
                .removed(device("/sys/gone")),
                .removed(device("/sys/replugged")),
                .added(device("/sys/replugged", initialised: "900")),
                .changed(device("/sys/changed", model: "b")),
                .added(device("/sys/new")),
            ]
        )
    }

    @Test func `a device without a time is told apart by its path alone`() {
        var known = KnownDevices()
        _ = known.replace(with: [device("/sys/a", initialised: nil)], isFirst: true)
        #expect(known.replace(with: [device("/sys/a")], isFirst: false).count == 1)
    }
}
