import ArgumentParser
import Simulator

/// `DEVICE=FOLDER`: a device, and the folder that stands for its share.
struct DeviceFolder: ExpressibleByArgument {
    let device: SimulatedDevice
    let folder: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let device = SimulatedDevice(rawValue: String(parts[0])) else {
            return nil
        }
        self.device = device
        folder = String(parts[1])
    }
}

extension SimulatedDevice: ExpressibleByArgument {}
extension SimulatedFault: ExpressibleByArgument {}

extension SimulatedDevice {
    /// The help text that lists them.
    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
