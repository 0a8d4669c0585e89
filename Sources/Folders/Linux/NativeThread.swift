internal import CLinux
internal import Glibc

/// A thread of the operating system's, for calls that may never return.
///
/// The cooperative pool has one thread per processor: two hanging shares would stop the process.
enum NativeThread {
    /// Starts `body` on its own thread; false where the system gives no more threads.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let context = Unmanaged.passRetained(ThreadBody(name: name, body: body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { pointer in
                guard let pointer else { return nil }
                let context = Unmanaged<ThreadBody>.fromOpaque(pointer).takeRetainedValue()
                pthread_detach(pthread_self())
                clinic_name_thread(context.name)
                context.body()
                return nil
            },
            context.toOpaque()
        )
        if result != 0 { context.release() }
        return result == 0
    }
}

private final class ThreadBody: Sendable {
    /// At most 15 bytes: the kernel refuses more.
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}
