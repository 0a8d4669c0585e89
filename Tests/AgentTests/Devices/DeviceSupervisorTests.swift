import Shared
import Sync
import Testing
import Udev

@testable import Agent

@Suite struct `The supervisor of devices` {
    private let broken = DeviceFact.Problem(code: "io", sentence: "It does not answer.")

    @Test func `an adapter that is plugged in gets a driver, and is ready when that says so`()
        throws
    {
        var world = SupervisorWorld()
        let actions = world.handle(.attached(DeviceSample.port()))
        let run = try #require(SupervisorWorld.run(in: actions))
        #expect(run.key == "usb:0403:6001:A10X42QZ")
        #expect(run.source == "usb-0403-6001-a10x42qz")
        #expect(run.plan == .serial(protocolName: "recorder", line: nil))
        #expect(SupervisorWorld.states(in: actions).map(\.state) == [.starting])
        let ready = SupervisorWorld.states(in: world.tell(.ready, run))
        #expect(ready.map(\.state) == [.ready])
        #expect(ready.first?.driver == "recorder")
    }

    @Test func `what is told twice is done once`() {
        var world = SupervisorWorld()
        _ = world.handle(.attached(DeviceSample.port()))
        #expect(world.handle(.attached(DeviceSample.port())).isEmpty)
    }

    @Test func `a new description disturbs nobody, another identity is another device`() throws {
        var world = SupervisorWorld()
        let run = try world.start(DeviceSample.port())
        _ = world.tell(.ready, run)
        var renamed = DeviceSample.tty()
        renamed.properties["ID_MODEL"] = "Another"
        #expect(world.handle(.attached(DeviceSample.port(renamed))).isEmpty)
        let other = world.handle(
            .attached(DeviceSample.port(DeviceSample.tty(serial: "B20Y53RA")))
        )
        #expect(other.first == .stop(id: run.id, run: run.run))
        #expect(SupervisorWorld.run(in: other)?.key == "usb:0403:6001:B20Y53RA")
    }

    @Test func `unplugging stops the driver, and its last words are not taken for a failure`()
        throws
    {
        var world = SupervisorWorld()
        let run = try world.start(DeviceSample.port())
        let actions = world.handle(.detached(run.id))
        #expect(actions.first == .stop(id: run.id, run: run.run))
        #expect(SupervisorWorld.states(in: actions).map(\.state) == [.detached])
        #expect(world.tell(.failed(broken), run).isEmpty)
        #expect(world.supervisor.states.isEmpty)
        #expect(world.supervisor.nextDue == nil)
    }

    @Test func `what a driver stores and says after the unplugging still counts`() throws {
        var world = SupervisorWorld()
        let run = try world.start(DeviceSample.port())
        _ = world.tell(.ready, run)
        _ = world.handle(.detached(run.id))
        let late = SupervisorWorld.states(in: world.tell(.document, run))
        #expect(late.map(\.documents) == [1])
        let cut = SupervisorWorld.states(in: world.tell(.problem(broken), run))
        #expect(cut.map(\.state) == [.detached])
        #expect(cut.map(\.problem) == [broken])
        // It is remembered when the device is back, on whatever port.
        var elsewhere = DeviceSample.tty("ttyUSB5")
        elsewhere.properties["ID_PATH"] = "pci-0000:00:14.0-usb-0:4:1.0"
        _ = world.plug(DeviceSample.port(elsewhere))
        #expect(world.supervisor.states.map(\.documents) == [1])
    }

    @Test(arguments: [true, false])
    func `files that could not be read are told also of a stick that is gone`(
        isFinishedFirst: Bool
    ) throws {
        let problem = DeviceFact.Problem(
            code: "unreadable-files",
            sentence: "3 of its files or folders could not be read."
        )
        var world = SupervisorWorld()
        let block = DeviceSample.block()
        let stick = try #require(AttachedDevice(medium: block, mountedAt: "/run/media/sda1"))
        let run = try world.start(stick)
        _ = world.tell(.ready, run)
        if isFinishedFirst { _ = world.tell(.finished(problem), run) }
        var last = SupervisorWorld.states(in: world.handle(.detached(run.id))).last
        if !isFinishedFirst {
            last = SupervisorWorld.states(in: world.tell(.finished(problem), run)).last
        }
        #expect(last?.state == .detached)
        #expect(last?.problem == problem)
        // It is over when the stick is back and read to its end.
        let next = try world.start(stick)
        let end = SupervisorWorld.states(in: world.tell(.finished(nil), next)).last
        #expect(end?.state == .safeToRemove)
        #expect(end?.problem == nil)
    }

    @Test func `the same name plugged in again is a new start`() throws {
        var world = SupervisorWorld()
        let first = try world.start(DeviceSample.port())
        _ = world.handle(.detached(first.id))
        let second = try world.start(DeviceSample.port(DeviceSample.tty(serial: "B20Y53RA")))
        #expect(second.id == first.id)
        #expect(second.run > first.run)
        #expect(second.key == "usb:0403:6001:B20Y53RA")
        // The first driver's words do not reach the second device.
        _ = world.tell(.ready, first)
        #expect(world.supervisor.states.map(\.state) == [.starting])
    }

