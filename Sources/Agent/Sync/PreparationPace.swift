/// When the push behind the one that is on its way is made ready.
///
/// Not at once: a Hub on the same machine reads a push first and has its database store it then,
/// and while it reads it has use for every processor. Not so late that the reply would wait for it.
struct PreparationPace: Equatable {
    /// How long the last push was on its way.
    private(set) var way = Duration.zero
    /// How long the last one took to be made ready.
    private(set) var work = Duration.zero

    /// How long to wait from when a push is sent: a third of its way, where the work and a quarter of
    /// it have room behind that.
    var delay: Duration { max(.zero, min(way / 3, way - work * 5 / 4)) }

    /// A push came back.
    mutating func sent(in way: Duration) { self.way = way }

    /// A push was made ready.
    mutating func prepared(in work: Duration) { self.work = work }
}
