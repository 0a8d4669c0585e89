import BelgianEID

/// The card's side of the conversation: commands in, answers out.
package struct TestApplet: Sendable {
    package enum Version: UInt8, Sendable, CaseIterable {
        case applet10 = 0x10
        case applet11 = 0x11
        case applet17 = 0x17
        case applet18 = 0x18

        package var answerToReset: [UInt8] {
            switch self {
            case .applet10: Self.old(0xFF, 0x94, 0x10)
            case .applet11: Self.old(0x0A, 0x94, 0x10)
            case .applet17: Self.old(0x0A, 0x13, 0x11)
            case .applet18:
                [
                    0x3B, 0x7F, 0x96, 0, 0, 0x80, 0x31, 0x80, 0x65, 0xB0, 0x85, 4, 1, 0x20, 0x12,
                    0x0F, 0xFF, 0x82, 0x90, 0,
                ]
            }
        }

        private static func old(_ fifth: UInt8, _ third: UInt8, _ last: UInt8) -> [UInt8] {
            [0x3B, 0x98, third, 0x40, fifth, 0xA5, 3, 1, 1, 1, 0xAD, 0x13, last]
        }
    }

    /// How the card, or its reader, shows that a file ends.
    package enum Ending: Sendable, CaseIterable {
        /// `6Cxx`, and only then the bytes.
        case namesLength
        /// Fewer bytes and 9000.
        case short
        /// Fewer bytes and 6282.
        case warns
        /// `61xx`, and the bytes are fetched.
        case waits
    }

    package static let chip: [UInt8] = Array("a chip's number!".utf8)

    private let card: TestCard
    package var ending = Ending.namesLength
    /// False for an applet that takes a path only step by step.
    package var knowsPaths = true
    /// False for an applet that is only selected by default.
    package var knowsItsName = true
    /// Answers to give instead, by the number of the command, from 1.
    package var disturbances: [Int: [UInt8]] = [:]
    package private(set) var commands = 0
    private var directory: UInt16 = 0x3F00
    private var file: [UInt8]?
    private var isSelected = true
    private var waiting: [UInt8] = []

    package init(_ card: TestCard) { self.card = card }

    /// What a reset does: the applet is selected again, and no file is.
    package mutating func reset() {
        directory = 0x3F00
        file = nil
        isSelected = true
        waiting = []
    }

    /// Another program selects another applet.
    package mutating func selectAnother() { isSelected = false }

    package mutating func answer(_ command: [UInt8]) -> [UInt8] {
        commands += 1
        if let answer = disturbances[commands] { return answer }
        guard command.count >= 4 else { return [0x67, 0] }
        switch (command[0], command[1]) {
        case (0, 0xA4) where command.count > 5: return select(command)
        case _ where !isSelected: return [0x6D, 0]
        case (0, 0xB0) where command.count == 5: return read(command)
        case (0, 0xC0) where command.count == 5: return fetch(command[4])
        case (0x80, 0xE4) where command.count == 5: return data(command[4])
        default: return [0x6D, 0]
        }
    }

    private mutating func select(_ command: [UInt8]) -> [UInt8] {
        let body = Array(command[5...])
        switch command[2] {
        case 4:
            guard knowsItsName else { return [0x6A, 0x82] }
            reset()
            return [0x90, 0]
        case _ where !isSelected: return [0x6D, 0]
        case 8 where !knowsPaths: return [0x6A, 0x86]
        case 2, 8:
            if command[2] == 8 { directory = 0x3F00 }
            for index in stride(from: 0, to: body.count, by: 2) {
                guard step(UInt16(body[index]) << 8 | UInt16(body[index + 1])) else {
                    return [0x6A, 0x82]
                }
            }
            return [0x90, 0]
        default: return [0x6A, 0x86]
        }
    }

    private mutating func step(_ identifier: UInt16) -> Bool {
        file = nil
        switch identifier {
        case 0x3F00, 0xDF00, 0xDF01: directory = identifier
        default:
            let path: [UInt16] = [directory, identifier]
            guard let found = Self.paths.first(where: { $0.1 == path })?.0,
                let bytes = card.files[found]
            else { return false }
            file = bytes
        }
        return true
    }

    private mutating func read(_ command: [UInt8]) -> [UInt8] {
        guard let file else { return [0x69, 0x86] }
        let offset = Int(command[2]) << 8 | Int(command[3])
        let length = command[4] == 0 ? 256 : Int(command[4])
        guard offset < file.count else { return [0x6B, 0] }
        let left = file.count - offset
        let bytes = Array(file[offset..<min(file.count, offset + length)])
        guard length > left else { return bytes + [0x90, 0] }
        switch ending {
        case .namesLength: return [0x6C, UInt8(left)]
        case .short: return bytes + [0x90, 0]
        case .warns: return bytes + [0x62, 0x82]
        case .waits:
            waiting = bytes
            return [0x61, UInt8(left)]
        }
    }

    private mutating func fetch(_ length: UInt8) -> [UInt8] {
        guard waiting.count == Int(length) else { return [0x6F, 0] }
        defer { waiting = [] }
        return waiting + [0x90, 0]
    }

    private func data(_ length: UInt8) -> [UInt8] {
        let data =
            Self.chip + [0xA5, 3, 1, 1, 1, card.applet.rawValue, 0, 1, 0, 0, 2, 0x0F]
        return length == 28 ? data + [0x90, 0] : [0x6C, 28]
    }

    private static let paths: [(CardFile, [UInt16])] = [
        (.identity, [0xDF01, 0x4031]), (.identitySignature, [0xDF01, 0x4032]),
        (.address, [0xDF01, 0x4033]), (.addressSignature, [0xDF01, 0x4034]),
        (.photo, [0xDF01, 0x4035]), (.rootCertificate, [0xDF00, 0x503B]),
        (.registerCertificate, [0xDF00, 0x503C]),
    ]
}
