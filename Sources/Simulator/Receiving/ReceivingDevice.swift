package import Shared

/// A device that is told who comes next, and then measures that patient.
package struct ReceivingDevice: Sendable {
    private let device: SimulatedDevice
    private let inbox: ShareWriter
    private let share: ShareWriter
    private let seed: UInt64
    private var seen: Set<Digest256> = []
    private var measured: Set<String> = []

    /// Something that a person or a test wants to know.
    package enum Event: Sendable {
        /// The patient was taken from `name` and measured; these files are on the share.
        case measured(SimulatedPatient, from: String, files: [SimulatedFile])
        case refused(name: String, Refusal)
    }

    /// `inbox` is where the device is told: the waiting list, the import folder, or for an L80
    /// the `ClientDB`, which then is `share` as well.
    package init(device: SimulatedDevice, inbox: String, share: String, seed: UInt64 = 1) {
        precondition(Self.devices.contains(device), "a device that can be told")
        self.device = device
        self.inbox = ShareWriter(root: inbox)
        self.share = ShareWriter(root: share)
        self.seed = seed
    }

    /// The devices that can be told.
    package static let devices: [SimulatedDevice] = [.l80, .vx100, .vx120, .vx120Export, .cv5000]

    /// Looks once for what is new; `now` is the time of the device's clock.
    package mutating func look(at now: LocalTime) throws(SimulatorFailure) -> [Event] {
        switch device {
        case .l80: try lookAtIndex(now)
        case .cv5000: try lookAtImport(now)
        default: try lookAtWaitingList(now)
        }
    }

    /// Lets an L80 write a patient of its own into its index, as it does at any time: in place, and
    /// not as a whole.
    package func register(
        _ patient: SimulatedPatient,
        between: () -> Void = {}
    ) throws(SimulatorFailure) {
        var index = ClientIndex(bytes: try share.read("Index.txt"))
        index.insert(patient)
        let file = SimulatedFile(path: ["Index.txt"], bytes: index.bytes)
        for step in WritingManner.pieces(2, pause: .zero).steps(for: index.bytes) {
            if case .pause = step { between() } else { try share.perform(step, on: file) }
        }
    }

    private mutating func lookAtWaitingList(
        _ now: LocalTime
    ) throws(SimulatorFailure) -> [Event] {
        var events: [Event] = []
        for name in try inbox.names() where name.hasSuffix(".xml") {
            let bytes = try inbox.read(name)
            guard seen.insert(Digest256(of: bytes + name.utf8)).inserted else { continue }
            do throws(Refusal) {
                let patient = try WaitingListFile.patient(name: name, bytes: bytes)
                let files = visit(of: patient, now).files(from: device)
                events.append(.measured(patient, from: name, files: files))
            } catch {
                events.append(.refused(name: name, error))
                continue
            }
            try inbox.remove(name)
        }
        try write(events)
        return events
    }

    private mutating func lookAtImport(_ now: LocalTime) throws(SimulatorFailure) -> [Event] {
        var events: [Event] = []
        for name in try inbox.names() where name.hasSuffix(".xml") {
            let bytes = try inbox.read(name)
            guard seen.insert(Digest256(of: bytes)).inserted else { continue }
            do throws(Refusal) {
                let loaded = try PhoropterImportFile(bytes: bytes)
                let exam = visit(of: loaded.patient, now).phoropterExam.after(loading: loaded)
                let file = PhoropterFile(patient: loaded.patient, exam: exam).file()
                events.append(.measured(loaded.patient, from: name, files: [file]))
            } catch {
                events.append(.refused(name: name, error))
            }
        }
        try write(events)
        return events
    }

    /// Measures whoever is listed, has a folder, and has not been here.
    private mutating func lookAtIndex(_ now: LocalTime) throws(SimulatorFailure) -> [Event] {
        let bytes = try share.read("Index.txt")
        guard !bytes.isEmpty, seen.insert(Digest256(of: bytes)).inserted else { return [] }
        var events: [Event] = []
        do throws(Refusal) {
            let folders = Set(try names())
            for (folder, patient) in try ClientIndex.patients(in: bytes) {
                guard folders.contains(folder) else {
                    throw Refusal("a patient of the index has no folder")
                }
                guard measured.insert(folder).inserted, try isEmpty(folder) else { continue }
                let files = VisionixFiles(
                    patient: patient,
                    exam: visit(of: patient, now).visionixExam(on: .l80),
                    style: .listed
                ).files()
                events.append(.measured(patient, from: "Index.txt", files: files))
            }
        } catch {
            return [.refused(name: "Index.txt", error)]
        }
        try write(events)
        return events
    }

    private func names() throws(Refusal) -> [String] {
        do { return try share.names() } catch { throw Refusal("\(error)") }
    }

    private func isEmpty(_ folder: String) throws(Refusal) -> Bool {
        do { return try share.names(in: folder).isEmpty } catch { throw Refusal("\(error)") }
    }

    private func write(_ events: [Event]) throws(SimulatorFailure) {
        for case .measured(_, _, let files) in events {
            for file in files { try share.write(file) }
        }
    }

    private func visit(of patient: SimulatedPatient, _ now: LocalTime) -> SimulatedVisit {
        SimulatedVisit(number: 0, patient: patient, start: now, seed: seed)
    }
}

extension PhoropterExam {
    /// The same examination after data were loaded: they are echoed, and the number and the name
    /// that came with them stand in the file.
    fileprivate func after(loading file: PhoropterImportFile) -> PhoropterExam {
        let own = sets.filter {
            !["Objective Data", "Current Spectacles", "Last Prescription"].contains($0.typeName)
        }
        return PhoropterExam(
            time: time,
            identity: .patient(number: file.patient.number, named: true),
            commaLocale: commaLocale,
            sets: own + file.sets
        )
    }
}
