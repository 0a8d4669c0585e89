/// What is going to happen, by time; of what happens at the same time, what was said first comes
/// first.
struct EventQueue {
    private struct Entry {
        var time: Int64
        var order: UInt64
        var action: () -> Void

        func comes(before other: Entry) -> Bool {
            (time, order) < (other.time, other.order)
        }
    }

    private var heap: [Entry] = []
    private var order: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty }

    /// When the next thing happens; nil where nothing does.
    var nextTime: Int64? { heap.first?.time }

    /// Plans `action`.
    mutating func insert(at time: Int64, _ action: @escaping () -> Void) {
        order += 1
        heap.append(Entry(time: time, order: order, action: action))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].comes(before: heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes what happens next.
    mutating func removeFirst() -> (time: Int64, action: () -> Void)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2]
                where child < heap.count && heap[child].comes(before: heap[least]) {
                    least = child
                }
                guard least != parent else { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        return (first.time, first.action)
    }
}
