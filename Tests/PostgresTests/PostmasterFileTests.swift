import Testing

@testable import Postgres

@Suite struct PostmasterFileTests {
    private let whole = """
        4711
        /var/lib/clinic/data
        1795000000
        5432
        /var/lib/clinic/run

         123456         7
        ready   
        """

    @Test func `the server's own file is read`() {
        let file = PostmasterFile(whole)
        #expect(file?.process == 4711)
        #expect(file?.port == 5432)
        #expect(file?.socketFolder == "/var/lib/clinic/run")
        #expect(file?.status == "ready")
    }

    @Test func `a file that is still being written is never ready`() {
        for length in 0..<whole.utf8.count - 8 {
            let file = PostmasterFile(String(decoding: whole.utf8.prefix(length), as: UTF8.self))
            #expect(file?.status != "ready")
        }
    }

    @Test(arguments: [
        "", "x", "1\n/d\n1\n5432\n/run", "-4\n/d\n1\n5432\n/run", "4\n/d\n1\nx\n/run",
    ])
    func `anything else is no file of a server`(text: String) {
        #expect(PostmasterFile(text) == nil)
    }
}
