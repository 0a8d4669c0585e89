/// Records whatever a device sends that no protocol knows; silence ends a transmission.
struct RecorderFraming: SerialFraming {
    static let name = "recorder"
    static let line = SerialLine(baud: 9600)
    static let endsBySilence = true

    mutating func take(_ byte: UInt8) -> SerialStep { .part }
}
