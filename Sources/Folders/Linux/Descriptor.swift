internal import Glibc

/// An open file descriptor, closed when it goes.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    init(_ number: Int32) {
        precondition(number >= 0, "a failed call has no descriptor")
        self.number = number
    }

    deinit { close(number) }

    /// Gives the descriptor away without closing it.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }
}
