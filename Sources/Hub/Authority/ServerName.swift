import Glibc
import SwiftASN1
import X509

/// A name or an address that agents may call the Hub by.
package struct ServerName: Hashable, Sendable {
    /// As it is written in an address: `hub.clinic.example`, `192.0.2.7`.
    package let text: String

    /// Takes a host name or an address.
    package init(_ text: String) {
        self.text = text
    }

    var generalName: GeneralName {
        for (family, length) in [(AF_INET, 4), (AF_INET6, 16)] {
            var address = [UInt8](repeating: 0, count: length)
            if inet_pton(family, text, &address) == 1 {
                return .ipAddress(ASN1OctetString(contentBytes: address[...]))
            }
        }
        return .dnsName(text)
    }
}
