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

    /// The devices of one visit, in the order in which a patient is led to them.
    init(of visit: SimulatedVisit, devices: Set<SimulatedDevice>, pace: Pace, seed: UInt64) {
        var random = SeededGenerator(seed: seed, path: [5, visit.number])
        let route = Self.route(among: devices, &random)
        var milliseconds = 0
        var writes: [Write] = []
        for device in route {
            // No device writes a result before its own clock says that it was measured.
            let ready = visit.ready(device).millisecondsAsUTC - visit.start.millisecondsAsUTC
            milliseconds = max(milliseconds, Int(ready))
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

    /// Spectacles, refraction (seldom on two devices), pressure, phoropter, and the record of it
    /// all; a device that alone is there is always used.
    private static func route(
        among devices: Set<SimulatedDevice>,
        _ random: inout SeededGenerator
    ) -> [SimulatedDevice] {
        func some(
            of station: [SimulatedDevice],
            percent: Int,
            _ random: inout SeededGenerator
        ) -> [SimulatedDevice] {
            let present = station.filter(devices.contains)
            guard let device = present.randomElement(using: &random) else { return [] }
            return present.count == devices.count || random.chance(percent) ? [device] : []
        }
        let spectacles = some(of: [.cl300, .vx40], percent: 60, &random)
        let refractometers: [SimulatedDevice] = [.l80, .vx100, .vx120, .vx120Export, .kr800s]
        var refraction = refractometers.filter(devices.contains).shuffled(using: &random)
        let isRepeated = random.chance(10)
        refraction.removeLast(max(0, refraction.count - (isRepeated ? 2 : 1)))
        let pressure = some(of: [.trk2p, .ct1p], percent: 50, &random)
        let phoropter = some(of: [.cv5000], percent: 90, &random)
        let route = spectacles + refraction + pressure + phoropter
        return route + some(of: [.gdt], percent: route.isEmpty ? 100 : 40, &random)
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
