"""What a real kernel, udev and systemd make of our Agent. Each function gets a PC with nothing
plugged in and a function that plays a device; it raises `Failed` where something is not so.
"""

import json
import os

from guest import Failed

REFRACTOMETER = "usb:0403:6001:RM8000A"
LENSMETER = "usb:0403:6001:L70A"

# An invented refraction, as an RM-8000 sends it.
FRAME = b"A\rR\r+ 0.75\r- 1.50\r 85\r\rL\r- 3.00\r 0.00\r 0\r\r58.5\r\x04"

# Slow enough that a stick is pulled out in the middle, and fast enough to get there.
SLOW = 60_000


def require(condition, sentence):
    if not condition:
        raise Failed(sentence)


class Line:
    """The device's end of an adapter, held open so that it does not hang up between two plays."""

    def __init__(self, pc, name, serial):
        self.pc, self.name = pc, name
        self.path = pc.guest.plug_adapter(name, serial)
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_NOCTTY)

    def write(self, data):
        os.write(self.descriptor, data)

    def unplug(self):
        self.pc.guest.unplug_adapter(self.name)
        os.close(self.descriptor)


def undisturbed(pc, before):
    """The Agent is the process that it was."""
    now = pc.agent()
    require(now == before, f"the Agent was {before} and is {now}")


def an_adapter_after_a_start_without_any(pc, sim, _):
    """An adapter is opened at once after a start without any, and what comes is a document."""
    require(pc.guest.try_running("ls /dev/ttyUSB*")[0] != 0, "an adapter is there already")
    pc.guest.run("grep -w ttyUSB /proc/devices")
    before = pc.agent()
    line = Line(pc, "ftdi0", "RM8000A")
    pc.wait_for_state(REFRACTOMETER, "ready")
    require(pc.device(REFRACTOMETER)["driver"] == "rm8000", "its rule is not obeyed")
    sim.play("rm8000", line.path)
    pc.wait_for_documents(1)
    require(pc.pending("reading") > 0, "the document has no readings")
    # Pulled out in the middle of the next one.
    came = pc.device(REFRACTOMETER)["bytes"]
    line.write(FRAME[:20])
    pc.guest.wait(
        "the beginning has come", lambda: pc.device(REFRACTOMETER).get("bytes") == came + 20
    )
    line.unplug()
    pc.wait_for_state(REFRACTOMETER, "detached/cut-detached")
    require(pc.pending("document") == 2, "what had come of the second one is not kept")
    # And again, under whatever name the kernel gives it.
    line = Line(pc, "ftdi0", "RM8000A")
    pc.wait_for_state(REFRACTOMETER, "ready")
    line.write(FRAME)
    pc.wait_for_documents(3)
    undisturbed(pc, before)


def a_device_that_is_answered(pc, sim, _):
    """A lensmeter gets its answers through the adapter, and one without a rule is recorded."""
    lensmeter = Line(pc, "ftdi0", "L70A")
    other = Line(pc, "ftdi1", "A10X42QZ")
    pc.wait_for_state(LENSMETER, "ready")
    pc.wait_for_state("usb:0403:6001:A10X42QZ", "ready")
    require(
        pc.device("usb:0403:6001:A10X42QZ")["driver"] == "recorder", "what nobody knows is lost"
    )
    said = sim.play("l70", lensmeter.path)
    require("sent" in said and "unanswered" not in said, f"the lensmeter says: {said}")
    pc.wait_for_documents(1)
    require(pc.pending("reading") > 0, "the document has no readings")
    other.write(FRAME)
    pc.wait_for_documents(2)


def what_the_unit_may_open(pc, _, sticks):
    """The unit's closed list of devices holds: serial adapters and nothing else."""
    Line(pc, "ftdi0", "A10X42QZ")
    pc.wait_for_state("usb:0403:6001:A10X42QZ", "ready")
    pc.guest.plug_stick("stick", sticks.whole, "STICK01")
    pc.wait_for_state("media:STICK01", "safeToRemove")

    def opens(node):
        """What happens to one who is in the group of the service's processes, and root."""
        status, _, said = pc.guest.try_running(
            "echo $$ > /sys/fs/cgroup/system.slice/clinic-agent.service/cgroup.procs && "
            f"exec dd if={node} of=/dev/null bs=1 count=0 iflag=nonblock"
        )
        return "yes" if status == 0 else "refused" if "not permitted" in said else said

    require(opens("/dev/ttyUSB0") == "yes", f"the adapter: {opens('/dev/ttyUSB0')}")
    for node in ("/dev/ttyS0", "/dev/sda", "/dev/vda", "/dev/mem", "/dev/bus/usb/001/001"):
        require(opens(node) == "refused", f"{node}: {opens(node)}")
    status = pc.guest.run("cat /proc/$(systemctl show clinic-agent --property=MainPID --value)/status")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    require(fields["Uid"].split()[0] != "0", "it runs as root")
    for field, wanted in (("CapEff", "0" * 16), ("NoNewPrivs", "1"), ("Seccomp", "2")):
        require(fields[field].strip() == wanted, f"{field} is {fields[field]}")
    require(
        pc.guest.run("cat /sys/fs/cgroup/system.slice/clinic-agent.service/memory.max")
        == str(512 * 1024 * 1024),
        "its memory has another limit",
    )


