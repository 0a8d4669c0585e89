import ArgumentParser
import Foundation
import Glibc

/// A password from a file, from the keyboard, or made up.
struct NewPassword {
    let text: String
    /// True where nobody has seen it yet.
    let isMadeUp: Bool

    /// Throws `ValidationError` where the file cannot be read or the two entries differ.
    init(file: String?) throws {
        if let file {
            guard let content = try? String(contentsOfFile: file, encoding: .utf8),
                let line = content.split(separator: "\n", maxSplits: 1).first
            else { throw ValidationError("\(file) holds no password.") }
            self.init(text: String(line), isMadeUp: false)
        } else if isatty(STDIN_FILENO) == 1 {
            let typed = Self.ask("Password (empty to have one made up): ")
            guard !typed.isEmpty else {
                self.init(text: Self.random(), isMadeUp: true)
                return
            }
            guard Self.ask("The same again: ") == typed else {
                throw ValidationError("The two passwords differ.")
            }
            self.init(text: typed, isMadeUp: false)
        } else {
            self.init(text: Self.random(), isMadeUp: true)
        }
    }

    private init(text: String, isMadeUp: Bool) {
        self.text = text
        self.isMadeUp = isMadeUp
    }

    /// 100 random bits in letters and digits that are not taken for one another.
    private static func random() -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        var generator = SystemRandomNumberGenerator()
        let groups = (0..<5).map { _ in
            String(
                (0..<4).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }
            )
        }
        return groups.joined(separator: "-")
    }

    /// Reads a line from the terminal without showing it.
    private static func ask(_ prompt: String) -> String {
        FileHandle.standardError.write(Data(prompt.utf8))
        var shown = termios()
        tcgetattr(STDIN_FILENO, &shown)
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        return readLine() ?? ""
    }
}
