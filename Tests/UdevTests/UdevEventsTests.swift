import Testing

@testable import Udev

/// Against the system's own libudev: what is attached to the machine of the tests is not known, but
/// the order of events is.
@Suite struct `Listening to udev` {
    @Test func `everything that is attached comes first, and then that it is all`() async throws {
        var present: [UdevDevice] = []
        for try await event in UdevEvents(subsystems: ["tty", "block", "usb"]) {
            guard event != .settled else { break }
            guard case .present(let device) = event else { continue }
            present.append(device)
        }
        #expect(Set(present.map(\.path)).count == present.count)
        #expect(present.allSatisfy { ["tty", "block", "usb"].contains($0.subsystem) })
    }

    @Test func `it ends when the task is cancelled`() async throws {
        let task = Task {
            var events = 0
            for try await _ in UdevEvents(subsystems: ["tty"]) { events += 1 }
            return events
        }
        task.cancel()
        _ = try await task.value
    }
}
