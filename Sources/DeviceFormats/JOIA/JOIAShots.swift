import Shared
import XML

/// The single shots of one eye and the value that stands for them.
struct JOIAShots {
    let side: DocumentNode
    let eye: Eye
    /// The element that holds the value that stands for the eye, and what it is.
    var summary = (name: "Median", statistic: Statistic.median)

    /// Adds each shot, then the summary; without one, the last shot that did not fail stands for
    /// the eye.
    func decode(
        into draft: inout ReadingDraft,
        _ body: (DocumentNode, ReadingValue, inout ReadingDraft) throws(DocumentFailure) -> Void
    ) throws(DocumentFailure) {
        var lastGood: DocumentNode?
        for (position, shot) in side.list("List").enumerated()
        where try !shot.noteError(eye: eye, in: &draft) {
            let before = draft.values.count
            var template = ReadingValue(eye, .sphere)
            template.statistic = .single
            template.shot = Int(shot.element.attribute("No")?.trimmingBlanks ?? "") ?? position + 1
            try body(shot, template, &draft)
            if draft.values.count > before { lastGood = shot }
        }
        let before = draft.values.count
        var template = ReadingValue(eye, .sphere)
        if let node = try side.child(summary.name) {
            template.statistic = summary.statistic
            try body(node, template, &draft)
        }
        guard draft.values.count == before, let lastGood else { return }
        template.statistic = .single
        try body(lastGood, template, &draft)
    }
}
