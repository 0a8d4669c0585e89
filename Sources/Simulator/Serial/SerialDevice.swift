/// The devices that speak over a serial line.
package enum SerialDevice: String, Sendable, CaseIterable {
    /// Luneau L70, a lensmeter: blocks with sums, each acknowledged.
    case l70
    /// Topcon RM-8000, an autorefractor: one line of fields.
    case rm8000
    /// Topcon KR-8900, an autorefractor and keratometer: lines in a fixed order.
    case kr8900
    /// What a CV-5000's controller says to its head while a patient is examined.
    case cv5000Link = "cv5000-link"

    /// The maker's own name of the model.
    package var model: String {
        switch self {
        case .l70: "L70"
        case .rm8000: "RM-8000"
        case .kr8900: "KR-8900"
        case .cv5000Link: "CV-5000 head link"
        }
    }

    /// Bits per second.
    package var baud: Int { self == .rm8000 ? 2400 : 9600 }
}

/// One act of a device on its line.
package enum SerialAct: Hashable, Sendable {
    case send([UInt8])
    /// Waits for these bytes, and sends what it sent last once more where they do not come.
    case await([UInt8])
    case pause(Duration)
}

/// What goes wrong on a line.
package struct SerialHabits: Hashable, Sendable {
    /// The bytes come one, two or five at a time.
    package var splits: Bool
    /// Of 100 transmissions, how many come behind bytes that mean nothing.
    package var noisePercent: Int
    /// Of 100 transmissions, how many end before their end.
    package var cutPercent: Int
    /// Of 100 transmissions, how many are sent twice, as when the user presses the key again.
    package var repeatPercent: Int
    /// What the listener's line is set to, where that is wrong.
    package var heardAt: Int?

    /// By default nothing goes wrong.
    package init(
        splits: Bool = false,
        noisePercent: Int = 0,
        cutPercent: Int = 0,
        repeatPercent: Int = 0,
        heardAt: Int? = nil
    ) {
        self.splits = splits
        self.noisePercent = noisePercent
        self.cutPercent = cutPercent
        self.repeatPercent = repeatPercent
        self.heardAt = heardAt
    }
}
