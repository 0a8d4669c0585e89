/// How a private server is set, whatever its configuration file says.
enum ServerSettings {
    /// The settings of every private server.
    static func all(socketFolder: String) -> [String: String] {
        [
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": socketFolder,
            "unix_socket_permissions": "0700",
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "max_connections": "100",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_destination": "stderr",
            "logging_collector": "off",
            // Messages about statements quote values; whoever sent the statement has them anyway.
            "log_min_messages": "log",
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_statement": "none",
            "log_checkpoints": "off",
        ]
    }

    /// The settings as the server's arguments, in a stable order.
    static func arguments(_ settings: [String: String]) -> [String] {
        settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    }
}
