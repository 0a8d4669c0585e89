import Testing

@testable import Agent

private let mebibyte: Int64 = 1_048_576

@Suite struct `The plan for a disk that fills` {
    private var plan = DiskPlan(ballast: 32 * mebibyte)

    private func facts(
        _ free: Int64?,
        hasBallast: Bool = true,
        isRefused: Bool = false,
        quota: Int = 10
    ) -> DiskPlan.Facts {
        DiskPlan.Facts(
            free: free.map { $0 * mebibyte },
            hasBallast: hasBallast,
            isRefused: isRefused,
            quotaPercent: quota
        )
    }

    @Test mutating func `warns below 1 GiB, gives up caches below 256 MiB, the ballast below 64`() {
        #expect(plan.note(facts(1024)) == [])
        #expect(plan.level == .ample)
        #expect(plan.note(facts(1023)) == [])
        #expect(plan.level == .scarce)
        #expect(plan.note(facts(256)) == [])
        #expect(plan.note(facts(255)) == [.dropCaches, .dropTelemetry])
        #expect(plan.level == .short && plan.holdsTelemetry)
        #expect(plan.note(facts(64)) == [.dropCaches, .dropTelemetry])
        #expect(
            plan.note(facts(63)) == [
                .releaseBallast, .emptyLog, .dropCaches, .dropTelemetry,
                .purgeSettled(untilFree: 64 * mebibyte),
            ]
        )
        #expect(plan.level == .critical)
    }

    @Test mutating func `is looked at the less often the more room there is`() {
        func pause(_ facts: DiskPlan.Facts) -> Duration {
            _ = plan.note(facts)
            return plan.pause(facts)
        }
        // 1 GiB is the first warning; 1 GB/s is the fastest writer. (13,312 - 1,024) MiB are 12.8 GB.
        #expect(pause(facts(13_312)) == .seconds(10))
        // (6,024 - 1,024) MiB are 5.24 GB.
        #expect(pause(facts(6_024)) == .seconds(5))
        #expect(pause(facts(1_100)) == .seconds(2))
        #expect(pause(facts(1_000)) == .seconds(2))
        #expect(pause(facts(nil)) == .seconds(2))
        #expect(pause(facts(100_000)) == .seconds(10))
        #expect(pause(facts(100_000, quota: 50)) == .seconds(2))
        #expect(pause(facts(100_000, isRefused: true)) == .seconds(2))
        #expect(pause(facts(100_000, hasBallast: false)) == .seconds(2))
    }

    @Test mutating func `what the ballast gave back is no room to build it again`() {
        _ = plan.note(facts(63))
        // 63 + 32 are free now; with the ballast in its place that is still 63.
        let actions = plan.note(facts(95, hasBallast: false))
        #expect(!actions.contains(.buildBallast))
        #expect(plan.level == .critical)
        // 64 + an eighth end the level; the ballast wants 32 more beside its own 32.
        #expect(!plan.note(facts(127, hasBallast: false)).contains(.buildBallast))
        #expect(plan.level == .short)
        #expect(plan.note(facts(128, hasBallast: false)).contains(.buildBallast))
    }

    @Test mutating func `a level ends an eighth above where it began`() {
        _ = plan.note(facts(255))
        _ = plan.note(facts(287))
        #expect(plan.level == .short)
        _ = plan.note(facts(288))
        #expect(plan.level == .scarce)
    }

    @Test mutating func `a quota that is nearly used up gives up what is settled, not the ballast`()
    {
        #expect(plan.note(facts(5000, quota: 94)) == [])
        let full: [DiskPlan.Action] = [
            .dropCaches, .dropTelemetry, .purgeSettled(untilFree: 64 * mebibyte),
        ]
        #expect(plan.note(facts(5000, quota: 95)) == full)
        #expect(plan.note(facts(5000, quota: 85)) == full)
        #expect(plan.note(facts(5000, quota: 84)) == [])
    }

    @Test mutating func `a refusal with room to spare is looked into until it is over`() {
        let actions = plan.note(facts(5000, hasBallast: false, isRefused: true))
        #expect(actions.last == .probe)
        #expect(!actions.contains(.buildBallast))
        #expect(plan.note(facts(5000, hasBallast: false)) == [.buildBallast])
    }

    @Test mutating func `a disk that does not say what is free changes nothing`() {
        _ = plan.note(facts(63))
        _ = plan.note(facts(nil, hasBallast: false))
        #expect(plan.level == .critical)
    }
}
