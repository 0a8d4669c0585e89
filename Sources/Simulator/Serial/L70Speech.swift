import Shared

/// What a Luneau L70 says: an enquiry, blocks of text that are each acknowledged, an end.
struct L70Speech {
    let exam: LensmeterExam

    private static let acknowledgement: [UInt8] = [0x06, 0x06, 0x00]
    private static let textBegins: UInt8 = 0x02, blockEnds: UInt8 = 0x17, textEnds: UInt8 = 0x03

    var acts: [SerialAct] {
        var acts: [SerialAct] = [.send([0x05, 0x05, 0x00]), .await(Self.acknowledgement)]
        let texts = self.texts
        for (index, text) in texts.enumerated() {
            acts.append(.send(Self.block(text, isLast: index == texts.count - 1)))
            acts.append(.await(Self.acknowledgement))
        }
        return acts + [.send([0x04, 0x04, 0x00])]
    }

    /// The text between its marks, and behind it their sum, the low byte first.
    ///
    /// The maker's rule is not known: the sum of all is the one that the control frames suggest.
    private static func block(_ text: String, isLast: Bool) -> [UInt8] {
        let marked = [textBegins] + Array(text.utf8) + [isLast ? textEnds : blockEnds]
        let sum = marked.reduce(0) { $0 + Int($1) }
        return marked + [UInt8(sum & 0xFF), UInt8(sum >> 8)]
    }

    /// Blocks about what the lens does not have are left out.
    private var texts: [String] {
        var texts = ["@LM"]
        for side in Side.allCases {
            let power = exam.lenses[side].power
            let axis = power.cylinder == 0 ? 0 : power.axis
            texts.append(
                " \(side.letter)\(Self.signed(power.sphere))\(Self.signed(power.cylinder))"
                    + padded(axis, 3)
            )
        }
        for side in Side.allCases {
            guard let addition = exam.lenses[side].addition else { continue }
            texts.append("A\(side.letter)\(Self.signed(addition))")
        }
        for side in Side.allCases {
            let (horizontal, vertical) = (
                exam.lenses[side].horizontal, exam.lenses[side].vertical
            )
            guard horizontal != 0 || vertical != 0 else { continue }
            texts.append(
                "P\(side.letter)\(horizontal < 0 ? "O" : "I")\(Self.number(abs(horizontal)))"
                    + "\(vertical < 0 ? "D" : "U")\(Self.number(abs(vertical)))"
            )
        }
        let halves = exam.halves
        let distances = [halves.right + halves.left, halves.right, halves.left]
        texts.append("PD" + distances.map { Rounding.fixed($0, decimals: 1) }.joined())
        return texts
    }

    /// Hundredths as `+01.25`.
    private static func signed(_ hundredths: Int) -> String {
        (hundredths < 0 ? "-" : "+") + number(abs(hundredths))
    }

    /// Hundredths as `01.25`.
    private static func number(_ hundredths: Int) -> String {
        "\(padded(hundredths / 100, 2)).\(padded(hundredths % 100, 2))"
    }
}
