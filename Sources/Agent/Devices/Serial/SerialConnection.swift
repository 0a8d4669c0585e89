import DeviceFormats

/// An open serial port, as the driver needs it.
protocol SerialConnection: Sendable {
    /// What came next; nil when the port has hung up or the task is cancelled.
    func receive() async throws(DriverFailure) -> [UInt8]?
    /// Writes all of it.
    func send(_ bytes: [UInt8]) async throws(DriverFailure)
    /// Lets go of the port; nothing is received any more.
    func close() async
}

/// Opens the port of a node with settings.
typealias SerialOpening =
    @Sendable (_ node: String, _ line: SerialLine) async throws(DriverFailure)
    -> any SerialConnection
