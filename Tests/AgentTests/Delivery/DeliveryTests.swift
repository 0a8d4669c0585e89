import DeviceFormats
import Foundation
import Shared
import Sync
import Testing

@testable import Agent

@Suite struct `A command` {
    @Test(arguments: Command.Kind.allCases)
    func `is delivered, told and forgotten but for its outcome`(kind: Command.Kind) async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let command = Command.sample(kind)
        try await rig.pull(command)
        #expect(try await rig.told() == ["received"])
        _ = await rig.service().round()
        #expect(try await rig.told() == ["received", "delivered"])
        switch kind {
        case .visionixWaitingList:
            #expect(try rig.names(kind) == ["1000004_PROBE_Lena_1987-05-02.xml"])
            let text = try #require(rig.text("vx100/1000004_PROBE_Lena_1987-05-02.xml"))
            #expect(text.contains("<ID>1000004</ID>"))
        case .visionixIndex:
            #expect(
                rig.text("l80/Index.txt") == """
                    3
                    PROBE#Lena*PROBE%Lena
                    SAMPLE#Bruno*SAMPLE%Bruno
                    ZIMMER#Ute*ZIMMER%Ute

                    """
            )
            #expect(rig.text("l80/Index.txt.1.bak") == DeliveryRig.index)
            #expect(try rig.names(kind) == ["Index.txt", "Index.txt.1.bak", "PROBE#Lena"])
        case .phoropterImport:
            #expect(try rig.names(kind) == ["CVImport.xml"])
            let text = try #require(rig.text("phoropter/CVImport.xml"))
            #expect(text.contains("<nsSBJ:Sph unit=\"D\">-2.25</nsSBJ:Sph>"))
        }
        #expect(
            try await rig.world.count("SELECT count(*) FROM command WHERE sealed_payload IS NULL")
                == 1
        )
        #expect(try await rig.commands.open().isEmpty)
    }

    @Test func `is acted on once, however often the Hub sends it`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let command = Command.sample(.visionixWaitingList)
        try await rig.pull(command)
        _ = await rig.service().round()
        let name = try #require(try rig.names(.visionixWaitingList).first)
        try FileManager.default.removeItem(atPath: "\(rig.folder(.visionixWaitingList))/\(name)")
        try await rig.pull(command)
        try await rig.refetch([command])
        _ = await rig.service().round()
        #expect(try rig.names(.visionixWaitingList).isEmpty)
        #expect(try await rig.told() == ["received", "delivered"])
    }

    @Test func `waits while the folder is away, and is delivered when it is back`() async throws {
        let rig = try DeliveryRig()
        try await rig.pull(.sample(.visionixIndex))
        let service = rig.service()
        _ = await service.round()
        #expect(try await rig.told() == ["received"])
        #expect(try await rig.commands.waiting().count == 1)
        try rig.plugIn()
        rig.pass(.seconds(2))
        _ = await service.round()
        #expect(try await rig.told() == ["received", "delivered"])
    }

    @Test(arguments: Command.Kind.allCases)
    func `expires by the time that has passed, whatever the clock on the wall says`(
        kind: Command.Kind
    ) async throws {
        let rig = try DeliveryRig()
        try await rig.pull(.sample(kind, expiresAfter: .seconds(60)))
        let service = rig.service()
        let next = await service.round()
        rig.pass(.seconds(59))
        _ = await service.round()
        #expect(try await rig.told() == ["received"])
        rig.pass(.seconds(1))
        _ = await service.round()
        try rig.plugIn()
        _ = await service.round()
        #expect(try await rig.told().first == "received")
        #expect(try await rig.told().last?.hasPrefix("expired") == true)
        #expect(try await rig.told().count == 2)
        #expect(rig.text("l80/Index.txt") == DeliveryRig.index)
        _ = next
    }

    @Test func `that was over before it came is never delivered`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        try await rig.pull(.sample(.visionixWaitingList, expiresAfter: .seconds(-1)))
        _ = await rig.service().round()
        #expect(try await rig.told() == ["received", "expired"])
        #expect(try rig.names(.visionixWaitingList).isEmpty)
    }

    @Test func `of an older fence is not acted on`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let waiting = Command.sample(.visionixWaitingList, 1, fence: 1)
        try await rig.pull(waiting)
        try await rig.pull(.sample(.visionixIndex, 2, fence: 2))
        let late = Command.sample(.phoropterImport, 3, fence: 1)
        try await rig.pull(late)
        #expect(try await rig.told(late) == ["refused fenceOld"])
        _ = await rig.service().round()
        #expect(try await rig.told(waiting) == ["received", "refused fenceOld"])
        #expect(try rig.names(.visionixWaitingList).isEmpty)
        #expect(rig.text("l80/Index.txt")?.hasPrefix("3\n") == true)
    }

    @Test func `takes the place of an older one where the device holds one patient`()
        async throws
    {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let older = Command.sample(.phoropterImport, 1, patient: "1000012")
        let newer = Command.sample(.phoropterImport, 2)
        try await rig.pull(older)
        try await rig.pull(newer)
        #expect(try await rig.told(older) == ["received", "superseded"])
        _ = await rig.service().round()
        #expect(rig.text("phoropter/CVImport.xml")?.contains("1000004") == true)
        #expect(try await rig.told(newer) == ["received", "delivered"])
    }

    @Test func `leaves other patients on a list, and replaces the same one`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let other = Command.sample(.visionixWaitingList, 1, family: "ANDER", patient: "1000012")
        let first = Command.sample(.visionixWaitingList, 2)
        let second = Command.sample(.visionixWaitingList, 3)
        for command in [other, first, second] { try await rig.pull(command) }
        _ = await rig.service().round()
        #expect(try await rig.told(other) == ["received", "delivered"])
        #expect(try await rig.told(first) == ["received", "superseded"])
        #expect(try await rig.told(second) == ["received", "delivered"])
        #expect(
            try rig.names(.visionixWaitingList) == [
                "1000004_PROBE_Lena_1987-05-02.xml", "1000012_ANDER_Lena_1987-05-02.xml",
            ]
        )
    }

    @Test func `is refused where no administrator has enabled it`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        try await rig.pull(.sample(.visionixIndex))
        _ = await rig.service(isEnabled: false).round()
        #expect(try await rig.told() == ["received", "refused notEnabled"])
        #expect(rig.text("l80/Index.txt") == DeliveryRig.index)
    }

    @Test func `is refused where this PC's own configuration does not allow it`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        var command = Command.sample(.visionixIndex)
        command.device = "source:vx100"
        try await rig.pull(command)
        var unknown = Command.sample(.visionixIndex, 2, patient: "1000012")
        unknown.device = "source:other"
        try await rig.pull(unknown)
        _ = await rig.service().round()
        #expect(try await rig.told(command) == ["received", "refused notEnabled"])
        #expect(try await rig.told(unknown) == ["received", "refused notEnabled"])
    }

    @Test func `for a phoropter is refused while another patient is there`() async throws {
        let there: [(DevicePatient, String)] = [
            (DevicePatient(number: "1000012"), "refused patientDiffers"),
            (DevicePatient(number: "1000004", familyName: "OTHER"), "delivered"),
            (DevicePatient(number: "0012", numberIsCounter: true), "delivered"),
            (DevicePatient(familyName: "OTHER", givenName: "Lena"), "refused patientDiffers"),
            (DevicePatient(familyName: " probe", givenName: "LENA"), "delivered"),
            (
                DevicePatient(
                    familyName: "PROBE",
                    givenName: "Lena",
                    birthDate: CalendarDate("1950-01-01")
                ), "refused patientDiffers"
            ),
            (DevicePatient(), "delivered"),
        ]
        for (present, outcome) in there {
            let rig = try DeliveryRig()
            try rig.plugIn()
            try await rig.pull(.sample(.phoropterImport))
            try await rig.pull(.sample(.visionixIndex))
            _ = await rig.service(present: Present(patient: present)).round()
            #expect(try await rig.told(.sample(.phoropterImport)).last == outcome, "\(present)")
            // A list takes the next patient while another one sits there.
            #expect(try await rig.told(.sample(.visionixIndex)).last == "delivered")
        }
    }

    @Test func `knows who is at a device from what it wrote in the last minutes`() async throws {
        let rig = try DeliveryRig()
        try await rig.world.take(.prescription(number: "1000012"), source: "phoropter")
        let present = NewestReadingPatient(store: rig.world.store)
        let now = AgentWorld.now
        let patient = try await present.patient(at: "phoropter", now: now)
        #expect(patient?.number == "1000012")
        #expect(try await present.patient(at: "l80", now: now) == nil)
        let later = now.advanced(by: .seconds(181))
        #expect(try await present.patient(at: "phoropter", now: later) == nil)
    }

    @Test func `knows who is at a device also while a stick is being read`() async throws {
        let rig = try DeliveryRig()
        try await rig.world.take(.prescription(number: "1000012"), source: "phoropter")
        for number in 2_000_000..<2_000_100 {
            try await rig.world.take(.prescription(number: "\(number)"), source: "stick")
        }
        let present = NewestReadingPatient(store: rig.world.store)
        let patient = try await present.patient(at: "phoropter", now: AgentWorld.now)
        #expect(patient?.number == "1000012")
    }

    @Test func `that the Hub takes back in time is not delivered`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let command = Command.sample(.visionixWaitingList)
        try await rig.pull(command)
        try await rig.takeBack(command)
        _ = await rig.service().round()
        #expect(try await rig.told() == ["received", "cancelled"])
        #expect(try rig.names(.visionixWaitingList).isEmpty)
    }

    @Test func `of the Agent that this PC was before is not delivered`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let agents = ["one", "other"].map { Identifier(derivedFrom: [Array($0.utf8)]) }
        try await rig.work.belong(to: agents[0])
        try await rig.pull(.sample(.visionixWaitingList))
        try await rig.work.belong(to: agents[0])
        #expect(try await rig.work.cursor().snapshot == nil)
        try await rig.work.belong(to: agents[1])
        #expect(try await rig.work.cursor().snapshot == .init(.hub))
        try await rig.fetched([])
        _ = await rig.service().round()
        #expect(try await rig.told() == ["received", "cancelled"])
        #expect(try rig.names(.visionixWaitingList).isEmpty)
    }

    @Test func `that is taken back when the device has it already is told as delivered`()
        async throws
    {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let command = Command.sample(.visionixWaitingList)
        try await rig.pull(command)
        _ = await rig.service { if $0 == .placed { throw Crash() } }.round()
        try await rig.takeBack(command)
        _ = await rig.service().round()
        #expect(try await rig.told() == ["received", "delivered"])
    }

    @Test func `that this version does not understand is refused, and those behind it go on`()
        async throws
    {
        let rig = try DeliveryRig()
        try rig.plugIn()
        let odd = Identifier(derivedFrom: [[1]])
        try await rig.pull([
            ("command/\(odd)", #"{"id":"x"}"#), ("other/1", "{}"), ("command/none", "{}"),
        ])
        try await rig.pull(.sample(.visionixIndex))
        _ = await rig.service().round()
        #expect(
            try await rig.told() == ["refused notUnderstood", "received", "delivered"]
        )
    }

    @Test func `with a name or birth date that the device cannot have is refused`() async throws {
        let rig = try DeliveryRig()
        try rig.plugIn()
        try await rig.pull(.sample(.visionixIndex, family: "A#B"))
        var unborn = Command.sample(.visionixWaitingList)
        unborn.patient.birthDate = nil
        try await rig.pull(unborn)
        _ = await rig.service().round()
        #expect(
            try await rig.told(.sample(.visionixIndex)) == ["received", "refused nameUnwritable"]
        )
        #expect(try await rig.told(unborn) == ["received", "refused birthDateUnknown"])
    }

    @Test func `seals what it says of the patient`() async throws {
        let rig = try DeliveryRig()
        try await rig.pull(.sample(.visionixIndex, family: "Quixotesdottir"))
        for (name, bytes) in try rig.world.folder.contents() {
            #expect(!String(decoding: bytes, as: UTF8.self).contains("Quixotesdottir"), "\(name)")
        }
    }
}

/// The process ends here.
struct Crash: Error {}
