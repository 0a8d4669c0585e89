import Glibc

/// What is fed with the fuzzer's inputs; `CLINIC_FUZZ_TARGET` chooses one.
enum FuzzTarget: String {
    /// Every file format, through the door that a device's file comes in by.
    case document
    /// Every state machine of a serial line.
    case `protocol`
    /// The recordings of serial lines, behind the proof on their last line.
    case recording
    /// What an Agent sends, as it is behind decompression.
    case push
    /// A card's answers, and its files.
    case card

    /// The target of this process.
    static let chosen: FuzzTarget = {
        let name = getenv("CLINIC_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            preconditionFailure("CLINIC_FUZZ_TARGET is document, protocol, recording, push or card")
        }
        return target
    }()

    /// Takes one input; whatever it is, this returns.
    func take(_ input: [UInt8]) {
        switch self {
        case .document: DocumentFuzz.take(input)
        case .protocol: ProtocolFuzz.take(input)
        case .recording: RecordingFuzz.take(input)
        case .push: PushFuzz.take(input)
        case .card: CardFuzz.take(input)
        }
    }
}

/// libFuzzer's own loop.
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The program's entry, under the name that the package manager links it by: libFuzzer's own entry
/// and the package manager's cannot both be in one program.
@_cdecl("clinic_fuzz_main")
func startFuzzing(
    _ count: CInt,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    var (count, arguments) = (count, arguments)
    return runFuzzer(&count, &arguments) { bytes, length in
        FuzzTarget.chosen.take(Array(UnsafeBufferPointer(start: bytes, count: length)))
        return 0
    }
}
