"""A clinic's PC under QEMU: devices are plugged in and out over QMP, commands run through the guest
agent. Emulated (TCG), since acceleration is not to be had on every builder: everything takes ten
times as long as on a PC, and nothing is measured here.
"""

import base64
import json
import os
import shlex
import socket
import subprocess
import time

# What a deadline is multiplied with on a machine that has more to do.
PATIENCE = float(os.environ.get("CLINIC_ACCEPTANCE_PATIENCE", "1"))


class Failed(Exception):
    """A sentence: what did not happen."""


class Lines:
    """JSON, a line each, over a Unix socket: QMP and the guest agent both speak it."""

    def __init__(self, path):
        deadline = time.monotonic() + 30 * PATIENCE
        while True:
            try:
                self.socket = socket.socket(socket.AF_UNIX)
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.unread = b""
        self.events = []

    def read(self, timeout):
        self.socket.settimeout(timeout)
        while b"\n" not in self.unread:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("the virtual machine has ended")
            self.unread += data
        line, self.unread = self.unread.split(b"\n", 1)
        # The guest agent puts 0xFF before an answer to a synchronisation.
        return json.loads(line[line.rfind(b"\xff") + 1 :] or b"{}")

    def send(self, command, arguments, before=b""):
        message = {"execute": command, "arguments": arguments}
        self.socket.settimeout(30 * PATIENCE)
        self.socket.sendall(before + json.dumps(message).encode() + b"\n")

    def ask(self, command, **arguments):
        """The answer to a command; what is told meanwhile is added to `events`."""
        self.send(command, arguments)
        while True:
            answer = self.read(120 * PATIENCE)
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise Failed(f"{command} {arguments}: {answer['error']['desc']}")
            elif "return" in answer:
                return answer["return"]

    def synchronise(self, timeout):
        """Waits until the guest agent answers, and forgets what it says to earlier questions."""
        deadline = time.monotonic() + timeout
        number = 0
        while time.monotonic() < deadline:
            number += 1
            self.send("guest-sync-delimited", {"id": number}, before=b"\xff")
            try:
                while self.read(10).get("return") != number:
                    pass
                return
            except (TimeoutError, json.JSONDecodeError):
                # What is sent before the guest has its agent waits there: not too much of it.
                time.sleep(1)
        raise Failed("the guest does not answer")


