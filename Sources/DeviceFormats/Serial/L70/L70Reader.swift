import Shared

/// The values of an L70's blocks, told apart by their exact form.
struct L70Reader {
    private var draft = ReadingDraft()
    private var seen: [String: [UInt8]] = [:]

    /// Takes the text of one block.
    ///
    /// Errors: `malformed` where the same block stands twice with different values.
    mutating func take(_ text: [UInt8]) throws(DocumentFailure) {
        guard let block = L70Text(text) else {
            draft.note(
                ReadingProblem(.blockUnknown, detail: String(SerialText.text(text).prefix(40)))
            )
            return
        }
        if let earlier = seen[block.name] {
            guard earlier == text else {
                throw DocumentFailure(.malformed, "A block stands twice with different values.")
            }
            return
        }
        seen[block.name] = text
        append(block)
    }

    /// The reading; nil where nothing was measured.
    func reading(
        of blocks: [L70Framing.Block],
        isWhole: Bool,
        _ reference: DocumentReference
    ) -> Reading? {
        var draft = draft
        guard !draft.isEmpty else { return nil }
        if L70Checksum.rule(for: blocks) == nil {
            draft.note(ReadingProblem(.checksumUnverified))
        }
        if !isWhole { draft.note(ReadingProblem(.transmissionCut)) }
        return Reading(
            kind: .lensmetry,
            label: "LM",
            role: .measured,
            device: DeviceIdentity(manufacturer: "Luneau", model: "L70"),
            measuredAt: nil,
            patient: DevicePatient(),
            values: draft.values,
            problems: draft.problems,
            document: reference
        )
    }

    private mutating func append(_ block: L70Text) {
        switch block {
        case .machine: break
        case .lens(let eye, let sphere, let cylinder, let axis):
            let place = "R\(eye == .right ? "R" : "L")"
            RefractionTriple(
                sphere: field(sphere, eye, .sphere, "\(place)/sphere"),
                cylinder: field(cylinder, eye, .cylinder, "\(place)/cylinder"),
                axis: field(axis, eye, .axis, "\(place)/axis")
            ).append(to: &draft, as: ReadingValue(eye, .sphere))
        case .addition(let eye, let power):
            let field = field(power, eye, .addition, "\(block.name)/addition")
            // A lens without an addition has none; it was not measured to be nothing.
            guard field?.number?.isZero == false else { return }
            draft.append(field, as: ReadingValue(eye, .addition))
        case .prism(let eye, let horizontal, let vertical):
            for (part, quantity) in [
                (horizontal, Quantity.prismHorizontal), (vertical, .prismVertical),
            ] {
                var value = ReadingValue(eye, quantity)
                value.base = part.base
                let place = "\(block.name)/\(part.base.rawValue)"
                draft.append(field(part.amount, eye, quantity, place), as: value)
            }
        case .pupils(let both, let right, let left):
            for (text, eye) in [(both, Eye.both), (right, .right), (left, .left)] {
                let field = field(text, eye, .pupillaryDistance, "PD/\(eye.rawValue)")
                guard field?.number?.isZero == false else { continue }
                draft.append(field, as: ReadingValue(eye, .pupillaryDistance))
            }
        }
    }

    private mutating func field(
        _ text: String,
        _ eye: Eye,
        _ quantity: Quantity,
        _ path: String
    ) -> DeviceField? {
        SerialText.field(text, path: path, for: ReadingValue(eye, quantity), in: &draft)
    }
}
