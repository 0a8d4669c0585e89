extension Notation {
    /// One value by itself, in the notation of its quantity.
    package func text(_ value: ReadingValue) -> String {
        let number = value.value
        guard number != nil || value.text != nil else { return Self.absent }
        switch value.quantity {
        case .sphere, .cylinder, .sphericalEquivalent, .addition, .cornealCylinder:
            return power(number)
        case .axis, .cornealAxis, .iridocornealAngle, .kappaAngle: return angle(number)
        case .prismHorizontal, .prismVertical: return prism(number, base: value.base)
        case .visualAcuity: return acuity(value)
        case .cornealPower: return curvature(power: number)
        case .cornealRadius: return curvature(power: nil, radius: number)
        case .intraocularPressure: return pressure(number)
        case .centralCornealThickness: return thickness(number)
        case .pupillaryDistance, .vertexDistance, .anteriorChamberDepth, .whiteToWhite,
            .pupilDiameter:
            return millimetres(number)
        default:
            let unit = value.unit == .one ? "" : " \(value.unit)"
            return (number.map(text) ?? value.text ?? Self.absent) + unit
        }
    }
}
