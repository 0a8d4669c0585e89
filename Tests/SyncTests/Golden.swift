import Foundation
import Shared
import Testing

/// The wire's golden files: written by hand, or by another program than the product's.
enum Golden {
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(
            Bundle.module.url(forResource: "Golden/\(name)", withExtension: nil)
        )
        return Array(try Data(contentsOf: url))
    }

    /// The file without its last line end, as the product writes it.
    static func line(_ name: String) throws -> [UInt8] {
        let bytes = try bytes(name)
        return bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes
    }
}

/// Short-hand for values that only have to differ.
enum Sample {
    static let hub = Identifier(derivedFrom: [Array("hub".utf8)])
    static let time = Instant(milliseconds: 1_763_629_200_000)

    static func identifier(_ number: Int) -> Identifier {
        Identifier(derivedFrom: [Array("\(number)".utf8)])
    }
}
