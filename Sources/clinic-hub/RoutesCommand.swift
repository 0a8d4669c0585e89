import ArgumentParser
import Hub
import Shared

/// `clinic-hub routes`.
struct RoutesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "Print every page and action with the permission that it needs.",
        discussion: """
            "everyone" is the sign-in page and what it is made of; every other route asks for a \
            person with that permission, or, with the caller "program", for a token that has it. \
            Where "audits" is true, each visit leaves a record.
            """
    )

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await orExit {
            let routes = try PeopleApplication.routeTable()
            guard !json else {
                print(String(decoding: try JSON.encodePretty(routes), as: UTF8.self))
                return
            }
            let width = routes.map(\.path.count).max() ?? 0
            for route in routes {
                let method = route.method.padding(to: 6)
                let audits =
                    (route.caller == "program" ? "  token" : "") + (route.audits ? "  audited" : "")
                print("\(method)\(route.path.padding(to: width + 2))\(route.permission)\(audits)")
            }
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
