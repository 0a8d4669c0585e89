package import Shared

/// Who speaks: one process, of one installation, on one machine, over one store.
///
/// The certificate says which Agent it is; a copied disk has the certificate too. What is here
/// tells the copy from the original.
package struct Installation: Equatable, Sendable, Codable {
    /// Random, made with the state folder.
    package var id: Identifier
    /// SHA-256 over the machine's id; nil where the system tells none.
    package var machine: Digest256?
    /// SHA-256 over the hardware's id; nil where it may not be read.
    package var hardware: Digest256?
    /// Random, made with the database.
    package var store: Identifier
    /// Random, made at each start of the process.
    package var run: Identifier

    /// Takes the parts as they are.
    package init(
        id: Identifier,
        machine: Digest256?,
        hardware: Digest256? = nil,
        store: Identifier,
        run: Identifier
    ) {
        self.id = id
        self.machine = machine
        self.hardware = hardware
        self.store = store
        self.run = run
    }

    /// False where a machine that both tell of is another one; what one of them does not tell
    /// proves nothing.
    package func isOnMachine(of other: Installation) -> Bool {
        func agree(_ one: Digest256?, _ two: Digest256?) -> Bool {
            guard let one, let two else { return true }
            return one == two
        }
        return agree(machine, other.machine) && agree(hardware, other.hardware)
    }
}

/// Why an Agent doubts at its start that it is what it was.
package enum Suspicion: String, Sendable, Codable {
    /// The state folder stood on another machine when it was last used.
    case machineChanged
    /// The database is another one than the state folder's last.
    case storeReplaced
    /// The database was lost or damaged, and a new one was begun.
    case storeLost
}