def a_stick(pc, _, sticks):
    """A stick is mounted for reading alone, imported once, and told to be safe to remove."""
    before = pc.agent()
    pc.guest.plug_stick("stick", sticks.whole, "STICK01")
    pc.wait_for_state("media:STICK01", "safeToRemove", timeout=240)
    require(pc.pending("document") == sticks.count, f"{pc.pending('document')} documents")
    point = pc.device("media:STICK01")["node"]
    options = set(pc.guest.run(f"findmnt --noheadings --output OPTIONS {point}").split(","))
    wanted = {"ro", "nosuid", "nodev", "noexec"}
    require(wanted <= options, f"it is mounted with {sorted(options)}")
    pc.guest.run("systemctl is-active 'clinic-media@sda1.service'")
    _, _, said = pc.guest.try_running(f"{point}/SETUP.EXE; touch {point}/new")
    require("Permission denied" in said, f"a program on it: {said}")
    require("Read-only file system" in said, f"writing to it: {said}")
    _, _, said = pc.guest.try_running(f"setpriv --reuid=65534 --clear-groups ls {point}")
    require("Permission denied" in said, f"another user sees its files: {said}")
    pull(pc, "stick", point)
    pc.wait_for_state("media:STICK01", "detached")
    # The same one again, and its copy on another.
    for serial in ("STICK01", "COPY02"):
        pc.guest.plug_stick("stick", sticks.whole, serial)
        pc.wait_for_state(f"media:{serial}", "safeToRemove", timeout=240)
        require(pc.pending("document") == sticks.count, f"{serial} is imported again")
        pull(pc, "stick", point)
    undisturbed(pc, before)


def pull(pc, name, point):
    """Pulls a stick out; its mount and its unit go with it."""
    pc.guest.unplug_stick(name)
    pc.guest.wait("the mount is gone", f"! findmnt {point} && ! test -e {point}")
    pc.guest.wait("its unit has ended", "! systemctl --quiet is-active 'clinic-media@*'")
    failed = pc.guest.run("systemctl list-units --failed --plain --no-legend")
    require(not failed, f"failed units: {failed}")


def begin_slowly(pc, sticks):
    """Plugs a slow stick in, and waits until a part of it is taken."""
    pc.guest.plug_stick("stick", sticks.whole, "STICK01", bytes_per_second=SLOW)
    pc.wait_for_documents(10, timeout=240)
    taken = pc.pending("document")
    state = pc.state("media:STICK01")
    require(
        state == "ready" and taken < sticks.count,
        f"it was too fast: {state}, {taken} documents",
    )


def a_stick_that_is_pulled_out(pc, _, sticks):
    """A stick that is pulled out in the middle is said to be so, and completed the next time."""
    before = pc.agent()
    begin_slowly(pc, sticks)
    point = pc.device("media:STICK01")["node"]
    pull(pc, "stick", point)
    # By whether udev's word comes before the last file's.
    pc.wait_for_state("media:STICK01", "detached/removed", "detached/unreadable-files")
    taken = pc.pending("document")
    require(taken < sticks.count, "it was read to its end")
    undisturbed(pc, before)
    pc.guest.plug_stick("stick", sticks.whole, "STICK01")
    pc.wait_for_state("media:STICK01", "safeToRemove", timeout=240)
    require(
        pc.pending("document") == sticks.count,
        f"{taken} and then {pc.pending('document')} of {sticks.count} documents",
    )
    undisturbed(pc, before)


