"""A computer whose devices a test plugs in and out: umockdev's /sys, /dev and uevents around a
program that runs.

    umockdev-wrapper /usr/bin/python3 testbed.py MEDIA LOG PROGRAM ARGUMENT...

Commands come on standard input, one a line, and each is answered by one line: "ok ..." or
"error ...". The program inherits umockdev's environment, so that its libudev sees this testbed; the
pseudo terminal on which a command writes stands where the adapter's line would.

    start | stop | kill | pid       the program
    quit                            the end of it all, as the end of the input is
    run ARGUMENT...                 another run of it: status and output, in hexadecimal
    plug NAME VENDOR PRODUCT SERIAL PORT    an adapter with the node /dev/NAME; - for no serial
    unplug NAME
    write NAME HEX | read NAME COUNT
    stick NAME SERIAL LABEL FOLDER  a medium whose files are those of FOLDER, mounted at MEDIA/NAME
    pull NAME                       the medium goes, and its mount after it
    pull NAME SOURCE                the same, as soon as the log tells of a document from there
"""

import os
import pty
import re
import signal
import subprocess
import sys
import time
import tty

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

MEDIA, LOG, PROGRAM = sys.argv[1], sys.argv[2], sys.argv[3:]
BUS = "/sys/devices/pci0000:00/0000:00:14.0/usb1"
testbed = UMockdev.Testbed.new()
nodes = os.path.join(testbed.get_root_dir(), "dev")
os.makedirs(nodes, exist_ok=True)
ports, sticks = {}, {}
child = None

# No N: line: umockdev would make a pseudo terminal of its own, and never forget it.
ADAPTER = """P: /devices/pci0000:00/0000:00:14.0/usb1/1-{port}
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
A: idVendor={vendor}\\n
A: idProduct={product}\\n
{attribute}
P: /devices/pci0000:00/0000:00:14.0/usb1/1-{port}/1-{port}:1.0/{name}/tty/{name}
E: DEVNAME=/dev/{name}
E: ID_BUS=usb
E: ID_VENDOR_ID={vendor}
E: ID_MODEL_ID={product}
E: ID_PATH=pci-0000:00:14.0-usb-0:{port}:1.0
E: ID_USB_INTERFACE_NUM=00
{property}E: MAJOR=188
E: MINOR={minor}
E: SUBSYSTEM=tty
A: dev=188:{minor}\\n
"""

STICK = """P: /devices/pci0000:00/0000:00:14.0/usb1/1-9/block/sda/{name}
E: DEVNAME=/dev/{name}
E: DEVTYPE=partition
E: SUBSYSTEM=block
E: ID_BUS=usb
E: ID_FS_TYPE=vfat
E: ID_FS_LABEL={label}
E: ID_FS_UUID=1C2D-3E4F
E: ID_PART_ENTRY_NUMBER=1
E: ID_SERIAL_SHORT={serial}
E: MAJOR=8
E: MINOR=1
A: dev=8:1\\n
"""


def start():
    global child
    log = open(LOG, "ab")
    child = subprocess.Popen(PROGRAM, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    return child.pid


def end(number):
    child.send_signal(number)
    return child.wait(timeout=30)


def run(*arguments):
    done = subprocess.run([PROGRAM[0], *arguments], capture_output=True, timeout=60)
    return f"{done.returncode} {done.stdout.hex()}"


def plug(name, vendor, product, serial, port):
    master, slave = pty.openpty()
    tty.setraw(master)
    node = os.path.join(nodes, name)
    os.symlink(os.ttyname(slave), node)
    # The program alone holds the other end, so that it hangs up as a real line does.
    os.close(slave)
    ports[name] = (master, node, port)
    has_serial = serial != "-"
    testbed.add_from_string(
        ADAPTER.format(
            name=name,
            vendor=vendor,
            product=product,
            port=port,
            minor=re.sub(r"\D", "", name),
            attribute=f"A: serial={serial}\\n\n" if has_serial else "",
            property=f"E: ID_SERIAL_SHORT={serial}\n" if has_serial else "",
        )
    )


def unplug(name):
    master, node, port = ports.pop(name)
    # The line first, as it is when someone pulls the plug.
    os.close(master)
    usb = f"{BUS}/1-{port}"
    for path in (f"{usb}/1-{port}:1.0/{name}/tty/{name}", usb):
        testbed.uevent(path, "remove")
        testbed.remove_device(path)
    if os.path.lexists(node):
        os.unlink(node)
    forget("dev", "char", "188:" + re.sub(r"\D", "", name))


def forget(*words):
    """Removes a link that umockdev leaves behind, and then makes no second time."""
    link = os.path.join(testbed.get_sys_dir(), *words)
    if os.path.lexists(link):
        os.unlink(link)


def stick(name, serial, label, folder):
    # As on a PC: udev tells of the disk, and then it is mounted.
    disk = os.path.join(MEDIA, "..", "disk-" + name)
    os.makedirs(disk)
    subprocess.run(["mount", "-t", "tmpfs", "/dev/" + name, disk], check=True)
    subprocess.run(["cp", "-r", folder + "/.", disk], check=True)
    testbed.add_from_string(STICK.format(name=name, serial=serial, label=label))
    point = os.path.join(MEDIA, name)
    os.makedirs(point)
    subprocess.run(["mount", "--bind", disk, point], check=True)
    sticks[name] = (point, disk)


def pull(name, source=None):
    if source:
        until_taken(f"source={source}")
    path = f"{BUS}/1-9/block/sda/{name}"
    testbed.uevent(path, "remove")
    testbed.remove_device(path)
    forget("block", name)
    for folder in sticks.pop(name):
        subprocess.run(["umount", "-l", folder], check=True)
        os.rmdir(folder)


def until_taken(source):
    # Here, and not by asking the program: a program that is started to ask can take longer than
    # the whole medium.
    deadline = time.monotonic() + 60
    line = ""
    with open(LOG, encoding="utf-8") as log:
        while time.monotonic() < deadline:
            line += log.readline()
            if not line.endswith("\n"):
                time.sleep(0.001)
                continue
            if "Took a document" in line and source in line:
                return
            line = ""
    raise TimeoutError(source)


def write(name, digits):
    os.write(ports[name][0], bytes.fromhex(digits))


def read(name, count):
    return os.read(ports[name][0], int(count)).hex()


COMMANDS = {
    "start": start,
    "stop": lambda: end(signal.SIGTERM),
    "kill": lambda: end(signal.SIGKILL),
    "pid": lambda: child.pid,
    "run": run,
    "plug": plug,
    "unplug": unplug,
    "write": write,
    "read": read,
    "stick": stick,
    "pull": pull,
}

try:
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        try:
            answer = COMMANDS[words[0]](*words[1:])
            print("ok", "" if answer is None else answer, flush=True)
        except Exception as problem:
            print("error", repr(problem).replace("\n", " "), flush=True)
finally:
    if child and child.poll() is None:
        child.kill()
        child.wait()
