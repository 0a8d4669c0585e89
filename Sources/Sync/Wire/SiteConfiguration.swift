/// The row `site` of the class `config`: what every Agent of a site should know of it.
package struct SiteConfiguration: Equatable, Sendable, Codable {
    /// The key on the wire.
    package static let key = "site"

    package var name: String
    /// The site's zone, as the tz database names it.
    package var timeZone: String
    /// The least number of days that an Agent keeps what the Hub has acknowledged.
    package var retentionDays: Int
    /// True where the site asks for the photo of cards; nil, as from a Hub of before, where not.
    package var readsPhoto: Bool?

    /// Takes the parts as they are.
    package init(
        name: String,
        timeZone: String,
        retentionDays: Int,
        readsPhoto: Bool? = nil
    ) {
        self.name = name
        self.timeZone = timeZone
        self.retentionDays = retentionDays
        self.readsPhoto = readsPhoto
    }
}
