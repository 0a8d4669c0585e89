package import Shared

/// An invented person; the same seed and index always give the same one.
package struct SimulatedPatient: Hashable, Sendable {
    /// The place in the register, from 0; beyond the register for someone whom a list named.
    package let index: Int
    /// As the devices' users type it: in capitals.
    package let familyName: String
    package let givenName: String
    /// Nil where the list that named the person does not say.
    package let birthDate: CalendarDate?
    package let sex: Sex?
    /// The number that the clinic gave; empty where the list does not say.
    package let number: String

    /// The sexes that the devices know.
    package enum Sex: String, Sendable {
        case female = "F"
        case male = "M"
    }

    /// How many different names there are; an index is below it.
    package static let registerSize =
        Names.family.count * givenNames.count * (givenNames.count + 1)

    /// How many of them have one given name only: those come first.
    static let singleNames = Names.family.count * givenNames.count

    /// The person at `index` of the register that belongs to `seed`.
    ///
    /// No two indexes give the same name, with accents or without.
    package init(index: Int, seed: UInt64) {
        precondition((0..<Self.registerSize).contains(index), "the register has no such index")
        var random = SeededGenerator(seed: seed, path: [1, index])
        let given = index % Self.givenNames.count
        let rest = index / Self.givenNames.count
        let second = rest / Names.family.count
        self.index = index
        familyName = Names.family[rest % Names.family.count].uppercased()
        givenName =
            second == 0
            ? Self.givenNames[given]
            : "\(Self.givenNames[given]) \(Self.givenNames[second - 1])"
        sex = given.isMultiple(of: 2) ? .female : .male
        let days = random.bell(-11_000...24_000)
        birthDate = CalendarDate(daysSince1970: min(days, 18_500))
        number = String(10_000 + index)
    }

    /// A person whom a device's list names; the same names always have the same eyes.
    package init(
        familyName: String,
        givenName: String,
        birthDate: CalendarDate? = nil,
        sex: Sex? = nil,
        number: String = ""
    ) {
        // Fowler, Noll and Vo's hash: Swift's own differs from run to run.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(familyName)#\(givenName)#\(number)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3
        }
        index = Self.registerSize + Int(hash >> 16)
        self.familyName = familyName
        self.givenName = givenName
        self.birthDate = birthDate
        self.sex = sex
        self.number = number
    }

    /// Female and male names in turn.
    private static let givenNames = zip(Names.female, Names.male).flatMap { [$0, $1] }
}