    @Test func `a driver that fails is tried again, ever more rarely, up to a minute`() throws {
        var world = SupervisorWorld()
        var run = try world.start(DeviceSample.port())
        var pauses: [Duration] = []
        for _ in 0..<9 {
            _ = world.tell(.failed(broken), run)
            let pause = try #require(world.pause)
            pauses.append(pause)
            run = try world.retried(after: pause)
        }
        #expect(
            pauses == [
                .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8),
                .seconds(16), .seconds(32), .seconds(60), .seconds(60),
            ]
        )
    }

    @Test func `trying again is not told as long as it fails`() throws {
        var world = SupervisorWorld()
        let run = try world.start(DeviceSample.port())
        let failing = SupervisorWorld.states(in: world.tell(.failed(broken), run))
        #expect(failing.map(\.state) == [.failing])
        let again = world.wait(.milliseconds(500))
        #expect(SupervisorWorld.states(in: again).isEmpty)
        let second = try #require(SupervisorWorld.run(in: again))
        #expect(world.tell(.failed(broken), second).isEmpty)
        let third = try world.retried(after: .seconds(1))
        let ready = SupervisorWorld.states(in: world.tell(.ready, third))
        #expect(ready.map(\.state) == [.ready])
        #expect(ready.map(\.problem) == [nil])
    }

    @Test func `a success begins the pauses anew, opening alone does not`() throws {
        var world = SupervisorWorld()
        var run = try world.start(DeviceSample.port())
        for _ in 0..<3 {
            _ = world.tell(.ready, run)
            _ = world.tell(.failed(broken), run)
            run = try world.retried()
        }
        _ = world.tell(.failed(broken), run)
        #expect(world.pause == .seconds(4))
        run = try world.retried(after: .seconds(4))
        _ = world.tell(.ready, run)
        _ = world.tell(.document, run)
        _ = world.tell(.failed(broken), run)
        #expect(world.pause == .milliseconds(500))
        // A minute of service is a success as well.
        run = try world.retried(after: .milliseconds(500))
        _ = world.tell(.failed(broken), run)
        run = try world.retried(after: .seconds(1))
        _ = world.tell(.ready, run)
        _ = world.wait(.seconds(60))
        _ = world.tell(.failed(broken), run)
        #expect(world.pause == .milliseconds(500))
    }

    @Test func `one driver that fails leaves the others alone`() throws {
        var world = SupervisorWorld()
        let first = try world.start(DeviceSample.port())
        let other = DeviceSample.tty("ttyUSB1", serial: "OTHER", port: "pci-0-usb-0:3:1.0")
        let second = try world.start(DeviceSample.port(other))
        _ = world.tell(.ready, second)
        let actions = world.tell(.failed(broken), first)
        #expect(SupervisorWorld.states(in: actions).map(\.key) == [first.key])
        #expect(!world.wait(.seconds(1)).contains { $0 == .stop(id: second.id, run: second.run) })
    }

    @Test func `two adapters with the same number are told apart by their ports`() throws {
        var world = SupervisorWorld()
        let first = try world.start(DeviceSample.port())
        let twin = DeviceSample.tty("ttyUSB1", port: "pci-0000:00:14.0-usb-0:3:1.0")
        let second = try world.start(DeviceSample.port(twin))
        #expect(first.key == "usb:0403:6001:A10X42QZ")
        #expect(second.key == "port:pci-0000:00:14.0-usb-0:3:1.0")
    }

    @Test func `a new rule acts at once, and only on what it changes`() throws {
        var world = SupervisorWorld()
        let first = try world.start(DeviceSample.port())
        let other = DeviceSample.tty("ttyUSB1", serial: "OTHER", port: "pci-0-usb-0:3:1.0")
        _ = try world.start(DeviceSample.port(other))
        let rule = DeviceRule(
            id: Identifier(derivedFrom: [[1]]),
            serial: "A10X42QZ",
            driver: "l70"
        )
        let actions = world.handle(.rules(DeviceRules(hub: [rule])))
        #expect(actions.first == .stop(id: first.id, run: first.run))
        let run = try #require(SupervisorWorld.run(in: actions))
        #expect(run.plan == .serial(protocolName: "l70", line: nil))
        #expect(run.id == first.id)
        #expect(SupervisorWorld.states(in: actions).map(\.key) == [first.key])
        #expect(world.handle(.rules(DeviceRules(hub: [rule]))).isEmpty)
    }

    @Test func `an adapter that nothing serves is told with the reason`() {
        var world = SupervisorWorld()
        let modem = DeviceSample.tty("ttyACM0", vendor: "1234", product: "5678")
        let states = SupervisorWorld.states(
            in: world.handle(.attached(DeviceSample.port(modem)))
        )
        #expect(states.map(\.state) == [.unserved])
        #expect(states.first?.problem?.code == "no-rule")
        #expect(states.first?.driver == nil)
    }

    @Test func `a medium whose files are taken is safe to remove, and is not read again`() throws {
        var world = SupervisorWorld()
        let stick = try #require(
            AttachedDevice(medium: DeviceSample.block(), mountedAt: "/run/clinic-media/sda1")
        )
        let run = try world.start(stick)
        #expect(run.plan == .media)
        #expect(run.key == "media:STICK01")
        _ = world.tell(.ready, run)
        _ = world.tell(.files(40), run)
        let done = SupervisorWorld.states(in: world.tell(.finished(nil), run))
        #expect(done.map(\.state) == [.safeToRemove])
        #expect(world.supervisor.nextDue == nil)
        #expect(world.handle(.attached(stick)).isEmpty)
        // In again, it is looked at again.
        _ = world.handle(.detached(run.id))
        #expect(world.plug(stick) != nil)
    }

    @Test func `very many devices are not followed`() {
        var world = SupervisorWorld()
        for number in 0..<(DeviceSupervisor.maximumDevices + 10) {
            let device = DeviceSample.tty("ttyUSB\(number)", serial: "S\(number)")
            _ = world.handle(.attached(DeviceSample.port(device)))
        }
        #expect(world.supervisor.states.count == DeviceSupervisor.maximumDevices)
    }
}
