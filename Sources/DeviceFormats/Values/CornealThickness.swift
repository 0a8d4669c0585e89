import Shared

extension DeviceField {
    /// A number of millimetres as micrometres, with the device's own text kept.
    var millimetresAsMicrometres: DeviceField {
        guard let number,
            let thousandfold = number.multiplied(by: 1000, decimals: max(0, number.decimals - 3))
        else { return self }
        var field = self
        field.turn(into: thousandfold)
        return field
    }

    /// A thickness without a unit in micrometres: no cornea is 2 µm thick, so that a number below
    /// that was millimetres.
    var micrometres: DeviceField {
        guard let number, number < 2 else { return self }
        return millimetresAsMicrometres
    }
}
