/// What tells the Visionix devices' trees apart.
struct VisionixStyle {
    let encoding: Encoding
    /// The L80 has no keratoconus index.
    var isL80 = false
    /// The users of an L80 type no accents.
    var foldsNames = false
    /// The VX120 also measures pressures and thicknesses.
    var measuresPressure = false

    enum Encoding { case ascii, latin1, utf16, utf8 }

    static let l80 = VisionixStyle(encoding: .ascii, isL80: true, foldsNames: true)
    /// An L80 with a patient whose name came from elsewhere, and is kept.
    static let listed = VisionixStyle(encoding: .latin1, isL80: true)
    static let vx100 = VisionixStyle(encoding: .utf16)

    /// The VX120's encoding has changed with its software.
    static func vx120(isUTF8: Bool) -> VisionixStyle {
        VisionixStyle(encoding: isUTF8 ? .utf8 : .utf16, measuresPressure: true)
    }

    /// A name in the letters that the device has.
    func name(_ name: String) -> String { foldsNames ? Names.ascii(name) : name }
}
