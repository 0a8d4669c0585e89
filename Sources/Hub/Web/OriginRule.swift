import HTTPTypes
import Hummingbird

/// Whether a state-changing request comes from a page of this Hub.
///
/// Browsers say so themselves: `Sec-Fetch-Site` cannot be set by a page, and `Origin` names the
/// page that sends a form. A request with neither is no browser's, and is refused too.
struct OriginRule: Sendable {
    /// `https://hub.clinic.example` where a proxy stands before the Hub; nil otherwise.
    let configured: String?

    func allows(_ request: Request) -> Bool {
        if let site = request.headers[.secFetchSite] {
            return site == "same-origin"
        }
        guard let origin = request.headers[.origin], let authority = Self.authority(of: origin)
        else { return false }
        if let configured {
            return origin.lowercased() == configured.lowercased()
        }
        return authority.lowercased() == request.head.authority?.lowercased()
    }

    /// `hub:8443` of `https://hub:8443`; nil for `null` and anything that is no origin.
    private static func authority(of origin: String) -> Substring? {
        for scheme in ["https://", "http://"] where origin.hasPrefix(scheme) {
            let rest = origin.dropFirst(scheme.count)
            return rest.isEmpty || rest.contains("/") ? nil : rest
        }
        return nil
    }
}
