import CCurl
import Glibc
import Synchronization

/// One mail on one connection: what is sent, and what the server last said to what.
///
/// It belongs to the thread that runs it, and libcurl calls it back on that thread alone.
final class MailConversation {
    private let message: [UInt8]
    private var position = 0
    private let stop: StopMark
    /// The last command that was sent; its arguments may be secrets and are not kept.
    private var command: Command?
    private var hasShownLogin = false
    private var isLeaving = false
    /// The server's last line.
    private var answer = ""

    private enum Command: String {
        case greeting = "EHLO"
        case plainGreeting = "HELO"
        case startTLS = "STARTTLS"
        case login = "AUTH"
        case sender = "MAIL"
        case recipient = "RCPT"
        case data = "DATA"
    }

    /// Of a server's line no more is kept.
    private static let answerBytes = 300

    /// Starting the library is not safe beside itself.
    private static let isStarted = clinic_curl_start() == CURLE_OK

    init(_ message: [UInt8], _ stop: StopMark) {
        self.message = message
        self.stop = stop
    }

    /// Sends it; blocks until the server has taken or refused it.
    func run(
        with server: MailServer,
        from: MailAddress,
        to: MailAddress
    ) -> Result<MailReceipt, MailError> {
        guard Self.isStarted, let handle = curl_easy_init() else {
            return .failure(MailError(.library))
        }
        defer { curl_easy_cleanup(handle) }
        guard let recipients = curl_slist_append(nil, "<\(to)>") else {
            return .failure(MailError(.library))
        }
        defer { curl_slist_free_all(recipients) }
        let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        defer { words.deallocate() }
        let context = Unmanaged.passUnretained(self).toOpaque()
        let settings = [
            clinic_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, words),
            clinic_curl_set_text(handle, CURLOPT_URL, server.address),
            clinic_curl_set_text(handle, CURLOPT_MAIL_FROM, "<\(from)>"),
            clinic_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients),
        ]
        guard settings.allSatisfy({ $0 == CURLE_OK }), Self.secure(handle, server),
            attach(handle, context)
        else { return .failure(MailError(.library)) }
        let result = withExtendedLifetime(self) { curl_easy_perform(handle) }
        var status = 0
        _ = clinic_curl_get_number(handle, CURLINFO_RESPONSE_CODE, &status)
        guard result != CURLE_OK else {
            return .success(MailReceipt(answer: answer, didLogIn: hasShownLogin))
        }
        return .failure(failure(result, status, String(cString: words)))
    }

    /// Encryption, login, times, and nothing that the environment says.
    private static func secure(_ handle: UnsafeMutableRawPointer, _ server: MailServer) -> Bool {
        let isEncrypted = server.security != .none
        var done = [
            clinic_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            clinic_curl_set_text(handle, CURLOPT_PROXY, ""),
            clinic_curl_set_number(handle, CURLOPT_NOSIGNAL, 1),
            clinic_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, server.connectSeconds),
            clinic_curl_set_number(handle, CURLOPT_TIMEOUT, server.totalSeconds),
            clinic_curl_set_number(
                handle,
                CURLOPT_USE_SSL,
                Int(isEncrypted ? CURLUSESSL_ALL.rawValue : CURLUSESSL_NONE.rawValue)
            ),
            clinic_curl_set_number(handle, CURLOPT_SSL_VERIFYPEER, 1),
            clinic_curl_set_number(handle, CURLOPT_SSL_VERIFYHOST, 2),
            clinic_curl_set_number(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
        ]
        if let login = server.login {
            done.append(clinic_curl_set_text(handle, CURLOPT_USERNAME, login.user))
            done.append(clinic_curl_set_text(handle, CURLOPT_PASSWORD, login.password))
        }
        if let authorities = server.authorities {
            done.append(clinic_curl_set_text(handle, CURLOPT_CAINFO, authorities))
            done.append(clinic_curl_set_text(handle, CURLOPT_CAPATH, nil))
        }
        return done.allSatisfy { $0 == CURLE_OK }
    }

    private func attach(
        _ handle: UnsafeMutableRawPointer,
        _ context: UnsafeMutableRawPointer
    ) -> Bool {
        let done = [
            clinic_curl_set_number(handle, CURLOPT_UPLOAD, 1),
            clinic_curl_set_pointer(handle, CURLOPT_READDATA, context),
            clinic_curl_set_read(handle) { buffer, size, count, context in
                guard let buffer, let context else { return 0 }
                return Unmanaged<MailConversation>.fromOpaque(context).takeUnretainedValue()
                    .give(buffer, size * count)
            },
            clinic_curl_set_number(handle, CURLOPT_NOPROGRESS, 0),
            clinic_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context),
            clinic_curl_set_progress(handle) { context, _, _, _, _ in
                guard let context else { return 1 }
                return Unmanaged<MailConversation>.fromOpaque(context).takeUnretainedValue()
                    .isStopped ? 1 : 0
            },
            clinic_curl_set_number(handle, CURLOPT_VERBOSE, 1),
            clinic_curl_set_pointer(handle, CURLOPT_DEBUGDATA, context),
            clinic_curl_set_debug(handle) { _, kind, bytes, count, context in
                guard let bytes, let context else { return 0 }
                let text = UnsafeRawBufferPointer(start: bytes, count: count)
                Unmanaged<MailConversation>.fromOpaque(context).takeUnretainedValue()
                    .hear(kind, text)
                return 0
            },
        ]
        return done.allSatisfy { $0 == CURLE_OK }
    }

    private var isStopped: Bool { stop.isSet.load(ordering: .relaxed) }

    private func give(_ buffer: UnsafeMutablePointer<CChar>, _ room: Int) -> Int {
        let count = min(room, message.count - position)
        message[position..<position + count].withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(start: buffer, count: count).copyMemory(from: bytes)
        }
        position += count
        return count
    }

    private func hear(_ kind: curl_infotype, _ bytes: UnsafeRawBufferPointer) {
        switch kind {
        case CURLINFO_HEADER_OUT:
            let word = bytes.prefix { ($0 & 0xdf) >= 65 && ($0 & 0xdf) <= 90 }
            let text = String(decoding: word, as: UTF8.self).uppercased()
            // What is said to a farewell says nothing of the mail.
            if text == "QUIT" { isLeaving = true }
            guard let known = Command(rawValue: text) else { return }
            command = known
            if known == .login { hasShownLogin = true }
        case CURLINFO_HEADER_IN where !isLeaving:
            let line = bytes.prefix(Self.answerBytes).filter { (32...126).contains($0) }
            if !line.isEmpty { answer = String(decoding: line, as: UTF8.self) }
        default: break
        }
    }

    private func failure(_ result: CURLcode, _ status: Int, _ library: String) -> MailError {
        let words = library.isEmpty ? nil : library
        let kind: MailError.Kind
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST: kind = .nameUnknown
        case CURLE_COULDNT_CONNECT: kind = .unreachable
        case CURLE_OPERATION_TIMEDOUT: kind = .timedOut
        case CURLE_USE_SSL_FAILED: kind = .noTLS
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: kind = .certificate
        case CURLE_SSL_CONNECT_ERROR: kind = .handshake
        case CURLE_SSL_CACERT_BADFILE: kind = .authorities
        case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR:
            return MailError(.login, status: status >= 400 ? status : nil, words: answer)
        case CURLE_ABORTED_BY_CALLBACK: kind = .cancelled
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_NOT_BUILT_IN: kind = .library
        default:
            guard status >= 400 else { return MailError(.connectionLost, words: words) }
            return MailError(refused, status: status, words: answer)
        }
        return MailError(kind, words: words)
    }

    /// What the server said no to.
    private var refused: MailError.Kind {
        switch command {
        case .login: .login
        case .sender: .sender
        case .recipient: .recipient
        case .data: .message
        case .startTLS: .noTLS
        case nil, .greeting, .plainGreeting: .server
        }
    }
}
