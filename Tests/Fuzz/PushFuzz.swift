import Shared
import Sync

/// Input: the uncompressed text of a push, of either version.
enum PushFuzz {
    static func take(_ input: [UInt8]) {
        guard let push = try? Push(text: input) else { return }
        precondition(push.operations.count == push.header.count, "another count than announced")
        // What was read can be written, and says the same again. A folded push has no sequences of
        // its own: those of the other have to follow each other, which is for the intake to check.
        let follow = zip(push.operations, push.header.base...).allSatisfy { $0.sequence == $1 }
        for version in follow ? [1, 2] : [push.header.protocolVersion] {
            var written = push
            written.header.protocolVersion = version
            guard let text = try? written.encoded(), let again = try? Push(text: text) else {
                preconditionFailure("a push that cannot be written in version \(version)")
            }
            precondition(again == written, "a push that is written as another")
        }
        for operation in push.operations { check(operation.payload) }
    }

    /// The fast way of reading a fact says what the other one does.
    private static func check(_ payload: [UInt8]) {
        if let fact = ReadingFact(written: payload) {
            let slow = try? JSON.decode(ReadingFact.self, from: payload)
            precondition(slow == fact, "a reading that is read as another")
        }
        if let fact = DocumentFact(written: payload) {
            let slow = try? JSON.decode(DocumentFact.self, from: payload)
            precondition(slow == fact, "a document that is read as another")
        }
    }
}
