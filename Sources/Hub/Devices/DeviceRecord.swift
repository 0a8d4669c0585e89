import Postgres
import Shared
import Sync

/// A device as its agent last told of it, with what people decided for it and what it has given.
struct DeviceRecord: Sendable {
    let id: Identifier
    let site: Identifier
    let agent: Identifier
    let key: String
    /// Nil where a newer Agent told it in a way that this Hub does not understand.
    let fact: DeviceFact?
    /// What its documents and readings name as their source.
    let source: String?
    let receivedAt: Instant
    /// The PC that it hangs on.
    let pc: AgentRecord
    let setting: DeviceSetting
    let given: Given
    /// Of a card reader: how many cards were read there.
    let cardsRead: Int
    /// Of a card reader: the last card; nil before the first.
    let lastCard: LastCard?

    /// What is known of a card without its holder.
    struct LastCard: Sendable {
        let at: Instant
        let outcome: CardOutcome
        /// Such as `1.8`; nil where it is no Belgian eID.
        let applet: String?
    }

    /// What the device has given so far.
    struct Given: Sendable {
        /// The Agent's clock when the newest document was taken.
        var lastDocumentAt: Instant?
        /// The decoder of the newest document that one took.
        var format: String?
        var decoderVersion: Int?
        /// Documents that gave no reading and that nobody has decided about.
        var quarantined = 0
        /// Of the newest readings: the device's clock as if in UTC, and the Agent's, in ms.
        var clocks: [(device: Int64, agent: Int64)] = []
    }

    /// The identifier under which the Hub keeps a device: the same for ever.
    static func identifier(agent: Identifier, key: String) -> Identifier {
        Identifier(derivedFrom: [Array("device".utf8), agent.bytes, Array(key.utf8)])
    }

    init(_ row: PostgresRow) throws {
        id = try row.decode("id")
        site = try row.decode("site_id")
        agent = try row.decode("agent_id")
        key = try row.decode("key")
        fact = try? JSON.decode(
            DeviceFact.self,
            from: Array(row.decode("body", as: String.self).utf8)
        )
        source = try row.decode("source")
        receivedAt = try row.decode("received_at")
        pc = try AgentRecord(row)
        setting = try DeviceSetting(row)
        var given = Given()
        given.lastDocumentAt = try row.decode("last_document_at")
        given.format = try row.decode("last_format")
        given.decoderVersion = try row.decode("last_decoder_version")
        given.quarantined = try row.decode("quarantined")
        let device = try row.decode("device_clocks", as: [Int64]?.self) ?? []
        let agent = try row.decode("agent_clocks", as: [Int64]?.self) ?? []
        given.clocks = zip(device, agent).map { ($0, $1) }
        self.given = given
        cardsRead = try row.decode("cards_read", as: Int?.self) ?? 0
        let outcome = try row.decode("card_outcome", as: String?.self)
        lastCard = try outcome.map { outcome in
            LastCard(
                at: try row.decode("card_at"),
                outcome: CardOutcome(rawValue: outcome) ?? .unreadable,
                applet: try row.decode("card_applet")
            )
        }
    }

    /// How far the device's clock is ahead of the Agent's; nil where no reading tells.
    ///
    /// A file comes after its measurement, never before: of the newest readings, the one that came
    /// soonest says the most.
    func clockDrift(_ time: SiteTime) -> Duration? {
        given.clocks.map { clock in
            let local = time.local(Instant(milliseconds: clock.agent)).millisecondsAsUTC
            return Duration.milliseconds(clock.device - local)
        }.max()
    }
}

/// One fact of a device's history.
struct DeviceEvent: Sendable {
    let fact: DeviceFact?
    let receivedAt: Instant

    init(_ row: PostgresRow) throws {
        fact = try? JSON.decode(
            DeviceFact.self,
            from: Array(row.decode("body", as: String.self).utf8)
        )
        receivedAt = try row.decode("received_at")
    }
}
