import Configuration
import Foundation

/// What the command line says about the configuration.
package struct HubOptions: Sendable {
    package var configurationFile: String?
    package var state: String?
    package var databaseURL: String?
    package var usesEmbeddedPostgres: Bool
    package var web: String?
    package var agents: String?

    package init(
        configurationFile: String? = nil,
        state: String? = nil,
        databaseURL: String? = nil,
        usesEmbeddedPostgres: Bool = false,
        web: String? = nil,
        agents: String? = nil
    ) {
        self.configurationFile = configurationFile
        self.state = state
        self.databaseURL = databaseURL
        self.usesEmbeddedPostgres = usesEmbeddedPostgres
        self.web = web
        self.agents = agents
    }
}

extension HubConfiguration {
    /// Reads `options`, `environment`, the file that the options name, and systemd's credentials.
    ///
    /// Throws `ConfigurationError`.
    package init(options: HubOptions, environment: [String: String]) async throws {
        var providers: [any ConfigProvider] = [
            Self.provider(options),
            EnvironmentVariablesProvider(
                environmentVariables: environment.filter { $0.key.hasPrefix("CLINIC_HUB_") }
            ).prefixKeys(with: ["clinic", "hub"]),
        ]
        if let file = options.configurationFile {
            do {
                let path = InMemoryProvider(
                    values: ["filePath": ConfigValue(.string(file), isSecret: false)]
                )
                providers.append(
                    try await FileProvider<YAMLSnapshot>(config: ConfigReader(provider: path))
                )
            } catch {
                throw ConfigurationError("--config", "\(file) cannot be read as YAML (\(error)).")
            }
        }
        providers.append(Self.credentials(environment["CREDENTIALS_DIRECTORY"]))
        try self.init(reader: ConfigReader(providers: providers), environment: environment)
    }

    private static func provider(_ options: HubOptions) -> InMemoryProvider {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        func set(_ key: AbsoluteConfigKey, _ text: String?, isSecret: Bool = false) {
            values[key] = text.map { ConfigValue(.string($0), isSecret: isSecret) }
        }
        set(["state"], options.state.map(absolute))
        set(["database", "url"], options.databaseURL, isSecret: true)
        if options.usesEmbeddedPostgres { set(["database", "embedded"], "true") }
        set(["web", "address"], options.web)
        set(["agents", "address"], options.agents)
        return InMemoryProvider(name: "command line", values: values)
    }

    /// The secrets of the configuration, from the folder that systemd gives the service.
    private static func credentials(_ folder: String?) -> InMemoryProvider {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        let files = [
            ("database.url", "database", "url"), ("database.owner-url", "database", "ownerUrl"),
            ("mail.password", "mail", "password"),
        ]
        for (file, group, key) in files {
            guard let folder,
                let text = try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            else { continue }
            values[[group, key]] = ConfigValue(.string(text.trimmed), isSecret: true)
        }
        return InMemoryProvider(name: "credentials", values: values)
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }
}
