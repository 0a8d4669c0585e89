/// The `driver` in the fact of a card reader: what its PC takes for genuine.
package enum CardReaderDriver: String, Sendable, CaseIterable {
    /// Cards under Belgium's roots.
    case belgium = "eid"
    /// Also cards under test roots that the PC's configuration names.
    case withTestRoots = "eid-test"
}
