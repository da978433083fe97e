"""fleet.py - thousands of devices and tickets in one practice, and the load generator that plays them."""
import os
import subprocess

from harness import BUILD, SOURCE, wait_until

LOAD = os.path.join(BUILD, "tests", "support", "load", "attune-load")
BULK_PKI = os.path.join(BUILD, "tests", "support", "load", "attune-bulk-pki")
FLEET_SQL = os.path.join(SOURCE, "tests", "support", "fleet.sql")


def pairs(line):
    """{"acked": "5"} of "load acked=5"."""
    return dict(word.split("=", 1) for word in line.split() if "=" in word)


def last_pairs(text, start):
    """The pairs of the last line that begins with that word."""
    lines = [line for line in text.split("\n") if line.startswith(start + " ")]
    if not lines:
        raise AssertionError(f"no line '{start} …' in:\n{text}")
    return pairs(lines[-1])


class Fleet:
    """Devices in the practice of `attune` (a harness.Attune), and their tickets."""

    def __init__(self, attune, kiosks, therapists=1, practice=1):
        self.attune, self.kiosks, self.therapists, self.practice = attune, kiosks, therapists, practice
        self.folder = attune.path("fleet")
        os.makedirs(self.folder, exist_ok=True)
        subprocess.run([BULK_PKI, "--authority", attune.path("ca"), "--practice", str(practice), "--kiosks", str(kiosks),
                        "--therapists", str(therapists), "--out", self.folder], check=True)
        self.devices_made = False

    def tickets(self, seed, first, count, courses=None):
        """Tickets for these numbers; a course each when `courses` is left out, so that no history is shared."""
        text = "".join(f"\\set {key} {value}\n" for key, value in {
            "practice": self.practice, "kiosks": self.kiosks, "therapists": self.therapists, "seed": seed,
            "first": first, "count": count, "courses": courses or first + count}.items())
        text += f"\\i {FLEET_SQL}\n"
        if not self.devices_made:
            text += ("\\copy device (practice_id, fingerprint, role, label, room_id, therapist_id) "
                     f"from {self.folder}/devices.copy\n")
            self.devices_made = True
        text += "reset session_replication_role;\nanalyze;\n"
        self.attune.sql(text)

    def command(self, mode, *words, addresses=None):
        """attune-load MODE as these devices."""
        return [LOAD, mode, "--address", ",".join(addresses or [self.attune.address]), "--fleet", self.folder,
                "--kiosks-of-fleet", str(self.kiosks), *[str(word) for word in words]]

    def start(self, name, mode, *words, addresses=None, ready=True):
        """In the background; `ready` waits until all its devices are connected."""
        process = self.attune.start(name, self.command(mode, *words, addresses=addresses))
        if ready:
            wait_until(lambda: "ready " in process.out() or not process.alive(), 90, f"{name}'s devices")
        return process

    def run(self, mode, *words, addresses=None, seconds=300, check=True):
        """To its end; returns its last line as pairs."""
        done = self.attune.run(self.command(mode, *words, addresses=addresses), check, seconds)
        return last_pairs(done.out, "shakes" if mode == "handshake" else "load")
