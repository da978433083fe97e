"""What the kiosk shows when two come together, when the world is wrong, to staff, and what it says of its configuration."""
import os
import subprocess
import unittest

from harness import wait_until
from kiosk_alone import KIOSK, SEND, SKIP, YES, KioskAlone
from play_server import PlayServer, ticket

TALK = "When would you like to talk about it?"


class Two(KioskAlone):
    def rate(self, place):
        self.window.touch(YES)
        wait_until(lambda: len(self.window.all("slider")) == 4, 30, "four lines")
        self.assertEqual({s.description for s in self.window.all("slider")}, {"not answered yet"})
        for index in range(4):
            self.window.touch_line(index, place)
            wait_until(lambda: f"{index + 1} of 4 answered" in self.window.texts(), 10, "it")
        self.window.touch(SEND)
        self.window.wait_text(TALK)
        self.window.touch("Now")

    def test_each_knows_their_own_sign_and_sees_nothing_of_the_other(self):
        self.server.push(ticket(1), ticket(2, colour=5, symbol="hill"))
        self.start()
        self.window.wait_for("image", "leaf, green")
        self.rate(0.2)
        self.window.wait_text("Please hand over to the other person. They will not see what you said.")
        self.screen.picture("hand-over")
        self.window.touch("I am the other person")
        self.window.wait_for("image", "hill, blue")
        self.screen.picture("recognise-second")
        self.rate(0.9)
        self.window.wait_text("Thank you")
        wait_until(lambda: len(self.server.ratings) == 2, 10, "both")
        self.assertEqual([r.ticket_id for r in self.server.ratings], [b"\1" * 16, b"\2" * 16])
        self.window.wait_blank()

    def test_the_other_one_may_begin(self):
        self.server.push(ticket(1), ticket(2, colour=5, symbol="hill"))
        self.start()
        self.window.touch("Not mine")
        self.window.wait_for("image", "hill, blue")


class TheWordings(KioskAlone):
    def test_a_practices_own_wording_is_what_is_asked_and_kept(self):
        text = "id = ours\nversion = 3\nlanguage = en\nlanguage.name = English\naudience = adult\nsteps = 10\n"
        for area in ("understanding", "relevance", "safety", "fit"):
            text += f"{area}.question = About {area}?\n{area}.lowest = little\n{area}.highest = much\n"
        self.server.push(ticket(1, instruments=[text, "nonsense"]))
        self.start()
        self.window.touch(YES)
        self.window.wait_text("About safety?")
        self.window.touch_line(2, 0.64)
        wait_until(lambda: self.window.all("slider")[2].description == "6.0 of 10", 10, "the nearest of its ten steps")
        self.window.touch(SKIP)
        rating = wait_until(lambda: self.server.ratings, 10, "it")[0]
        self.assertEqual(rating.instrument, "ours-en/3")


class Staff(KioskAlone):
    def corner(self):
        """Three seconds in the upper right corner, then the PIN."""
        self.screen.press(self.screen.width - 20, 20)
        self.window.wait_text("For staff: enter the PIN")
        self.screen.lift()

    def enter(self, pin="2580"):
        for digit in pin:
            self.window.touch(digit)

    def facts(self):
        self.corner()
        self.enter()
        self.window.wait_text("This kiosk")
        return "\n".join(self.window.texts())

    def test_the_corner_says_how_the_kiosk_is(self):
        self.start()
        self.corner()
        self.screen.picture("staff-pin")
        self.enter("1111")
        self.window.wait_text("That was not the PIN.")
        self.enter()
        self.window.wait_text("This kiosk")
        self.screen.picture("staff")
        said = "\n".join(self.window.texts())
        for part in (f"connected to {self.server.address} as k1 in Harbour 1", "good for 8", "agrees with the server's", ": good",
                     "1280 x 800 pixels, 217 mm wide", "attune-kiosk 0."):
            self.assertIn(part, said)
        self.window.touch("Restart")
        wait_until(lambda: not self.kiosk.alive(), 20, "the end, after which the unit starts it anew")

    def test_a_clock_that_is_wrong_is_told_and_ratings_carry_the_servers_time(self):
        self.server.clock_ahead_ms = 7200 * 1000
        self.start()
        self.assertRegex(self.facts(), r"7(199|200|201) s ahead of the server's: set it, or let it be set by NTP")
        self.window.touch("Close")
        self.server.push(ticket(1))
        self.window.touch(YES)
        self.window.touch(SKIP)
        rating = wait_until(lambda: self.server.ratings, 10, "it")[0]
        self.assertAlmostEqual(rating.made_at_ms / 1000, os.stat(self.kiosk.log_path).st_mtime - 7200, delta=300)

    def test_a_kiosk_that_was_revoked_asks_nobody_anything(self):
        self.server.push(ticket(1))
        self.start()
        self.window.wait_for("push button", YES)
        self.server.refuse(202, "this device was revoked: ask the administrator")
        self.window.wait_text("This kiosk is not in use")
        self.assertIn("Please tell somebody at the practice. What was sent here is kept.", self.window.texts())
        self.assertFalse(self.window.all("push button"))
        self.screen.picture("not-in-use")
        self.assertIn("this device was revoked: ask the administrator (DEVICE_REVOKED 202)", self.facts())

    def test_a_server_that_is_gone_is_told(self):
        self.server.close()
        self.start(ready="not connected")
        said = self.facts()
        self.assertIn(f"not connected to {self.server.address}:", said)
        self.assertIn("(UNREACHABLE 406)", said)
        self.assertIn("Ratings are kept here until then.", said)

    def test_a_certificate_of_another_authority_is_told(self):
        other = os.path.join(self.folder, "other")
        os.mkdir(other)
        stranger = PlayServer(other)
        self.addCleanup(stranger.close)
        self.start(ready="not connected", server=stranger.address)
        self.assertIn("(CERTIFICATE 409)", self.facts())


