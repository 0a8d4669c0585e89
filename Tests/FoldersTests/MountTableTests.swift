import Testing

@testable import Folders

@Suite struct MountTableTests {
    static let table = MountTable(
        parsing: Array(
            """
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            40 27 0:40 / /srv/devices/l80 rw,relatime shared:5 master:1 - cifs //l80/ClientDB rw
            41 27 0:41 / /srv/my\\040share\\134x rw - nfs4 nas:/x rw
            42 27 0:42 / /media/stick rw - vfat /dev/sdb1 rw
            43 27 0:43 / /srv/over rw - ext4 /dev/sdc rw
            44 43 0:44 / /srv/over rw - fuse.sshfs x rw
            garbage
            45 27 0:45 / /cut

            """.utf8
        )
    )

    private func path(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [
        ("/srv/devices/l80", "cifs"), ("/srv/devices/l80/DOE#Jane", "cifs"),
        ("/srv/devices/l80-old", "ext4"), ("/srv/my share\\x/a", "nfs4"), ("/", "ext4"),
        ("/srv/over/a", "fuse.sshfs"), ("/media/stick", "vfat"),
    ])
    func `the deepest and last mount holds a path`(text: String, fileSystem: String) {
        #expect(Self.table.mount(containing: path(text))?.fileSystem == fileSystem)
    }

    @Test func `lines that are cut or foreign are passed over`() {
        #expect(Self.table.mounts.count == 6)
        #expect(MountTable(parsing: []).mount(containing: path("/a")) == nil)
    }

    @Test func `only an exact mount point counts as mounted`() {
        #expect(Self.table.hasMount(at: path("/srv/devices/l80")))
        #expect(!Self.table.hasMount(at: path("/srv/devices")))
    }

    @Test(arguments: [
        ("/srv/devices/l80", true), ("/home", false), ("/media/stick", false),
        // A local folder with a share below it needs polling too.
        ("/srv/devices", true),
    ])
    func `shares are polled`(text: String, isPolled: Bool) {
        #expect(Self.table.needsPolling(path(text)) == isPolled)
    }

    @Test(arguments: ["cifs", "smb3", "nfs", "nfs4", "fuse", "fuse.bindfs", "fuseblk", "9p"])
    func `a remote file system is recognised`(name: String) {
        #expect(MountTable.isRemote(name))
    }

    @Test(arguments: ["ext4", "tmpfs", "btrfs", "xfs", "vfat", "exfat", "overlay"])
    func `a local file system is recognised`(name: String) {
        #expect(!MountTable.isRemote(name))
    }

    @Test func `this computer's own table has a root`() {
        #expect(MountTable.current().hasMount(at: path("/")))
    }
}
