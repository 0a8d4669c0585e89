import ClinicRig
import Foundation
import Simulator
import Testing

/// A network that does what networks do, between the real Agent and the real Hub.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FaultyNetworkTests {
    /// A fault, and whether documents arrive while it lasts.
    private struct Case {
        let name: String
        let fault: FaultProxy.Fault
        let passes: Bool
    }

    private static let cases = [
        Case(name: "latency", fault: .latency(.milliseconds(60)), passes: true),
        Case(name: "slices", fault: .slices(37), passes: true),
        Case(name: "bandwidth", fault: .bandwidth(bytesPerSecond: 24_000), passes: true),
        // Long enough for TLS and for the question, too short for an answer.
        Case(name: "reset", fault: .reset(afterBytes: 4000), passes: false),
        Case(name: "refused", fault: .refused, passes: false),
        Case(name: "black hole", fault: .blackHole(isForgotten: false), passes: false),
        Case(name: "dead and nobody told", fault: .blackHole(isForgotten: true), passes: false),
    ]
    private static let documentsOfEach = 5

    /// The two minutes that docs/SYNC.md gives connections that have died without a word.
    private static let recoverySeconds = 120

    @Test func `everything arrives once, whatever the network does`() async throws {
        try await Clinic.run(through: { try FaultProxy(to: $0.agentsPort) }) { clinic in
            let proxy = try #require(clinic.proxy)
            let files = SimulatedDocuments(device: .cv5000, seed: 62)
            var written = 0
            for test in Self.cases {
                proxy.set(test.fault)
                for file in files.dropFirst(written).prefix(Self.documentsOfEach) {
                    try clinic.write(file, into: "cv5000")
                    written += 1
                }
                try await clinic.wait("\(test.name): it strikes") { proxy.strikes > 0 }
                if !test.passes {
                    try await clinic.wait("\(test.name): all are captured") {
                        try clinic.capturedDocuments() == written
                    }
                    proxy.set(.none)
                }
                let began = ContinuousClock.now
                try await clinic.wait("\(test.name): all are here", seconds: Self.recoverySeconds) {
                    await clinic.rig.count("document") == written
                }
                print("network, \(test.name): all are here after \(ContinuousClock.now - began)")
                proxy.set(.none)
            }
            #expect(await clinic.rig.count("operation WHERE kind = 'document'") == written)
            try await StoredOperations(rig: clinic.rig).expectAllOnce(clinic)
        }
    }
}
