internal import CLinux
internal import Glibc

/// Reads files below one folder safely, on a thread of its own, with a deadline for each call.
///
/// The folder is opened anew for each call: a descriptor that stayed open would keep a stick or
/// share from being unmounted, and would go on reading the old one after it was replaced.
package final class FolderRoot: Sendable {
    /// How many files one call of `read(_:maximumBytes:)` takes.
    package static let maximumBatch = 64

    private let path: String
    private let thread: BlockingThread

    /// Takes the root's absolute path; links in it are followed, links below it never.
    package init(path: String, deadline: Duration = .seconds(10)) {
        self.path = path
        thread = BlockingThread(deadline: deadline)
    }

    /// How many threads wait for a file system that does not answer.
    package var stuckThreads: Int { thread.stuckThreads }

    /// Reads a whole file, unchanged from the first byte to the last.
    ///
    /// Unchanged as far as its times tell: they are set when a write begins. What a writer is just
    /// overwriting in place may be read half done; its closing is reported, and then it has to be
    /// read again, whatever its state looks like.
    ///
    /// Errors: each `FileFailure`; `changedWhileReading` also where it is not as `expecting` says.
    package func read(
        _ path: RelativePath,
        maximumBytes: Int,
        expecting: FileState? = nil
    ) async throws(FileFailure) -> FileContents {
        try await withRoot { root throws(FileFailure) in
            let contents = try root.read(path, maximumBytes: maximumBytes, isPrefix: false)
            guard expecting == nil || expecting == contents.sighting.state else {
                throw .changedWhileReading
            }
            return contents
        }
    }

    /// Reads several files in one go; the deadline holds for them together.
    package func read(
        _ paths: [RelativePath],
        maximumBytes: Int
    ) async -> [Result<FileContents, FileFailure>] {
        precondition(paths.count <= Self.maximumBatch, "a batch has at most 64 files")
        do {
            return try await withRoot { root throws(FileFailure) in
                paths.map { path in
                    Result { () throws(FileFailure) in
                        try root.read(path, maximumBytes: maximumBytes, isPrefix: false)
                    }
                }
            }
        } catch {
            return paths.map { _ in .failure(error) }
        }
    }

    /// Reads the beginning of a file that is too large to be read whole.
    package func readPrefix(
        _ path: RelativePath,
        bytes: Int
    ) async throws(FileFailure) -> FileContents {
        try await withRoot { root throws(FileFailure) in
            try root.read(path, maximumBytes: bytes, isPrefix: true)
        }
    }

    /// Looks at a file without reading it.
    ///
    /// Errors: `notRegular` for anything but a file.
    package func sight(_ path: RelativePath) async throws(FileFailure) -> FileSighting {
        try await withRoot { root throws(FileFailure) in try root.sight(path) }
    }

    private func withRoot<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing OpenRoot) throws(FileFailure) -> Value
    ) async throws(FileFailure) -> Value {
        let path = path
        let result = try await thread.perform {
            Result { () throws(FileFailure) in try body(OpenRoot(path)) }
        }
        return try result.get()
    }
}

/// What a file held at one moment.
package struct FileContents: Sendable {
    package let bytes: [UInt8]
    package let sighting: FileSighting

    /// False where only the beginning was read.
    package var isWhole: Bool { Int64(bytes.count) == sighting.state.size }
}

/// The root during one call.
struct OpenRoot: ~Copyable {
    let folder: Descriptor
    let numbering: FileNumbering
    private static let stampGrain: Int64 = 20_000_000

    init(_ path: String) throws(FileFailure) {
        let opened = retrying { open(path, clinic_open_path | O_DIRECTORY | O_CLOEXEC) }
        // Without its root no file is known to be gone.
        guard opened >= 0 else { throw .ioError(errno: errno) }
        folder = Descriptor(opened)
        numbering = FileNumbering(descriptor: opened)
    }

    func sight(_ path: RelativePath) throws(FileFailure) -> FileSighting {
        try FileSighting(path, below: folder.number, numbering: numbering)
    }

    func read(
        _ path: RelativePath,
        maximumBytes: Int,
        isPrefix: Bool
    ) throws(FileFailure) -> FileContents {
        let file = try SafeOpen.file(path.bytes, below: folder.number)
        let before = try status(of: file)
        guard before.isRegular else { throw .notRegular }
        let size = Int64(before.st_size)
        guard isPrefix || size <= maximumBytes else { throw .tooLarge(size: size) }
        let wanted = Int(min(size, Int64(maximumBytes)))
        // One byte more than announced shows that the file has grown.
        let limit = wanted == size ? wanted + 1 : wanted
        let bytes = try read(file, atMost: limit)
        // Kernels before 6.13 stamp in ticks of some milliseconds: a second write in the same
        // tick shows only in the bytes.
        let isFresh = (-Self.stampGrain..<Self.stampGrain).contains(
            SystemTime.age(of: before.st_mtim.nanoseconds)
        )
        if isFresh, try read(file, atMost: limit) != bytes { throw .changedWhileReading }
        let after = try status(of: file)
        let sighting = FileSighting(path: path, status: before, numbering: numbering)
        guard bytes.count == wanted, after.st_nlink > 0, after.st_ino == before.st_ino,
            FileSighting(path: path, status: after, numbering: numbering) == sighting
        else { throw .changedWhileReading }
        return FileContents(bytes: bytes, sighting: sighting)
    }

    private func status(of file: borrowing Descriptor) throws(FileFailure) -> stat {
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw FileFailure(errorNumber: errno) }
        return status
    }

    private func read(
        _ file: borrowing Descriptor,
        atMost limit: Int
    ) throws(FileFailure) -> [UInt8] {
        let number = file.number
        var failure: FileFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            while count < limit {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]
                )
                let length = pread(number, rest.baseAddress, rest.count, off_t(count))
                if length == 0 { return }
                if length > 0 {
                    count += length
                } else if errno != EINTR {
                    failure = FileFailure(errorNumber: errno)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
