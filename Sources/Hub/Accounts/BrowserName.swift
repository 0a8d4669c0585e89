import HTTPTypes
import Hummingbird

/// What a browser calls itself, in words that its owner recognises: `Firefox on Windows`.
enum BrowserName {
    /// The stored text: the browser's own, cut short, without anything that is no plain text.
    static func stored(_ request: Request) -> String {
        let text = request.headers[.userAgent] ?? ""
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(200).filter { (32..<127).contains($0.value) }
            )
        )
    }

    /// In words: what the browser says, which proves nothing.
    static func words(_ stored: String?) -> String {
        guard let stored, !stored.isEmpty else { return "a program without a name" }
        let browser = [
            ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
            ("Safari/", "Safari"), ("curl/", "curl"),
        ].first { stored.contains($0.0) }?.1
        let system = [
            ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
        ].first { stored.contains($0.0) }?.1
        switch (browser, system) {
        case (let browser?, let system?): return "\(browser) on \(system)"
        case (let browser?, nil): return browser
        case (nil, let system?): return "a browser on \(system)"
        case (nil, nil): return String(stored.prefix(40))
        }
    }
}
