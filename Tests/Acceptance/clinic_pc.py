"""A clinic's PC with our Agent on it, installed as docs/OPERATIONS.md says."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile

from guest import Failed, Guest

ROOT = os.path.abspath(f"{os.path.dirname(__file__)}/../..")

# What is installed, and where: the tables of docs/OPERATIONS.md.
FILES = {
    "systemd/sysusers.d/clinic-agent.conf": "usr/lib/sysusers.d/clinic-agent.conf",
    "systemd/clinic-agent.service": "usr/lib/systemd/system/clinic-agent.service",
    "systemd/clinic-media@.service": "usr/lib/systemd/system/clinic-media@.service",
    "systemd/udev/70-clinic-agent.rules": "usr/lib/udev/rules.d/70-clinic-agent.rules",
    "systemd/modules-load.d/clinic-agent.conf": "usr/lib/modules-load.d/clinic-agent.conf",
    "systemd/clinic-media": "usr/lib/clinic-gateway/clinic-media",
}

# The sample configuration, and what a person would add to it.
RULES = """
devices: [refractometer, lensmeter]
device:
  refractometer:
    serial: RM8000A
    driver: rm8000
  lensmeter:
    serial: L70A
    driver: l70
"""

INSTALL = """
set -e
tar --extract --file /dev/vdb --directory / --no-same-owner
systemd-sysusers
udevadm control --reload
systemctl daemon-reload
systemctl enable clinic-agent
sync
"""


def pack(agent, archive):
    """Writes what is installed as a disk that holds an archive; its digest tells two apart."""
    files = {"usr/bin/clinic-agent": (agent, 0o755)}
    for source, target in FILES.items():
        mode = 0o755 if target.endswith("clinic-media") else 0o644
        files[target] = (f"{ROOT}/{source}", mode)
    with open(f"{ROOT}/systemd/agent.yaml", encoding="utf-8") as sample:
        configuration = (sample.read() + RULES).encode()
    with tarfile.open(archive + ".new", "w") as tar:
        for target, (source, mode) in sorted(files.items()):
            with open(source, "rb") as file:
                add(tar, target, file.read(), mode)
        add(tar, "etc/clinic-agent/agent.yaml", configuration, 0o644)
    os.replace(archive + ".new", archive)
    with open(archive, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def add(tar, name, content, mode):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


class Machines:
    """Makes PCs, each from one snapshot of a PC that was started with nothing plugged in."""

    def __init__(self, cache, image, agent):
        self.cache, self.image = cache, image
        self.cargo = f"{cache}/cargo"
        key = f"{os.path.basename(image)}-{pack(agent, self.cargo)}"
        self.ready = f"{cache}/ready-{key}.qcow2"

    def prepare(self):
        """Installs everything and takes the snapshot; does nothing where that was done before."""
        if os.path.exists(self.ready):
            return
        for name in os.listdir(self.cache):
            if name.startswith("ready-"):
                os.unlink(f"{self.cache}/{name}")
        disk = f"{self.cache}/installing.qcow2"
        subprocess.run(
            [*("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2")]
            + ["-b", f"{self.image}/root.qcow2", disk],
            check=True,
        )
        with self.start(disk) as pc:
            pc.guest.run(INSTALL)
        # A start with everything in its place and no adapter, as every morning.
        with self.start(disk) as pc:
            pc.wait_until_started()
            pc.guest.run("udevadm settle && sync && echo 3 > /proc/sys/vm/drop_caches")
            pc.guest.monitor("savevm ready")
        os.rename(disk, self.ready)

    def start(self, disk, snapshot=None):
        guest = Guest(f"{self.cache}/machine", self.image, disk, self.cargo, snapshot)
        return ClinicPC(guest, lambda: self.start(disk))

    def wake(self):
        """A PC that was started a moment ago, with nothing plugged in."""
        disk = f"{self.cache}/disk.qcow2"
        shutil.copyfile(self.ready, disk)
        return self.start(disk, "ready")


class ClinicPC:
    """The guest, and what its Agent says."""

    def __init__(self, guest, again):
        self.guest = guest
        # Starts it anew from its disk, as after a power cut.
        self.again = again

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.guest.end()

    def wait_until_started(self):
        self.guest.wait(
            "the PC has started with the Agent",
            "systemctl is-active clinic-agent && "
            "systemctl is-system-running | grep -qE 'running|degraded'",
            timeout=400,
        )

    def ask(self, *words):
        """What a command of the Agent prints as JSON; nil where it fails, as while it starts."""
        status, output, _ = self.guest.try_running(f"clinic-agent {' '.join(words)} --json")
        return json.loads(output) if status == 0 else None

    def device(self, key):
        for device in (self.ask("devices") or {}).get("devices", []):
            if device["key"] == key:
                return device
        return {}

    def state(self, key):
        """The state of a device, with its problem behind a slash."""
        device = self.device(key)
        problem = device.get("problem")
        return device.get("state", "") + (f"/{problem['code']}" if problem else "")

    def wait_for_state(self, key, *states, timeout=120):
        last = []

        def has_come():
            last[:] = [self.state(key)]
            return last[0] in states

        try:
            self.guest.wait(f"{key} is {' or '.join(states)}", has_come, timeout)
        except Failed as failure:
            raise Failed(f"{failure}; it is {last}") from None

    def pending(self, kind):
        """How many operations of a kind wait for a Hub: everything, since there is none."""
        return ((self.ask("status") or {}).get("pending") or {}).get(kind, 0)

    def wait_for_documents(self, count, timeout=120):
        last = []

        def have_come():
            last[:] = [self.pending("document")]
            return last[0] >= count

        try:
            self.guest.wait(f"{count} documents", have_come, timeout)
        except Failed as failure:
            raise Failed(f"{failure}; there are {last}") from None

    def agent(self):
        """The process of the Agent and how often systemd started it anew."""
        properties = self.guest.run(
            "systemctl show clinic-agent --property=MainPID --property=NRestarts"
        )
        return dict(line.split("=") for line in properties.splitlines())

    def journal(self):
        """The last lines, without the guest agent's and those of every document."""
        return self.guest.run(
            "journalctl --no-pager --boot --output=short-monotonic | "
            "grep -vE 'qemu-ga|Took a document' | tail -n 80"
        )
