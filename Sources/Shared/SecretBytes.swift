#if canImport(Glibc)
import Glibc
#endif

/// Bytes that are overwritten with zeros before their memory is given back.
///
/// For what a card says of a person. A `String` or an array that is made of them is out of reach:
/// what is parsed from them should be little and short-lived. They do not print themselves.
package final class SecretBytes: Sendable {
    // Written in the initialisers alone, and only read until it is freed.
    nonisolated(unsafe) private let memory: UnsafeMutableRawBufferPointer

    /// Copies `bytes`.
    package init(_ bytes: some Collection<UInt8>) {
        memory = .allocate(byteCount: bytes.count, alignment: 1)
        memory.copyBytes(from: bytes)
    }

    /// Copies `start`, and `more` behind it.
    package init(_ start: SecretBytes, _ more: some Collection<UInt8>) {
        memory = .allocate(byteCount: start.count + more.count, alignment: 1)
        memory.copyBytes(from: start)
        UnsafeMutableRawBufferPointer(rebasing: memory[start.count...]).copyBytes(from: more)
    }

    deinit {
        Self.wipe(memory)
        memory.deallocate()
    }

    /// Lends the bytes; the pointer must not be kept.
    package func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try withExtendedLifetime(self) { () throws(Failure) -> Value in
            try body(UnsafeRawBufferPointer(memory))
        }
    }

    /// Overwrites `memory` with zeros in a way that the compiler does not leave out.
    package static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
        guard let start = memory.baseAddress else { return }
        explicit_bzero(start, memory.count)
    }
}

extension SecretBytes: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { memory.count }
    package subscript(position: Int) -> UInt8 { memory[position] }

    package func withContiguousStorageIfAvailable<Value>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Value
    ) rethrows -> Value? {
        try withExtendedLifetime(self) {
            try UnsafeRawBufferPointer(memory).withMemoryRebound(to: UInt8.self, body)
        }
    }
}

extension SecretBytes: Equatable {
    /// True where both hold the same; how long it takes tells where they differ.
    package static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        left.elementsEqual(right)
    }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(count) secret bytes" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
