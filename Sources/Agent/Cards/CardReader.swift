package import BelgianEID
import Foundation
import Shared
import SmartCard

/// Reads one card: carries the conversation's commands to the card and its answers back.
struct CardReader: Sendable {
    let roots: TrustedRoots
    let clock: WallClock

    /// Reads `files` on the calling thread; `onIdentity` hears who it is before the rest is read.
    ///
    /// Between two files other programs get their turn. `answerToReset` is the card's.
    func read<Transport: CardTransport & ~Copyable>(
        _ connection: inout Transport,
        answerToReset: [UInt8],
        _ files: [CardFile],
        onIdentity: (CardReport, AppletVersion?) -> Void
    ) -> CardResult {
        let start = ContinuousClock.now
        var reading = Reading(files, answerToReset)
        let outcome = reading.run(&connection) { contents, version in
            if contents.holdsIdentity { onIdentity(judge(contents), version) }
        }
        var result = CardResult(
            outcome: outcome ?? .genuine,
            version: reading.conversation.version,
            commands: reading.conversation.commands,
            milliseconds: Int(start.duration(to: .now).wholeMilliseconds)
        )
        guard outcome == nil else { return result }
        let report = judge(reading.contents)
        result.outcome = report.outcome
        result.warnings = report.warnings
        result.report = report
        return result
    }

    private func judge(_ contents: CardContents) -> CardReport {
        let now = clock.now()
        return CardReport(contents, roots: roots, today: Self.day(now), now: now)
    }

    /// A card is valid by the days of the country that issued it.
    static func day(_ now: Instant) -> CalendarDate {
        let zone = TimeZone(identifier: "Europe/Brussels")
        let date = Date(timeIntervalSince1970: Double(now.milliseconds / 1000))
        let offset = Int64(zone?.secondsFromGMT(for: date) ?? 0) * 1000
        let (days, _) = (now.milliseconds + offset).flooredDivision(by: 86_400_000)
        return CalendarDate(daysSince1970: Int(days))
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// What reading one card gave.
package struct CardResult: Sendable {
    package var outcome: CardOutcome
    /// Nil where the card is none of ours.
    package var version: AppletVersion?
    package var commands: Int
    package var milliseconds: Int
    package var warnings: [CardWarning] = []
    /// Nil where the card was not read to its end.
    package var report: CardReport?
}

/// The state of one reading, on the thread of its reader.
private struct Reading {
    var conversation: CardConversation
    var contents = CardContents()
    private var garbles = 0
    private var hasToldIdentity = false

    /// A card that was garbled so often is taken out and put in again by a person.
    static let maximumGarbles = 2

    init(_ files: [CardFile], _ answerToReset: [UInt8]) {
        conversation = CardConversation(files: files, answerToReset: answerToReset)
    }

    /// Answers nil when all is read, else why not.
    mutating func run<Transport: CardTransport & ~Copyable>(
        _ connection: inout Transport,
        onIdentity: (CardContents, AppletVersion?) -> Void
    ) -> CardOutcome? {
        var step = conversation.next()
        while true {
            do throws(CardFailure) {
                switch step {
                case .transmit(let command, let pause):
                    if pause > 0 { usleep(UInt32(pause) * 1000) }
                    step = try connection.transmit(command) { conversation.receive($0) }
                case .reset:
                    try connection.recover(reset: true)
                    step = conversation.cardWasReset()
                case .read(let file, let bytes):
                    contents[file] = bytes
                    if contents.holdsIdentity, !hasToldIdentity {
                        hasToldIdentity = true
                        onIdentity(contents, conversation.version)
                    }
                    try connection.letOthers()
                    step = conversation.next()
                case .absent(let file):
                    contents.noteAbsence(of: file)
                    step = conversation.next()
                case .finished: return nil
                case .failed(.notBelgianEID): return .notBelgianEID
                case .failed(let failure): return .unreadable(.card(failure))
                }
            } catch {
                guard let mended = mend(&connection, error) else { return outcome(of: error) }
                step = mended
            }
        }
    }

    /// Takes the card up again where that is possible.
    private mutating func mend<Transport: CardTransport & ~Copyable>(
        _ connection: inout Transport,
        _ failure: CardFailure
    ) -> CardConversation.Step? {
        switch failure {
        case .wasReset:
            guard (try? connection.recover(reset: false)) != nil else { return nil }
        case .garbled:
            garbles += 1
            guard garbles <= Self.maximumGarbles,
                (try? connection.recover(reset: true)) != nil
            else { return nil }
        case .removed, .serviceLost, .failed: return nil
        }
        return conversation.cardWasReset()
    }

    private func outcome(of failure: CardFailure) -> CardOutcome { CardOutcome(failure) }
}

extension CardOutcome {
    /// What a failure at the reader makes of a card.
    init(_ failure: CardFailure) {
        self =
            switch failure {
            case .removed, .garbled: .removedWhileReading
            case .wasReset: .unreadable(.card(.unsteady))
            case .serviceLost: .unreadable(.reader(code: PCSCCode.noService.value))
            case .failed(let code): .unreadable(.reader(code: code.value))
            }
    }
}
