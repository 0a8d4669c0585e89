import Shared
import Sync
import Testing

@Suite struct HubSessionTests {
    private let log = SampleLog(count: 10)
    private let start = Sample.time

    private func installation(machine: Int = 1, run: Int) -> Installation {
        Installation(
            id: Sample.identifier(500),
            machine: Digest256(of: [UInt8(machine)]),
            store: Sample.identifier(501),
            run: Sample.identifier(600 + run)
        )
    }

    private func ledger(applied: Int, run: Int? = nil, former: [Int] = []) -> HubLedger {
        HubLedger(
            applied: Int64(applied),
            chain: log.chain(applied),
            nonce: "now",
            previousNonce: "old",
            speaker: run.map {
                Speaker(
                    installation: installation(run: $0),
                    formerRuns: former.map { Sample.identifier(600 + $0) },
                    heardAt: start
                )
            }
        )
    }

    private func open(
        _ request: SessionRequest,
        _ ledger: HubLedger,
        after seconds: Int = 10
    ) throws -> (standing: HubIntake.Standing, ledger: HubLedger) {
        var ledger = ledger
        let standing = try HubIntake.open(
            request,
            &ledger,
            nonce: "fresh",
            now: start.advanced(by: .seconds(seconds))
        )
        return (standing, ledger)
    }

    private func request(
        nonce: String? = "now",
        acknowledged: Int = 0,
        epoch: Int = 1,
        _ installation: Installation? = nil
    ) -> SessionRequest {
        var request = log.session(nonce: nonce, acknowledged: acknowledged)
        request.epoch = epoch
        request.installation = installation
        return request
    }

    @Test func `without epochs the newest nonce opens a session, or the one before`() throws {
        for nonce in ["now", "old"] {
            #expect(try open(request(nonce: nonce), ledger(applied: 3)).standing == .inStep)
        }
        for nonce in ["older", nil] {
            #expect(throws: SyncError.cloneSuspect) {
                try open(request(nonce: nonce), ledger(applied: 3))
            }
        }
    }

    @Test func `the first session needs no nonce, also when its reply was lost`() throws {
        #expect(try open(request(nonce: nil), HubLedger()).ledger.nonce == "fresh")
        let again = HubLedger(nonce: "first")
        #expect(try open(request(nonce: nil), again).ledger.nonce == "first")
    }

    @Test func `without epochs another epoch is closed`() {
        #expect(throws: SyncError.epochClosed(current: 1)) {
            try open(request(epoch: 2), ledger(applied: 3))
        }
    }

    @Test func `a nonce that the Hub has forgotten is no copy's where the Agent proves it`() throws
    {
        let request = request(nonce: "later", acknowledged: 5)
        #expect(try open(request, ledger(applied: 3)).standing == .hubBehind)
    }

    @Test func `an epoch that the Hub has forgotten proves it too`() throws {
        let request = request(nonce: "later", epoch: 2, installation(run: 1))
        #expect(try open(request, ledger(applied: 3, run: 1)).standing == .hubBehind)
    }

    @Test func `an older epoch is told the one that is open`() throws {
        var ledger = ledger(applied: 3, run: 1)
        ledger.epoch = 4
        let opened = try open(request(epoch: 3, installation(run: 1)), ledger)
        #expect(opened.standing == .inStep)
        #expect(opened.ledger.epoch == 4)
    }

    @Test func `the first who says who it is speaks from then on`() throws {
        let opened = try open(request(installation(run: 1)), ledger(applied: 3))
        #expect(opened.ledger.speaker?.installation == installation(run: 1))
    }

    @Test func `a process that starts again takes over at once`() throws {
        let opened = try open(request(installation(run: 2)), ledger(applied: 3, run: 1))
        #expect(opened.ledger.speaker?.installation.run == Sample.identifier(602))
        #expect(opened.ledger.speaker?.formerRuns == [Sample.identifier(601)])
        #expect(opened.ledger.speaker?.heardAt == start.advanced(by: .seconds(10)))
    }

    @Test func `a process that comes back while another speaks is a copy`() {
        #expect(throws: SyncError.cloneSuspect) {
            try open(request(installation(run: 1)), ledger(applied: 3, run: 2, former: [1]))
        }
    }

    @Test func `it comes back where the other has ended`() throws {
        let opened = try open(
            request(installation(run: 1)),
            ledger(applied: 3, run: 2, former: [1]),
            after: 75
        )
        #expect(opened.ledger.speaker?.formerRuns == [Sample.identifier(602)])
    }

    @Test func `a stale nonce is a copy's while the other speaks`() throws {
        let stale = request(nonce: "older", installation(run: 2))
        #expect(throws: SyncError.cloneSuspect) { try open(stale, ledger(applied: 3, run: 1)) }
        // Afterwards it is an Agent whose disk was restored.
        #expect(try open(stale, ledger(applied: 3, run: 1), after: 75).standing == .inStep)
    }

    @Test func `a stale nonce of the process that speaks is no copy's`() throws {
        let stale = request(nonce: "older", installation(run: 1))
        #expect(try open(stale, ledger(applied: 3, run: 1)).standing == .inStep)
    }

    @Test func `another machine is a copy however long the first is silent`() {
        #expect(throws: SyncError.cloneSuspect) {
            try open(
                request(installation(machine: 2, run: 2)),
                ledger(applied: 3, run: 1),
                after: 1_000_000
            )
        }
    }

    @Test func `a machine that cannot be read proves nothing`() throws {
        var unknown = installation(run: 2)
        unknown.machine = nil
        #expect(try open(request(unknown), ledger(applied: 3, run: 1)).standing == .inStep)
    }

    @Test func `a clock that was set back refuses nobody`() throws {
        let stale = request(nonce: "older", installation(run: 2))
        #expect(try open(stale, ledger(applied: 3, run: 1), after: -86400).standing == .inStep)
    }

    @Test(arguments: [-1, SyncLimits.epochs + 1, Int.max, Int.min])
    func `an epoch out of range is malformed`(epoch: Int) {
        #expect(throws: SyncError.self) {
            try open(request(epoch: epoch, installation(run: 1)), ledger(applied: 3))
        }
    }
}
