import Shared

/// Numbers and texts as serial devices write them.
enum SerialText {
    /// Reads a number whose sign may stand apart from its digits: `- 2.50`.
    ///
    /// Nil where nothing stands there; a field without a number where the text is none, with the
    /// problem noted.
    static func field(
        _ text: some StringProtocol,
        path: String,
        for template: ReadingValue,
        in draft: inout ReadingDraft
    ) -> DeviceField? {
        let own = text.trimmingBlanks
        var digits = own
        if let sign = own.first, sign == "-" || sign == "+" {
            digits = String(sign) + own.dropFirst().drop { $0 == " " }
        }
        switch DeviceNumber(digits) {
        case .absent: return nil
        case .malformed:
            draft.note(
                ReadingProblem(
                    .numberMalformed,
                    eye: template.eye,
                    quantity: template.quantity,
                    detail: String(own.prefix(40))
                )
            )
            return DeviceField(text: own, path: path)
        case .number(let number, _, let hadComma):
            if hadComma { draft.note(ReadingProblem(.commaDecimal, eye: template.eye)) }
            let raw = number.text == own ? nil : own
            return DeviceField(number: number, raw: raw, text: own, path: path)
        }
    }

    /// Bytes that are known to be ASCII as text.
    static func text(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// True for the bytes of printable ASCII.
    static func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) }
}

/// What serial formats have in common as files of their own: the bytes that a device sent.
enum SerialDump {
    /// Runs a framing over bytes as if they came without a pause; the steps that are not parts.
    static func steps<Framing: SerialFraming>(
        of bytes: [UInt8],
        through framing: inout Framing
    ) -> [SerialStep] {
        var steps: [SerialStep] = []
        for byte in bytes {
            switch framing.take(byte) {
            case .part, .reply: continue
            case let step: steps.append(step)
            }
        }
        return steps
    }

    static let cut = DocumentFailure(.truncated, "The transmission ends before its end mark.")
    static let several = DocumentFailure(
        .malformed,
        "The file holds more than one transmission, so that its readings cannot be told apart."
    )
    /// No transmission of these devices comes near it.
    static let maximumBytes = SerialRecording.maximumBytes
}
