import Shared

/// What the devices write in one visit, when, and how: a pure function of the visit.
struct VisitPlan: Sendable {
    /// In order of time.
    let writes: [Write]

    /// A file, and how long after the visit's start it appears.
    struct Write: Sendable {
        let after: Duration
        let device: SimulatedDevice
        let file: SimulatedFile
        let manner: WritingManner
    }

    /// One Visionix device of those that there are, seldom two, and then the CV-5000.
    init(of visit: SimulatedVisit, devices: Set<SimulatedDevice>, pace: Pace, seed: UInt64) {
        var random = SeededGenerator(seed: seed, path: [5, visit.number])
        var route = [SimulatedDevice.l80, .vx100].filter(devices.contains).shuffled(using: &random)
        if route.count == 2, !random.chance(10) { route.removeLast() }
        if devices.contains(.cv5000), route.isEmpty || random.chance(90) { route.append(.cv5000) }
        var milliseconds = 0
        var writes: [Write] = []
        for device in route {
            if device == .cv5000 {
                let exam = visit.phoropterExam.time.millisecondsAsUTC
                milliseconds = max(milliseconds, Int(exam - visit.start.millisecondsAsUTC))
            }
            for file in visit.files(from: device) {
                milliseconds += Int.random(in: 500...5000, using: &random)
                let isBroken = random.chance(pace.brokenPercent)
                writes.append(
                    Write(
                        after: .milliseconds(milliseconds) / pace.speed,
                        device: device,
                        file: file,
                        manner: isBroken
                            ? .troublesome(speed: pace.speed, &random) : .whole
                    )
                )
            }
        }
        self.writes = writes
    }
}

/// How fast the clinic works, and how badly its devices write.
package struct Pace: Sendable {
    /// From the start of one visit to the start of the next.
    package var every: Duration
    /// Divides every pause within a visit; the devices' clocks do not run faster for it.
    package var speed: Double
    /// Of 100 files, how many come in pieces, cut, or under a temporary name; each is whole in the
    /// end.
    package var brokenPercent: Int

    /// A speed above 0, and 0 to 100 per cent.
    package init(every: Duration, speed: Double = 1, brokenPercent: Int = 0) {
        precondition(speed > 0, "speed is above 0")
        precondition((0...100).contains(brokenPercent), "brokenPercent is a percentage")
        self.every = every
        self.speed = speed
        self.brokenPercent = brokenPercent
    }
}
