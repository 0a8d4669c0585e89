import ArgumentParser

/// The command `clinic-hub`.
@main
struct ClinicHub: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clinic-hub",
        abstract: "Receives what the clinic's Agents capture, and shows it to clinicians.",
        discussion: """
            To try it on this machine:
              clinic-hub serve --state /var/lib/clinic-hub --embedded-postgres
              clinic-hub user invite --state /var/lib/clinic-hub --embedded-postgres \\
                --email you@clinic.example --name "Your Name" --role administrator
            Then open http://127.0.0.1:8443.

            Every option is also a key of the configuration file and an environment variable:
            see clinic-hub config.
            """,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, UserCommand.self, SiteCommand.self,
            AgentCommand.self, TokenCommand.self, AuditCommand.self, RoutesCommand.self,
            SecurityReportCommand.self, MailCommand.self,
            RetentionCommand.self, ProcessingRecordCommand.self, ConfigCommand.self,
        ]
    )
}
