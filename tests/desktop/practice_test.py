"""The practice's figures on an administrator's device: sites and weeks; a site added today is there without a restart."""
import csv
import datetime
import os
import shutil
import unittest

import desktop
from desktop import DesktopTest
from harness import SOURCE, wait_until

PRACTICE = f"{SOURCE}/tests/data/practice.csv"


class Practice(DesktopTest):
    def setUp(self):
        super().setUp()
        self.attune.start_server()
        self.attune.start_aggregator()
        self.attune.add_room()
        self.attune.add_therapist(clients=("c001",))

    def import_history(self):
        """The synthetic practice, moved by whole weeks so that it ends with the last finished one."""
        with open(PRACTICE, encoding="utf-8") as file:
            head, *lines = csv.reader(file)
        days = [datetime.date.fromisoformat(line[0][:10]) for line in lines]
        monday = datetime.date.today() - datetime.timedelta(days=datetime.date.today().weekday())
        weeks = (monday - datetime.timedelta(days=1) - max(days)).days // 7
        with open(self.attune.path("history.csv"), "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(head)
            for line in lines:
                moved = [(datetime.datetime.fromisoformat(at) + datetime.timedelta(weeks=weeks)).isoformat() for at in line[:2]]
                out.writerow([*moved, *line[2:]])
        self.attune.attune("admin", "import", self.attune.path("history.csv"), seconds=150)
        wait_until(lambda: self.attune.count("rating_batch") + self.attune.count("rollup_session") == 0, 60, "the roll-ups")

    def test_sites_weeks_and_the_funnel_are_drawn_from_the_roll_ups(self):
        self.import_history()
        self.attune.make_identity("office")
        self.attune.practice("add-device", "--certificate", self.attune.path("id-office/device.crt"), "--role", "administrator",
                             "--label", "office")
        for style, text in (("light", "100"), ("dark", "100"), ("light", "125")):
            window = self.open_window("office", "--export-to", self.attune.path("."), name=f"practice-{style}-{text}", style=style, text=text)
            window.find(part="sessions held in")
            window.find("label", "Harbour")
            self.assertFalse(window.has("c114"))
            window.find("image", "Rated, of held sessions")
            self.assertFalse(window.has("Repaired, of ruptures that are over"))  # Nobody has enough of them.
            kind = "large" if text == "125" else style
            window.page(f"practice-{kind}-2-figures")
            before = window.top_of("heading", "To ask after")
            window.key("Page_Down", "Page_Down")
            wait_until(lambda: window.top_of("heading", "To ask after") < before, 10, "the page to scroll")
            window.page(f"practice-{kind}-3-funnel")
            if kind == "light":
                self.save(window)
            window.close()

    def save(self, window):
        """What is on the page, by the menu as a client's."""
        for kind, magic in (("PDF", b"%PDF"), ("PNG", b"\x89PNG"), ("CSV", b'"Rated of held sessions')):
            window.press("Menu")
            window.press(f"Save as {kind}" + (" (Ctrl+S)" if kind == "PDF" else ""))
            window.find("label", f"Saved: figures.{kind.lower()}")
            with open(self.attune.path(f"figures.{kind.lower()}"), "rb") as file:
                saved = file.read()
            self.assertTrue(saved.startswith(magic), saved[:100])
            self.assertNotIn(b"c114", saved)
        os.makedirs(desktop.PICTURES, exist_ok=True)
        shutil.copy(self.attune.path("figures.png"), os.path.join(desktop.PICTURES, "practice-figures.png"))
        weeks = saved.decode().split("\r\n\r\n")[1].split("\r\n")
        self.assertEqual(weeks[1], "monday,hidden,older,2 to 6 weeks,under 2 weeks")

    def test_a_site_added_today_is_there_without_a_restart(self):
        self.attune.make_identity("office")
        self.attune.practice("add-device", "--certificate", self.attune.path("id-office/device.crt"), "--role", "administrator",
                             "--label", "office")
        window = self.open_window("office")
        window.find("label", "North")
        self.assertFalse(window.has("c001"))  # Figures, and nobody's name.
        self.assertFalse(window.has("South"))
        window.page("practice-light-1")
        self.attune.practice("add-site", "South")
        window.find("label", "South", seconds=60)
        window.compare_says("practice")
        window.close()

    def test_a_therapist_sees_their_own_figures_alone(self):
        window = self.open_window()
        window.find("list item", part="c001")
        window.key("ctrl+p")
        window.find("heading", "The last 26 finished weeks")
        self.assertFalse(window.has("Sites"))
        self.assertFalse(window.has("To ask after"))
        window.close()


if __name__ == "__main__":
    desktop.own_bus_and_display()
    unittest.main()
