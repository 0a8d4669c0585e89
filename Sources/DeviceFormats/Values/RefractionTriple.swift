import Shared

/// Sphere, cylinder and axis of one eye as a device wrote them.
struct RefractionTriple {
    var sphere: DeviceField?
    var cylinder: DeviceField?
    var axis: DeviceField?

    /// Adds the three in minus-cylinder form.
    ///
    /// A plus cylinder is transposed, with the device's own text kept; an axis of 0 becomes 180;
    /// an axis without a cylinder has no meaning and is left out.
    func append(to draft: inout ReadingDraft, as template: ReadingValue) {
        var (sphere, cylinder, axis) = (sphere, cylinder, axis)
        let power = cylinder?.number ?? 0
        if power > 0 {
            guard let start = sphere?.number, let sum = start + power else {
                draft.append(sphere, as: template.of(.sphere))
                draft.note(plusCylinderWithoutSphere(template.eye))
                return
            }
            sphere?.turn(into: sum)
            cylinder?.turn(into: -power)
            if let angle = axis?.number, (0...180).contains(angle),
                let turned = angle > 90 ? angle - 90 : angle + 90
            {
                axis?.turn(into: turned)
            }
            draft.note(ReadingProblem(.transposed, eye: template.eye))
        }
        if axis?.number?.isZero == true { axis?.turn(into: 180) }
        draft.append(sphere, as: template.of(.sphere))
        draft.append(cylinder, as: template.of(.cylinder))
        guard !power.isZero else { return }
        draft.append(axis, as: template.of(.axis))
        if axis == nil {
            draft.note(ReadingProblem(.axisMissing, eye: template.eye, quantity: .axis))
        }
    }

    private func plusCylinderWithoutSphere(_ eye: Eye) -> ReadingProblem {
        ReadingProblem(.valueOutOfRange, eye: eye, quantity: .cylinder, detail: cylinder?.text)
    }
}
