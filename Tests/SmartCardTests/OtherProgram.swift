import CPCSC
import Testing

/// Another program on the same PC that uses the card as well.
final class OtherProgram: Sendable {
    private let context: SCARDCONTEXT
    private let card: SCARDHANDLE

    private init(context: SCARDCONTEXT, card: SCARDHANDLE) {
        self.context = context
        self.card = card
    }

    /// Connects to the card in the first reader, as soon as there is one.
    static func connect(exclusive: Bool) async throws -> OtherProgram {
        let deadline = ContinuousClock.now + .seconds(20)
        let mode = exclusive ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED
        while true {
            var context = SCARDCONTEXT()
            var card = SCARDHANDLE()
            var agreed = DWORD()
            if SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &context) == 0 {
                let result = SCardConnect(
                    context,
                    "Virtual PCD 00 00",
                    DWORD(mode),
                    DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1),
                    &card,
                    &agreed
                )
                if result == 0 { return OtherProgram(context: context, card: card) }
                SCardReleaseContext(context)
            }
            try #require(ContinuousClock.now < deadline, "the other program gets no card")
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    func begin() { SCardBeginTransaction(card) }
    func end() { SCardEndTransaction(card, DWORD(SCARD_LEAVE_CARD)) }

    func reset() {
        var agreed = DWORD()
        SCardReconnect(
            card,
            DWORD(SCARD_SHARE_SHARED),
            DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1),
            DWORD(SCARD_RESET_CARD),
            &agreed
        )
    }

    func disconnect() {
        SCardDisconnect(card, DWORD(SCARD_LEAVE_CARD))
        SCardReleaseContext(context)
    }
}
