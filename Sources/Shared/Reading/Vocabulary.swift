/// A word of a vocabulary that later versions extend.
///
/// A word that this version does not know is kept as it came, so that an older Hub stores what a
/// newer Agent sends.
package protocol OpenWord: RawRepresentable, Hashable, Sendable, Codable,
    CustomStringConvertible
where RawValue == String {
    /// Takes any word.
    init(rawValue: String)
}

extension OpenWord {
    package var description: String { rawValue }
}

/// What was measured.
package struct ReadingKind: OpenWord {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let subjectiveRefraction = Self(rawValue: "subjectiveRefraction")
    package static let objectiveRefraction = Self(rawValue: "objectiveRefraction")
    package static let keratometry = Self(rawValue: "keratometry")
    package static let lensmetry = Self(rawValue: "lensmetry")
    package static let tonometry = Self(rawValue: "tonometry")
    package static let pachymetry = Self(rawValue: "pachymetry")
    package static let visualAcuity = Self(rawValue: "visualAcuity")
    package static let anteriorSegment = Self(rawValue: "anteriorSegment")
}

/// Whether the device measured the values or repeats what it was given.
package enum ReadingRole: String, Sendable, Codable {
    case measured
    /// Data that the device was given: kept as a copy, never a new measurement.
    case echo
}

/// The eye that a value belongs to.
package enum Eye: String, Sendable, Codable, CaseIterable {
    case right, left, both
}

/// A measured quantity, named as in ISO 13666 where that has a name.
package struct Quantity: OpenWord {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let sphere = Self(rawValue: "sphere")
    package static let cylinder = Self(rawValue: "cylinder")
    package static let axis = Self(rawValue: "axis")
    package static let sphericalEquivalent = Self(rawValue: "sphericalEquivalent")
    package static let addition = Self(rawValue: "addition")
    package static let prismHorizontal = Self(rawValue: "prismHorizontal")
    package static let prismVertical = Self(rawValue: "prismVertical")
    package static let visualAcuity = Self(rawValue: "visualAcuity")
    package static let pupillaryDistance = Self(rawValue: "pupillaryDistance")
    package static let vertexDistance = Self(rawValue: "vertexDistance")
    package static let cornealRadius = Self(rawValue: "cornealRadius")
    package static let cornealPower = Self(rawValue: "cornealPower")
    package static let cornealAxis = Self(rawValue: "cornealAxis")
    package static let cornealCylinder = Self(rawValue: "cornealCylinder")
    package static let keratometricIndex = Self(rawValue: "keratometricIndex")
    package static let intraocularPressure = Self(rawValue: "intraocularPressure")
    package static let centralCornealThickness = Self(rawValue: "centralCornealThickness")
    package static let anteriorChamberDepth = Self(rawValue: "anteriorChamberDepth")
    package static let whiteToWhite = Self(rawValue: "whiteToWhite")
    package static let pupilDiameter = Self(rawValue: "pupilDiameter")
    package static let iridocornealAngle = Self(rawValue: "iridocornealAngle")
    package static let kappaAngle = Self(rawValue: "kappaAngle")
    package static let keratoconusIndex = Self(rawValue: "keratoconusIndex")
    package static let eccentricity = Self(rawValue: "eccentricity")
}

/// A unit as UCUM writes it.
package struct Unit: OpenWord {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let dioptre = Self(rawValue: "[diop]")
    package static let degree = Self(rawValue: "deg")
    package static let millimetre = Self(rawValue: "mm")
    package static let micrometre = Self(rawValue: "um")
    package static let millimetreOfMercury = Self(rawValue: "mm[Hg]")
    package static let prismDioptre = Self(rawValue: "[p'diop]")
    package static let percent = Self(rawValue: "%")
    package static let one = Self(rawValue: "1")
}

/// How a value came about from several shots.
package enum Statistic: String, Sendable, Codable {
    case median, average, single
}

/// The distance that a refraction was tested at: far is beyond 100 cm.
package enum TestDistance: String, Sendable, Codable {
    case far, near
}

/// The principal meridian of a cornea: flat has the larger radius, whatever the file's order.
package enum Meridian: String, Sendable, Codable {
    case flat, steep, average
}

/// The light that an eye was measured in.
package enum Lighting: String, Sendable, Codable {
    case photopic, mesopic
}

/// The direction of a prism's base.
package enum PrismBase: String, Sendable, Codable {
    case `in`, out, up, down
}
