import ClinicRig
import Foundation
import GRDB
import Simulator
import Testing

/// A disk that has changed bytes of one operation that waits, beneath the real Agent.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DamagedRowTests {
    @Test func `a damaged operation holds up sending, and never capture`() async throws {
        try await Clinic.run { clinic in
            let rig = clinic.rig
            let files = Array(SimulatedDocuments(device: .cv5000, seed: 81).prefix(2))
            await clinic.stopHub()
            try clinic.write(files[0], into: "cv5000")
            try await clinic.wait("one waits") { try clinic.pendingDocuments() == 1 }
            await clinic.stopAgent()
            let store = try DatabaseQueue(path: rig.agentState + "/agent.db")
            try await store.write { database in
                try database.execute(
                    sql: """
                        UPDATE payload SET sealed = zeroblob(length(sealed)) WHERE operation IN
                            (SELECT number FROM operation
                             WHERE kind = 'document' AND state = 'pending')
                        """
                )
            }
            try store.close()

            try await clinic.startHub()
            try await clinic.startAgent()
            try await clinic.wait("status says so") {
                let sync = try rig.agentStatus()["sync"] as? [String: Any]
                return sync?["failure"] as? String == "payloadDamaged"
            }
            try clinic.write(files[1], into: "cv5000")
            try await clinic.wait("capture goes on") { try clinic.pendingDocuments() == 2 }
            let doctor = try RunningProcess.run(
                "clinic-agent",
                ["doctor", "--config", rig.configurationPath]
            )
            #expect(doctor.status == 2)
            #expect(doctor.output.contains("First: outbox: "))
        }
    }
}
