// swift-tools-version: 6.2
import PackageDescription

/// The settings of every target: see docs/decisions/0002-swift-settings.md.
var house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]
// With the static standard library the C library's structures belong to two modules at once, and
// this check then asks for the one that cannot be imported. So it holds in every build but that.
if Context.environment["CLINIC_STATIC_STDLIB"] == nil {
    house.append(.enableUpcomingFeature("MemberImportVisibility"))
}

// The path of libFuzzer's runtime, which scripts/fuzz gives: then everything is built for it.
let fuzzer = Context.environment["CLINIC_FUZZ"]
if fuzzer != nil { house.append(.unsafeFlags(["-sanitize=fuzzer"])) }

/// Debian's C libraries, each with one module map and nothing else.
let systemLibraries: [Target] = [
    .systemLibrary(
        name: "CCurl",
        pkgConfig: "libcurl",
        providers: [.apt(["libcurl4-openssl-dev"])]
    ),
    .systemLibrary(
        name: "CLibXML2",
        pkgConfig: "libxml-2.0",
        providers: [.apt(["libxml2-dev"])]
    ),
    .systemLibrary(
        name: "CPCSC",
        pkgConfig: "libpcsclite",
        providers: [.apt(["libpcsclite-dev"])]
    ),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let signals = Target.Dependency.product(
    name: "UnixSignals",
    package: "swift-service-lifecycle"
)
let configuration = Target.Dependency.product(
    name: "Configuration",
    package: "swift-configuration"
)
let arguments = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")

/// Pure modules and wrappers: they know no process, and wrappers know no domain.
let libraries: [Target] = [
    .target(name: "Shared", dependencies: [crypto], swiftSettings: house),
    .target(name: "XML", dependencies: ["CLibXML2"], swiftSettings: house),
    .target(name: "Gzip", dependencies: ["CZlib"], swiftSettings: house),
    .target(name: "Mail", dependencies: ["CCurl"], swiftSettings: house),
    .target(name: "Folders", dependencies: ["CLinux", logging], swiftSettings: house),
    .target(name: "SerialPort", dependencies: ["CLinux"], swiftSettings: house),
    .target(name: "Systemd", dependencies: [logging], swiftSettings: house),
    .target(name: "Udev", dependencies: ["CUdev", "CLinux"], swiftSettings: house),
    .target(
        name: "Postgres",
        dependencies: ["CPostgres", logging, lifecycle],
        swiftSettings: house
    ),
    .target(
        name: "DeviceFormats",
        dependencies: ["Shared", "XML"],
        exclude: [
            "GDT/README.md", "JOIA/README.md", "Optic/README.md", "Serial/README.md",
            "Visionix/README.md", "Writing/README.md",
        ],
        swiftSettings: house
    ),
    .target(
        name: "BelgianEID",
        dependencies: ["Shared", crypto, cryptoExtras, asn1],
        exclude: ["README.md"],
        swiftSettings: house
    ),
    .target(name: "SmartCard", dependencies: ["CPCSC"], swiftSettings: house),
    .target(name: "Sync", dependencies: ["Shared", "Gzip", crypto], swiftSettings: house),
]

/// The two processes, and the simulated devices that feed them.
let processes: [Target] = [
    .target(
        name: "Agent",
        dependencies: [
            "Shared", "BelgianEID", "DeviceFormats", "Folders", "Gzip", "SerialPort", "SmartCard",
            "Sync", "Systemd", "Udev", crypto, logging,
            lifecycle,
            configuration, x509, asn1, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS,
            .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "GRDBSQLite", package: "GRDB.swift"),
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
        ],
        swiftSettings: house
    ),
    .target(
        name: "Hub",
        dependencies: [
            "Shared", "DeviceFormats", "Gzip", "Mail", "Sync", "Postgres", "Systemd", crypto,
            logging, lifecycle,
            configuration, x509, asn1, nioCore, nioHTTP1, nioPosix, nioSSL,
            cryptoExtras,
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdCore", package: "hummingbird"),
            .product(name: "HummingbirdTLS", package: "hummingbird"),
            .product(name: "Mustache", package: "swift-mustache"),
        ],
        resources: [.copy("Resources")],
        swiftSettings: house
    ),
    .target(
        name: "Simulator",
        dependencies: ["Shared"],
        exclude: ["README.md"],
        swiftSettings: house
    ),
    .executableTarget(
        name: "clinic-agent",
        dependencies: [
            "Agent", "BelgianEID", "Shared", "DeviceFormats", "Sync", "Systemd", arguments,
            logging,
        ],
        swiftSettings: house
    ),
    .executableTarget(
        name: "clinic-hub",
        dependencies: [
            "Hub", "Mail", "Postgres", "Shared", "Sync", "Systemd", arguments, lifecycle, logging,
            signals,
        ],
        swiftSettings: house
    ),
    .executableTarget(
        name: "clinic-sim",
        dependencies: ["Simulator", "Shared", arguments],
        swiftSettings: house
    ),
]

