import CardKit
import ClinicRig
import Foundation

/// A fault of a PC, and what `doctor` has to make of it.
struct DoctorFault: Sendable {
    let name: String
    /// What it names to do first.
    let cause: String
    /// What its report has to hold.
    var words = ""
    /// What it ends with.
    var status: Int32 = 2
    let inject: @Sendable (SickPC) throws -> Void

    /// What keeps the service from starting, or was found without it.
    static let withoutService: [DoctorFault] = [
        DoctorFault(name: "a service that does not run", cause: "service") { _ in },
        DoctorFault(name: "no configuration", cause: "configuration") {
            try $0.remove($0.configuration)
        },
        DoctorFault(name: "a configuration that is no YAML", cause: "configuration") {
            try $0.write("workstation: [Room 1", to: $0.configuration)
        },
        DoctorFault(
            name: "a value out of range",
            cause: "configuration",
            words: "store.retentionDays"
        ) {
            try $0.editConfiguration {
                $0.replacing("ballastMegabytes: 1", with: "retentionDays: 0")
            }
        },
        DoctorFault(name: "no state folder", cause: "state folder") { try $0.remove($0.state) },
        DoctorFault(
            name: "a state folder for everybody",
            cause: "state folder",
            words: "chmod 0700"
        ) { try $0.chmod(0o755, $0.state) },
        DoctorFault(name: "a file for a state folder", cause: "state folder") {
            try $0.remove($0.state)
            try $0.write("", to: $0.state)
        },
        DoctorFault(name: "no sealing key", cause: "sealing key") {
            try $0.remove($0.state + "/sealing.key")
        },
        DoctorFault(name: "half a sealing key", cause: "sealing key") {
            try $0.write("0011223344556677", to: $0.state + "/sealing.key")
        },
        DoctorFault(name: "another store's sealing key", cause: "sealing key") {
            try $0.write(String(repeating: "5a", count: 32), to: $0.state + "/sealing.key")
        },
        DoctorFault(name: "a store that is none", cause: "database") {
            try $0.write("only words and words and words", to: $0.state + "/agent.db")
        },
        DoctorFault(name: "a damaged store", cause: "database", words: "damaged") {
            try $0.damage($0.state + "/agent.db", from: 4096 * 6)
        },
        DoctorFault(name: "a newer version's store", cause: "database", words: "newer") {
            try $0.editDatabase("INSERT INTO grdb_migrations VALUES ('v999')")
        },
        DoctorFault(name: "a share that is away", cause: "source l80") { try $0.remove($0.share) },
        DoctorFault(name: "a file for a share", cause: "source l80") {
            try $0.remove($0.share)
            try $0.write("", to: $0.share)
        },
        DoctorFault(name: "an identity that cannot be read", cause: "enrolment") {
            try $0.write("{", to: $0.identity + "/identity.json")
        },
        DoctorFault(name: "a disk in another machine", cause: "machine", words: "Agents page") {
            try $0.move()
        },
    ]

    /// What stands between the PC and the Hub.
    static let towardsTheHub: [DoctorFault] = [
        DoctorFault(name: "a certificate that has ended", cause: "certificate", words: "ended") {
            try $0.editIdentity("certificateExpiresAt", "2026-01-01T00:00:00.000Z")
        },
        DoctorFault(name: "half a key", cause: "certificate") {
            try $0.write("-----BEGIN PRIVATE KEY-----", to: $0.identity + "/agent.key")
        },
        DoctorFault(name: "a Hub whose name nobody knows", cause: "hub name") {
            try $0.editIdentity("hub", "https://no-such-hub.invalid:8444")
        },
        DoctorFault(name: "a Hub that is switched off", cause: "hub port", words: "refused") {
            try $0.loseHub()
        },
        DoctorFault(name: "a port where something else answers", cause: "hub tls", words: "8444") {
            try $0.editIdentity("hub", "https://127.0.0.1:\($0.rig.webPort)")
        },
        DoctorFault(name: "a proxy that hangs up", cause: "hub tls", words: "closed") {
            try $0.standBehind(.refused)
        },
        DoctorFault(name: "a proxy that says nothing", cause: "hub tls", words: "says nothing") {
            try $0.standBehind(.blackHole(isForgotten: false))
        },
        DoctorFault(
            name: "a Hub of another authority",
            cause: "hub tls",
            words: "another authority"
        ) {
            let keys = TestAuthority.Keys.self
            let other = try TestAuthority(root: keys.root384, register: keys.register384)
            try $0.write(other.rootPEM, to: $0.identity + "/authority.pem")
        },
    ]

    /// What the running service says of itself; the first one reaches the Hub as the PC that it is a
    /// copy of.
    static let withService: [DoctorFault] = [
        DoctorFault(name: "no source", cause: "configuration", status: 1) {
            try $0.editConfiguration { $0.replacing("sources: [l80]", with: "sources: []") }
        },
        DoctorFault(name: "a PC that is not enrolled", cause: "enrolment", status: 1) {
            try $0.remove($0.identity)
        },
        DoctorFault(name: "a clock that went back", cause: "clock", status: 1) {
            try $0.remove($0.identity)
            try $0.editDatabase("UPDATE document SET captured_at = captured_at + 86400000")
        },
        DoctorFault(name: "a running copy", cause: "machine", words: "another machine") {
            try $0.move()
            try $0.loseHub()
        },
        DoctorFault(name: "a share that goes", cause: "source l80", words: "mounted") {
            try $0.remove($0.share)
            try $0.loseHub()
        },
        DoctorFault(name: "a Hub that is away", cause: "hub port", words: "systemctl") {
            try $0.loseHub()
        },
    ]
}

extension SickPC {
    /// Puts a network that does not work between the PC and the Hub.
    fileprivate func standBehind(_ fault: FaultProxy.Fault) throws {
        let proxy = try FaultProxy(to: rig.agentsPort)
        proxy.set(fault)
        undo.append { proxy.stop() }
        try editIdentity("hub", "https://127.0.0.1:\(proxy.port)")
    }
}