class Memory(KioskAlone):
    def places_of(self, words):
        """How often each is in the kiosk's memory, as UTF-8."""
        found = dict.fromkeys(words, 0)
        with open(f"/proc/{self.kiosk.pid}/maps", encoding="utf-8") as maps, \
                open(f"/proc/{self.kiosk.pid}/mem", "rb", buffering=0) as memory:
            for line in maps:
                first, last = (int(part, 16) for part in line.split()[0].split("-"))
                if "rw" not in line.split()[1] or last - first > 1 << 30:
                    continue  # The sanitizer's own ground, terabytes wide, holds no bytes of ours.
                try:
                    memory.seek(first)
                    held = memory.read(last - first) or b""
                except (OSError, ValueError, OverflowError):
                    continue
                for word in words:
                    found[word] += held.count(word.encode())
        return found

    def test_nothing_of_who_was_there_is_found_after_them(self):
        """The finder must find it first: else it would prove nothing."""
        words = ["Dr. Xenia Quastenberg", "6.7 of 10"]
        self.server.push(ticket(1, therapist=words[0]))
        self.start(environment={"ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=0:thread_local_quarantine_size_kb=0:"
                                "max_free_fill_size=16777216:free_fill_byte=165"})
        self.window.touch(YES)
        wait_until(lambda: len(self.window.all("slider")) == 4, 30, "four lines")
        for index in range(4):
            self.window.touch_line(index, 0.67)
        wait_until(lambda: {s.description for s in self.window.all("slider")} == {"6.7 of 10"}, 10, "all at 6.7")
        before = self.places_of(words)
        self.assertTrue(all(before.values()), before)
        self.window.touch(SEND)
        self.window.touch("Now")
        wait_until(lambda: self.server.ratings, 10, "the rating")
        self.server.push()
        self.window.wait_blank()
        after = self.places_of(words)
        self.assertEqual(after[words[1]], 0, before)
        self.assertLessEqual(after[words[0]], 2, "the link's last frame and what was unpacked of it: a therapist's name")


class Configuration(KioskAlone):
    def run_kiosk(self, *words):
        return subprocess.run([KIOSK, *words], capture_output=True, text=True, check=False)

    def test_what_is_wrong_is_said_with_its_line(self):
        path = self.write_config(idle_s=0)
        done = self.run_kiosk("--config", path, "--check-config")
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"kiosk\.conf:6: idle_s: must be a whole number from 1 to 600")
        done = self.run_kiosk("--config", self.write_config(idel_s=3), "--check-config")
        self.assertEqual(done.returncode, 78)
        self.assertIn("'idle_s'", done.stderr)
        done = self.run_kiosk("--config", self.write_config(identity="/nowhere"), "--check-config")
        self.assertEqual((done.returncode, "no identity yet" in done.stdout), (0, True))
        torn = os.path.join(self.folder, "id-torn")
        os.makedirs(torn)
        with open(os.path.join(torn, "device.crt"), "w", encoding="ascii") as file:
            file.write("half")
        done = self.run_kiosk("--config", self.write_config(identity=torn), "--check-config")
        self.assertEqual(done.returncode, 78)
        self.assertEqual(self.run_kiosk("--config", self.write_config(), "--check-config").returncode, 0)

    def test_what_it_prints_is_a_configuration(self):
        printed = self.run_kiosk("--print-config").stdout
        path = os.path.join(self.folder, "printed.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(printed.replace("# server =", "server ="))
        self.assertIn("panel_width_mm", printed)
        self.assertEqual(self.run_kiosk("--help").returncode, 0)
        self.assertIn("GTK 4.", self.run_kiosk("--version").stdout)
        self.assertEqual(self.run_kiosk().returncode, 2)
        self.assertEqual(self.run_kiosk("--nonsense").returncode, 2)

    def test_a_release_without_a_display_says_so(self):
        path = self.write_config()
        done = subprocess.run([KIOSK, "--config", path], capture_output=True, text=True, check=False,
                              env={**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": "", "XDG_RUNTIME_DIR": self.folder,
                                   "ASAN_OPTIONS": "detect_leaks=0"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("no display", done.stderr)


if __name__ == "__main__":
    unittest.main()
