import Shared

/// The two principal meridians of one cornea as a device wrote them, in its own order.
struct CornealMeridians {
    /// One meridian.
    struct Meridian {
        var radius: DeviceField?
        var power: DeviceField?
        var axis: DeviceField?
    }

    var first: Meridian
    var second: Meridian

    /// What a radius in millimetres divides to give dioptres: an index of 1.3375.
    static let keratometricPower = ExactDecimal(unscaled: 3375, decimals: 1)

    /// Adds both, flat being the one with the larger radius whatever the order.
    ///
    /// Where a radius is absent the meridians are not known, and stay unnamed.
    func append(to draft: inout ReadingDraft, as template: ReadingValue) {
        let radii = (first.radius?.number, second.radius?.number)
        var names: (Shared.Meridian?, Shared.Meridian?) = (nil, nil)
        if let one = radii.0, let other = radii.1 {
            names = one >= other ? (.flat, .steep) : (.steep, .flat)
        }
        append(first, names.0, to: &draft, template)
        append(second, names.1, to: &draft, template)
        checkAngle(&draft, template.eye)
    }

    private func append(
        _ meridian: Meridian,
        _ name: Shared.Meridian?,
        to draft: inout ReadingDraft,
        _ qualifiers: ReadingValue
    ) {
        var template = qualifiers.of(.cornealRadius)
        template.meridian = name
        draft.append(meridian.radius, as: template)
        if let power = meridian.power {
            draft.append(power, as: template.of(.cornealPower))
            compare(meridian, &draft, template.eye)
        } else if let radius = meridian.radius, let number = radius.number,
            let power = Self.keratometricPower.divided(by: number, decimals: 2)
        {
            var value = template.of(.cornealPower)
            value.value = power
            value.derived = true
            value.path = radius.path
            draft.append(value)
        }
        var axis = meridian.axis
        if axis?.number?.isZero == true { axis?.turn(into: 180) }
        draft.append(axis, as: template.of(.cornealAxis))
    }

    /// Notes a power and a radius that differ by more than 0.15 D.
    private func compare(_ meridian: Meridian, _ draft: inout ReadingDraft, _ eye: Eye) {
        guard let power = meridian.power?.number, let radius = meridian.radius?.number,
            let computed = Self.keratometricPower.divided(by: radius, decimals: 4),
            let difference = computed - power,
            difference.magnitude > ExactDecimal(unscaled: 15, decimals: 2)
        else { return }
        draft.note(ReadingProblem(.powersDisagree, eye: eye, quantity: .cornealPower))
    }

    /// Notes meridians that are more than 5° away from a right angle.
    private func checkAngle(_ draft: inout ReadingDraft, _ eye: Eye) {
        guard let one = first.axis?.number, let other = second.axis?.number,
            let difference = one - other, let fromRight = difference.magnitude - 90,
            fromRight.magnitude > 5
        else { return }
        let detail = "\(one) \(other)"
        draft.note(
            ReadingProblem(
                .meridiansNotPerpendicular,
                eye: eye,
                quantity: .cornealAxis,
                detail: detail
            )
        )
    }
}
