/// One answer of the card, taken apart.
struct CardAnswer<Bytes: RandomAccessCollection<UInt8>> {
    let data: Bytes.SubSequence
    let status: StatusWord

    /// Nil where there is no status: then the card was pulled, or the reader fails.
    init?(_ bytes: Bytes) {
        guard let low = bytes.last, let high = bytes.dropLast().last else { return nil }
        status = StatusWord(UInt16(high) << 8 | UInt16(low))
        data = bytes.dropLast(2)
    }
}