def an_agent_that_is_killed(pc, _, sticks):
    """An Agent that is killed in the middle of a stick is started anew, and loses nothing."""
    before = pc.agent()
    begin_slowly(pc, sticks)
    pc.guest.run("systemctl kill --signal=KILL clinic-agent")
    pc.guest.wait("systemd has started it anew", lambda: pc.ask("status"), timeout=120)
    require(pc.agent()["MainPID"] != before["MainPID"], "it was not killed")
    pc.wait_for_state("media:STICK01", "safeToRemove", timeout=600)
    require(pc.pending("document") == sticks.count, f"{pc.pending('document')} documents")


def other_file_systems(pc, _, sticks):
    """Sticks of every file system that is promised are mounted as promised, and read."""
    makers = {
        "exfat": "mkfs.exfat",
        "ntfs": "mkntfs --quick --force",
        "ext4": "mkfs.ext4 -q -F",
        "udf": "mkudffs --utf8",
        "iso9660": None,
    }
    for number, (kind, maker) in enumerate(makers.items()):
        serial = f"KIND{number}"
        image = sticks.empty(kind)
        name, content = sticks.document(number)
        write = f"mkdir -p /mnt/w/GDT && echo {content} | base64 --decode > /mnt/w/GDT/{name}"
        # Made in the guest as another computer would, where our rule has no say.
        pc.guest.run("systemctl mask --runtime clinic-media@sda.service")
        pc.guest.plug_stick("stick", image, serial)
        pc.guest.wait("the disk is there", "test -b /dev/sda && udevadm settle")
        if maker:
            driver = "ntfs-3g" if kind == "ntfs" else kind
            pc.guest.run(
                f"{maker} /dev/sda >&2 && mkdir -p /mnt/w && mount -t {driver} /dev/sda /mnt/w && "
                f"{write} && chmod -R a+rX /mnt/w && umount /mnt/w"
            )
        else:
            pc.guest.run(f"rm -rf /mnt/w && {write} && genisoimage -quiet -J -o /dev/sda /mnt/w")
        pc.guest.unplug_stick("stick")
        pc.guest.wait("it is gone", "! test -e /dev/sda")
        pc.guest.run("systemctl unmask --runtime clinic-media@sda.service")
        pc.guest.plug_stick("stick", image, serial)
        pc.wait_for_state(f"media:{serial}", "safeToRemove")
        point = pc.device(f"media:{serial}")["node"]
        options = set(pc.guest.run(f"findmnt --noheadings --output OPTIONS {point}").split(","))
        require({"ro", "nosuid", "nodev", "noexec"} <= options, f"{kind}: {sorted(options)}")
        require(pc.pending("document") == number + 1, f"{kind}: the file was not taken")
        pull(pc, "stick", point)


def a_power_cut(pc, sim, sticks):
    """After a power cut everything is served that was plugged in, and nothing is lost."""
    begin_slowly(pc, sticks)
    taken = pc.pending("document")
    pc.guest.end()
    with pc.again() as pc:
        line = Line(pc, "ftdi0", "RM8000A")
        pc.guest.plug_stick("stick", sticks.whole, "STICK01")
        pc.wait_until_started()
        require(pc.pending("document") >= taken, "what was stored is gone")
        pc.wait_for_state("media:STICK01", "safeToRemove", timeout=300)
        require(pc.pending("document") == sticks.count, f"{pc.pending('document')} documents")
        pc.wait_for_state(REFRACTOMETER, "ready")
        sim.play("rm8000", line.path)
        pc.wait_for_documents(sticks.count + 1)


def a_card_reader(pc, _, __):
    """A card reader is noticed when it is plugged in, and when it goes."""

    def readers():
        # It ends other than zero where no card is in the reader.
        _, output, _ = pc.guest.try_running("clinic-agent card --json")
        return len(json.loads(output or "{}").get("readers") or [])

    require(readers() == 0, "a reader is there already")
    pc.guest.plug_card_reader("reader")
    pc.guest.wait("the reader is there", lambda: readers() == 1, timeout=120)
    pc.guest.wait(
        "the service knows it",
        lambda: ((pc.ask("status") or {}).get("cards") or {}).get("readers"),
        timeout=120,
    )
    pc.guest.unplug("reader")
    pc.guest.wait("the reader is gone", lambda: readers() == 0, timeout=120)


ALL = [
    an_adapter_after_a_start_without_any,
    a_device_that_is_answered,
    what_the_unit_may_open,
    a_stick,
    a_stick_that_is_pulled_out,
    an_agent_that_is_killed,
    other_file_systems,
    a_card_reader,
    a_power_cut,
]
