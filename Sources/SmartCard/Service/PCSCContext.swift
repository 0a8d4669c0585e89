internal import CPCSC
internal import Glibc
internal import Synchronization

/// One connection to pcscd, for one thread.
///
/// Only `cancel` may be called by another thread. After the service has gone the context stays
/// useless even when the service is back: make a new one.
final class PCSCContext: Sendable {
    private let handle: SCARDCONTEXT

    /// Connects; where systemd listens for pcscd, this starts it.
    ///
    /// Errors: `noService`, `notAuthorised` where polkit refuses, `serviceStopped`.
    init() throws(PCSCError) {
        var handle = SCARDCONTEXT()
        let result = Self.list.withLock { _ in
            SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &handle)
        }
        try check(result)
        self.handle = handle
    }

    deinit {
        let handle = handle
        Self.list.withLock { _ in _ = SCardReleaseContext(handle) }
    }

    /// libpcsclite's list of contexts: `SCardCancel` reads it without a lock of its own while other
    /// threads make and release contexts, and crashes.
    private static let list = Mutex<Void>(())

    /// The names of the readers; none is no error.
    ///
    /// Limits: `maximumReaders`, as many as pcscd knows.
    func readers() throws(PCSCError) -> [String] {
        var length = DWORD(Self.namesBytes)
        var names = [CChar](repeating: 0, count: Self.namesBytes)
        do {
            try check(SCardListReaders(handle, nil, &names, &length))
        } catch  where error.code == .noReaders {
            return []
        }
        let bytes = names.prefix(Int(length)).map(UInt8.init(bitPattern:))
        return Array(
            bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
                .prefix(Self.maximumReaders)
        )
    }

    /// Waits until a reader is no longer as `known` says, at most so long.
    ///
    /// Errors: `timeout`, `cancelled`, `unknownReader` where one of them is gone, and codes that
    /// mean that the service is lost.
    func wait(
        _ known: [ReaderObservation],
        milliseconds: Int
    ) throws(PCSCError) -> [ReaderObservation] {
        let names = known.map { strdup($0.name) }
        defer { for name in names { free(name) } }
        var states = zip(known, names).map { observation, name in
            var state = SCARD_READERSTATE()
            state.szReader = UnsafePointer(name)
            state.dwCurrentState = DWORD(observation.state)
            return state
        }
        try check(
            SCardGetStatusChange(handle, DWORD(milliseconds), &states, DWORD(states.count))
        )
        return zip(known, states).map { observation, state in
            ReaderObservation(
                name: observation.name,
                state: UInt32(truncatingIfNeeded: state.dwEventState),
                answerToReset: withUnsafeBytes(of: state.rgbAtr) {
                    Array($0.prefix(min(Int(state.cbAtr), $0.count)))
                }
            )
        }
    }

    /// Ends the present `wait` of the thread that owns this.
    ///
    /// A hint: while another thread waits for pcscd to take it, nothing is done.
    func cancel() {
        let handle = handle
        _ = Self.list.withLockIfAvailable { _ in _ = SCardCancel(handle) }
    }

    /// Connects to the card in `reader`, shared with other programs.
    ///
    /// Errors: `sharingViolation` where another has it alone, `noCard`, `unresponsiveCard` and more.
    func connect(_ reader: String) throws(PCSCError) -> PCSCCard {
        var card = SCARDHANDLE()
        var agreed = DWORD()
        try check(
            SCardConnect(
                handle,
                reader,
                DWORD(SCARD_SHARE_SHARED),
                DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1),
                &card,
                &agreed
            )
        )
        return PCSCCard(handle: card, agreed: agreed, context: self)
    }

    private static let maximumReaders = 16
    /// Sixteen names of 128 bytes, with room to spare.
    private static let namesBytes = 4096
}

/// Throws what is no success.
func check(_ result: LONG) throws(PCSCError) {
    let code = PCSCCode(UInt32(truncatingIfNeeded: result))
    guard code == .success else { throw PCSCError(code) }
}
