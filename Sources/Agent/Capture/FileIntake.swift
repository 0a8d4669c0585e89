import DeviceFormats
import Folders
import Logging
import Shared

/// Takes one file: reads it, decides whether it is complete, stores its bytes, decodes them.
struct FileIntake: Sendable {
    let source: SourceConfiguration
    let root: FolderRoot
    let hashKey: PathHashKey
    let documents: DocumentStore
    let sightings: SightingStore
    let decoding: DocumentDecoding
    /// Whether bytes are what the Agent itself has put there for the device.
    let isOurs: @Sendable (Digest256) async throws -> Bool
    /// True where most files are none of ours, as on a stick: what no format knows stays there.
    var takesRecognisedOnly = false

    /// The beginning of a file that is too large.
    static let prefixBytes = 64 * 1024

    /// What became of a file.
    enum Result: Sendable {
        /// Its bytes are stored; the document is nil where they were there before.
        case taken(StoredDocument?, DocumentDecoding.Outcome?)
        /// Taken before, or of a kind that is left aside.
        case leftAside
        /// Not complete, or complete only if it stays as it is.
        case mustBeQuiet(FileSighting)
        /// It is not there any more, or nothing that is read: a link, a folder, a pipe.
        case gone(FileFailure)
        /// The same bytes are stored and could not be decoded yet: to be tried after that.
        case busy
        /// To be tried again.
        case failed(any Error)
    }

    /// Takes the file at `sighting`; with `isQuiet` also where it does not show its own end.
    func take(_ sighting: FileSighting, isQuiet: Bool) async -> Result {
        let path = sighting.path
        guard !DeviceFormats.isIgnored(name: path.name) else { return .leftAside }
        let key = path.hash(key: hashKey)
        do {
            if try await sightings.isKnown(key, sighting.state) { return .leftAside }
            guard sighting.state.size <= Int64(Limits.documentBytes) else {
                guard !takesRecognisedOnly else { return .leftAside }
                guard isQuiet else { return .mustBeQuiet(sighting) }
                let start = try await root.readPrefix(path, bytes: Self.prefixBytes)
                return try await store(start, path, key, isPartial: true)
            }
            let contents = try await root.read(
                path,
                maximumBytes: Limits.documentBytes,
                expecting: isQuiet ? sighting.state : nil
            )
            if takesRecognisedOnly, !isRecognised(contents.bytes, path) { return .leftAside }
            guard isQuiet || isComplete(contents.bytes, path) else {
                return .mustBeQuiet(contents.sighting)
            }
            return try await store(contents, path, key, isPartial: false)
        } catch let failure as FileFailure {
            switch failure {
            case .notFound, .notRegular: return .gone(failure)
            case .tooLarge: return .mustBeQuiet(sighting)
            default: return .failed(failure)
            }
        } catch {
            return .failed(error)
        }
    }

    private func isComplete(_ bytes: [UInt8], _ path: RelativePath) -> Bool {
        let document = DeviceDocument(bytes: bytes, name: path.name, folders: path.folders)
        return DeviceFormats.completeness(of: document) == .complete
    }

    private func isRecognised(_ bytes: [UInt8], _ path: RelativePath) -> Bool {
        let document = DeviceDocument(bytes: bytes, name: path.name, folders: path.folders)
        return DeviceFormats.reference(to: document).format != nil
    }

    private func store(
        _ contents: FileContents,
        _ path: RelativePath,
        _ key: PathHash,
        isPartial: Bool
    ) async throws -> Result {
        let file = CapturedFile(
            source: source.name,
            name: path.text,
            pathKey: key,
            state: contents.sighting.state,
            bytes: contents.bytes,
            isPartial: isPartial
        )
        let digest = Digest256(of: contents.bytes)
        if try await isOurs(digest) { return .leftAside }
        return try await decoding.turns.take(digest) { try await store(file) }
    }

    private func store(_ file: CapturedFile) async throws -> Result {
        let document: StoredDocument
        switch try await documents.capture(file) {
        case .new(let new): document = new
        case .known(let known) where known.state == .captured: return .busy
        case .known(let known):
            return .taken(nil, try await decoding.decode(known, seenAs: file))
        }
        // Who is stopped now, as when a stick is pulled out, has the bytes: they need no stick.
        let decoded = Task { try await decoding.decode(document, bytes: file.bytes) }
        do {
            return .taken(document, try await decoded.value)
        } catch {
            // The bytes are safe, and LeftoverDecoding comes back to them.
            return .taken(document, nil)
        }
    }
}
