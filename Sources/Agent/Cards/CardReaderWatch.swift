import Logging
import ServiceLifecycle
import Udev

/// Has the readers looked for at once when udev tells of one, whatever pcscd has noticed.
///
/// Without it they are looked for every few seconds.
struct CardReaderWatch: Service {
    private let relist: @Sendable () -> Void
    private let logger: Logger

    /// How long udev is left alone after it could not be listened to.
    private static let pause = Duration.seconds(60)

    /// `relist` is called for each reader that comes or goes.
    init(logger: Logger, relist: @escaping @Sendable () -> Void) {
        self.logger = logger
        self.relist = relist
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(UdevError) {
                    for try await event in UdevEvents(subsystems: ["usb"])
                    where Self.isReader(event) {
                        relist()
                    }
                } catch {
                    logger.info(
                        "Readers are looked for by the clock",
                        metadata: ["code": "\(error)"]
                    )
                }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// True where a USB device of the class 0B (smart card, USB CCID 1.1) came or went.
    static func isReader(_ event: UdevEvent) -> Bool {
        switch event {
        case .added(let device), .removed(let device):
            device.properties["ID_USB_INTERFACES"]?.contains(":0b") == true
        case .present, .changed, .settled: false
        }
    }
}
