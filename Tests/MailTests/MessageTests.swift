import Testing

@testable import Mail

struct MessageTests {
    private func message(
        name: String? = nil,
        subject: String = "Hello",
        body: String = "One.\nTwo.\n",
        attachments: [MailMessage.Attachment] = []
    ) throws -> MailMessage {
        MailMessage(
            from: try #require(Mailbox("Clinic <gateway@clinic.example>")),
            to: Mailbox(try #require(MailAddress("an@clinic.example")), name: name),
            subject: subject,
            body: body,
            attachments: attachments,
            // 20 November 2026, a Friday, 09:14:37 UTC.
            date: 1_795_166_077,
            id: "0193-abc"
        )
    }

    private func text(_ message: MailMessage) throws -> String {
        String(decoding: try message.written(), as: UTF8.self)
    }

    @Test func `a plain message is these bytes`() throws {
        #expect(
            try text(message(name: "An Peeters")) == """
                Date: Fri, 20 Nov 2026 09:14:37 +0000\r
                From: Clinic <gateway@clinic.example>\r
                To: An Peeters <an@clinic.example>\r
                Message-ID: <0193-abc@clinic.example>\r
                Subject: Hello\r
                Auto-Submitted: auto-generated\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=UTF-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                One.\r
                Two.\r
                \r

                """
        )
    }

    @Test func `an attachment is a part of its own`() throws {
        let file = MailMessage.Attachment(
            name: "a.jsonl",
            type: "text/plain",
            content: Array("{}\n".utf8)
        )
        #expect(
            try text(message(attachments: [file])).hasSuffix(
                """
                Content-Type: multipart/mixed; boundary="=_0193-abc"\r
                \r
                --=_0193-abc\r
                Content-Type: text/plain; charset=UTF-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                One.\r
                Two.\r
                \r
                --=_0193-abc\r
                Content-Type: text/plain; charset=UTF-8; name="a.jsonl"\r
                Content-Disposition: attachment; filename="a.jsonl"\r
                Content-Transfer-Encoding: base64\r
                \r
                e30K\r
                --=_0193-abc--\r

                """
            )
        )
    }

    @Test(arguments: [
        ("Dr. \"Q\"", "To: \"Dr. \\\"Q\\\"\" <an@clinic.example>"),
        // "Zoë" is 5a 6f c3 ab.
        ("Zoë", "To: =?UTF-8?B?Wm/Dqw==?= <an@clinic.example>"),
        ("=?UTF-8?Q?x?=", "To: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?= <an@clinic.example>"),
    ])
    func `a name is shown as it is, or encoded`(name: String, line: String) throws {
        #expect(try text(message(name: name)).contains("\r\n\(line)\r\n"))
    }

    @Test(arguments: ["a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\0b", "a\u{7f}b"])
    func `a header cannot be ended by what is put into it`(value: String) throws {
        #expect(throws: MessageError.control(field: "Subject")) {
            try message(subject: value).written()
        }
        #expect(throws: MessageError.control(field: "To")) {
            try message(name: value).written()
        }
    }

    @Test(arguments: [
        "an@clinic.example\r\nRCPT TO:<x@y.example>", "an@clinic.example>", "a b@clinic.example",
        "an@", "@clinic.example", "an", "an@clinic..example", ".an@clinic.example", "an@-x.example",
        "\"an\"@clinic.example", "an@[127.0.0.1]", "zoë@clinic.example", "an@clinic.example\0",
        "an@b@clinic.example", "",
    ])
    func `this is no address`(text: String) {
        #expect(MailAddress(text) == nil)
        #expect(Mailbox("X <\(text)>") == nil)
    }

    @Test(arguments: ["an@clinic.example", "o'neil+x@a-b.example", "A_b.c@x.y.z"])
    func `this is one`(text: String) {
        #expect(MailAddress(text)?.text == text)
        #expect(Mailbox("X Y <\(text)>")?.name == "X Y")
    }

    @Test func `long and foreign text stays within its lines, and decodes`() throws {
        let long = String(repeating: "\u{1F441} voir l’œil = 1 ", count: 40)
        let written = try text(message(name: long, subject: long, body: long + "\nend \n.\n"))
        let lines = written.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        #expect(written.utf8.allSatisfy { $0 < 128 })
        #expect(!written.unicodeScalars.contains { $0.value == 13 } || written.contains("\r\n"))
        // A blank before the line's end is encoded, and so is every "=".
        #expect(written.contains("end=20\r\n"))
        #expect(written.contains("=3D"))
    }

    @Test func `a long line of words is folded before a blank`() throws {
        let subject = Array(repeating: "word", count: 30).joined(separator: " ")
        let written = try text(message(subject: subject))
        let begin = try #require(written.firstRange(of: "Subject: "))
        let end = try #require(written.firstRange(of: "Auto-Submitted"))
        let value = written[begin.upperBound..<end.lowerBound].replacing("\r\n ", with: " ")
        #expect(value == subject + "\r\n")
    }

    @Test func `what cannot be sent is refused`() throws {
        #expect(throws: MessageError.zeroByte) { try message(body: "a\0").written() }
        #expect(throws: MessageError.tooLarge) {
            try message(body: String(repeating: "x", count: 300_000)).written()
        }
        for name in ["a\"b", "", "a/b", "a\r\nb"] {
            let file = MailMessage.Attachment(name: name, type: "text/plain", content: [])
            #expect(throws: MessageError.name) { try message(attachments: [file]).written() }
        }
    }

    @Test(arguments: [
        (Int64(0), "Thu, 01 Jan 1970 00:00:00 +0000"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 +0000"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 +0000"),
        (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
    ])
    func `a date is written so`(seconds: Int64, text: String) {
        #expect(MailMessage.date(seconds) == text)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `base 64 is that of RFC 4648`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
    }
}
