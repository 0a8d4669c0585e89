import DeviceFormats
import Foundation
import Shared
import Testing

@testable import Agent

@Suite final class DocumentWalkTests {
    private let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "walk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    @Test func `folders are walked in order, with what is ignored left out`() throws {
        try write("b/2.txt", "two")
        try write("b/1.txt", "one")
        try write("b/Index.txt", "2")
        try write("b/image.raw", "x")
        try write("a/TESTCASE#Amina/x'\"\n.txt", "odd")
        let found = walk([root.path])
        #expect(found.map(name) == ["x'\"\n.txt", "1.txt", "2.txt"])
        #expect(documents(found).map(\.folders) == [["a", "TESTCASE#Amina"], ["b"], ["b"]])
    }

    @Test func `links inside a folder are not followed, a named one is`() throws {
        try write("outside/secret.txt", "x")
        try write("inside/own.txt", "y")
        let inside = root.appending(path: "inside")
        for (link, target) in [("file.txt", "../outside/secret.txt"), ("folder", "../outside")] {
            try FileManager.default.createSymbolicLink(
                atPath: inside.appending(path: link).path,
                withDestinationPath: target
            )
        }
        #expect(walk([inside.path]).map(name) == ["own.txt"])
        #expect(walk([inside.appending(path: "folder").path]).map(name) == ["secret.txt"])
    }

    @Test func `names that are no utf-8 are read and shown repaired`() throws {
        let path = Array(root.path.utf8) + Array("/caf".utf8) + [0xE9] + Array(".txt".utf8)
        let descriptor = FileEntry.withPath(path) { open($0, O_CREAT | O_WRONLY, 0o600) }
        try #require(descriptor >= 0)
        close(descriptor)
        #expect(walk([root.path]).map(name) == ["caf\u{FFFD}.txt"])
    }

    @Test func `what cannot be read is a typed failure, and the rest goes on`() throws {
        try write("good.txt", "x")
        let pipe = root.appending(path: "pipe.txt").path
        try #require(mkfifo(pipe, 0o600) == 0)
        let found = walk([root.appending(path: "absent").path, root.path, pipe])
        #expect(found.map(name).sorted() == ["absent", "good.txt", "pipe.txt"])
        #expect(failures(found).map(\.code) == [.unreadable, .unreadable])
    }

    @Test func `a file over the cap is refused by its size alone`() throws {
        let path = root.appending(path: "huge.xml").path
        try #require(FileManager.default.createFile(atPath: path, contents: nil))
        try #require(truncate(path, 3_000_000_000) == 0)
        let found = walk([root.path])
        #expect(failures(found).map(\.code) == [.tooLarge])
        #expect(found.first?.bytes == 3_000_000_000)
    }

    @Test func `folders below the cap on depth are refused`() throws {
        let deep = (0..<40).map { "\($0)" }.joined(separator: "/")
        try write("\(deep)/file.txt", "x")
        #expect(failures(walk([root.path])).map(\.code) == [.unreadable])
    }

    private func walk(_ paths: [String]) -> [FoundDocument] {
        var found: [FoundDocument] = []
        DocumentWalk { found += $0 }.run(paths)
        return found
    }

    private func write(_ path: String, _ text: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    private func name(_ found: FoundDocument) -> String {
        String(found.path.split(separator: "/").last ?? "")
    }

    private func documents(_ found: [FoundDocument]) -> [DeviceDocument] {
        found.compactMap { try? $0.content.get() }
    }

    private func failures(_ found: [FoundDocument]) -> [DocumentFailure] {
        found.compactMap { found in
            guard case .failure(let failure) = found.content else { return nil }
            return failure
        }
    }
}
