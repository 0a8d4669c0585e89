import CCurl
import Dispatch
import Synchronization

/// Hands mails to a server, one after the other, on a thread of its own.
///
/// Nothing is ever said in the clear but to a server for which `MailServer.Security.none` was
/// chosen: where STARTTLS is missing or the certificate is not right, the connection ends before
/// the login and before the mail.
package final class MailTransport: Sendable {
    private let server: MailServer
    private let queue = DispatchQueue(label: "mail")

    /// Names the server; nothing happens yet.
    package init(_ server: MailServer) {
        self.server = server
    }

    /// Sends a message; returns when the server has taken it.
    ///
    /// Cancelled, it ends within a second. A connection that is lost behind the last byte may have
    /// brought the mail: sent again under the same identifier it is the same mail to a reader.
    ///
    /// - Throws: `MailError`.
    @discardableResult
    package func send(_ message: MailMessage) async throws(MailError) -> MailReceipt {
        let bytes: [UInt8]
        do {
            bytes = try message.written()
        } catch {
            throw MailError(.unwritable, words: error.description)
        }
        let stop = StopMark()
        let server = server
        let from = message.from.address
        let to = message.to.address
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    let conversation = MailConversation(bytes, stop)
                    continuation.resume(
                        returning: conversation.run(with: server, from: from, to: to)
                    )
                }
            }
        } onCancel: {
            stop.isSet.store(true, ordering: .relaxed)
        }
        return try outcome.get()
    }
}

/// Set by whoever does not want the mail sent any more.
final class StopMark: Sendable {
    let isSet = Atomic<Bool>(false)
}
