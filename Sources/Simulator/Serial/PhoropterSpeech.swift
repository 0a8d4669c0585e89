import Shared

/// What a CV-5000's controller says to its head: frames of fields, unacknowledged.
struct PhoropterSpeech {
    let exam: PhoropterExam

    /// The start, the lenses on their way to the prescription, and the pupils.
    var frames: [[UInt8]] {
        let plane = EyePair(right: PhoropterLens.plane, left: PhoropterLens.plane)
        let states = [plane] + [objective, prescription].compactMap(\.self)
        var frames = [Self.frame(["r"]), Self.frame(["v", "PS"]), Self.frame(["v", "CV"])]
        // Each new state is sent twice.
        for state in states { frames += ["2", "0"].map { Self.lenses(state, last: $0) } }
        let pupils = far?.pupillaryDistance.map { $0.right + $0.left } ?? 6300
        let text = Rounding.fixed(pupils / 10, decimals: 1)
        return frames
            + [["D", text], ["N", text, "400"], ["c", "E"], ["ln", "1"]].map(Self.frame)
    }

    private var far: PhoropterDistance? {
        exam.sets.first { $0.typeName == "Prescription" }?.distances.first
    }

    /// What the head holds in the end.
    var prescription: EyePair<PhoropterLens>? { Self.both(far?.lenses) }

    private var objective: EyePair<PhoropterLens>? {
        let set = exam.sets.first { $0.typeName == "Objective Data" }
        return Self.both(set?.distances.first?.lenses)
    }

    private static func both(_ lenses: EyePair<PhoropterLens?>?) -> EyePair<PhoropterLens>? {
        lenses?.map { _, lens in lens ?? .plane }
    }

    private static func lenses(_ state: EyePair<PhoropterLens>, last: String) -> [UInt8] {
        let eyes = Side.allCases.flatMap { side in
            [
                side.letter, power(state[side].sphere), power(state[side].cylinder),
                blanks(String(state[side].axis), 4),
            ]
        }
        return frame(["B"] + eyes + ["01", "01", last])
    }

    /// Six characters: the sign or a blank, then the number behind blanks.
    private static func power(_ hundredths: Int) -> String {
        (hundredths < 0 ? "-" : " ") + blanks(Rounding.fixed(abs(hundredths), decimals: 2), 5)
    }

    private static func blanks(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func frame(_ fields: [String]) -> [UInt8] {
        [0x01] + fields.flatMap { Array($0.utf8) + [0x0D] } + [0x04]
    }
}
