import Folders
import Logging

/// What the store remembers of one source, for its watcher; without the store everything is new.
struct SourceMemory: FolderMemory {
    let sightings: SightingStore
    let source: String
    let hashKey: PathHashKey
    let logger: Logger

    func directories() -> [DirectoryRecord] {
        do {
            return try sightings.directories(of: source)
        } catch {
            logger.error("Known folders cannot be read", metadata: ["error": "\(error)"])
            return []
        }
    }

    func unknown(among files: [FileSighting]) -> [FileSighting] {
        do {
            return try sightings.unknown(
                among: files.map { ($0.path.hash(key: hashKey), $0) }
            )
        } catch {
            logger.error("Known files cannot be read", metadata: ["error": "\(error)"])
            return files
        }
    }
}
