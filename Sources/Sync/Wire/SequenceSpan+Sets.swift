extension SequenceSpan {
    /// The same sequences in as few spans as possible, in order.
    package static func merged(_ spans: [SequenceSpan]) -> [SequenceSpan] {
        var merged: [SequenceSpan] = []
        for span in spans.sorted(by: { ($0.epoch, $0.first) < ($1.epoch, $1.first) })
        where span.first >= 1 && span.first <= span.last {
            if let previous = merged.last, previous.epoch == span.epoch,
                span.first <= previous.last || span.first - previous.last == 1
            {
                merged[merged.count - 1].last = max(previous.last, span.last)
            } else {
                merged.append(span)
            }
        }
        return merged
    }

    /// What of `removed` the Hub does not have, given how far it is in each epoch.
    package static func holes(in removed: [SequenceSpan], through: [Int: Int64]) -> [SequenceSpan] {
        merged(removed).compactMap { span in
            let first = max(span.first, through[span.epoch, default: 0] + 1)
            return first <= span.last
                ? SequenceSpan(epoch: span.epoch, first: first, last: span.last) : nil
        }
    }
}
