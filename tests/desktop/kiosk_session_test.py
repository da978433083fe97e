"""The kiosk's session on a bare machine: the unit's own command, with cage on a screen that is not there."""
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import BROKEN, SOURCE, Process, wait_until
from kiosk_alone import KIOSK, KioskAlone

UNIT = os.path.join(SOURCE, "deploy", "kiosk", "attune-kiosk.service")


def unit_lines(key):
    with open(UNIT, encoding="utf-8") as file:
        return re.findall(rf"^{key}=(.*)$", file.read(), re.M)


class Session(KioskAlone):
    def as_nobody(self, words):
        """cage refuses to run as root."""
        return ["runuser", "-u", "nobody", "--", *words] if os.getuid() == 0 else words

    def give_away(self):
        if os.getuid() != 0:
            return
        nobody = pwd.getpwnam("nobody")
        for folder, _, files in os.walk(self.folder):
            for path in [folder, *[os.path.join(folder, name) for name in files]]:
                os.chown(path, nobody.pw_uid, nobody.pw_gid)

    def test_the_units_command_shows_the_kiosk(self):
        config = self.write_config()
        runtime = tempfile.mkdtemp(dir=self.folder)
        words = unit_lines("ExecStart")[0].replace("/etc/attune/kiosk.conf", config).split()
        words = [KIOSK if word == "/usr/bin/attune-kiosk" else word for word in words]
        environment = dict(pair.split("=", 1) for pair in unit_lines("Environment")[0].split())
        environment |= {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "XDG_RUNTIME_DIR": runtime,
                        "HOME": runtime, "DISPLAY": "", "G_DEBUG": "fatal-warnings", "ASAN_OPTIONS": "detect_leaks=0",
                        "DBUS_SESSION_BUS_ADDRESS": "disabled:", "GTK_A11Y": "none"}
        self.give_away()
        if subprocess.run(self.as_nobody(["test", "-x", KIOSK]), check=False).returncode != 0:
            self.skipTest("the build's folder is not open to others")
        self.assertIsNotNone(shutil.which("cage"))
        session = Process("session", self.as_nobody(words), self.folder, environment)
        self.addCleanup(session.stop)
        wait_until(lambda: "connected to" in session.log() or not session.alive(), 60, "the kiosk to connect")
        self.assertTrue(session.alive(), session.log())
        self.assertIn("attune-kiosk: ready, 1280 x 720 pixels on Wayland", session.log())
        self.assertNotIn("clipped", session.log())
        session.stop()
        self.assertIsNone(BROKEN.search(session.log()), session.log())

    def test_the_unit_is_strict_and_what_it_names_is_there(self):
        with open(UNIT, encoding="utf-8") as file:
            text = file.read()
        for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "LimitCORE=0", "MemorySwapMax=0", "Restart=always", "CapabilityBoundingSet=\n",
                     "G_SLICE=always-malloc"):
            self.assertIn(line, text)
        self.assertEqual(unit_lines("PAMName"), ["attune-kiosk"])
        self.assertTrue(os.path.exists(os.path.join(os.path.dirname(UNIT), "attune-kiosk.pam")))


if __name__ == "__main__":
    unittest.main()
