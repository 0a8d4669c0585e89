/// A setting of the server that every transaction of a client is told first, and that goes with it.
///
/// A statement that is sent alone is a transaction of its own. The setting travels ahead of it in
/// the same message, so it costs no wait; nothing of it is left on the connection for whoever is
/// lent that next.
package struct TransactionSetting: Sendable {
    /// Its name, with a dot: `clinic.scope`.
    package let name: String
    /// Its value, asked for where a connection is lent, in the task that it is lent to.
    package let value: @Sendable () -> String

    /// Names the setting; `value` is asked anew for each connection that is lent.
    package init(name: String, value: @escaping @Sendable () -> String) {
        self.name = name
        self.value = value
    }
}

/// The setting of one connection, as it was when that was lent.
struct LentSetting: Sendable {
    let setting: TransactionSetting
    var value: String

    /// What says it to the server, for the transaction that is open.
    var query: PostgresQuery {
        "SELECT set_config(\(setting.name), \(value), true)"
    }
}
