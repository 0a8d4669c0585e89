import Hummingbird

/// The named texts of a query string or of a form, each name once.
package struct Fields: Sendable {
    private let values: [String: String]

    init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// Reads the query string.
    ///
    /// Throws `badRequest`.
    init(query request: Request) throws(PageError) {
        try self.init(encoded: request.uri.query ?? "", limit: WebLimits.queryBytes)
    }

    /// Reads the body as a form.
    ///
    /// Throws `badRequest`.
    init(form request: Request) async throws(PageError) {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: WebLimits.formBytes)
        } catch {
            throw .badRequest
        }
        try self.init(encoded: String(buffer: body), limit: WebLimits.formBytes)
    }

    /// The text under `name`; nil where it is not there or empty.
    package subscript(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private init(encoded: String, limit: Int) throws(PageError) {
        guard encoded.utf8.count <= limit else { throw .badRequest }
        guard !encoded.isEmpty else {
            self.init()
            return
        }
        do {
            self.init(try URLEncodedFormDecoder().decode([String: String].self, from: encoded))
        } catch {
            throw .badRequest
        }
        guard values.values.allSatisfy({ !$0.utf8.contains(0) }) else { throw .badRequest }
    }
}
