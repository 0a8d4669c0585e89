import CPostgres

/// libpq's own reading of an address.
enum ConnectionString {
    /// The parameters that `address` names.
    static func parameters(of address: String) throws(PostgresError) -> [String: String] {
        guard !address.utf8.contains(0), let options = PQconninfoParse(address, nil) else {
            throw PostgresError(.invalidConfiguration, detail: "the database address is not valid")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return parameters
    }
}
