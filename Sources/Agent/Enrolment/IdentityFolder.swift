import Folders
import Foundation
import Shared

/// The identity's files: `STATE/identity/`, readable by the Agent's user alone.
///
/// `identity.json` is written last, so that an enrolment that was cut off leaves none.
package struct IdentityFolder: Sendable {
    package let path: String

    /// Takes the Agent's state folder.
    package init(state: String) {
        path = state + "/identity"
    }

    package var keyPath: String { path + "/agent.key" }
    package var certificatePath: String { path + "/agent.pem" }
    package var authorityPath: String { path + "/authority.pem" }
    package var installationPath: String { path + "/installation.json" }
    private var claimKeyPath: String { path + "/claim.key" }
    private var identityPath: String { path + "/identity.json" }

    /// Reads the identity; nil where the PC is not enrolled.
    package func load() throws -> AgentIdentity? {
        guard FileManager.default.fileExists(atPath: identityPath) else { return nil }
        guard let content = FileManager.default.contents(atPath: identityPath),
            let identity = try? JSON.decode(AgentIdentity.self, from: content)
        else { throw EnrolmentError.identityUnreadable(identityPath) }
        return identity
    }

    /// The PEM text of one of the files.
    package func text(_ path: String) throws -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw EnrolmentError.identityUnreadable(path)
        }
        return text
    }

    /// Stores everything that enrolment gave.
    package func store(
        _ identity: AgentIdentity,
        key: String,
        certificate: String,
        authority: String
    ) throws {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try write(key, to: keyPath)
        try write(authority, to: authorityPath)
        try replaceCertificate(certificate, identity: identity)
        try giveToOwnerOfState()
    }

    /// The key that a copy offers to the Hub: made once, and used until a person has decided.
    func claimKey() throws -> AgentKey {
        if FileManager.default.fileExists(atPath: claimKeyPath) {
            return try AgentKey(pem: try text(claimKeyPath))
        }
        let key = AgentKey()
        try storePrivately(key.pem, to: claimKeyPath)
        return key
    }

    /// The key is the Agent's own now.
    func forgetClaimKey() {
        try? FileManager.default.removeItem(atPath: claimKeyPath)
    }

    /// Stores one of the identity's files for the Agent's user alone, and the folder with it.
    func storePrivately(_ text: String, to file: String) throws {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try write(text, to: file)
    }

    /// Root enrols a PC on behalf of the Agent's user: the files belong to whom the state does.
    private func giveToOwnerOfState() throws {
        guard geteuid() == 0 else { return }
        guard let state = FileStatus(path: (path as NSString).deletingLastPathComponent) else {
            throw EnrolmentError.identityUnwritable(path)
        }
        for file in [path, keyPath, authorityPath, certificatePath, identityPath] {
            guard chown(file, state.user, state.group) == 0 else {
                throw EnrolmentError.identityUnwritable(file)
            }
        }
    }

    /// Stores a renewed certificate; the key stays.
    package func replaceCertificate(_ certificate: String, identity: AgentIdentity) throws {
        try write(certificate, to: certificatePath)
        let content = try JSON.encodePretty(identity)
        try write(String(decoding: content, as: UTF8.self), to: identityPath)
    }

    /// Writes beside the file, makes it durable and renames over it.
    private func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        _ = FileManager.default.createFile(
            atPath: temporary,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard let handle = FileHandle(forWritingAtPath: temporary) else {
            throw EnrolmentError.identityUnwritable(temporary)
        }
        try handle.synchronize()
        try handle.close()
        guard rename(temporary, path) == 0 else {
            throw EnrolmentError.identityUnwritable(path)
        }
        let folder = open(self.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw EnrolmentError.identityUnwritable(self.path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw EnrolmentError.identityUnwritable(self.path) }
    }
}