class Guest:
    """One virtual machine. `folder` is for its sockets and logs, `disk` is written to."""

    def __init__(self, folder, image, disk, cargo, snapshot=None, memory=1024):
        self.folder = folder
        self.slow = set()
        os.makedirs(folder, exist_ok=True)
        for name in ("qmp", "agent"):
            if os.path.exists(f"{folder}/{name}"):
                os.unlink(f"{folder}/{name}")
        command = [
            *("qemu-system-x86_64", "-accel", "tcg,thread=multi,tb-size=512"),
            # Under "max" Debian's kernel fails at system calls here and there.
            *("-cpu", "Haswell-noTSX", "-machine", "q35", "-m", str(memory), "-smp", "2"),
            "-nodefaults",
            *("-display", "none", "-serial", f"file:{folder}/console.log"),
            *("-kernel", f"{image}/vmlinuz", "-initrd", f"{image}/initrd"),
            "-append",
            "root=/dev/vda rw console=ttyS0 quiet mitigations=off random.trust_cpu=on nokaslr "
            "no_timer_check 8250.nr_uarts=1 audit=0",
            *("-drive", f"file={disk},if=virtio,format=qcow2,cache=writeback"),
            # What is installed comes as an archive on a disk of its own.
            *("-drive", f"file={cargo},if=virtio,format=raw,readonly=on"),
            *("-device", "virtio-rng-pci", "-device", "qemu-xhci,id=usb,p2=8,p3=4"),
            *("-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="),
            *("-qmp", f"unix:{folder}/qmp,server=on,wait=off"),
            *("-chardev", f"socket,path={folder}/agent,server=on,wait=off,id=agent"),
            *("-device", "virtio-serial"),
            *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
        ]
        if snapshot:
            command += ["-loadvm", snapshot]
        with open(f"{folder}/qemu.log", "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self.machine = Lines(f"{folder}/qmp")
            self.machine.read(30)
            self.machine.ask("qmp_capabilities")
            self.commands = Lines(f"{folder}/agent")
            self.commands.synchronise(300 * PATIENCE)
            if snapshot:
                # It woke up at the time of the snapshot.
                self.run(f"date --set=@{int(time.time())}")
        except BaseException:
            self.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Ends the virtual machine as a power cut does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    # Commands

    def try_running(self, script, timeout=120):
        """Status, output and errors of a shell script in the guest, as root."""
        started = self.commands.ask(
            "guest-exec", path="/bin/bash", arg=["-c", script], **{"capture-output": True}
        )
        deadline = time.monotonic() + timeout * PATIENCE
        pause = 0.02
        while True:
            done = self.commands.ask("guest-exec-status", pid=started["pid"])
            if done["exited"]:
                break
            if time.monotonic() > deadline:
                raise Failed(f"not within {timeout} s: {script}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        output, errors = (
            base64.b64decode(done.get(name, "")).decode(errors="replace")
            for name in ("out-data", "err-data")
        )
        return done.get("exitcode", 128 + done.get("signal", 0)), output, errors

    def run(self, script, timeout=120):
        """The output of a script that must succeed."""
        status, output, errors = self.try_running(script, timeout)
        if status != 0:
            raise Failed(f"{script}: status {status}: {output}{errors}".strip())
        return output.strip()

    def wait(self, what, condition, timeout=60):
        """Waits for a condition: a shell script that succeeds, or a function that says true."""
        deadline = time.monotonic() + timeout * PATIENCE
        while True:
            if callable(condition):
                last = condition()
                if last:
                    return last
            else:
                status, last, _ = self.try_running(condition)
                if status == 0:
                    return last
            if time.monotonic() > deadline:
                raise Failed(f"not within {timeout} s: {what} (last: {last!r})")
            time.sleep(0.2)

    def write(self, path, text):
        self.run(f"printf %s {shlex.quote(text)} > {path}")

    # Devices

    def plug_adapter(self, name, serial):
        """An FTDI adapter; the pseudo terminal at whose end its device is to be played."""
        made = self.machine.ask(
            "chardev-add", id=f"line-{name}", backend={"type": "pty", "data": {}}
        )
        self.machine.ask(
            "device_add",
            driver="usb-serial",
            id=name,
            bus="usb.0",
            chardev=f"line-{name}",
            serial=serial,
            **{"always-plugged": True},
        )
        return made["pty"]

    def unplug_adapter(self, name):
        self.unplug(name)
        self.machine.ask("chardev-remove", id=f"line-{name}")

    def plug_stick(self, name, image, serial, bytes_per_second=None):
        """A stick with this image, which a slow one gives only as fast as said."""
        node = {
            "node-name": f"disk-{name}",
            "driver": "raw",
            "file": {"driver": "file", "filename": os.path.abspath(image)},
        }
        if bytes_per_second:
            self.machine.ask(
                "object-add",
                **{"qom-type": "throttle-group", "id": f"pace-{name}"},
                limits={"bps-read": bytes_per_second},
            )
            node = {
                "node-name": f"disk-{name}",
                "driver": "throttle",
                "throttle-group": f"pace-{name}",
                "file": dict(node, **{"node-name": f"image-{name}"}),
            }
            self.slow.add(name)
        self.machine.ask("blockdev-add", **node)
        self.machine.ask(
            "device_add",
            driver="usb-storage",
            id=name,
            bus="usb.0",
            drive=f"disk-{name}",
            removable=True,
            serial=serial,
        )

    def unplug_stick(self, name):
        self.unplug(name)
        self.machine.ask("blockdev-del", **{"node-name": f"disk-{name}"})
        if name in self.slow:
            self.slow.remove(name)
            self.machine.ask("object-del", id=f"pace-{name}")

    def plug_card_reader(self, name):
        self.machine.ask("device_add", driver="usb-ccid", id=name, bus="usb.0")

    def unplug(self, name):
        """Pulls a device out; returns when it is gone for the guest's kernel."""
        self.machine.events.clear()
        self.machine.ask("device_del", id=name)
        deadline = time.monotonic() + 60 * PATIENCE
        while not any(
            event["event"] == "DEVICE_DELETED" and event["data"].get("device") == name
            for event in self.machine.events
        ):
            if time.monotonic() > deadline:
                raise Failed(f"{name} cannot be unplugged")
            self.machine.ask("query-status")
            time.sleep(0.02)

    def monitor(self, line):
        """A command of QEMU's human monitor; raises where it says anything."""
        said = self.machine.ask("human-monitor-command", **{"command-line": line})
        if said.strip():
            raise Failed(f"{line}: {said.strip()}")
