import Mustache

/// Escapes text for HTML byte by byte.
///
/// The library's own escaping goes by Swift characters, where a quotation mark followed by a
/// combining accent is one character, unlike a quotation mark, and passes unescaped. A device's
/// file may hold exactly that.
struct HTMLText: MustacheContentType {
    /// Stands at the head of every template.
    static let pragma = "{{% CONTENT_TYPE: CLINIC_HTML}}"

    static func register() {
        MustacheContentTypes.register(HTMLText(), named: "CLINIC_HTML")
    }

    func escapeText(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): result.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): result.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "&"): result.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "\""): result.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): result.append(contentsOf: "&#39;".utf8)
            case UInt8(ascii: "`"): result.append(contentsOf: "&#96;".utf8)
            // A control character has no business on a page; its place is shown.
            case 0..<9, 11..<32, 127: result.append(contentsOf: "\u{FFFD}".utf8)
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
