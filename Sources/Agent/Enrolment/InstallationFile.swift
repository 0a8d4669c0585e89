import Foundation
package import Shared
package import Sync

/// `STATE/identity/installation.json`: which machine and which database this state belongs to.
///
/// It stands outside the database, so that neither is taken for the other's.
package struct InstallationFile: Sendable {
    private let folder: IdentityFolder
    private let marks: MachineMarks

    /// Takes the identity's folder and this machine's marks.
    package init(folder: IdentityFolder, marks: MachineMarks) {
        self.folder = folder
        self.marks = marks
    }

    /// What the file holds.
    private struct Content: Equatable, Codable {
        var id: Identifier
        var machine: Digest256?
        var hardware: Digest256?
        var store: Identifier
    }

    /// Reads the file, or makes it, and compares it with what is there.
    ///
    /// A file that does not fit stays as it is, until a session has opened: see `rebind`.
    ///
    /// - Parameters:
    ///   - store: the identity of the database that was opened.
    ///   - clock: gives identifiers.
    /// - Returns: who speaks, and what does not fit.
    /// - Throws: `EnrolmentError.identityUnwritable`.
    package func begin(
        store: Identifier,
        clock: WallClock
    ) throws -> (installation: Installation, suspicion: Suspicion?) {
        let content: Content
        var suspicion: Suspicion?
        if let known = load() {
            content = known
            suspicion = Self.suspicion(of: known, store: store, marks)
        } else {
            content = Content(
                id: clock.identifier(),
                machine: marks.machine,
                hardware: marks.hardware,
                store: store
            )
            try write(content)
        }
        let installation = Installation(
            id: content.id,
            machine: marks.machine,
            hardware: marks.hardware,
            store: store,
            run: clock.identifier()
        )
        return (installation, suspicion)
    }

    /// Whether the state stood on another machine when the Hub last accepted it: until it is
    /// accepted here, a command may be another PC's.
    package func isMoved() -> Bool {
        guard let known = load() else { return false }
        return Self.suspicion(of: known, store: known.store, marks) == .machineChanged
    }

    /// Binds the state to this machine and this database: the Hub has accepted them.
    package func rebind(_ installation: Installation) throws {
        let content = Content(
            id: installation.id,
            machine: installation.machine,
            hardware: installation.hardware,
            store: installation.store
        )
        if load() != content { try write(content) }
    }

    private static func suspicion(
        of known: Content,
        store: Identifier,
        _ marks: MachineMarks
    ) -> Suspicion? {
        let before = Installation(
            id: known.id,
            machine: known.machine,
            hardware: known.hardware,
            store: known.store,
            run: known.id
        )
        var now = before
        now.machine = marks.machine
        now.hardware = marks.hardware
        if !now.isOnMachine(of: before) { return .machineChanged }
        return known.store == store ? nil : .storeReplaced
    }

    /// nil also where it is unreadable: then the state is bound anew, and the Hub compares.
    private func load() -> Content? {
        FileManager.default.contents(atPath: folder.installationPath)
            .flatMap { try? JSON.decode(Content.self, from: $0) }
    }

    private func write(_ content: Content) throws {
        let text = String(decoding: try JSON.encodePretty(content), as: UTF8.self)
        try folder.storePrivately(text, to: folder.installationPath)
    }
}
