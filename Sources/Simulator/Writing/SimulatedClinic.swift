package import Shared

/// Plays visits into the devices' shares as time passes.
package struct SimulatedClinic: Sendable {
    private let shares: [SimulatedDevice: ShareWriter]
    private let seed: UInt64
    private let pace: Pace
    private let clock: any Clock<Duration>
    private let deviceTime: @Sendable () -> LocalTime
    private let report: @Sendable (Event) -> Void

    /// Something that a person may want to see.
    package enum Event: Sendable {
        case wrote(SimulatedFile, by: SimulatedDevice, manner: WritingManner)
        /// The device tries the next file as if nothing had been.
        case failed(SimulatorFailure, device: SimulatedDevice)
    }

    /// How many patients are in the house at once; the next one waits outside.
    package static let visitsAtOnce = 64

    /// `folders` holds each device's share; a device without one is not played.
    package init(
        folders: [SimulatedDevice: String],
        seed: UInt64,
        pace: Pace,
        clock: any Clock<Duration> = ContinuousClock(),
        deviceTime: @escaping @Sendable () -> LocalTime,
        report: @escaping @Sendable (Event) -> Void
    ) {
        shares = folders.mapValues(ShareWriter.init(root:))
        self.seed = seed
        self.pace = pace
        self.clock = clock
        self.deviceTime = deviceTime
        self.report = report
    }

    /// Plays `visits` visits, or for ever; ends early only where the task is cancelled.
    package func run(visits: Int? = nil) async throws(CancellationError) {
        await withTaskGroup(of: Void.self) { group in
            var number = 0
            while number < visits ?? .max, !Task.isCancelled {
                if number >= Self.visitsAtOnce { await group.next() }
                let visit = SimulatedVisit(number: number, start: deviceTime(), seed: seed)
                let devices = Set(shares.keys)
                let plan = VisitPlan(of: visit, devices: devices, pace: pace, seed: seed)
                if let first = plan.writes.first(where: { $0.device == .l80 }) {
                    register(visit.patient, folder: first.file.path.dropLast())
                }
                group.addTask { await play(plan) }
                number += 1
                if number < visits ?? .max { try? await clock.sleep(for: pace.every) }
            }
        }
        if Task.isCancelled { throw CancellationError() }
    }

    private func play(_ plan: VisitPlan) async {
        var elapsed = Duration.zero
        for write in plan.writes {
            guard let share = shares[write.device] else { continue }
            do {
                try await clock.sleep(for: write.after - elapsed)
                elapsed = write.after
                for step in write.manner.steps(for: write.file.bytes) {
                    // A file that has been begun is finished, also where the task is cancelled.
                    if case .pause(let pause) = step { try? await clock.sleep(for: pause) }
                    try share.perform(step, on: write.file)
                }
                report(.wrote(write.file, by: write.device, manner: write.manner))
            } catch let failure as SimulatorFailure {
                report(.failed(failure, device: write.device))
            } catch {
                // Only sleeping throws anything else: the task was cancelled.
                return
            }
        }
    }

    /// The L80 makes the visit's folder, and rewrites its index when a patient is new.
    private func register(_ patient: SimulatedPatient, folder: ArraySlice<String>) {
        guard let share = shares[.l80] else { return }
        do {
            try share.makeFolder(Array(folder))
            var index = ClientIndex(bytes: try share.read("Index.txt"))
            index.insert(patient)
            try share.write(SimulatedFile(path: ["Index.txt"], bytes: index.bytes))
        } catch {
            report(.failed(error, device: .l80))
        }
    }
}
