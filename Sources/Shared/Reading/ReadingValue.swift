/// One value of a reading, with everything that says what it means and where it stood.
package struct ReadingValue: Hashable, Sendable, Codable {
    /// The eye; `both` for binocular values and for what belongs to the pair.
    package var eye: Eye
    /// What was measured.
    package var quantity: Quantity
    /// The number; nil where the device wrote a word (`text`).
    package var value: ExactDecimal?
    /// A word in the place of a number, such as the visual acuity `CF`.
    package var text: String?
    /// The unit, in UCUM.
    package var unit: Unit
    /// Of several shots; nil where the device does not say.
    package var statistic: Statistic?
    /// The number of a single shot; the representative value has none.
    package var shot: Int?
    /// Far or near, for refractions.
    package var distance: TestDistance?
    /// The distance in centimetres, as the device gives it.
    package var distanceCm: ExactDecimal?
    /// The pupil zone in millimetres: 3, 5 or 7.
    package var zone: Int?
    /// The corneal meridian.
    package var meridian: Meridian?
    /// Photopic or mesopic.
    package var lighting: Lighting?
    /// True for an intraocular pressure that the device itself corrected.
    package var corrected: Bool?
    /// The direction of a prism's base.
    package var base: PrismBase?
    /// The device's own text where normalising changed it.
    package var raw: String?
    /// True where the product computed the value.
    package var derived: Bool?
    /// Where in the document the value stands.
    package var path: String?

    /// Takes eye, quantity, value and unit; the rest is set where it applies.
    package init(eye: Eye, quantity: Quantity, value: ExactDecimal?, unit: Unit) {
        self.eye = eye
        self.quantity = quantity
        self.value = value
        self.unit = unit
    }
}
