import HTTPTypes
import HummingbirdTesting
import NIOCore
import Shared
import Testing

@testable import Hub

struct DocumentsTests {
    @Test func `a download is the bytes as they came, and never a page`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let bytes = Array("<html><script>x</script>".utf8) + Array(0...255)
                let name = "ClientDB/TESTCASE#Amina/\"a\r\nSet-Cookie: x\u{202E}gpj.html"
                let digest = try await store.add(document: bytes, name: name)
                let answer = try await person.get("/documents/\(digest)/raw")
                #expect(answer.status == .ok)
                #expect(Array(buffer: answer.body) == bytes)
                #expect(answer.headers[.contentType] == "application/octet-stream")
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                #expect(
                    answer.headers[.contentDisposition]
                        == "attachment; filename=\"_a__Set-Cookie__x_gpj.html\""
                )
            }
        }
    }

    @Test(arguments: ["x", String(repeating: "0", count: 64), "..%2f..%2fetc%2fpasswd"])
    func `a document that is not there is not found`(digest: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                #expect(try await person.get("/documents/\(digest)/raw").status == .notFound)
            }
        }
    }

    @Test func `what could not be read is listed with the reason in words`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                #expect(
                    try await person.get("/quarantine").text.contains("Every file could be read")
                )
                let store = SampleStore(database: rig.database, site: try await rig.site())
                _ = try await store.add(document: [1], name: "good.xml")
                let digest = try await store.add(
                    document: [2],
                    name: "folder/cut <b>\u{202E}.xml",
                    failure: DocumentFailure(.truncated, "the root is open", at: "line 12")
                )
                let page = try await person.get("/quarantine").text
                for text in [
                    "Cut short", "Let the device export it again", "the root is open, line 12",
                    "cut &lt;b&gt;[U+202E].xml", "folder", "Room 2", "/documents/\(digest)/raw",
                ] {
                    #expect(page.contains(text), "\(text)")
                }
                #expect(!page.contains("good.xml"))
            }
        }
    }

    @Test func `the list of failures goes on without a gap where many arrived at once`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let total = WebLimits.pageRows + 7
                for number in 0..<total {
                    _ = try await store.add(
                        document: Array("\(number)".utf8),
                        name: "file-\(number)-.xml",
                        failure: DocumentFailure(.malformed, ""),
                        // Two instants within one millisecond.
                        receivedAt: "2026-11-20T09:14:38.0001\(number % 2)Z"
                    )
                }
                var seen: [String] = []
                var address: String? = "/quarantine"
                while let next = address {
                    let page = try await person.get(next).text
                    seen += page.matches(of: /file-\d+-\.xml/).map { String($0.output) }
                    address = page.firstMatch(of: /class="button" href="([^"]+)">Older/)
                        .map { String($0.output.1) }
                }
                #expect(seen.count == total)
                #expect(Set(seen).count == total)
                #expect(try await person.get("/quarantine?after=1-2").status == .badRequest)
            }
        }
    }

    @Test(arguments: [
        (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 KB"), (6120, "6.1 KB"),
        (999_999, "999.9 KB"), (3_200_000_000, "3.2 GB"),
    ])
    func `sizes are cut, never rounded up`(bytes: Int64, text: String) {
        #expect(SizeText.text(bytes) == text)
    }

    @Test(arguments: [
        DocumentFailure.Code.truncated, .malformed, .unsupported, .tooLarge, .tooDeep,
        .externalEntity, .encoding, .unreadable,
    ])
    func `every failure has a word and a sentence`(code: DocumentFailure.Code) {
        let failure = DocumentFailure(code, "")
        #expect(DocumentText.word(failure) != code.rawValue)
        #expect(DocumentText.sentence(failure).hasSuffix("."))
    }
}
