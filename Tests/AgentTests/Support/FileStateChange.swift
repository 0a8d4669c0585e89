import Folders

enum FileStateChange {
    /// The state of a file that was written again.
    static func touched(_ state: FileState) -> FileState {
        FileState(size: state.size, modified: state.modified + 1, inode: state.inode)
    }
}
