"""Runs our Agent on a PC with a real kernel, udev and systemd, and plugs devices in and out.

    acceptance.py --agent PROGRAM --simulator PROGRAM --image FOLDER --cache FOLDER [SCENARIO...]

Prints a line for each scenario; ends other than zero where one fails.
"""

import argparse
import base64
import os
import subprocess
import sys
import time
import traceback

import scenarios
from clinic_pc import Machines
from guest import PATIENCE


class Simulator:
    """clinic-sim, which plays the devices."""

    def __init__(self, program):
        self.program = program

    def run(self, *words):
        done = subprocess.run(
            [self.program, *words],
            capture_output=True,
            text=True,
            timeout=120 * PATIENCE,
            check=True,
        )
        return done.stdout

    def play(self, device, line):
        """One transmission on a line; what the device says of it."""
        return self.run("serial", "--device", device, "--pty", line, "--count", "1")


class Sticks:
    """Images of sticks."""

    SECTOR, START = 512, 2048

    def __init__(self, folder, simulator):
        self.folder, self.simulator = folder, simulator
        plain = f"{folder}/plain.img"
        said = simulator.run("stick", "--visits", "80", "--label", "EXPORT", plain)
        # And settings.ini, which begins as an exam does: it is taken, and a person decides.
        self.count = int(said.split()[0]) + 1
        self.whole = f"{folder}/stick.img"
        self.partition(plain, self.whole)
        simulator.run("write", "--device", "gdt", "--count", "8", "--into", f"{folder}/gdt")
        self.documents = sorted(
            f"{root}/{name}" for root, _, names in os.walk(f"{folder}/gdt") for name in names
        )

    def partition(self, plain, whole):
        """A disk whose one partition is the image, as sticks are sold."""
        with open(plain, "rb") as file:
            content = file.read()
        table = bytearray(self.SECTOR)
        sectors = len(content) // self.SECTOR
        entry = b"\x00\xfe\xff\xff\x0c\xfe\xff\xff"
        entry += self.START.to_bytes(4, "little") + sectors.to_bytes(4, "little")
        table[446:462] = entry
        table[510:512] = b"\x55\xaa"
        with open(whole, "wb") as file:
            file.write(table)
            file.seek(self.START * self.SECTOR)
            file.write(content)

    def empty(self, name):
        path = f"{self.folder}/{name}.img"
        with open(path, "wb") as file:
            file.truncate(64 * 1024 * 1024)
        return path

    def document(self, number):
        """The name of a file of a device, and what is in it, in base 64."""
        path = self.documents[number]
        with open(path, "rb") as file:
            return os.path.basename(path), base64.b64encode(file.read()).decode()


def attempt(scenario, machines, simulator, sticks):
    """Runs a scenario on a PC of its own; true where it passes."""
    began = time.monotonic()
    pc = None
    try:
        with machines.wake() as pc:
            try:
                scenario(pc, simulator, sticks)
            except Exception:
                print(pc.journal(), flush=True)
                raise
    except Exception as failure:
        if not isinstance(failure, scenarios.Failed):
            traceback.print_exc()
        print(f"FAIL {sentence(scenario)}\n     {failure}", flush=True)
        return False
    print(f"PASS {sentence(scenario)} ({time.monotonic() - began:.0f} s)", flush=True)
    return True


def sentence(scenario):
    return scenario.__doc__.strip()


def main():
    arguments = argparse.ArgumentParser()
    for name in ("agent", "simulator", "image", "cache"):
        arguments.add_argument(f"--{name}", required=True)
    names = {scenario.__name__: scenario for scenario in scenarios.ALL}
    arguments.add_argument("scenarios", nargs="*", choices=[*names, []], metavar="SCENARIO")
    chosen = arguments.parse_args()
    work = f"{chosen.cache}/work"
    os.makedirs(work, exist_ok=True)
    simulator = Simulator(chosen.simulator)
    machines = Machines(chosen.cache, chosen.image, chosen.agent)
    print("Starting the PC...", flush=True)
    machines.prepare()
    sticks = Sticks(work, simulator)
    wanted = [names[name] for name in chosen.scenarios] or scenarios.ALL
    passed = [attempt(scenario, machines, simulator, sticks) for scenario in wanted]
    print(f"{passed.count(True)} of {len(passed)} passed.")
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
