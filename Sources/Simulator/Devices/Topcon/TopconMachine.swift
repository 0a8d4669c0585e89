/// What tells the Topcon devices' files apart, beside the measurements.
struct TopconMachine {
    let model: String
    /// The element `MachineNo`.
    let number: String
    /// The end of the file's name.
    let suffix: String
    let software: String
    /// The namespaces of the measurements.
    let blocks: [String]
    /// The first line.
    var declaration = #"<?xml version="1.0" encoding="UTF-8" ?>"#
    /// The phoropter's controller writes milliseconds and `<Sph/>`, and no operator.
    var isController = false
    var isShiftJIS = false
    var namesHaveMilliseconds = false

    /// The phoropter; its number is its controller's address without the points.
    static let cv5000 = TopconMachine(
        model: "CV-5000",
        number: "19216811020",
        suffix: "19216811020",
        software: "2.21.00",
        blocks: ["SBJ"],
        declaration: #"<?xml version="1.0" encoding="UTF-8" standalone="no"?>"#,
        isController: true,
        namesHaveMilliseconds: true
    )
    /// The refractometer, which spells its encoding as no standard does.
    static let kr800s = TopconMachine(
        model: "KR-800S",
        number: "01",
        suffix: "4890127",
        software: "1.04.00",
        blocks: ["REF", "KM", "SBJ"],
        declaration: #"<?xml version="1.0" encoding="Shift-JIS" ?>"#,
        isShiftJIS: true
    )
    static let trk2p = TopconMachine(
        model: "TRK-2P",
        number: "01",
        suffix: "5290064",
        software: "1.11.00",
        blocks: ["TM"]
    )
    static let ct1p = TopconMachine(
        model: "CT-1P",
        number: "01",
        suffix: "2640318",
        software: "2.00.09",
        blocks: ["TM"]
    )
    static let cl300 = TopconMachine(
        model: "CL-300",
        number: "00",
        suffix: "00",
        software: "1.06.00",
        blocks: ["LM"],
        declaration: #"<?xml version="1.0" encoding="UTF-8" standalone="no" ?>"#,
        namesHaveMilliseconds: true
    )
}
