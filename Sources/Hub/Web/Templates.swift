import Foundation
import Hummingbird
import Mustache

/// A page: a plain value whose fields a template shows.
package protocol Page: Sendable {
    /// The template's file name without its ending.
    static var template: String { get }
}

/// Every template, compiled.
package struct Templates: Sendable {
    /// The names of the style sheet and the script.
    package let assets: Assets.Names
    private let library: MustacheLibrary

    /// Compiles every template of `folder`.
    ///
    /// Throws `TemplateError` where one does not compile or names a partial that is not there:
    /// a Hub with a broken page does not start.
    init(folder: URL, assets: Assets.Names) throws {
        self.assets = assets
        HTMLText.register()
        var texts: [String: String] = [:]
        for file in try FileManager.default.contentsOfDirectory(
            at: folder,
            includingPropertiesForKeys: nil
        ) where file.pathExtension == "mustache" {
            let name = file.deletingPathExtension().lastPathComponent
            texts[name] = try String(contentsOf: file, encoding: .utf8)
        }
        var library = MustacheLibrary()
        for (name, text) in texts {
            guard !text.contains("{{{"), !text.contains("{{&") else {
                throw TemplateError(name: name, problem: "writes without escaping")
            }
            for match in text.matches(of: /\{\{[<>]\s*([a-z-]+)/)
            where texts[String(match.output.1)] == nil {
                throw TemplateError(
                    name: name,
                    problem: "names \(match.output.1), which is not there"
                )
            }
            do {
                try library.register(HTMLText.pragma + text, named: name)
            } catch {
                throw TemplateError(name: name, problem: "does not compile: \(error)")
            }
        }
        self.library = library
        for page in Self.pages where library.getTemplate(named: page.template) == nil {
            throw TemplateError(name: page.template, problem: "is missing")
        }
    }

    /// Every kind of page there is.
    static let pages: [any Page.Type] = [
        ErrorPage.self, SignInPage.self, ReadingsPage.self, ReadingRow.self, ReadingPage.self,
        QuarantinePage.self, AgentsPage.self, StationPage.self, StationOpenPage.self,
        DevicesPage.self, DevicePage.self, RulesPage.self, DocumentPage.self,
        DecodingPage.self, OperationPage.self,
        PatientsPage.self, PatientPage.self, PatientExportPage.self, PatientFormPage.self,
        AlikePart.self,
        PatientJoinPage.self, MatchPage.self,
        SendPage.self, SendsPage.self, AuditPage.self,
        FactorPage.self, EnrolmentPage.self, RecoveryCodesPage.self, JoinPage.self,
        OwnAccountPage.self, OwnFactorPage.self, AccountsPage.self, AccountCodePage.self,
        EmergencyPage.self, EmergenciesPage.self, ProgramsPage.self, ProgramTokenPage.self,
        ProgramApprovalPage.self,
    ]

    /// The page as text.
    func render<Shown: Page>(_ page: Shown) -> String {
        guard let text = library.render(page, withTemplate: Shown.template) else {
            preconditionFailure("every page's template was found at the start")
        }
        return text
    }

    /// The page as an answer.
    func response(
        _ page: some Page,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: render(page)))
        )
    }
}

/// A template that cannot be used.
package struct TemplateError: Error, CustomStringConvertible {
    let name: String
    let problem: String

    package var description: String { "template \(name) \(problem)" }
}
