/// What can be wrong with a file, one thing at a time.
package enum SimulatedFault: String, Sendable, CaseIterable {
    /// The last third has not come.
    case truncated
    /// A byte order mark stands before the text.
    case byteOrderMark = "byte-order-mark"
    /// The XML names an entity that nobody declared.
    case entity
    /// A sphere holds a comma and a point.
    case bothMarks = "both-marks"
    /// A cylinder at 0°.
    case axisZero = "axis-0"
    /// A cylinder at 181°.
    case axisBeyond = "axis-181"
    /// A cylinder with a plus.
    case plusCylinder = "plus-cylinder"
    /// A pupillary distance of 6.25 mm.
    case smallPupils = "small-pd"
    /// A corneal thickness in millimetres.
    case thickness = "thickness-mm"
    /// The device's clock is in the year 2041.
    case future
    /// Nobody was chosen: the device's own number stands in the patient's place.
    case counter
    /// A GDT line says a wrong length.
    case lineLength = "line-length"
    /// The GDT record does not say its length.
    case noTotal = "no-total"

    /// `file` with this fault; nil where the device's files have no place for it.
    package func applied(to file: SimulatedFile, of device: SimulatedDevice) -> SimulatedFile? {
        var edit = DocumentEdit(file, device)
        let places = DocumentPlaces(device)
        let isDone =
            switch self {
            case .truncated: edit.cut()
            case .byteOrderMark: edit.prepend([0xEF, 0xBB, 0xBF])
            case .entity: places.isXML && edit.set(places.text, to: "&nbsp;")
            case .bothMarks: edit.set(places.sphere, to: "1.234,50")
            case .axisZero: turn(&edit, places, to: "0")
            case .axisBeyond: turn(&edit, places, to: places.isINI ? "3.159046" : "181")
            case .plusCylinder: edit.set(places.cylinder, to: "0.75")
            case .smallPupils: edit.set(places.pupils, to: "6.25")
            case .thickness: edit.set(places.thickness, to: "0.549")
            case .future: edit.set(places.date, to: places.futureDate)
            case .counter: count(&edit)
            case .lineLength: device == .gdt && edit.set(["\n"], through: "3101", to: "9993101")
            case .noTotal: device == .gdt && edit.removeLine(with: "8100")
            }
        return isDone ? edit.file : nil
    }

    /// An axis means nothing without a cylinder.
    private func turn(
        _ edit: inout DocumentEdit,
        _ places: DocumentPlaces,
        to axis: String
    ) -> Bool {
        edit.set(places.cylinder, to: "-0.75") && edit.set(places.axis, to: axis)
    }

    private func count(_ edit: inout DocumentEdit) -> Bool {
        guard edit.file.name.contains("_TOPCON_") else { return false }
        for name in ["No.", "ID"] where !edit.set(["nsCommon:\(name)>"], to: "0512") {
            return false
        }
        for name in ["FirstName", "LastName"] { _ = edit.set(["nsCommon:\(name)>"], to: "") }
        edit.rename { "M-Serial0512_" + ($0.split(separator: "_", maxSplits: 1).last ?? "") }
        return true
    }
}
