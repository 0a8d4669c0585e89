/// A five-character state code of the server (PostgreSQL's manual, appendix A).
package struct SQLState: Sendable, Hashable, CustomStringConvertible {
    /// The five characters.
    package let code: String

    /// Takes the code as the server gave it.
    package init(_ code: String) { self.code = code }

    /// The first two characters: the class of the condition.
    package var category: String { String(code.prefix(2)) }

    package var description: String { code }

    package static let uniqueViolation = SQLState("23505")
    package static let foreignKeyViolation = SQLState("23503")
    package static let checkViolation = SQLState("23514")
    package static let notNullViolation = SQLState("23502")
    package static let serializationFailure = SQLState("40001")
    package static let deadlockDetected = SQLState("40P01")
    package static let lockNotAvailable = SQLState("55P03")
    /// The statement ran longer than the statement timeout, or someone else cancelled it.
    package static let queryCanceled = SQLState("57014")
    package static let adminShutdown = SQLState("57P01")
    package static let duplicateDatabase = SQLState("42P04")
    package static let invalidStatementName = SQLState("26000")
    package static let featureNotSupported = SQLState("0A000")
}
