"""kiosk_alone.py - a kiosk with a played server, for tests of what it shows: no database."""
import os
import shutil
import tempfile
import unittest

from harness import BROKEN, BUILD, Process, wait_until
from play_server import PlayServer
from screen import Screen, Window

KIOSK = os.path.join(BUILD, "client", "kiosk", "attune-kiosk")
YES, SEND, SKIP, NEXT = "Yes, this is my session", "Send", "I’d rather not answer", "Next"


class KioskAlone(unittest.TestCase):
    make_screen = Screen

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="attune-kiosk-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.server = PlayServer(self.folder)
        self.addCleanup(self.server.close)
        self.kiosk = self.screen = self.window = None
        self.addCleanup(self.stop)

    def stop(self):
        """What the kiosk's log says at the end must be clean."""
        if self.kiosk is not None:
            code = self.kiosk.stop()
            log = self.kiosk.log()
            self.kiosk = None
            self.assertEqual(code, 0, log[-4000:])
            self.assertIsNone(BROKEN.search(log), log[-6000:])
        if self.screen is not None:
            self.screen.close()
            self.screen = None

    def write_config(self, **more):
        keys = {"server": self.server.address, "identity": os.path.join(self.folder, "id-k1"),
                "spool": os.path.join(self.folder, "spool"), "pin": "2580", "thanks_s": 2, **more}
        path = os.path.join(self.folder, "kiosk.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in keys.items())
        return path

    def start(self, width=1280, height=800, panel_mm=217, ready="connected to", environment=None, **config):
        self.screen = self.make_screen(width, height)
        path = self.write_config(panel_width_mm=panel_mm, **config)
        self.kiosk = Process("kiosk", [KIOSK, "--config", path], self.folder,
                             {**self.screen.environment(), **(environment or {})})
        self.window = Window(self.screen, "attune-kiosk")
        wait_until(lambda: ready in self.kiosk.log() or not self.kiosk.alive(), 60, "the kiosk to be up")
        self.assertTrue(self.kiosk.alive(), self.kiosk.log())