let tests: [Target] = [
    .target(
        name: "TestKit",
        dependencies: ["Shared", "Sync", "Postgres", crypto, logging, asn1, x509],
        path: "Tests/TestKit",
        swiftSettings: house
    ),
    .target(
        name: "CardKit",
        dependencies: ["BelgianEID", "Shared", crypto, cryptoExtras],
        path: "Tests/CardKit",
        swiftSettings: house
    ),
    .testTarget(
        name: "BelgianEIDTests",
        dependencies: ["BelgianEID", "CardKit", "Shared"],
        swiftSettings: house
    ),
    .testTarget(
        name: "SmartCardTests",
        dependencies: ["SmartCard", "CPCSC", "BelgianEID", "CardKit", "Shared"],
        swiftSettings: house
    ),
    .testTarget(name: "SharedTests", dependencies: ["Shared"], swiftSettings: house),
    .target(
        name: "MailKit",
        dependencies: ["Mail", "TestKit"],
        path: "Tests/MailKit",
        exclude: ["smtp.py"],
        swiftSettings: house
    ),
    .testTarget(
        name: "MailTests",
        dependencies: ["Mail", "MailKit", "TestKit"],
        swiftSettings: house
    ),
    .testTarget(name: "XMLTests", dependencies: ["XML"], swiftSettings: house),
    .testTarget(name: "FoldersTests", dependencies: ["Folders", "TestKit"], swiftSettings: house),
    .testTarget(
        name: "SerialPortTests",
        dependencies: ["SerialPort"],
        swiftSettings: house
    ),
    .testTarget(name: "SystemdTests", dependencies: ["Systemd", "TestKit"], swiftSettings: house),
    .testTarget(name: "UdevTests", dependencies: ["Udev"], swiftSettings: house),
    .testTarget(
        name: "PostgresTests",
        dependencies: ["Postgres", "TestKit", logging],
        swiftSettings: house
    ),
    .testTarget(
        name: "DeviceFormatsTests",
        dependencies: ["DeviceFormats", "Shared"],
        resources: [.copy("Fixtures")],
        swiftSettings: house
    ),
    .testTarget(
        name: "SyncTests",
        dependencies: ["Sync", "Shared", "Gzip", crypto],
        resources: [.copy("Golden")],
        swiftSettings: house
    ),
    .target(
        name: "SyncSim",
        dependencies: ["Shared", "Sync"],
        path: "Tests/SyncSim",
        swiftSettings: house
    ),
    .testTarget(name: "SyncSimTests", dependencies: ["SyncSim"], swiftSettings: house),
    .executableTarget(
        name: "sync-soak",
        dependencies: ["SyncSim", arguments],
        path: "Tests/SyncSoak",
        swiftSettings: house
    ),
    .testTarget(
        name: "SimulatorTests",
        dependencies: ["Simulator", "DeviceFormats", "Shared"],
        swiftSettings: house
    ),
    .target(
        name: "CFaultDisk",
        path: "Tests/CFaultDisk",
        linkerSettings: [.linkedLibrary("sqlite3")]
    ),
    .testTarget(
        name: "AgentTests",
        dependencies: [
            "Agent", "BelgianEID", "CFaultDisk", "CardKit", "DeviceFormats", "Folders", "Gzip",
            "Shared", "SmartCard", "Sync", "Simulator", "TestKit", "Udev", nioCore, nioPosix,
            nioSSL,
            .product(name: "GRDBSQLite", package: "GRDB.swift"),
        ],
        swiftSettings: house
    ),
    .testTarget(
        name: "HubTests",
        dependencies: [
            "Hub", "Shared", "Sync", "Gzip", "Mail", "MailKit", "Postgres", "TestKit", crypto,
            asn1, lifecycle, logging, nioCore, nioSSL, x509,
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdTesting", package: "hummingbird"),
        ],
        swiftSettings: house
    ),
    .target(
        name: "ClinicRig",
        dependencies: [
            "Hub", "Shared", "Postgres", "clinic-agent", "clinic-hub", "clinic-sim", nioCore,
            nioHTTP1,
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
        ],
        path: "Tests/ClinicRig",
        swiftSettings: house
    ),
    .testTarget(
        name: "EndToEndTests",
        dependencies: [
            "BelgianEID", "CardKit", "ClinicRig", "Shared", "Simulator", "Postgres",
            .product(name: "GRDB", package: "GRDB.swift"),
        ],
        exclude: ["Hotplug/testbed.py"],
        swiftSettings: house
    ),
    .executableTarget(
        name: "clinic-bench",
        dependencies: [
            "Agent", "BelgianEID", "CardKit", "ClinicRig", "DeviceFormats", "Shared", "Simulator",
            "Hub", "Postgres", "Sync", arguments, logging, lifecycle,
            .product(name: "GRDB", package: "GRDB.swift"),
        ],
        path: "bench",
        swiftSettings: house
    ),
]

let fuzzing: [Target] =
    fuzzer.map { runtime in
        [
            .executableTarget(
                name: "clinic-fuzz",
                dependencies: ["BelgianEID", "CardKit", "DeviceFormats", "Shared", "Sync"],
                path: "Tests/Fuzz",
                swiftSettings: house + [.unsafeFlags(["-parse-as-library"])],
                linkerSettings: [.unsafeFlags([runtime, "-lstdc++", "-lm"])]
            )
        ]
    } ?? []

let package = Package(
    name: "clinic-gateway",
    products: [
        .executable(name: "clinic-agent", targets: ["clinic-agent"]),
        .executable(name: "clinic-hub", targets: ["clinic-hub"]),
        .executable(name: "clinic-sim", targets: ["clinic-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: [.trait(name: "YAML")]
        ),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: systemLibraries + libraries + processes + tests + fuzzing,
    swiftLanguageModes: [.v6]
)
