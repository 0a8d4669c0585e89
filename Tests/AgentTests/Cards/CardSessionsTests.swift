import BelgianEID
import CardKit
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct CardSessionsTests {
    private let clock = WallClock { Instant(milliseconds: 20_785 * 86_400_000) }
    private let seat = CardSeat(
        reader: "A",
        number: 1,
        insertedAt: Instant(milliseconds: 20_785 * 86_400_000)
    )

    private let applet = AppletVersion(
        answerToReset: TestApplet.Version.applet18.answerToReset
    )

    private func report(
        _ card: TestCard,
        files: [CardFile] = CardFile.allCases
    ) throws -> CardReport {
        CardReport(
            card.contents(files),
            roots: try card.roots,
            today: CalendarDate(daysSince1970: 20_785),
            now: clock.now()
        )
    }

    /// What the Hub hears of a card from its insertion to its removal.
    private func drafts(_ card: TestCard) throws -> [CardSessions.Draft] {
        var sessions = CardSessions(clock: clock)
        let whole = try report(card)
        return try [
            .started(seat),
            .identity(seat, try report(card, files: CardFile.first), applet: applet),
            .ended(seat, whole.outcome, whole, applet: applet), .removed(seat, at: clock.now()),
        ].flatMap { try sessions.take($0) }
    }

    @Test func `a sound card is an identity, an address, a photo and a removal of one session`()
        throws
    {
        let drafts = try drafts(TestCard())
        #expect(drafts.map(\.fact.event) == [.identity, .address, .photo, .removed])
        #expect(Set(drafts.map(\.fact.session)).count == 1)
        #expect(drafts.map(\.fact.outcome) == [.testCard, .testCard, .testCard, nil])
        let identity = try JSON.decode(Sync.CardIdentity.self, from: drafts[0].content ?? [])
        #expect(identity.familyName == "Specimen" && identity.birthDate == "1961-03-17")
        #expect(identity.nationalNumber == TestPerson.dutch.nationalNumber)
        #expect(identity.sex == "m" && identity.documentType == "1")
        let address = try JSON.decode(Sync.CardAddress.self, from: drafts[1].content ?? [])
        #expect(address.municipality == "Testgem" && drafts[3].content == nil)
    }

    @Test func `the Hub hears which applet a card has, also of one that is refused`() throws {
        #expect(try drafts(TestCard()).map(\.fact.applet) == ["1.8", "1.8", "1.8", "1.8"])
        let refused = try drafts(TestCard(faults: [.tlv]))
        #expect(refused.map(\.fact.event) == [.refused, .removed])
        #expect(refused[0].fact.applet == "1.8")
    }

    @Test func `of another kind of card there is no applet to tell`() throws {
        var sessions = CardSessions(clock: clock)
        _ = try sessions.take(.started(seat))
        let drafts = try sessions.take(.ended(seat, .notBelgianEID, nil, applet: nil))
        #expect(drafts.map(\.fact.outcome) == [.notBelgianEID])
        #expect(drafts.map(\.fact.applet) == [nil])
    }

    @Test(arguments: [TestCard.Fault.signature, .identity, .registerForged, .tlv])
    func `of a card that is not proved nobody is told`(fault: TestCard.Fault) throws {
        let drafts = try drafts(TestCard(faults: [fault]))
        #expect(drafts.map(\.fact.event) == [.refused, .removed])
        #expect(drafts.allSatisfy { $0.content == nil })
        #expect(drafts[0].fact.outcome?.isAuthentic == false)
    }

    @Test func `a changed address is named, and the identity stands`() throws {
        let drafts = try drafts(TestCard(faults: [.address]))
        #expect(drafts.map(\.fact.event) == [.identity, .address, .photo, .removed])
        #expect(drafts[0].fact.invalid == [] && drafts[1].fact.invalid == ["address"])
        #expect(drafts[1].fact.outcome == .testCard)
    }

    @Test func `a part of a date stays a part, and a name that is empty stays empty`() throws {
        let drafts = try drafts(TestCard(.ofOneName))
        let identity = try JSON.decode(Sync.CardIdentity.self, from: drafts[0].content ?? [])
        #expect(identity.birthDate == "1990-08" && identity.givenNames == "")
    }

    @Test func `a card that is pulled at once is not worth telling`() throws {
        var sessions = CardSessions(clock: clock)
        #expect(try sessions.take(.started(seat)) == [])
        #expect(try sessions.take(.removed(seat, at: clock.now())) == [])
        #expect(try sessions.take(.ended(seat, .removedWhileReading, nil, applet: nil)) == [])
    }
}
