import Shared

/// Every protocol that a serial port can be given, by the names that rules use.
package enum SerialProtocols {
    /// One protocol of the list.
    package struct Entry: Sendable {
        /// The name in rules and recordings: `l70`.
        package let name: String
        /// The line settings that its devices have as a rule.
        package let line: SerialLine
        /// A new state machine for one opening of a port with these settings.
        package let make: @Sendable (SerialLine) -> any SerialProtocol
        /// The readings in what a device sent, whole or cut; nil where nothing decodes it.
        let decode: SerialDecoder?
    }

    /// The readings in the bytes that a device sent.
    typealias SerialDecoder =
        @Sendable (
            _ bytes: [UInt8], _ isWhole: Bool, _ reference: DocumentReference
        ) throws(DocumentFailure) -> [DecodedReading]

    /// All of them; adding one touches this list and a folder.
    package static let all: [Entry] = [
        entry(L70Framing.self, decode: L70.readings),
        entry(RM8000Framing.self, decode: RM8000.readings),
        entry(KR8900Framing.self, decode: KR8900.readings),
        entry(CV5000LinkFraming.self, decode: CV5000Link.readings),
        entry(RecorderFraming.self, decode: nil),
    ]

    /// The protocol of a name; nil for one that this version does not know.
    package static func named(_ name: String) -> Entry? {
        all.first { $0.name == name }
    }

    private static func entry<Framing: SerialFraming>(
        _ framing: Framing.Type,
        decode: SerialDecoder?
    ) -> Entry {
        Entry(
            name: Framing.name,
            line: Framing.line,
            make: { SerialSession<Framing>(line: $0) },
            decode: decode
        )
    }
}
