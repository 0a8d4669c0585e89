// The members that `JSONText` has a way of writing.

extension JSONTextReader {
    /// A member with text.
    package mutating func text(_ key: StaticString) throws(Unfamiliar) -> String {
        try member(key) { reader throws(Unfamiliar) in try reader.text() }
    }

    /// A member with text that may be absent.
    package mutating func optionalText(_ key: StaticString) throws(Unfamiliar) -> String? {
        try optional(key) { reader throws(Unfamiliar) in try reader.text() }
    }

    /// A member with text or `null`.
    package mutating func nullableText(_ key: StaticString) throws(Unfamiliar) -> String? {
        try member(key) { reader throws(Unfamiliar) -> String? in
            reader.isNull() ? nil : try reader.text()
        }
    }

    /// A member with text that is a value; nil from `make` is none that the type has.
    package mutating func value<Value>(
        _ key: StaticString,
        _ make: (String) -> Value?
    ) throws(Unfamiliar) -> Value {
        guard let value = make(try text(key)) else { throw Unfamiliar() }
        return value
    }

    /// The same where it may be absent.
    package mutating func optionalValue<Value>(
        _ key: StaticString,
        _ make: (String) -> Value?
    ) throws(Unfamiliar) -> Value? {
        guard let text = try optionalText(key) else { return nil }
        guard let value = make(text) else { throw Unfamiliar() }
        return value
    }

    /// A member with a word of a vocabulary.
    package mutating func word<Word: RawRepresentable<String>>(
        _ key: StaticString
    ) throws(Unfamiliar) -> Word {
        try value(key) { Word(rawValue: $0) }
    }

    /// The same where it may be absent.
    package mutating func optionalWord<Word: RawRepresentable<String>>(
        _ key: StaticString
    ) throws(Unfamiliar) -> Word? {
        try optionalValue(key) { Word(rawValue: $0) }
    }

    /// A member with a whole number.
    package mutating func integer<Number: FixedWidthInteger>(
        _ key: StaticString
    ) throws(Unfamiliar) -> Number {
        try member(key) { reader throws(Unfamiliar) in try reader.integer() }
    }

    /// The same where it may be absent.
    package mutating func optionalInteger<Number: FixedWidthInteger>(
        _ key: StaticString
    ) throws(Unfamiliar) -> Number? {
        try optional(key) { reader throws(Unfamiliar) in try reader.integer() }
    }

    /// A member with a truth value.
    package mutating func flag(_ key: StaticString) throws(Unfamiliar) -> Bool {
        try member(key) { reader throws(Unfamiliar) in try reader.flag() }
    }

    /// The same where it may be absent.
    package mutating func optionalFlag(_ key: StaticString) throws(Unfamiliar) -> Bool? {
        try optional(key) { reader throws(Unfamiliar) in try reader.flag() }
    }

    /// A member with an array.
    package mutating func array<Element>(
        _ key: StaticString,
        _ read: (inout JSONTextReader) throws(Unfamiliar) -> Element
    ) throws(Unfamiliar) -> [Element] {
        try member(key) { reader throws(Unfamiliar) in try reader.array(read) }
    }

    /// The same where it may be absent.
    package mutating func optionalArray<Element>(
        _ key: StaticString,
        _ read: (inout JSONTextReader) throws(Unfamiliar) -> Element
    ) throws(Unfamiliar) -> [Element]? {
        try optional(key) { reader throws(Unfamiliar) in try reader.array(read) }
    }
}
