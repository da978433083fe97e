"""A client's own copy at the desk: one locked file, and a passphrase that is seen once."""
import glob
import os
import signal
import subprocess
import unittest

import desktop
from desktop import WAIT, DesktopTest
from harness import wait_until

MADE = "^The copy is made$"
PLANTED = "a walk before each talk"


class Copy(DesktopTest):
    def setUp(self):
        super().setUp()
        self.server = self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001", "c002"))
        session = self.attune.open_session()
        self.attune.attune("k1", "rate", "--understanding", "8", "--relevance", "7", "--safety", "9", "--fit", "8")
        self.attune.attune("t1", "goals", "add", session, "--area", "fit", "--words", PLANTED)
        wait_until(lambda: self.attune.count("rating_batch") == 0, WAIT, "the evaluation")
        self.out = self.attune.path("out")
        os.mkdir(self.out)

    def open_there(self, *options):
        window = self.open_window("t1-desk", "--export-to", self.out, *options)
        window.open_client("c001")
        window.find("heading", "The client’s own copy")
        return window

    def make(self, window):
        window.press("A copy for the client …")
        window.find(part="opens with this passphrase alone")
        return wait_until(lambda: [node.name for node in window.all("label") if len(node.name) == 31 and node.name.count("-") == 3],
                          WAIT, "the passphrase")[0]

    def done(self, window):
        window.press("They have it")
        window.gone("push button", "They have it")

    def can_make(self, window):
        import pyatspi
        return window.find("push button", "A copy for the client …").getState().contains(pyatspi.STATE_SENSITIVE)

    def qpdf(self, phrase, *words):
        return subprocess.run(["qpdf", f"--password={phrase}", *words], capture_output=True, text=True)

    def kept(self):
        """Whatever the window may have written, but the file itself."""
        for folder in (os.environ["XDG_CONFIG_HOME"], self.attune.folder):
            for path in glob.glob(os.path.join(folder, "**"), recursive=True):
                if os.path.isfile(path) and "/pg/" not in path:
                    with open(path, "rb") as file:
                        yield path, file.read()

    def test_the_file_opens_with_what_is_shown_once_and_nothing_readable_is_left(self):
        window = self.open_there()
        phrase = self.make(window)
        window.find("image", "The passphrase as a QR code")
        shown = window.page("therapist-copy-1-passphrase")
        read = subprocess.run(["zbarimg", "-q", "--raw", shown], capture_output=True, text=True, check=True).stdout
        self.assertEqual(read.strip(), phrase)  # A phone's camera has the same.
        path = os.path.join(self.out, "c001-copy.pdf")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertNotEqual(self.qpdf("wrong", "--check", path).returncode, 0)
        self.assertEqual(self.qpdf(phrase, "--check", path).returncode, 0)
        attached = self.qpdf(phrase, "--show-attachment=ratings.json", path).stdout
        self.assertIn(PLANTED, attached)
        self.assertEqual(self.attune.count("audit", "action = 'client.copy'"), 1, self.attune.sql("select action from audit"))
        self.done(window)
        wait_until(lambda: not window.could_be_read(phrase), WAIT, "the passphrase to be gone")
        window.key("ctrl+f")
        for kept, text in self.kept():
            self.assertNotIn(phrase.encode(), text, kept)
            self.assertNotIn(PLANTED.encode(), text, kept)
        window.press("A copy for the client …")  # Another one has a passphrase of its own.
        again = wait_until(lambda: [node.name for node in window.all("label") if len(node.name) == 31], WAIT, "another passphrase")[0]
        self.assertNotEqual(again, phrase)
        self.assertNotEqual(self.qpdf(phrase, "--check", path).returncode, 0)
        self.done(window)
        window.close()

    def test_a_desk_that_locks_shows_no_passphrase(self):
        window = self.open_window("t1-desk", "--export-to", self.out, style="dark")
        window.open_client("c001")
        phrase = self.make(window)
        window.page("therapist-copy-2-passphrase-dark")
        for key in ("space", "Return", "Escape"):  # What is typed on when it comes does not end it.
            window.key(key, title=MADE)
        self.assertTrue(window.could_be_read(phrase))
        window.key("ctrl+l", title=MADE)
        window.find("label", "Locked")
        wait_until(lambda: not window.could_be_read(phrase), WAIT, "the passphrase to be gone")
        window.press("Unlock")
        window.find("list item", part="c001")
        self.assertFalse(window.could_be_read(phrase))
        window.close()

    def test_what_fails_is_said_and_there_is_no_file(self):
        window = self.open_there()
        self.server.popen.send_signal(signal.SIGSTOP)
        try:
            window.press("A copy for the client …")
            wait_until(lambda: not self.can_make(window), WAIT, "the reading to begin")
        finally:
            self.server.kill()
        window.find(part="No copy was made: the connection ended while it was read: try again.")
        self.assertEqual(os.listdir(self.out), [])
        self.attune.start_server("server2")
        window.find(part="Connected to Test practice", seconds=90)
        os.rmdir(self.out)
        window.press("A copy for the client …")
        window.find(part="No copy was made: Error opening file")
        self.assertFalse(window.has("They have it"))
        os.mkdir(self.out)
        self.make(window)
        self.done(window)
        window.close()


if __name__ == "__main__":
    desktop.own_bus_and_display()
    unittest.main()
