/// The device's end of a serial line.
package protocol SerialPort: Sendable {
    /// Sends bytes.
    func write(_ bytes: [UInt8]) throws(SimulatorFailure)
    /// What has come since the last call; empty where nothing has.
    func read() throws(SimulatorFailure) -> [UInt8]
}

/// Plays transmissions on a line.
package struct SerialPlayer<Port: SerialPort>: Sendable {
    private let port: Port
    private let clock: any Clock<Duration>

    /// How a transmission ended.
    package enum Outcome: Hashable, Sendable {
        /// All was sent, and acknowledged where the device asks for it.
        case sent
        /// Nobody answered, also not to a third attempt.
        case unanswered
    }

    /// Plays on `port`.
    package init(port: Port, clock: any Clock<Duration> = ContinuousClock()) {
        self.port = port
        self.clock = clock
    }

    /// Plays one transmission; ends early only where the task is cancelled.
    package func play(_ transmission: SerialTransmission) async throws -> Outcome {
        _ = try port.read()
        var last: [UInt8] = []
        for act in transmission.acts {
            switch act {
            case .pause(let pause): try await clock.sleep(for: pause)
            case .send(let bytes):
                last += bytes
                try port.write(bytes)
            case .await(let answer):
                guard try await isAnswered(with: answer, after: last) else { return .unanswered }
                last = []
            }
        }
        return .sent
    }

    private func isAnswered(with answer: [UInt8], after sent: [UInt8]) async throws -> Bool {
        for attempt in 0..<3 {
            if attempt > 0 { try port.write(sent) }
            if try await hears(answer) { return true }
        }
        return false
    }

    /// Waits a second at most.
    private func hears(_ answer: [UInt8]) async throws -> Bool {
        var heard: [UInt8] = []
        for _ in 0..<100 {
            heard += try port.read()
            if heard.suffix(answer.count).elementsEqual(answer) { return true }
            try await clock.sleep(for: .milliseconds(10))
        }
        return false
    }
}
