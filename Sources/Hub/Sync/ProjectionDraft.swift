import Postgres
import Sync

/// Facts on their way into the database, sorted by what stores them.
///
/// Its large statements are written already: that takes no connection, so it is done while the
/// database does something else.
struct ProjectionDraft: Sendable {
    var documents: [StoredDocument] = []
    private(set) var readings: [StoredReading] = []
    private(set) var devices: [DeviceProjection.Item] = []
    private(set) var cards: [CardFact] = []
    private(set) var commands: [CommandFact] = []
    /// Stores the documents; nil where bytes of one have to be fetched first.
    private(set) var documentStatement: PostgresQuery?
    /// Store the readings, unless a person has taken revisions of one of them.
    private(set) var readingStatements: [PostgresQuery] = []

    /// Sorts facts, and writes the statements of `projection` for them.
    init(_ facts: [ReceivedFact], for projection: Projection) {
        for fact in facts {
            switch fact {
            case .document(let fact, let content):
                documents.append(StoredDocument(fact: fact, content: content ?? []))
            case .reading(let fact, let text):
                readings.append(
                    StoredReading(
                        fact: fact,
                        text: text,
                        correction: projection.corrections?[fact]
                    )
                )
            case .device(let fact, let sequence):
                devices.append(DeviceProjection.Item(fact: fact, sequence: sequence))
            case .card(let fact): cards.append(fact)
            case .command(let fact): commands.append(fact)
            case .condition, .unusable: continue
            }
        }
        if documents.allSatisfy({ $0.fact.content != nil }) {
            documentStatement = projection.documentStatement(of: documents)
        }
        readingStatements = projection.readingStatements(of: readings)
    }
}

/// A document on its way into the database.
struct StoredDocument: Sendable {
    var fact: DocumentFact
    /// Its bytes; empty where they came ahead of the fact.
    var content: [UInt8]
}
