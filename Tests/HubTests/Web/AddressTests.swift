import Testing

@testable import Hub

struct AddressTests {
    @Test func `names and values are encoded, nothing is left out but what is nil`() {
        let address = Address("/readings", ["site": "a b&c=é", "kind": nil, "status": "any"])
        #expect(address.text == "/readings?site=a%20b%26c%3D%C3%A9&status=any")
        #expect(Address("/readings", ["site": nil]).text == "/readings")
    }

    @Test(arguments: [
        ("/readings?kind=x", "/readings?kind=x"), ("//evil.example", "/"),
        ("/\\evil.example", "/"), ("https://evil.example", "/"), ("javascript:x", "/"),
        ("/a\r\nSet-Cookie: x", "/"), ("/a\tb", "/"), ("", "/"),
    ])
    func `after signing in nobody is led away from the Hub`(address: String, followed: String) {
        #expect(SignInController.localAddress(address) == followed)
    }

    @Test(arguments: [
        ("../../etc/passwd", "passwd"), ("Zoë\u{202E}gpj.exe", "Zo__gpj.exe"),
        ("a\"b\r\nc;d.xml", "a_b__c_d.xml"), ("...", "document"), ("", "document"),
        (".hidden", "hidden"),
    ])
    func `a file name in a header is harmless`(name: String, safe: String) {
        #expect(SafeFileName.ascii(name) == safe)
    }
}
