package import Shared

/// What is said to a card to read its files: answers in, commands out.
///
/// It knows no reader. Whoever drives it carries out each step and comes back with `receive`, with
/// `next` after a file, or with `cardWasReset` after a reset of its own or of another program's.
/// Every end of file that cards and readers show is taken as one: `6Cxx`, a short answer, `6282`,
/// and `6B00` behind a whole number of chunks.
///
/// Limits: `maximumCommands` in all, 32 KiB for each file, `maximumRestarts`.
package struct CardConversation: Sendable {
    /// What the driver does next.
    package enum Step: Equatable, Sendable {
        /// Send the command, after a pause of so many milliseconds, and `receive` the answer.
        case transmit([UInt8], afterMilliseconds: Int)
        /// Reset the card, then call `cardWasReset`: the last resort, it ends others' sessions.
        case reset
        /// A file is read; then call `next`.
        case read(CardFile, SecretBytes)
        /// The card has no such file, and need not; then call `next`.
        case absent(CardFile)
        case finished
        case failed(CardReadFailure)
    }

    /// The applet's version as the card says it, else as its answer to reset suggests.
    package private(set) var version: AppletVersion?
    /// How many commands were sent.
    package private(set) var commands = 0

    private var files: ArraySlice<CardFile>
    private var isKnownKind: Bool
    private var state = State.new
    private var reading = FileReading()
    /// True once the card has refused a whole path and taken it step by step.
    private var walksPaths = false
    private var isSelected = false
    private var restarts = 0

    package static let maximumCommands = 1024
    package static let maximumRestarts = 4

    private enum State: Equatable, Sendable {
        case new, selectingApplet, askingVersion, between
        /// The whole path at once.
        case selectingPath
        /// The applet again, because of what went wrong with a file.
        case selectingAppletAgain
        /// The path from this step on.
        case walking(Int)
        case reading
        case over
    }

    /// Reads `files` in their order; `answerToReset` helps to guess what the card does not say.
    package init(files: [CardFile], answerToReset: some Sequence<UInt8>) {
        self.files = files[...]
        version = AppletVersion(answerToReset: answerToReset)
        isKnownKind = version != nil
    }

    /// The first step, and the one after each file.
    package mutating func next() -> Step {
        switch state {
        case .new:
            state = .selectingApplet
            return send(CardCommand.selectApplet)
        case .between:
            reading = FileReading()
            return selectFile()
        case .over: return .finished
        default: return fail(.noAnswer)
        }
    }

    /// Takes the card's answer to the last command.
    package mutating func receive(_ bytes: some RandomAccessCollection<UInt8>) -> Step {
        guard let answer = CardAnswer(bytes) else { return fail(.noAnswer) }
        switch state {
        case .selectingApplet: return appletSelected(answer.status)
        case .askingVersion: return versionAnswered(answer.data, answer.status)
        case .selectingPath: return pathSelected(answer.status)
        case .selectingAppletAgain: return appletSelectedAgain(answer.status)
        case .walking(let step): return stepSelected(step, answer.status)
        case .reading: return read(answer.data, answer.status)
        case .new, .between, .over: return fail(.noAnswer)
        }
    }

    /// Begins the present file anew on a card that has forgotten what was selected.
    package mutating func cardWasReset() -> Step {
        guard state != .over else { return .finished }
        restarts += 1
        guard restarts <= Self.maximumRestarts else { return fail(.unsteady) }
        reading = FileReading()
        guard isSelected else {
            state = .selectingApplet
            return send(CardCommand.selectApplet)
        }
        return selectAppletAgain()
    }
}

// MARK: - Selecting

extension CardConversation {
    private mutating func appletSelected(_ status: StatusWord) -> Step {
        if status == .success || status.waiting != nil {
            isSelected = true
            state = .askingVersion
            return send(CardCommand.cardData)
        }
        // The oldest applets are selected by default and may not know their name.
        guard isKnownKind else { return fail(.notBelgianEID) }
        state = .between
        return next()
    }

