import Foundation
import TestKit
import Testing

@testable import Systemd

@Suite struct CredentialsTests {
    @Test func `a credential is read whole`() async throws {
        try await TemporaryFolder.with { folder async throws in
            let bytes = [UInt8](0...255)
            try Data(bytes).write(to: URL(filePath: "\(folder)/key"))
            let credentials = Credentials(environment: ["CREDENTIALS_DIRECTORY": folder])
            #expect(try credentials.read("key") == bytes)
            #expect(try credentials.read("key", maximumBytes: 256) == bytes)
        }
    }

    @Test func `a line has no end`() async throws {
        try await TemporaryFolder.with { folder async throws in
            try Data("secret word\r\n".utf8).write(to: URL(filePath: "\(folder)/password"))
            let credentials = Credentials(environment: ["CREDENTIALS_DIRECTORY": folder])
            #expect(try credentials.line("password") == "secret word")
        }
    }

    @Test func `a credential that is too large is refused`() async throws {
        try await TemporaryFolder.with { folder async throws in
            try Data(count: 257).write(to: URL(filePath: "\(folder)/key"))
            let credentials = Credentials(environment: ["CREDENTIALS_DIRECTORY": folder])
            #expect(throws: SystemdError.credentialTooLarge(name: "key", maximumBytes: 256)) {
                try credentials.read("key", maximumBytes: 256)
            }
        }
    }

    @Test func `a credential that is not there is told`() async throws {
        try await TemporaryFolder.with { folder async throws in
            for environment in [["CREDENTIALS_DIRECTORY": folder], [:]] {
                #expect(throws: SystemdError.credentialMissing(name: "key")) {
                    try Credentials(environment: environment).read("key")
                }
            }
        }
    }

    @Test(arguments: ["", ".", "..", "../key", "a/b", "a\u{0}b"])
    func `a name cannot leave the folder`(name: String) {
        #expect(throws: SystemdError.credentialName) {
            try Credentials(environment: ["CREDENTIALS_DIRECTORY": "/etc"]).read(name)
        }
    }
}
