import ClinicRig
import Foundation
import Postgres

/// Whether the time of a refusal tells a stranger which addresses have an account, or which codes
/// there are.
struct TimingBench {
    /// Refusals of each kind.
    let samples: Int

    /// What chance exceeds once in a thousand comparisons.
    private static let limit = 3.29

    func run() async throws -> [Figure] {
        let rig = try ClinicRig()
        let hub = try await rig.startHub()
        do {
            try rig.enrol()
            let figures = try await measure(rig)
            await hub.stop()
            rig.remove()
            return figures
        } catch {
            await hub.stop()
            rig.remove()
            throw error
        }
    }

    /// A kind of refusal: what is sent, and the sample that it gives.
    private struct Kind {
        let name: String
        let path: String
        let fields: KeyValuePairs<String, String>
    }

    private func measure(_ rig: ClinicRig) async throws -> [Figure] {
        let (used, unknown) = try await prepare(rig)
        let password = "not+the+right+passphrase"
        func address(_ name: String, _ email: String) -> Kind {
            Kind(name: name, path: "/sign-in", fields: ["email": email, "password": password])
        }
        func code(_ name: String, _ text: String) -> Kind {
            Kind(
                name: name,
                path: "/join",
                fields: ["code": text, "password": password, "again": password]
            )
        }
        let addresses = [
            address("known", rig.email), address("unknown", "nobody@clinic.example"),
            address("disabled", "disabled@clinic.example"),
            address("invited", "invited@clinic.example"),
        ]
        let codes = [code("used", used), code("unknown", unknown)]
        let stranger = Stranger(rig)
        let taken = try await take(addresses + codes, stranger, rig)
        try await stranger.leave()
        let first = addresses.count
        return figures("sign-in", addresses, Array(taken[..<first]))
            + figures("code", codes, Array(taken[first...]))
    }

    /// Makes a disabled account and one that was invited, and two codes: one that is void, and one
    /// that the Hub has never had.
    private func prepare(_ rig: ClinicRig) async throws -> (used: String, unknown: String) {
        try rig.hubCommand([
            "user", "add", "--email", "disabled@clinic.example", "--name", "Former Colleague",
            "--password-file", rig.folder + "/password",
        ])
        try rig.hubCommand(["user", "disable", "disabled@clinic.example"])
        func invite() throws -> String {
            let text = try rig.hubCommand([
                "user", "invite", "--email", "invited@clinic.example", "--name", "New Colleague",
            ])
            guard let code = text.split(separator: "\n").first else { throw RigError("no code") }
            return String(code)
        }
        let used = try invite()
        let unknown = try invite()
        _ = try await rig.withDatabase {
            try await $0.execute("DELETE FROM account_code WHERE used_at IS NULL")
        }
        return (used, unknown)
    }

    /// Takes every sample, the kinds of each round in an order of chance, so that what else the
    /// machine does falls on all alike.
    private func take(
        _ kinds: [Kind],
        _ stranger: Stranger,
        _ rig: ClinicRig
    ) async throws -> [[Double]] {
        var taken = [[Double]](repeating: [], count: kinds.count)
        // The first round warms up and does not count.
        for round in 0...samples {
            for index in kinds.indices.shuffled() {
                _ = try await rig.withDatabase {
                    try await $0.execute("DELETE FROM sign_in_failure")
                }
                let kind = kinds[index]
                let answer = try await stranger.post(kind.path, kind.fields)
                guard answer.status == 422 else {
                    throw RigError("\(kind.path) \(kind.name) answered \(answer.status)")
                }
                if round > 0 { taken[index].append(answer.took.milliseconds) }
            }
        }
        return taken
    }

    /// Each kind against the first.
    private func figures(_ what: String, _ kinds: [Kind], _ taken: [[Double]]) -> [Figure] {
        let base = taken[0]
        var figures = [
            Figure(
                name: "refused \(what), \(kinds[0].name), median of \(samples)",
                value: base.percentile(0.5),
                unit: "ms"
            ),
            Figure(
                name: "the same, spread of its middle half",
                value: base.percentile(0.75) - base.percentile(0.25),
                unit: "ms"
            ),
        ]
        for (kind, sample) in zip(kinds, taken).dropFirst() {
            figures.append(
                Figure(
                    name: "refused \(what), \(kind.name): difference of medians",
                    value: sample.percentile(0.5) - base.percentile(0.5),
                    unit: "ms"
                )
            )
            figures.append(
                Figure(
                    name: "refused \(what), \(kind.name): Mann–Whitney",
                    value: abs(RankTest(sample, base).deviations),
                    unit: "σ",
                    promise: .atMost(Self.limit)
                )
            )
        }
        return figures
    }
}