    private mutating func versionAnswered(
        _ data: some RandomAccessCollection<UInt8>,
        _ status: StatusWord
    ) -> Step {
        if status == .success, let version = AppletVersion(cardData: data) {
            self.version = version
        } else if let length = status.rightLength, reading.maySayLength {
            reading.maySayLength = false
            return send(CardCommand.cardData.dropLast() + [length], after: pause)
        }
        state = .between
        return next()
    }

    /// Selects the first of `files`.
    private mutating func selectFile() -> Step {
        guard let file = files.first else {
            state = .over
            return .finished
        }
        if walksPaths { return walk(0) }
        state = .selectingPath
        return send(CardCommand.select(path: file.path))
    }

    private mutating func pathSelected(_ status: StatusWord) -> Step {
        if status == .success || status.waiting != nil { return startReading() }
        if status == .unknownInstruction || status.refusesPath {
            // Either another applet is selected, or this one knows no paths: first the applet,
            // then the path step by step.
            reading.pathStatus = status
            return reading.hasSelectedAgain ? walk(0) : selectAppletAgain()
        }
        return mend(status)
    }

    private mutating func selectAppletAgain() -> Step {
        reading.hasSelectedAgain = true
        state = .selectingAppletAgain
        return send(CardCommand.selectApplet)
    }

    private mutating func appletSelectedAgain(_ status: StatusWord) -> Step {
        guard status == .success || status.waiting != nil || isKnownKind else {
            return fail(.notBelgianEID)
        }
        return selectFile()
    }

    private mutating func walk(_ step: Int) -> Step {
        guard let path = files.first?.path, step < path.count else { return startReading() }
        state = .walking(step)
        return send(CardCommand.select(path[step]))
    }

    private mutating func stepSelected(_ step: Int, _ status: StatusWord) -> Step {
        if status == .success || status.waiting != nil { return walk(step + 1) }
        guard let file = files.first else { return fail(.noAnswer) }
        // A card whose answer to reset only looked like one.
        guard isSelected else { return fail(.notBelgianEID) }
        guard status == .notFound || reading.pathStatus == .notFound else { return mend(status) }
        guard file.mayBeMissing else { return fail(.missing(file)) }
        files.removeFirst()
        state = .between
        return .absent(file)
    }
}

// MARK: - Reading

extension CardConversation {
    private mutating func startReading() -> Step {
        if case .walking = state { walksPaths = true }
        isSelected = true
        state = .reading
        return readOn()
    }

    private mutating func readOn() -> Step {
        guard let command = reading.command else {
            return files.first.map { fail(.tooLong($0)) } ?? fail(.noAnswer)
        }
        return send(command)
    }

    private mutating func read(
        _ data: some RandomAccessCollection<UInt8>,
        _ status: StatusWord
    ) -> Step {
        guard let file = files.first else { return fail(.noAnswer) }
        switch reading.take(data, status, saysItsLength: file.saysItsLength) {
        case .more: return readOn()
        case .again(let length):
            return send(CardCommand.read(offset: reading.bytes.count, length: length), after: pause)
        case .fetch(let length): return send(CardCommand.response(length: length))
        case .whole(let bytes):
            files.removeFirst()
            state = .between
            return .read(file, bytes)
        case .refused(let status): return mend(status)
        }
    }

    /// What may help against `status`: the applet again, then a reset, then nothing.
    private mutating func mend(_ status: StatusWord) -> Step {
        guard let file = files.first else { return fail(.noAnswer) }
        // A card whose answer to reset only looked like one.
        guard isSelected || status.isFailing else { return fail(.notBelgianEID) }
        let isPassing = status == .unknownInstruction || status == .noFileSelected
        if isPassing, !reading.hasSelectedAgain {
            reading = FileReading()
            return selectAppletAgain()
        }
        guard isPassing || status.isFailing, restarts < Self.maximumResets else {
            return fail(.refused(file, status))
        }
        return .reset
    }

    private static let maximumResets = 2

    private var pause: Int { version?.pauseMilliseconds ?? 10 }

    private mutating func send(_ command: [UInt8], after pause: Int = 0) -> Step {
        commands += 1
        guard commands <= Self.maximumCommands else { return fail(.unsteady) }
        return .transmit(command, afterMilliseconds: pause)
    }

    private mutating func fail(_ failure: CardReadFailure) -> Step {
        state = .over
        return .failed(failure)
    }
}
