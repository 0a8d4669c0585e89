import Folders
import Sync
import Testing
import Udev

@testable import Agent

@Suite struct `What udev and the mount table tell together` {
    private let mount = MountedFolder(
        path: "/run/clinic-media/sda1",
        fileSystem: "vfat",
        device: "8:1",
        source: "/dev/sda1"
    )

    /// The attachments that come (`+`) and go (`-`), by name.
    private func summary(_ inputs: [DeviceSupervisor.Input]) -> [String] {
        inputs.map { input in
            switch input {
            case .attached(let device): "+\(device.adapter.label ?? "")\(device.id)"
            case .detached(let id): "-\(id)"
            default: "?"
            }
        }
    }

    @Test func `a stick is attached while it is mounted`() {
        var attachments = Attachments()
        #expect(attachments.take(.added(DeviceSample.block())).isEmpty)
        #expect(summary(attachments.take([mount])) == ["+EXPORT\(mount.path)"])
        #expect(summary(attachments.take([])) == ["-\(mount.path)"])
    }

    @Test func `a stick that is pulled out is gone, though its mount stays a while`() {
        var attachments = Attachments()
        _ = attachments.take(.added(DeviceSample.block()))
        _ = attachments.take([mount])
        #expect(summary(attachments.take(.removed(DeviceSample.block()))) == ["-\(mount.path)"])
        #expect(attachments.take([mount]).isEmpty)
        // The next one, with the same name, is mounted anew.
        #expect(attachments.take([]).isEmpty)
        _ = attachments.take(.added(DeviceSample.block(label: "OTHER")))
        #expect(summary(attachments.take([mount])) == ["+OTHER\(mount.path)"])
    }

    @Test func `a stick in the place of another is read, though nobody saw its mount change`() {
        var attachments = Attachments()
        _ = attachments.take(.added(DeviceSample.block()))
        _ = attachments.take([mount])
        _ = attachments.take(.removed(DeviceSample.block()))
        // The table between the two came too late to be told: it looks as it did.
        let next = attachments.take(.added(DeviceSample.block(label: "OTHER")))
        #expect(summary(next) == ["+OTHER\(mount.path)"])
    }

    @Test func `a mount that names its disk otherwise is known by the number`() {
        var attachments = Attachments()
        let renamed = MountedFolder(
            path: mount.path,
            fileSystem: "vfat",
            device: "8:1",
            source: "/dev/disk/by-label/EXPORT"
        )
        _ = attachments.take(.added(DeviceSample.block()))
        #expect(summary(attachments.take([renamed])) == ["+EXPORT\(mount.path)"])
    }

    @Test func `a mount whose disk is not known yet is noticed`() {
        var attachments = Attachments()
        #expect(attachments.lacksBlocks(of: [mount]))
        _ = attachments.take(.added(DeviceSample.block()))
        #expect(!attachments.lacksBlocks(of: [mount]))
    }

    @Test func `a stick that is listed with its mount is never known by its folder alone`() {
        var attachments = Attachments()
        let inputs = attachments.take([mount], listed: [DeviceSample.block()])
        #expect(summary(inputs) == ["+EXPORT\(mount.path)"])
    }

    @Test func `a stick that was mounted before udev told of it is told once, by its name`() {
        var attachments = Attachments()
        _ = attachments.take(.added(DeviceSample.block()), mounts: [mount])
        _ = attachments.take(.removed(DeviceSample.block()), mounts: [mount])
        _ = attachments.take([])
        let next = attachments.take(.added(DeviceSample.block(label: "OTHER")), mounts: [mount])
        #expect(summary(next) == ["+OTHER\(mount.path)"])
    }

    @Test func `after udev was away, what it does not tell any more has gone`() {
        var attachments = Attachments()
        attachments.beginListing()
        let (kept, gone) = (DeviceSample.tty("ttyUSB0"), DeviceSample.tty("ttyUSB1"))
        _ = attachments.take(.present(kept))
        _ = attachments.take(.present(gone))
        #expect(attachments.take(.settled).isEmpty)
        attachments.beginListing()
        _ = attachments.take(.present(kept))
        #expect(summary(attachments.take(.settled)) == ["-\(gone.path)"])
    }
}
