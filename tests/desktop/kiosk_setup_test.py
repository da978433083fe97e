"""A kiosk without an identity: its first page. Typed on the screen, and by a scanner; wrong, and right; in every size and language."""
import os
import shutil
import unittest

from harness import BUILD, AttuneTest, wait_until
from screen import Screen, Window

KIOSK = os.path.join(BUILD, "client", "kiosk", "attune-kiosk")
SIZES = [(800, 480, 154), (480, 800, 92), (1280, 800, 217), (1920, 1080, 344)]
LANGUAGES = ("en", "de", "fr", "es", "ar")
CODE = "36CSK6CSK6CSK6CSK6CSK6CSK6H248H248H248H2480B"  # Of PROTOCOL.md: good in itself, and nobody's.


class Setup(AttuneTest):
    def start(self, width=1280, height=800, panel_mm=217, server=None, language="en"):
        screen = Screen(width, height)
        self.addCleanup(screen.close)
        path = self.attune.path("kiosk.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"identity = {self.attune.path('id-new')}\nspool = {self.attune.path('kiosk-spool')}\n"
                       f"panel_width_mm = {panel_mm}\nlanguage = {language}\n" + (f"server = {server}\n" if server else ""))
        kiosk = self.attune.start("kiosk", [KIOSK, "--config", path], screen.environment())
        window = Window(screen, "attune-kiosk", 60)
        wait_until(lambda: "set-up" in kiosk.log() or not kiosk.alive(), 60, "the page")
        wait_until(lambda: window.all("push button"), 60, "its keys")
        return screen, window, kiosk

    def type(self, screen, window, text):
        keys = {thing.name: thing.middle for thing in window.all("push button")}
        for letter in text:
            screen.touch(*keys[letter])

    def test_the_page_fits_every_size_in_every_language(self):
        for width, height, panel_mm in SIZES:
            for language in LANGUAGES if width in (480, 1280) else ("de",):
                screen, window, kiosk = self.start(width, height, panel_mm, language=language)
                screen.picture(f"setup-{width}x{height}-{language}")
                least = max(44, int(9 * width / panel_mm))
                for thing in window.things():
                    if thing.role not in ("label", "push button"):
                        continue
                    x, y, w, h = thing.box
                    where = f"{width}x{height} {language}: {thing.role} {thing.name!r} at {x},{y} {w}x{h}"
                    self.assertTrue(x >= 0 and y >= 0 and x + w <= width and y + h <= height, where)
                    if thing.role == "push button":
                        self.assertTrue(thing.name, where)
                        self.assertGreaterEqual(h, least, where)
                        self.assertGreaterEqual(w, least, where)
                self.assertEqual(kiosk.stop(), 0)
                screen.close()

    def test_a_code_is_typed_wrong_and_refused_and_right_and_the_kiosk_goes_on(self):
        self.attune.start_server()
        self.attune.add_room(kiosk="k0")
        made = self.attune.attune("admin", "device", "add", "--room", "North 1", "--json").json()
        screen, window, kiosk = self.start(server=self.attune.address)
        self.type(screen, window, "36CS")
        window.push("Connect")
        window.wait_text("The code is not complete: 4 of 44.")
        self.type(screen, window, CODE[4:-1] + "C")
        window.push("Connect")
        window.wait_text("There is a typing error in the code.")
        screen.picture("setup-typed-wrong")
        window.push("Erase")
        self.type(screen, window, CODE[-1])
        window.push("Connect")
        window.wait_text("This is not the server that the code was made for.")
        self.assertEqual(self.attune.count("enrol_wrong"), 0)
        for _ in CODE:
            screen.key("BackSpace")
        self.type(screen, window, made["code"].replace("-", ""))
        window.push("Connect")
        wait_until(lambda: "connected to" in kiosk.log() or not kiosk.alive(), 60, "the kiosk to be one")
        self.assertTrue(kiosk.alive(), kiosk.log())
        self.assertEqual(self.attune.count("device", "label = 'North 1' and role = 'kiosk'"), 1)
        self.assertEqual(kiosk.stop(), 0)

    def test_a_scanner_types_all_that_is_needed(self):
        self.attune.start_server()
        self.attune.add_room(kiosk="k0")
        made = self.attune.attune("admin", "device", "add", "--room", "North 1", "--json").json()
        screen, window, kiosk = self.start()
        screen.focus("^Attune$")
        screen.type(made["uri"])
        screen.key("Return")
        wait_until(lambda: "connected to" in kiosk.log() or not kiosk.alive(), 60, "the kiosk to be one")
        self.assertTrue(kiosk.alive(), kiosk.log())
        self.assertEqual(kiosk.stop(), 0)
        shutil.rmtree(self.attune.path("id-new"))
        # A code for a therapist is not used up here.
        self.attune.add_therapist()
        other = self.attune.attune("admin", "device", "add", "--therapist", "t01", "--json").json()
        screen, window, kiosk = self.start()
        screen.focus("^Attune$")
        screen.type(other["uri"])
        screen.key("Return")
        window.wait_text("This code is for another kind of device.")
        self.assertEqual(self.attune.count("device_code", "used_by is null and role = 'therapist'"), 1)
        self.assertEqual(kiosk.stop(), 0)


if __name__ == "__main__":
    unittest.main()
