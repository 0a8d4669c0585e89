import Foundation
import Glibc
package import Mail
import TestKit

/// The mail server of a test cannot be had.
package struct MailKitError: Error {
    package let sentence: String
}

/// A real mail server for one test: Debian's aiosmtpd, with faults to order.
///
/// Needs Debian's python3-aiosmtpd: `scripts/setup --test`.
package final class TestMailServer: Sendable {
    /// What a mail server took, as another parser than ours reads it.
    package struct Mail: Decodable, Sendable {
        package struct File: Decodable, Sendable, Equatable {
            package let name: String
            package let text: String
        }
        package let from: String
        package let to: String
        package let recipients: [String]
        package let subject: String
        package let id: String
        package let body: String
        package let files: [File]
        package let defects: [String]
        package let isASCII: Bool
        package let longestLine: Int
    }

    /// How it behaves.
    package struct Behaviour: Sendable {
        package var security = MailServer.Security.starttls
        /// True: it offers no encryption, whatever `security` says to the client.
        package var hidesTLS = false
        package var login: MailServer.Login?
        /// `RCPT=550 5.1.1 no such user`.
        package var refuses: [String] = []
        /// `MAIL`, `RCPT` or `DATA`: it closes the connection there.
        package var closesAt: String?
        package var isSilent = false
        /// Whom its certificate is for.
        package var name = "localhost"
        /// The port of a server that has ended; 0 for a new one.
        package var port = 0

        package init(_ change: (inout Behaviour) -> Void = { _ in }) { change(&self) }
    }

    private let folder: String
    private let authority: TestAuthority
    private let behaviour: Behaviour
    private let port: Int
    private let process: Process

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "smtp.py").path

    /// Runs a server while `body` runs; nothing of it is left afterwards.
    package static func with<Value>(
        _ behaviour: Behaviour = Behaviour(),
        _ body: (TestMailServer) async throws -> Value
    ) async throws -> Value {
        try await TemporaryFolder.with { folder in
            let server = try await TestMailServer(behaviour, folder)
            let outcome: Result<Value, any Error>
            do {
                outcome = .success(try await body(server))
            } catch {
                outcome = .failure(error)
            }
            await server.stop()
            return try outcome.get()
        }
    }

    private init(_ behaviour: Behaviour, _ folder: String) async throws {
        self.behaviour = behaviour
        self.folder = folder
        authority = try TestAuthority(in: folder, for: behaviour.name)
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = Self.arguments(behaviour, folder, authority)
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        var port: Int?
        for _ in 0..<5000 where port == nil {
            guard process.isRunning else {
                throw MailKitError(sentence: "the mail server has ended at its start")
            }
            await Self.shortly()
            port = (try? String(contentsOfFile: folder + "/port", encoding: .utf8)).flatMap(
                Int.init
            )
        }
        guard let port else {
            kill(process.processIdentifier, SIGKILL)
            throw MailKitError(sentence: "the mail server does not listen")
        }
        self.port = port
    }

    private static func arguments(
        _ behaviour: Behaviour,
        _ folder: String,
        _ authority: TestAuthority
    ) -> [String] {
        let security = behaviour.hidesTLS ? .none : behaviour.security
        var words = [script, folder, "--tls", security.rawValue, "--port", "\(behaviour.port)"]
        if security != .none {
            words += ["--certificate", authority.certificate, "--key", authority.key]
        }
        if let login = behaviour.login { words += ["--login", "\(login.user):\(login.password)"] }
        for refusal in behaviour.refuses { words += ["--refuse", refusal] }
        if let place = behaviour.closesAt { words += ["--close", place] }
        if behaviour.isSilent { words.append("--silent") }
        return words
    }

    private func stop() async {
        // Harder than politely: a child has the signal mask of the thread that started it.
        kill(process.processIdentifier, SIGKILL)
        while process.isRunning { await Self.shortly() }
    }

    private static func shortly() async { try? await Task.sleep(for: .milliseconds(2)) }

    /// How it is spoken to, by somebody who trusts its authority.
    package var address: MailServer {
        var server = MailServer(
            host: behaviour.security == .none ? "127.0.0.1" : "localhost",
            port: port,
            security: behaviour.security,
            login: behaviour.login,
            authorities: authority.authorities
        )
        server.connectSeconds = 5
        server.totalSeconds = 10
        return server
    }

    /// What it took, in its order.
    package func mails() throws -> [Mail] {
        var found: [Mail] = []
        while let content = FileManager.default.contents(
            atPath: folder + "/mail-\(found.count + 1).json"
        ) {
            found.append(try JSONDecoder().decode(Mail.self, from: content))
        }
        return found
    }

    /// The commands that it heard, each with `tls` or `clear` before it.
    package func commands() -> [String] {
        let text = try? String(contentsOfFile: folder + "/commands", encoding: .utf8)
        return (text ?? "").split(separator: "\n").map(String.init)
    }
}
