import ClinicRig
import Foundation
import Simulator
import Testing

/// `clinic-agent doctor` as IT runs it, on PCs with one fault each: it has to name that one.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DoctorFaultTests {
    /// How often it was right, and what it said where it was not.
    private struct Tally {
        var faults = 0
        var wrong: [String] = []

        mutating func note(_ fault: DoctorFault, _ report: (status: Int32, output: String)) {
            faults += 1
            let first = report.output.split(separator: "\n").last { $0.hasPrefix("First: ") } ?? ""
            guard first.hasPrefix("First: \(fault.cause): "), report.status == fault.status,
                fault.words.isEmpty || report.output.contains(fault.words)
            else {
                wrong.append("\(fault.name): ends with \(report.status)\n\(report.output)")
                return
            }
        }
    }

    @Test func `it names the right cause for every fault`() async throws {
        try await Clinic.run(prepare: { try Self.keepLittleRoom($0) }) { clinic in
            let rig = clinic.rig
            let file = try #require(
                SimulatedDocuments(device: .cv5000, seed: 71).first { _ in true }
            )
            try clinic.write(file, into: "cv5000")
            try await clinic.wait("the document is on the Hub") { await rig.count("document") == 1 }
            let well = try RunningProcess.run(
                "clinic-agent",
                ["doctor", "--config", rig.configurationPath]
            )
            #expect(well.status == 0, "\(well.output)")
            await clinic.stopAgent()

            var tally = Tally()
            for fault in DoctorFault.withService {
                let pc = try SickPC(rig)
                try fault.inject(pc)
                tally.note(fault, try await pc.doctorOfService(clinic))
            }
            for fault in DoctorFault.withoutService + DoctorFault.towardsTheHub {
                let pc = try SickPC(rig)
                try fault.inject(pc)
                tally.note(fault, try pc.doctor())
            }
            if SmallDisk.isPossible {
                let pc = try SickPC(rig)
                let disk = try SmallDisk(beneath: pc.state, megabytes: 8)
                defer { disk.unmount() }
                try disk.fill()
                tally.note(
                    DoctorFault(name: "a full disk", cause: "free space") { _ in },
                    try pc.doctor()
                )
            }
            try rig.revokeAgents()
            tally.note(
                DoctorFault(name: "a PC that is revoked", cause: "hub", words: "revoked") { _ in },
                try SickPC(rig).doctor()
            )

            let right = tally.faults - tally.wrong.count
            print("doctor: \(right) of \(tally.faults) faults are named")
            for report in tally.wrong { print("doctor was wrong: \(report)") }
            #expect(tally.faults >= 20)
            #expect(right * 20 >= tally.faults * 19)
        }
    }

    private static func keepLittleRoom(_ rig: ClinicRig) throws {
        let text = try String(contentsOfFile: rig.configurationPath, encoding: .utf8)
        try (text + "store:\n  ballastMegabytes: 1\ncard:\n  enabled: false\n")
            .write(toFile: rig.configurationPath, atomically: true, encoding: .utf8)
    }
}
