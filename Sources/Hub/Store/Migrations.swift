import Foundation
package import Postgres

/// The Hub's tables, one numbered file after the other, never changed once released.
package enum Migrations {
    /// Reads every `NNNN-name.sql` of the resources, in order.
    ///
    /// Throws where a file cannot be read or a number is missing or there twice.
    package static func all() throws -> [PostgresMigration] {
        let folder = Resources.folder.appending(path: "migrations")
        let files = try FileManager.default
            .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "sql" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        return try files.enumerated().map { index, file in
            let name = file.deletingPathExtension().lastPathComponent
            let parts = name.split(separator: "-", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[0]), number == index + 1 else {
                throw MigrationNameError(file: file.lastPathComponent)
            }
            return PostgresMigration(
                number: number,
                name: String(parts[1]),
                sql: try String(contentsOf: file, encoding: .utf8)
            )
        }
    }
}

/// A migration's file whose number does not follow the one before.
struct MigrationNameError: Error, CustomStringConvertible {
    let file: String

    var description: String { "migration \(file) does not follow the one before it" }
}

/// The files that come with the program.
enum Resources {
    static var folder: URL { Bundle.module.bundleURL.appending(path: "Resources") }
}
