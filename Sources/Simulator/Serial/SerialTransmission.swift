import Shared

/// What a device says in one visit, act by act.
package struct SerialTransmission: Sendable {
    /// In their order.
    package let acts: [SerialAct]

    /// The transmissions of one visit: one, or where it is repeated two.
    package static func all(
        of visit: SimulatedVisit,
        from device: SerialDevice,
        habits: SerialHabits = SerialHabits()
    ) -> [SerialTransmission] {
        var random = visit.serialGenerator(device)
        let plain = SerialTransmission(acts: Self.acts(of: visit, device))
        let count = random.chance(habits.repeatPercent) ? 2 : 1
        return (0..<count).map { _ in plain.spoilt(by: habits, device, &random) }
    }

    /// Every byte that the device sends, where all that it waits for comes at once.
    package var bytes: [UInt8] {
        acts.flatMap { act -> [UInt8] in if case .send(let bytes) = act { bytes } else { [] } }
    }

    private static func acts(of visit: SimulatedVisit, _ device: SerialDevice) -> [SerialAct] {
        switch device {
        case .l70: L70Speech(exam: visit.lensmeterExam).acts
        case .rm8000: [.send(LegacySpeech(exam: visit.refractometerExam).fields)]
        case .kr8900: [.send(LegacySpeech(exam: visit.refractometerExam).lines)]
        case .cv5000Link:
            PhoropterSpeech(exam: visit.phoropterExam).frames.map { .send($0) }
        }
    }

    private func spoilt(
        by habits: SerialHabits,
        _ device: SerialDevice,
        _ random: inout SeededGenerator
    ) -> SerialTransmission {
        var acts = acts
        if random.chance(habits.cutPercent) {
            acts = Self.cut(acts, after: Int.random(in: 1..<max(2, bytes.count), using: &random))
        }
        if random.chance(habits.noisePercent) {
            let noise = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                random.pick([0x00, 0xFF, 0x80, 0xF8] as [UInt8])
            }
            acts.insert(.send(noise), at: 0)
        }
        if let heardAt = habits.heardAt {
            // Who hears nothing that makes sense does not answer.
            acts = acts.compactMap { act in
                guard case .send(let bytes) = act else { return nil }
                return .send(LineSpeed.heard(bytes, sentAt: device.baud, heardAt: heardAt))
            }
        }
        if habits.splits { acts = acts.flatMap { Self.split($0, &random) } }
        return SerialTransmission(acts: acts)
    }

    private static func cut(_ acts: [SerialAct], after count: Int) -> [SerialAct] {
        var left = count
        var kept: [SerialAct] = []
        for act in acts where left > 0 {
            guard case .send(let bytes) = act else {
                kept.append(act)
                continue
            }
            kept.append(.send(Array(bytes.prefix(left))))
            left -= bytes.count
        }
        return kept
    }

    private static func split(
        _ act: SerialAct,
        _ random: inout SeededGenerator
    ) -> [SerialAct] {
        guard case .send(let bytes) = act else { return [act] }
        var acts: [SerialAct] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(random.pick([1, 2, 5]))
            rest = rest.dropFirst(piece.count)
            acts.append(.send(Array(piece)))
            if !rest.isEmpty { acts.append(.pause(.milliseconds(5))) }
        }
        return acts
    }
}

extension SimulatedVisit {
    /// A device on a line measures the same eyes, and has its own chances.
    fileprivate func serialGenerator(_ device: SerialDevice) -> SeededGenerator {
        let place = SerialDevice.allCases.firstIndex(of: device) ?? 0
        return SeededGenerator(seed: seed, path: [7, number, place])
    }
}
