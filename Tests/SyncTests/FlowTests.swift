import Shared
import Sync
import Testing

@Suite struct FlowTests {
    @Test func `what was measured is never held back or dropped`() {
        for kind in [
            DocumentFact.kind, ReadingFact.kind, CommandFact.kind, CardFact.kind, "unheardOf",
        ] {
            #expect(OperationClass(kind: kind) == .clinical)
        }
        #expect(OperationClass(kind: DeviceFact.kind) == .audit)
        #expect(OperationClass(kind: DroppedFact.kind) == .audit)
        #expect(OperationClass(kind: TelemetryFact.kind) == .telemetry)
    }

    @Test func `a Hub with much in hand asks for time, telemetry first`() {
        var control = FlowControl()
        #expect(control.flow == Flow())
        for _ in 0..<FlowControl.telemetryLimit { control.begin() }
        #expect(control.paused == [.telemetry])
        for _ in FlowControl.telemetryLimit..<FlowControl.auditLimit { control.begin() }
        #expect(control.flow.pausedClasses == [.audit, .telemetry])
        for _ in 0..<FlowControl.auditLimit { control.end() }
        #expect(control.flow.pausedClasses == [])
        control.end()
        #expect(control.inHand == 0)
    }

    @Test func `a flow without classes travels as it did, and clinical is not obeyed`() throws {
        let text = #"{"operations":1000,"retentionDays":35}"#
        #expect(try JSON.encode(Flow()) == Array(text.utf8))
        let hostile =
            #"{"operations":500,"paused":["clinical","telemetry","new"],"retentionDays":35}"#
        let flow = try JSON.decode(Flow.self, from: hostile.utf8)
        #expect(flow.pausedClasses == [.telemetry])
    }
}
