internal import Glibc

extension Scan {
    /// Entries that one step looks at, and files that the consumer is asked about together.
    static let stepEntries = 256

    /// Looks at the next entries of a folder.
    func list(_ frame: ScanFrame) throws(Interruption) {
        // Without a record everything is new: one pass does.
        let reports = frame.phase == .reporting || frame.known == nil
        var isComplete = false
        do throws(FileFailure) {
            isComplete = try readEntries(of: frame, reports: reports)
        } catch {
            frame.isTrusted = false
            frame.failure = error
            isComplete = true
        }
        if let failure = frame.failure {
            frame.failure = nil
            try context.report(failure, at: frame.place.path)
        }
        if frame.folders > context.configuration.maximumFolders {
            try context.noticeOnce(.tooManyFolders)
        }
        if !frame.batch.isEmpty {
            let asksAll = target.kind == .full
            summary.reported += try context.report(frame.batch, asksAll: asksAll)
            frame.batch = []
        }
        guard isComplete else { return }
        let needsSecondPass =
            frame.phase == .listing && !reports && frame.digest.value != frame.known?.contents
        if needsSecondPass { frame.folder.rewind() }
        frame.phase = needsSecondPass ? .reporting : .descending
    }

    /// True at the end of the folder.
    private func readEntries(of frame: ScanFrame, reports: Bool) throws(FileFailure) -> Bool {
        let isFirstPass = frame.phase == .listing
        for _ in 0..<Self.stepEntries {
            var status = stat()
            var failure: Int32 = 0
            let number = frame.folder.number
            let entry = try context.control.calls.during { () throws(FileFailure) in
                try frame.folder.next { name, kind -> (kind: OpenFolder.Entry, name: [UInt8]) in
                    switch kind {
                    case .folder:
                        if isFirstPass { push(name, in: frame) }
                        return (.folder, [])
                    case .file:
                        let result = fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW)
                        failure = result == 0 ? 0 : errno
                        return (
                            .file, Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
                        )
                    case .other: return (.other, [])
                    }
                }
            }
            guard let entry else { return true }
            guard entry.kind == .file else { continue }
            if failure == 0 {
                note(entry.name, status, in: frame, isFirstPass: isFirstPass, reports: reports)
            } else if failure != ENOENT {
                frame.isTrusted = false
                frame.failure = FileFailure(errorNumber: failure)
            }
        }
        return false
    }

    private func push(_ name: UnsafePointer<CChar>, in frame: ScanFrame) {
        frame.folders += 1
        guard target.descends, frame.folders <= context.configuration.maximumFolders else { return }
        names.push(name)
    }

    private func note(
        _ name: [UInt8],
        _ status: stat,
        in frame: ScanFrame,
        isFirstPass: Bool,
        reports: Bool
    ) {
        guard status.isRegular else { return }
        if isFirstPass {
            let state = FileState(status, context.numbering)
            summary.files += 1
            frame.digest.add(name: name, state)
            frame.newest = max(frame.newest, state.modified)
        }
        guard reports else { return }
        let path = RelativePath(listed: ScanFrame.Place.path(of: name, in: frame.place.path))
        frame.batch.append(
            FileSighting(path: path, status: status, numbering: context.numbering)
        )
    }
}
