package import Shared

/// A request for a new certificate where the last one has expired: a PC that was off for a season.
///
/// It comes without a certificate on the connection, since TLS would refuse that one. What proves
/// whose it is, is the request's own signature under the key that the old certificate names.
package struct LateRenewalRequest: Equatable, Sendable, Codable {
    /// The certificate that has expired, PEM.
    package var certificate: String
    /// A PKCS #10 request under the same key, PEM.
    package var certificateRequest: String

    /// Takes the parts as they are.
    package init(certificate: String, certificateRequest: String) {
        self.certificate = certificate
        self.certificateRequest = certificateRequest
    }

    /// How long after its end a certificate still leads to a new one.
    package static let patience = Duration.seconds(180 * 86400)
}

/// By which way an Agent asks for its next certificate.
package enum RenewalWay: Equatable, Sendable {
    /// Not yet.
    case none
    /// Under the certificate that is in force.
    case ordinary
    /// Without one, by proof of the key.
    case late

    /// Certificates live 90 days; renewal begins with a third of that left.
    package static let renewBefore = Duration.seconds(30 * 86400)

    /// The way at `now` by this PC's clock.
    package init(expiresAt: Instant, now: Instant) {
        self =
            if expiresAt <= now {
                .late
            } else if expiresAt.duration(since: now) < Self.renewBefore {
                .ordinary
            } else {
                .none
            }
    }

    /// The way to try when this one failed; nil where there is none.
    ///
    /// A Hub whose clock is ahead refuses a certificate that is good by this PC's clock: all that is
    /// seen of it is a connection that ends.
    package func next(after error: SyncError) -> RenewalWay? {
        switch (self, error) {
        case (.ordinary, .unreachable), (.ordinary, .certificate): .late
        default: nil
        }
    }
}
