"""Pictures: --plot writes an SVG or a PNG beside whatever else a study says, and nothing half."""
import json
import os
import pty
import subprocess
import unittest

from harness import AGGREGATOR, AttuneTest

FEW = {"simulate": ["--courses", "300"], "rates": ["--clients", "300"]}
RULES = ("VERY_LOW", "DROP", "UNUSUAL", "AREA_DROP")


class Pictures(AttuneTest):
    def study(self, *words, check=True):
        return self.attune.run([AGGREGATOR, *words], check=check)

    def read(self, name):
        with open(self.attune.path(name), "rb") as file:
            return file.read()

    def replay(self, *words, check=True):
        with open(self.attune.path("replay.conf"), "w", encoding="utf-8") as file:
            file.write(f"database = {self.attune.conninfo('attune_aggregator')}\n")
        return self.study("replay", "--config", self.attune.path("replay.conf"), *words, check=check)

    def test_a_study_draws_and_says_the_same_as_without(self):
        for command, few in FEW.items():
            with self.subTest(command):
                plain = self.study(command, *few, "--seed", "5")
                drawn = self.study(command, *few, "--seed", "5", "--plot", "a.svg")
                self.assertEqual(plain.out, drawn.out)
                self.assertEqual(drawn.err, "")
                svg = self.read("a.svg").decode()
                for words in (*RULES, "300 simulated clients, seed 5"):
                    self.assertIn(words, svg)
                self.study(command, *few, "--seed", "5", "--plot", "b.svg")
                self.assertEqual(svg.encode(), self.read("b.svg"))
                self.study(command, *few, "--seed", "6", "--plot", "b.svg")
                self.assertNotEqual(svg.encode(), self.read("b.svg"))

    def test_json_is_what_it_is_without_a_picture(self):
        for command, few in FEW.items():
            with self.subTest(command):
                done = self.study(command, *few, "--json", "--plot", "a.png")
                self.assertEqual(json.loads(done.out), json.loads(self.study(command, *few, "--json").out))
                self.assertTrue(self.read("a.png").startswith(b"\x89PNG\r\n\x1a\n"))
                os.unlink(self.attune.path("a.png"))

    def test_progress_is_shown_to_a_terminal_and_is_gone_at_the_end(self):
        for command, few in FEW.items():
            with self.subTest(command):
                ours, theirs = pty.openpty()
                done = subprocess.run([AGGREGATOR, command, *few, "--json", "--plot", self.attune.path("a.png")],
                                      stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=True)
                os.close(theirs)
                seen = os.read(ours, 65536).decode()
                os.close(ours)
                json.loads(done.stdout)
                self.assertIn(f"{command} [", seen)
                self.assertIn("100 %", seen)
                self.assertTrue(seen.endswith("\r\033[K"))
                self.assertTrue(os.path.exists(self.attune.path("a.png")))
                os.unlink(self.attune.path("a.png"))

    def test_a_replay_draws_a_practice_without_a_rating_and_leaves_nothing_else(self):
        done = self.replay("--json", "--plot", "a.svg")
        self.assertEqual(json.loads(done.out)["sessions"], 0)
        svg = self.read("a.svg").decode()
        for words in (*RULES, "the stored ratings: 0 sessions in 0 courses"):
            self.assertIn(words, svg)
        self.assertEqual([name for name in os.listdir(self.attune.folder) if name.startswith("a.svg")], ["a.svg"])

    def test_what_is_no_picture_is_refused_before_the_work(self):
        for command in ("simulate", "rates"):
            for words, says in ((["--plot"], "requires an argument"), (["--plot", "a.gif"], "neither .svg nor .png"),
                                (["--plot", ""], "neither .svg nor .png"), (["--plot="], "neither .svg nor .png"),
                                (["--plot", "a.svg", "b.svg"], "takes no words")):
                with self.subTest(f"{command} {words}"):
                    done = self.study(command, *words, check=False)
                    self.assertEqual((done.code, done.out), (2, ""))
                    self.assertIn(says, done.err)
        for words in (["--plot"], ["--plot", "a.gif"]):
            done = self.replay(*words, check=False)
            self.assertEqual((done.code, done.out), (2, ""))
        done = self.study("norms", "--config", self.attune.path("replay.conf"), "--plot", "a.svg", check=False)
        self.assertEqual((done.code, done.out), (2, ""))
        done = self.study("simulate", "--plot", "/nowhere/a.svg", check=False)
        self.assertEqual((done.code, done.out), (1, ""))
        self.assertIn("/nowhere/a.svg: No such file", done.err)


if __name__ == "__main__":
    unittest.main()
