import DeviceFormats
import Simulator

/// How fast documents become readings, for each format alone and in one task.
struct DecodeBench {
    let documents: Int

    func run() throws -> [Figure] {
        try SimulatedDevice.allCases.flatMap { device in
            let files = SimulatedDocuments(device: device, seed: 80).prefix(documents)
            let documents = files.map { file in
                DeviceDocument(bytes: file.bytes, name: file.name, folders: file.path.dropLast())
            }
            // The first round fills caches and finds what does not decode.
            var readings = 0
            for document in documents {
                readings += try DeviceFormats.decode(document).readings.count
            }
            let start = ContinuousClock.now
            for document in documents { _ = try DeviceFormats.decode(document) }
            let seconds = (.now - start).milliseconds / 1000
            let bytes = documents.reduce(0) { $0 + $1.bytes.count }
            return [
                Figure(
                    name: "decoding \(device.rawValue)",
                    value: Double(bytes) / 1_048_576 / seconds,
                    unit: "MB/s"
                ),
                Figure(
                    name: "decoding \(device.rawValue), readings",
                    value: Double(readings) / seconds,
                    unit: "readings/s"
                ),
            ]
        }
    }
}
