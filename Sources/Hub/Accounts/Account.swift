package import Shared

/// Someone who may sign in.
package struct Account: Sendable, Hashable {
    package let id: Identifier
    package let email: String
    package let name: String
    package let role: Role
    /// True where the account sees every site, also those made later.
    package let isForEverySite: Bool
    package let isDisabled: Bool
    /// The number under which a prescriber is known to the national health insurance.
    package var nihdi: String?
}

/// Who is signed in, in one session, and what they may see.
package struct Person: Sendable {
    package let account: Account
    package let sessionID: Identifier
    /// When the second factor was last shown.
    package let factorAt: Instant
    /// True where the person has yet to be told of a browser that is new.
    package let hasNotice: Bool
    /// What every form of the session carries.
    package let formToken: String
    /// The sites that the person may see: their own by name, then those of emergencies.
    package var sites: [Site]
    /// What is open to the session beyond the person's own sites, to read.
    package var emergencies: [OpenEmergency] = []
    /// What the person has to be told on every page.
    package var notices: [Notice] = []

    /// The site that a query string names, or the first one.
    ///
    /// Throws `notFound` for one that the person may not see, `noSite` where there is none.
    package func site(named parameter: String?) throws(PageError) -> Site {
        guard let parameter else {
            guard let first = sites.first else { throw .noSite }
            return first
        }
        guard let site = sites.first(where: { $0.id.description == parameter }) else {
            throw .notFound
        }
        return site
    }

    /// What the person may do at a site: their role's permissions, or in an emergency reading alone.
    func permissions(at site: Site) -> Set<Permission> {
        let own = account.role.permissions
        guard emergency(at: site.id) != nil else { return own }
        return own.intersection(EmergencyAccess.permissions)
    }

    /// The emergency by which the person sees a site; nil for their own, and for one unseen.
    func emergency(at site: Identifier) -> OpenEmergency? {
        emergencies.first { $0.site.id == site }
    }

    /// The person as a route with `permission` sees them: what an emergency opened is there for
    /// reading, and for nothing else.
    func narrowed(to permission: Permission) -> Person {
        guard !emergencies.isEmpty, !EmergencyAccess.permissions.contains(permission) else {
            return self
        }
        var person = self
        person.sites.removeAll { emergency(at: $0.id) != nil }
        return person
    }

    /// The query parameter that leads to `site`; nil where it is the only one.
    func siteParameter(_ site: Site) -> String? {
        sites.count > 1 ? site.id.description : nil
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
