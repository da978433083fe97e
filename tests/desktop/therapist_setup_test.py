"""A desk without an identity: its first page. A code that is typed wrong, is nobody's, has expired, comes while there is no network; and the right one."""
import os
import unittest

import pyatspi

from harness import BUILD, AttuneTest, wait_until
from screen import Screen, Window

DESK = os.path.join(BUILD, "client", "therapist", "pages", "attune-therapist")
CODE = "36CSK6CSK6CSK6CSK6CSK6CSK6H248H248H248H2480B"  # Of PROTOCOL.md: good in itself, and nobody's.
TITLE = "^Set up this desk$"
WAIT = 30
PADDING = 10  # Of a button: extents are of the content alone.


class Setup(AttuneTest):
    log_on = True

    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.first = self.attune.setup_said.split("one-time password ")[1].split()[0]
        self.run_dir = {"XDG_RUNTIME_DIR": self.attune.path("run")}
        self.admin("log-on", "--name", "admin", lines=(self.first, "an administrators own words"))
        for words in (("practice", "add-site", "North"), ("practice", "add-therapist", "t01", "--name", "Dr t01", "--site", "North"),
                      ("practice", "add-client", "c001", "--therapist", "t01"), ("practice", "add-room", "North 1", "--site", "North")):
            self.admin(*words)
        self.password = self.admin("account", "add", "lund", "--therapist", "t01").out.strip()

    def admin(self, *words, lines=()):
        os.makedirs(self.run_dir["XDG_RUNTIME_DIR"], mode=0o700, exist_ok=True)
        return self.attune.attune("admin", *words, environment=self.run_dir, stdin="".join(f"{line}\n" for line in lines))

    def code(self, *place):
        return self.admin("device", "add", *(place or ("--therapist", "t01")), "--json").json()

    def start(self, server=None, style="light"):
        screen = Screen(1280, 860)
        self.addCleanup(screen.close)
        where = ["--server", server] if server else []
        desk = self.attune.start("desk", [DESK, "--identity", self.attune.path("id-new"), "--style", style, *where],
                                 {**screen.environment(), "LC_ALL": "C.UTF-8", "GSETTINGS_BACKEND": "memory"})
        window = Window(screen, "attune-therapist", WAIT)
        wait_until(lambda: window.find("push button", "Connect") or not desk.alive(), 60, "the page")
        self.assertTrue(desk.alive(), desk.log())
        screen.focus(TITLE)
        return screen, window, desk

    def fill(self, screen, code):
        """The first field has the keys; Return is Connect."""
        screen.focus(TITLE)
        screen.key("ctrl+a")
        screen.type(code)
        screen.key("Return")

    def said(self, window, words):
        """In its place under the fields, as what a screen reader says by itself."""
        def there():
            return next((thing for thing in window.things() if thing.name == words and thing.role != "label"), None)
        wait_until(there, WAIT, f"the words {words!r}; there was {window.told()}")

    def nobody_has_come_in(self):
        self.assertFalse(os.path.exists(self.attune.path("id-new/device.crt")))
        self.assertEqual(self.attune.count("device", "role = 'therapist'"), 0)

    def test_every_part_of_the_page_has_a_name_and_can_be_pressed(self):
        screen, window, desk = self.start(server="attune.example.org:7443")
        for name in ("Code", "Server, as attune.example.org:7443"):
            window.wait_for("text", name)
        for thing in window.all("push button"):
            self.assertTrue(thing.name)
            self.assertGreaterEqual(thing.box[3] + PADDING, 44, thing.name)
        screen.picture("therapist-setup-1-first")
        for _ in range(4):  # Past the fields to the button: Connect by the keyboard alone.
            screen.key("Tab")
            if wait_until(lambda: window.find("push button", "Connect"), WAIT).node.getState().contains(pyatspi.STATE_FOCUSED):
                break
        screen.key("space")
        self.said(window, "The code is not complete: it has 44 letters and digits.")
        screen.picture("therapist-setup-2-nothing-typed")
        desk.stop()
        screen, window, desk = self.start(style="dark")
        screen.picture("therapist-setup-6-dark")
        desk.stop()

    def test_what_is_typed_wrong_is_told_to_nobody_and_what_is_nobodys_or_another_devices_is_refused(self):
        screen, window, desk = self.start(server=self.attune.address)
        self.fill(screen, "36CS")
        self.said(window, "The code is not complete: it has 44 letters and digits.")
        self.fill(screen, CODE[:-1] + "C")
        self.said(window, "There is a typing error in the code: compare it with what was printed.")
        self.fill(screen, CODE)  # Another authority's: the server hears no code.
        self.said(window, "This is not the server that the code was made for: nothing was sent.")
        self.assertEqual(self.attune.count("enrol_wrong"), 0)
        made = self.code("--room", "North 1")
        self.fill(screen, made["code"])
        self.said(window, "This code is for another kind of device: ask for one for this.")
        self.assertEqual(self.attune.count("device_code", "used_by is null"), 1)
        screen.picture("therapist-setup-3-refused")
        self.nobody_has_come_in()
        desk.stop()

    def test_an_expired_code_is_refused_and_the_next_one_is_taken_on_the_same_page(self):
        screen, window, desk = self.start(server=self.attune.address)
        made = self.code()
        self.attune.sql("update device_code set expires_at = now() - interval '1 second' returning 1")
        self.fill(screen, made["code"])
        self.said(window, "No such code, or it is used or expired: ask for a new one.")
        self.nobody_has_come_in()
        self.fill(screen, self.code()["code"].lower())
        wait_until(lambda: self.attune.count("device", "role = 'therapist'") == 1 or not desk.alive(), 60, "the desk to be one")
        window.wait_for("text", "Password")
        desk.stop()

    def test_without_a_network_it_is_said_and_the_page_waits_and_the_right_code_leads_to_the_log_on(self):
        made = self.code()
        server = self.attune.processes[0]
        server.stop()
        screen, window, desk = self.start()
        self.fill(screen, made["uri"])  # As a scanner types it, with the server's address.
        self.said(window, "The server cannot be reached: is this computer on the network, and is the address right?")
        screen.picture("therapist-setup-4-no-network")
        self.nobody_has_come_in()
        self.attune.start_server("again")
        window.push("Connect")
        window.wait_for("text", "Password")  # The desk's own window, locked.
        self.assertEqual(sorted(os.listdir(self.attune.path("id-new"))), ["attune.conf", "ca.crt", "device.crt", "device.key"])
        screen.focus("^Attune$")
        screen.type(self.password)
        screen.key("Return")
        window.wait_for("text", "New password, 12 characters or more")
        screen.picture("therapist-setup-5-log-on")
        desk.stop()


if __name__ == "__main__":
    unittest.main()
