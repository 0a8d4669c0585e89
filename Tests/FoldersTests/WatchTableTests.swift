import Testing

@testable import Folders

@Suite struct WatchTableTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func table() -> WatchTable {
        var table = WatchTable()
        table.insert(1, path: [], parent: nil, depth: 0, active: 0)
        table.insert(2, path: bytes("DOE#Jane"), parent: 1, depth: 1, active: 0)
        table.insert(3, path: bytes("DOE#Jane/visit"), parent: 2, depth: 2, active: 0)
        table.insert(4, path: bytes("ROE#Rick"), parent: 1, depth: 1, active: 0)
        table.insert(5, path: bytes("OLD#Olga/visit/WF"), parent: nil, depth: 3, active: 0)
        return table
    }

    @Test func `paths are put together from the names`() {
        let table = table()
        #expect(table.path(of: 1) == [])
        #expect(table.path(of: 3) == bytes("DOE#Jane/visit"))
        #expect(table.path(of: 5) == bytes("OLD#Olga/visit/WF"))
        #expect(table.path(of: 9) == nil)
    }

    @Test func `a subtree is all that is watched below a name`() {
        #expect(Set(table().subtree(of: bytes("DOE#Jane"), in: 1)) == [2, 3])
        #expect(table().subtree(of: bytes("visit"), in: 1) == [])
    }

    @Test func `a watch that comes again takes its new place`() {
        var table = table()
        table.insert(3, path: bytes("ROE#Rick/visit"), parent: 4, depth: 2, active: 0)
        #expect(table.path(of: 3) == bytes("ROE#Rick/visit"))
        #expect(table.count == 5)
    }

    @Test func `without its parent a path is unknown rather than wrong`() {
        var table = table()
        table.remove(2)
        #expect(table.path(of: 3) == nil)
    }

    @Test func `only deep, quiet and childless folders may be given up`() {
        var table = table()
        #expect(Set(table.quietWatches(before: 1_000_000_000)) == [3, 5])
        table.touch(3, active: 5_000_000_000)
        #expect(table.quietWatches(before: 1_000_000_000) == [5])
    }

    @Test func `names survive the packing`() {
        var table = WatchTable()
        table.insert(1, path: [], parent: nil, depth: 0, active: 0)
        for number in 0..<20_000 {
            let path = bytes("PATIENT#\(number)")
            table.insert(Int32(2 + number % 500), path: path, parent: 1, depth: 1, active: 0)
        }
        #expect(table.count == 501)
        for slot in 0..<500 {
            #expect(table.path(of: Int32(2 + slot)) == bytes("PATIENT#\(19_500 + slot)"))
        }
    }
}
