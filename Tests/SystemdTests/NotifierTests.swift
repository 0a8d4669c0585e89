import Glibc
import TestKit
import Testing

@testable import Systemd

@Suite struct NotifierTests {
    @Test func `messages arrive in one datagram at a path`() async throws {
        try await TemporaryFolder.with { folder async throws in
            let receiver = try DatagramReceiver("\(folder)/notify")
            let notifier = Notifier(environment: ["NOTIFY_SOCKET": "\(folder)/notify"])
            #expect(notifier.isActive)
            try notifier.notify(.ready, .status("listening"))
            #expect(receiver.receive() == "READY=1\nSTATUS=listening")
            #expect(!receiver.hasMore)
        }
    }

    @Test func `messages arrive at an abstract name`() throws {
        let name = "@clinic-gateway-test-\(getpid())"
        let receiver = try DatagramReceiver(name)
        try Notifier(environment: ["NOTIFY_SOCKET": name]).notify(.stopping)
        #expect(receiver.receive() == "STOPPING=1")
    }

    @Test func `each message has the form that the manager reads`() {
        #expect(Notifier.Message.watchdog.text == "WATCHDOG=1")
        #expect(
            Notifier.Message.reloading(monotonicMicroseconds: 42).text
                == "RELOADING=1\nMONOTONIC_USEC=42"
        )
        #expect(Notifier.Message.reloadingNow != .reloading(monotonicMicroseconds: 0))
    }

    @Test func `a status cannot smuggle in another message`() {
        let message = Notifier.Message.status("fine\nREADY=1\r\nSTOPPING=1")
        #expect(message.text == "STATUS=fine READY=1 STOPPING=1")
        #expect(Notifier.Message.status(String(repeating: "x", count: 999)).text.count == 207)
    }

    @Test(arguments: [[:], ["NOTIFY_SOCKET": ""]])
    func `without a manager nothing is sent and nothing fails`(environment: [String: String]) throws
    {
        let notifier = Notifier(environment: environment)
        #expect(!notifier.isActive)
        try notifier.notify(.ready)
    }

    @Test(arguments: ["relative", "/", "@", "/" + String(repeating: "x", count: 108)])
    func `an address that is no socket's is refused`(name: String) {
        #expect(throws: SystemdError.socketAddress) {
            try Notifier(environment: ["NOTIFY_SOCKET": name]).notify(.ready)
        }
    }

    @Test func `a manager that is gone is an error, not a crash`() {
        #expect(throws: SystemdError.system(errno: ENOENT)) {
            try Notifier(environment: ["NOTIFY_SOCKET": "/run/nobody/notify"]).notify(.ready)
        }
    }
}
