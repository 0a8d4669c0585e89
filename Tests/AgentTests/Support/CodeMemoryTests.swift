import Testing

@testable import Agent

/// What of a process is code, and can be had again from its file.
struct CodeMemoryTests {
    private let code =
        "55d0c2a00000-55d0c4b60000 r-xp 0080e000 fe:00 1234   /usr/bin/clinic-agent\n"

    @Test func `the code of the program and of a library is handed back`() throws {
        let range = try #require(CodeMemory.codeRange(code))
        #expect(range.start == 0x55d0_c2a0_0000)
        #expect(range.count == 0x216_0000)
        let library = code.replacing("/usr/bin/clinic-agent", with: "/usr/lib/libc.so.6")
        #expect(CodeMemory.codeRange(library) != nil)
        // An update has put another file in its place; the one that runs is still there.
        #expect(CodeMemory.codeRange(code.replacing("agent\n", with: "agent (deleted)\n")) != nil)
    }

    @Test(arguments: [
        "55d0c2a00000-55d0c4b60000 r--p 0080e000 fe:00 1234   /usr/bin/clinic-agent\n",
        "55d0c2a00000-55d0c4b60000 rw-p 0080e000 fe:00 1234   /usr/bin/clinic-agent\n",
        "55d0c2a00000-55d0c4b60000 rwxp 0080e000 fe:00 1234   /usr/bin/clinic-agent\n",
        "7ffd5a1f0000-7ffd5a1f2000 r-xp 00000000 00:00 0      [vdso]\n",
        "7f0000000000-7f0000001000 r-xp 00000000 00:00 0\n",
        "55d0c4b60000-55d0c2a00000 r-xp 0080e000 fe:00 1234   /usr/bin/clinic-agent\n",
        "x-y r-xp 0080e000 fe:00 1234   /usr/bin/clinic-agent\n",
        "",
    ])
    func `nothing else is`(_ line: String) {
        #expect(CodeMemory.codeRange(line) == nil)
    }

    @Test func `what was handed back runs again`() {
        CodeMemory.handBack()
        #expect((1...100).reduce(0, +) == 5050)
    }
}
