import Agent
import ArgumentParser

/// Decodes device files without a running service; nothing is stored or sent.
struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the readings in device files; ends with 65 where one cannot be decoded.",
        discussion: """
            Folders are searched with everything below them; right and left files of one exam are \
            joined. A serial device's recording that nothing decodes is printed as what went \
            over the line. Nothing is stored or sent.
            """
    )

    @Flag(help: "Print one JSON object per line: a reading, or the error of a document.")
    var json = false

    @Argument(help: "Files and folders of a device.", completion: .file())
    var paths: [String]

    func run() throws {
        var report = DecodeReport(json ? .json : .table)
        let walk = DocumentWalk { documents in
            for line in report.lines(for: documents) { print(line) }
        }
        walk.run(paths)
        guard !report.hasFailures else { throw ExitCode(DecodeReport.failureStatus) }
    }
}
