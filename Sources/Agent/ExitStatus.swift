/// The process's exit statuses, from sysexits(3).
package enum ExitStatus: Int32, Sendable {
    case dataInvalid = 65
    case noInput = 66
    case unavailable = 69
    case internalError = 70
    case cannotCreate = 73
    case diskFailed = 74
    case inUse = 75
    case notPermitted = 77
    case configuration = 78

    /// The status that `error` ends a command with.
    package init(_ error: any Error) {
        self =
            switch error {
            case is ConfigurationError, is SealingError: .configuration
            case let error as StateFolderError:
                error.reason == .inUse ? .inUse : .cannotCreate
            case let error as StoreError:
                if case .newerSchema = error { .configuration } else { .diskFailed }
            case let error as ControlError:
                switch error.code {
                case .unavailable: .unavailable
                case .forbidden: .notPermitted
                case .notFound: .noInput
                case .badRequest, .tooLong, .failed: .internalError
                }
            default: .internalError
            }
    }
}
