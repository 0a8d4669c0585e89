import Hummingbird

/// The address `/` leads each person to the page that they work with.
struct FirstPage: Sendable {
    func addRoutes(to routes: inout Routes) {
        routes.get("/", .signedIn) { visit in
            let allowed = visit.person.account.role.permissions
            let place = RailPlace.allCases.first { allowed.contains($0.permission) }
            return .redirect(to: place?.path ?? "/account", type: .normal)
        }
    }
}
