import Folders

extension SourceConfiguration {
    func folderConfiguration(_ hashKey: PathHashKey) -> FolderConfiguration {
        var configuration = FolderConfiguration(hashKey: hashKey)
        configuration.requiresMount = requiresMount
        configuration.strategy =
            switch watch {
            case .auto: .auto
            case .inotify: .inotify
            case .poll: .polling
            }
        return configuration
    }
}
