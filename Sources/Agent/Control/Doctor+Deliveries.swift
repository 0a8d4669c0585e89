import Shared

extension Doctor {
    /// Whether what the Hub wants devices to have waits for them; `waiting` counts it.
    func deliveryCheck(
        _ waiting: @escaping @Sendable () async throws -> (count: Int, oldest: Instant?)
    ) -> DoctorCheck {
        let now = now
        return DoctorCheck("deliveries") {
            let name = "deliveries"
            guard let (count, oldest) = try? await waiting() else {
                return DoctorFinding(name, .warning, "They cannot be counted.")
            }
            guard count > 0, let oldest else {
                return DoctorFinding(name, .ok, "None waits for its device.")
            }
            let seconds = now().duration(since: oldest).wholeMilliseconds / 1000
            let detail = "\(count) waiting for their devices, the oldest for \(seconds) s."
            guard seconds > 120 else { return DoctorFinding(name, .ok, detail) }
            return DoctorFinding(
                name,
                .warning,
                detail,
                fix:
                    "Check that the folder at source.<name>.sendPath is mounted read-write and that "
                    + "the user clinic-agent may write there; the journal has the code."
            )
        }
    }
}
