package import Shared

/// One examination at a CV-5000: a file with a data set for each `TypeName`.
package struct PhoropterExam: Sendable {
    /// The device's clock, with milliseconds.
    package let time: LocalTime
    package let identity: TopconIdentity
    /// Decimals are written with a comma, as on a Windows PC with such a locale.
    package let commaLocale: Bool
    /// In the order of the file; the numbers may be anything, the names say what they are.
    package let sets: [PhoropterSet]
}

/// The data of one `TypeName`.
package struct PhoropterSet: Sendable {
    package var number: Int
    package let typeName: String
    /// Far, then near where it was tested.
    package let distances: [PhoropterDistance]
}

/// What was found at one testing distance.
package struct PhoropterDistance: Sendable {
    /// Thousandths of a centimetre, as the device writes them.
    package let thousandthsOfCentimetre: Int
    /// Nil where no lens was in place: every value is an empty element.
    package let lenses: EyePair<PhoropterLens?>?
    package let acuity: PhoropterAcuity
    /// Hundredths of a millimetre; nil where the block is absent.
    package let pupillaryDistance: EyePair<Int>?
}

/// The lenses before one eye: hundredths of a dioptre, and whole degrees as written (0…180).
package struct PhoropterLens: Hashable, Sendable {
    package var sphere: Int, cylinder: Int, axis: Int
    package var horizontalPrism: Prism?, verticalPrism: Prism?

    /// Hundredths of a prism dioptre, and `BI`, `BO`, `BU` or `BD`.
    package struct Prism: Hashable, Sendable {
        package let power: Int, base: String
    }
}

/// Decimal visual acuities in hundredths.
package enum PhoropterAcuity: Hashable, Sendable {
    /// The block is not in the file.
    case absent
    /// The block is there with empty elements.
    case empty
    case measured(right: Int, left: Int, both: Int)
}
