import Foundation
import TestKit
import Testing

@testable import Hub

struct TemplatesTests {
    private let names = Assets.Names(style: "/s", script: "/j", mark: "/m")

    @Test func `every template of the Hub compiles and every page has one`() throws {
        _ = try Templates(folder: Resources.folder.appending(path: "templates"), assets: names)
    }

    @Test(arguments: [
        ("{{{raw}}}", "writes without escaping"), ("{{&raw}}", "writes without escaping"),
        ("{{#a}}", "does not compile"), ("{{>nowhere}}", "names nowhere"),
    ])
    func `a broken template keeps the Hub from starting`(text: String, problem: String) async throws
    {
        try await TemporaryFolder.with { folder in
            try text.write(toFile: "\(folder)/a.mustache", atomically: true, encoding: .utf8)
            let error = try #require(throws: TemplateError.self) {
                try Templates(folder: URL(filePath: folder), assets: names)
            }
            #expect(error.problem.hasPrefix(problem))
        }
    }

    @Test func `assets have names that change with their content`() throws {
        let assets = try Assets(folder: Resources.folder.appending(path: "assets"))
        #expect(assets.names.style.wholeMatch(of: /\/assets\/app\.[0-9a-f]{16}\.css/) != nil)
        #expect(assets.names.script.wholeMatch(of: /\/assets\/app\.[0-9a-f]{16}\.js/) != nil)
    }

    @Test func `no page holds script or style of its own`() throws {
        let folder = Resources.folder.appending(path: "templates")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        #expect(files.count > 8)
        for file in files {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            #expect(!text.contains("style=\""), "\(file)")
            #expect(text.firstMatch(of: /<script(?! src=)|\son[a-z]+=/) == nil, "\(file)")
        }
    }
}
