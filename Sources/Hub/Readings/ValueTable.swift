import Shared

/// The values of a reading, sorted into groups of one circumstance each, right beside left.
struct ValueTable: Sendable, Equatable {
    struct Group: Sendable, Equatable {
        /// `Far`, `Near, 40 cm`, `5 mm zone, shot 2`; nil where there is nothing to say.
        let title: String?
        let rows: [Row]
    }
    struct Row: Sendable, Equatable {
        let name: String
        /// Right, left, both.
        let cells: [Cell]
    }
    struct Cell: Sendable, Equatable {
        let values: [Shown]
        /// True where a dash says that this eye has no value.
        let isAbsent: Bool
    }
    struct Shown: Sendable, Equatable {
        let anchor: String
        let text: String
        /// The exact value with unit and circumstances.
        let exact: String
        let mark: String?
    }
    /// A line of the table of places.
    struct Place: Sendable, Equatable {
        let anchor: String
        let eye: String
        let name: String
        let exact: String
        let unit: String
        let circumstances: String
        let raw: String?
        let path: String
    }

    let groups: [Group]
    let places: [Place]

    init(_ values: [ReadingValue]) {
        let numbered = Array(values.enumerated())
        places = numbered.map { Place(index: $0.offset, value: $0.element) }
        groups = Self.ordered(numbered, by: { Circumstance($0) }).map { circumstance, members in
            Group(
                title: circumstance.title,
                rows: Self.ordered(members, by: { Subject($0) }).map { subject, members in
                    Row(
                        name: subject.name,
                        cells: Self.cells(members)
                    )
                }
            )
        }
    }

    /// Right and left, and behind them what belongs to both.
    private static func cells(_ members: [Numbered]) -> [Cell] {
        func shown(_ eye: Eye) -> [Shown] {
            members.filter { $0.element.eye == eye }
                .map { Shown(index: $0.offset, value: $0.element) }
        }
        let both = shown(.both)
        return [Eye.right, .left].map { eye in
            let values = shown(eye)
            return Cell(values: values, isAbsent: values.isEmpty && both.isEmpty)
        } + [Cell(values: both, isAbsent: false)]
    }

    private typealias Numbered = (offset: Int, element: ReadingValue)

    /// Groups in the order in which each first occurs.
    private static func ordered<Key: Hashable>(
        _ values: [Numbered],
        by key: (ReadingValue) -> Key
    ) -> [(Key, [Numbered])] {
        var order: [Key] = []
        var members: [Key: [Numbered]] = [:]
        for value in values {
            let key = key(value.element)
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(value)
        }
        return order.map { ($0, members[$0] ?? []) }
    }

    /// Under what a value was measured.
    private struct Circumstance: Hashable {
        let distance: TestDistance?
        let distanceCm: ExactDecimal?
        let zone: Int?
        let lighting: Lighting?
        let statistic: Statistic?
        let shot: Int?

        init(_ value: ReadingValue) {
            distance = value.distance
            distanceCm = value.distanceCm
            zone = value.zone
            lighting = value.lighting
            statistic = value.statistic
            shot = value.shot
        }

        var title: String? {
            let text = parts.joined(separator: ", ")
            return text.isEmpty ? nil : text.prefix(1).uppercased() + text.dropFirst()
        }

        var parts: [String] {
            [
                distance?.rawValue, distanceCm.map { "\($0.text) cm" },
                zone.map { "\($0) mm zone" },
                lighting?.rawValue, statistic?.rawValue, shot.map { "shot \($0)" },
            ].compactMap { $0 }
        }
    }

    /// What a value is of.
    private struct Subject: Hashable {
        let quantity: Quantity
        let meridian: Meridian?

        init(_ value: ReadingValue) {
            quantity = value.quantity
            meridian = value.meridian
        }

        var name: String {
            let name = KindName.text(quantity)
            return meridian.map { "\(name), \($0.rawValue)" } ?? name
        }
    }

    fileprivate static func anchor(_ index: Int) -> String { "v\(index + 1)" }
    fileprivate static func name(_ value: ReadingValue) -> String { Subject(value).name }
    fileprivate static func circumstances(_ value: ReadingValue) -> [String] {
        Circumstance(value).parts
    }
}

extension ValueTable.Shown {
    fileprivate init(index: Int, value: ReadingValue) {
        anchor = ValueTable.anchor(index)
        text = ValueText.notation.text(value)
        exact = ([ValueText.exactWithUnit(value)] + ValueTable.circumstances(value))
            .joined(separator: ", ")
        let marks = [
            value.corrected == true ? "corrected" : nil,
            value.derived == true ? "computed" : nil,
        ].compactMap { $0 }
        mark = marks.isEmpty ? nil : marks.joined(separator: ", ")
    }
}

extension ValueTable.Place {
    fileprivate init(index: Int, value: ReadingValue) {
        anchor = ValueTable.anchor(index)
        eye = KindName.text(value.eye)
        name = ValueTable.name(value)
        exact = ValueText.exact(value)
        unit = value.unit == .one ? "1" : ValueText.unit(value.unit)
        let marks = [
            value.base.map { "base \($0.rawValue)" },
            value.corrected == true ? "corrected by the device" : nil,
        ].compactMap { $0 }
        circumstances = (ValueTable.circumstances(value) + marks).joined(separator: ", ")
        raw = value.raw
        path = value.derived == true ? "computed from the values above" : value.path ?? "—"
    }
}
