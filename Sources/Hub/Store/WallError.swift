import Postgres

/// Why the Hub does not serve with the database as it is, and what to do about it.
package struct WallError: Error, Equatable, CustomStringConvertible {
    /// What is wrong.
    package enum Weakness: Equatable, Sendable {
        /// The role owns the tables, or is a member of the role that does.
        case owner
        /// The role is a superuser, passes over row security, or can make itself another.
        case powers
        /// The role may make tables, in which it could hide the Hub's own.
        case makes
        /// The tables or the role's rights are those of another version.
        case outdated
        /// The database does not know the key of this Hub's scopes.
        case keyUnknown
    }

    package let weakness: Weakness
    /// The role that `database.url` names.
    package let role: String
    /// The database.
    package let database: String

    init(_ weakness: Weakness, _ serving: PostgresConfiguration) {
        self.weakness = weakness
        role = serving.user
        database = serving.database
    }

    package var description: String {
        switch weakness {
        case .owner:
            """
            database.url signs in as "\(role)", which owns the tables. The Hub serves as a role \
            that owns nothing, so that no request can reach another site's patients or change \
            the audit. Nothing was changed. As the database's administrator:

                CREATE ROLE clinic_serving LOGIN NOINHERIT PASSWORD '…';

            Then keep the address that you have now as database.ownerUrl (credential \
            clinic-hub.database-owner-url), and put into database.url (credential \
            clinic-hub.database-url) the same with clinic_serving and its password. \
            `clinic-hub migrate` gives it its rights. See OPERATIONS.md, "Two logins".
            """
        case .powers:
            """
            database.url signs in as "\(role)", which is a superuser, passes over row security, or \
            may make roles. As the database's administrator:

                ALTER ROLE \(ServingRole.quoted(role)) NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
            """
        case .makes:
            """
            "\(role)" may make tables in the database. As its owner or administrator:

                REVOKE CREATE, TEMPORARY ON DATABASE \(ServingRole.quoted(database)) \
            FROM PUBLIC, \(ServingRole.quoted(role));
                REVOKE CREATE ON SCHEMA public FROM PUBLIC, \(ServingRole.quoted(role));
            """
        case .outdated:
            """
            the database's tables are older than this Hub, and "\(role)" may not change them. Give \
            the owner's address as database.ownerUrl (credential clinic-hub.database-owner-url) \
            and run `clinic-hub migrate`.
            """
        case .keyUnknown:
            """
            the database does not know this Hub's state folder yet. Give the owner's address as \
            database.ownerUrl (credential clinic-hub.database-owner-url) and run `clinic-hub \
            migrate` as the Hub's user.
            """
        }
    }
}
