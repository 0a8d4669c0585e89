import Foundation
import Hummingbird
import Shared

/// The style sheet, the script and the mark, under names that change with their content.
package struct Assets: Sendable {
    /// The addresses that pages link to.
    package struct Names: Sendable {
        let style: String
        let script: String
        let mark: String
    }

    package let names: Names
    private let files: [String: (type: String, body: ByteBuffer)]

    /// Reads the three files of `folder`, each with its parts behind it.
    init(folder: URL) throws {
        let parts = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
        var files: [String: (type: String, body: ByteBuffer)] = [:]
        func take(_ name: String, _ ending: String, _ type: String) throws -> String {
            var bytes = Array(try Data(contentsOf: folder.appending(path: "\(name).\(ending)")))
            // Parts of the same: `app.devices.css` stands behind `app.css`.
            for part in parts
            where part.hasPrefix("\(name).") && part.hasSuffix(".\(ending)")
                && part != "\(name).\(ending)"
            {
                bytes += Array(try Data(contentsOf: folder.appending(path: part)))
            }
            let hash = Digest256(of: bytes).hexadecimal.prefix(16)
            let file = "\(name).\(hash).\(ending)"
            files[file] = (type, ByteBuffer(bytes: bytes))
            return "/assets/\(file)"
        }
        names = Names(
            style: try take("app", "css", "text/css; charset=utf-8"),
            script: try take("app", "js", "text/javascript; charset=utf-8"),
            mark: try take("mark", "svg", "image/svg+xml")
        )
        self.files = files
    }

    /// Adds the route that serves them, for as long as a browser likes to keep them.
    func addRoutes(to routes: inout Routes) {
        let files = files
        routes.getForEveryone("/assets/{file}") { visit in
            guard let file = visit.context.parameters.get("file").flatMap({ files[$0] }) else {
                throw PageError.notFound
            }
            return Response(
                status: .ok,
                headers: [
                    .contentType: file.type,
                    .cacheControl: "public, max-age=31536000, immutable",
                ],
                body: ResponseBody(byteBuffer: file.body)
            )
        }
    }
}
