internal import CPCSC
internal import Glibc

/// A connection to one card, for the thread of its context.
///
/// It is left as it is when this goes: other programs may be using the card.
struct PCSCCard: ~Copyable {
    private let handle: SCARDHANDLE
    /// Kept, because a context that goes takes its cards with it.
    private let context: PCSCContext
    private var agreed: DWORD
    /// Where answers come; overwritten after each.
    private let buffer: UnsafeMutableRawBufferPointer

    /// Takes over a handle that is disconnected when this goes.
    init(handle: SCARDHANDLE, agreed: DWORD, context: PCSCContext) {
        self.handle = handle
        self.context = context
        self.agreed = agreed
        buffer = .allocate(byteCount: Self.maximumAnswer, alignment: 8)
    }

    deinit {
        SCardDisconnect(handle, DWORD(SCARD_LEAVE_CARD))
        buffer.deallocate()
    }

    /// Keeps other programs out; waits without limit for one that does the same.
    func begin() throws(PCSCError) { try check(SCardBeginTransaction(handle)) }

    /// Lets other programs in again.
    func end() { SCardEndTransaction(handle, DWORD(SCARD_LEAVE_CARD)) }

    /// Takes note of a reset by another program, or resets the card.
    mutating func reconnect(reset: Bool) throws(PCSCError) {
        try check(
            SCardReconnect(
                handle,
                DWORD(SCARD_SHARE_SHARED),
                DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1),
                DWORD(reset ? SCARD_RESET_CARD : SCARD_LEAVE_CARD),
                &agreed
            )
        )
    }

    /// Sends `command` and lends the answer to `body`; it is overwritten afterwards.
    ///
    /// An answer may be empty where a card was pulled in the middle.
    func transmit<Value>(
        _ command: [UInt8],
        _ body: (UnsafeRawBufferPointer) -> Value
    ) throws(PCSCError) -> Value {
        var request = SCARD_IO_REQUEST(
            dwProtocol: agreed,
            cbPciLength: UInt(MemoryLayout<SCARD_IO_REQUEST>.size)
        )
        var length = DWORD(buffer.count)
        defer { buffer.baseAddress.map { explicit_bzero($0, buffer.count) } }
        try check(
            SCardTransmit(
                handle,
                &request,
                command,
                DWORD(command.count),
                nil,
                buffer.baseAddress?.assumingMemoryBound(to: BYTE.self),
                &length
            )
        )
        let count = min(Int(length), buffer.count)
        return body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// A short answer has 256 bytes and a status.
    private static let maximumAnswer = 264
}
