import Foundation

/// Lines for a person, each at once: a log that is looked at now shows what has happened until now.
enum Console {
    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    static func warn(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}
