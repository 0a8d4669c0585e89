extension MailMessage {
    /// The message as it is sent (RFC 5322 and 2045): CR LF at the end of each line, ASCII alone.
    ///
    /// Dots at the beginning of lines are doubled by the transport.
    ///
    /// - Throws: `MessageError`.
    package func written() throws(MessageError) -> [UInt8] {
        guard !body.utf8.contains(0) else { throw .zeroByte }
        guard Self.isName(id) else { throw .name }
        var size = body.utf8.count + subject.utf8.count
        for attachment in attachments { size += attachment.content.count * 4 / 3 }
        guard size <= Self.maximumBytes / 4 else { throw .tooLarge }
        var lines = [
            "Date: \(Self.date(date))",
            try MailHeader.field("From", from),
            try MailHeader.field("To", to),
            "Message-ID: <\(id)@\(from.address.domain)>",
            try MailHeader.field("Subject", subject),
            // Nobody answers a machine, and no machine should (RFC 3834).
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ]
        if attachments.isEmpty {
            lines += textPart
        } else {
            // No line of quoted-printable or base 64 holds "=_".
            let boundary = "=_\(id)"
            lines += ["Content-Type: multipart/mixed; boundary=\"\(boundary)\"", ""]
            lines += ["--\(boundary)"] + textPart
            for attachment in attachments {
                lines += ["--\(boundary)"] + (try Self.part(attachment))
            }
            lines.append("--\(boundary)--")
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    private var textPart: [String] {
        [
            "Content-Type: text/plain; charset=UTF-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            QuotedPrintable.encode(body),
        ]
    }

    private static func part(_ attachment: Attachment) throws(MessageError) -> [String] {
        let parts = attachment.type.split(separator: "/", omittingEmptySubsequences: false)
        guard isName(attachment.name), parts.count == 2,
            parts.allSatisfy({ isName(String($0)) })
        else { throw .name }
        let charset = parts[0] == "text" ? " charset=UTF-8;" : ""
        return [
            "Content-Type: \(attachment.type);\(charset) name=\"\(attachment.name)\"",
            "Content-Disposition: attachment; filename=\"\(attachment.name)\"",
            "Content-Transfer-Encoding: base64",
            "",
            Base64.lines(attachment.content),
        ]
    }

    private static func isName(_ text: String) -> Bool {
        (1...60).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "-._".utf8.contains(byte)
            }
    }

    /// `Fri, 20 Nov 2026 09:14:37 +0000` (RFC 5322, 3.3).
    static func date(_ seconds: Int64) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let day = Int(seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400)
        let second = Int(seconds) - day * 86400
        // Years that begin in March, of which 400 have 146,097 days.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * ofYear + 2) / 153
        let ofMonth = ofYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        let name = months[(month + 2) % 12]
        let weekday = days[((day % 7) + 7) % 7]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        return "\(weekday), \(two(ofMonth)) \(name) \(year) \(clock) +0000"
    }
}
