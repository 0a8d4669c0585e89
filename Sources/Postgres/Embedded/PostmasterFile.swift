/// What a running server writes into `postmaster.pid` in its data folder.
///
/// Source: PostgreSQL's `pidfile.h`: one fact a line.
struct PostmasterFile: Equatable {
    let process: Int32
    let port: Int
    let socketFolder: String
    /// `starting`, `ready`, `stopping`; empty before the server has said so.
    let status: String

    /// Reads the file's text; nil while it is not yet written as far as the socket.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 5, let process = Int32(lines[0]), process > 1,
            let port = Int(lines[3]), lines[4].hasPrefix("/")
        else { return nil }
        self.process = process
        self.port = port
        socketFolder = String(lines[4])
        status = lines.count > 7 ? String(lines[7].prefix { $0 != " " }) : ""
    }

    /// Reads the file of a data folder.
    static func read(dataFolder: String) -> PostmasterFile? {
        FileSystem.text("\(dataFolder)/postmaster.pid").flatMap(PostmasterFile.init)
    }

    /// The process number alone, which is the first thing in the file.
    static func process(dataFolder: String) -> Int32? {
        FileSystem.text("\(dataFolder)/postmaster.pid")
            .flatMap { $0.split(separator: "\n").first }
            .flatMap { Int32($0) }
    }
}
