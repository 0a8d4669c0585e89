/// A pool at one instant.
package struct PoolStatistics: Sendable, Hashable {
    /// Connections that are open, lent or idle.
    package let open: Int
    /// Connections that nobody uses.
    package let idle: Int
    /// Connections that are being opened.
    package let connecting: Int
    /// Tasks that wait for a connection.
    package let waiting: Int

    /// Connections that are lent.
    package var leased: Int { open - idle }
}
