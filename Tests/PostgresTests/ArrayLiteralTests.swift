import Testing

@testable import Postgres

@Suite struct ArrayLiteralTests {
    @Test func `every text is quoted, so that none is taken for null`() {
        let values = ["NULL", "", "a,b", "{}", "quote \" and \\ slash", nil].postgresValue
        #expect(
            values
                == .text(#"{"NULL","","a,b","{}","quote \" and \\ slash",NULL}"#)
        )
    }

    @Test func `an empty array is an empty pair of braces`() {
        #expect([String]().postgresValue == .text("{}"))
    }

    @Test func `what the server writes is read back`() throws {
        let values = try ArrayLiteral.values(
            in: #"{plain,"with \"quotes\"","\\x00",NULL,"NULL",é}"#
        )
        #expect(
            values == [
                .text("plain"), .text("with \"quotes\""), .text(#"\x00"#), .null, .text("NULL"),
                .text("é"),
            ]
        )
    }

    @Test(arguments: [
        "", "{", "}", "{a", "{a,}", "{,a}", "{\"a}", "{\"a\\", "{a}b", "{{a},{b}}", "[0:1]={a,b}",
        "{a\"b}",
    ])
    func `anything else is refused`(literal: String) {
        #expect(throws: PostgresError.undecodable) { try ArrayLiteral.values(in: literal) }
    }

    @Test func `every text survives being written and read`() throws {
        let texts = ["\\", "\"", "\\\"", "{", "}", ",", " ", "\n", "NULL", "null", "😀", "'"]
        let pairs = texts.flatMap { first in texts.map { first + $0 } }
        let literal = ArrayLiteral.text(of: pairs.map { .text($0) })
        #expect(try ArrayLiteral.values(in: literal) == pairs.map { .text($0) })
    }

    @Test func `bytes in hexadecimal are read in both cases`() {
        #expect(ByteaText.bytes(in: #"\x00ff7F"#) == [0, 255, 127])
        #expect(ByteaText.bytes(in: #"\x"#) == [])
    }

    @Test(arguments: ["", "\\", "x00", #"\x0"#, #"\x0g"#, #"\000"#, #"\x0 "#])
    func `other forms of bytes are refused`(text: String) {
        #expect(ByteaText.bytes(in: text) == nil)
    }

    @Test func `every byte survives its text form`() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(ByteaText.bytes(in: ByteaText.text(of: bytes)) == bytes)
    }

    @Test func `a binary array has the layout of the server's`() {
        #expect(
            BinaryArray.bytes(of: [[1, 2], []]) == [
                0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 2, 0, 0, 0, 1,
                0, 0, 0, 2, 1, 2, 0, 0, 0, 0,
            ]
        )
    }
}
