"""Every page, size, language and setting of the kiosk: it fits, a finger can hit it, and a screen reader has its name.

Pictures are left in the build's desktop-pictures, to be looked at. What a screen reader would say is kept in spoken/.
"""
import os
import unittest

from kiosk_alone import NEXT, SEND, YES, KioskAlone
from harness import wait_until
from play_server import ticket

SPOKEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "spoken")
TALK = "When would you like to talk about it?"
NEXTS = (NEXT, "Weiter", "Suivant", "Siguiente", "التالي")
SIZES = [(800, 480, 154), (480, 800, 92), (1024, 600, 154), (600, 1024, 90), (1280, 800, 217), (800, 1280, 136),
         (1366, 768, 310), (1920, 1080, 344), (1080, 1920, 194)]


class Pictures(KioskAlone):
    prefix = ""

    def judge(self, name):
        """A picture, and: everything lies within the window and is large enough for a finger."""
        self.screen.picture(self.prefix + name)
        width, height = self.screen.width, self.screen.height
        least = max(44, int(9 * width / self.panel_mm))
        things = [t for t in self.window.things() if t.role in ("label", "push button", "slider", "image")]
        self.assertTrue(things, name)
        for thing in things:
            x, y, w, h = thing.box
            where = f"{name}: {thing.role} {thing.name!r} at {x},{y} {w}x{h}"
            self.assertTrue(thing.name, where)
            self.assertTrue(x >= 0 and y >= 0 and x + w <= width and y + h <= height, where)
            if thing.role in ("push button", "slider"):
                self.assertGreaterEqual(h, least, where)
                self.assertGreaterEqual(w, least, where)

    def begin(self, width, height, panel_mm, **config):
        self.panel_mm = panel_mm
        self.start(width, height, panel_mm, **config)
        self.assertNotIn("do not fit", self.kiosk.log())

    def spoken(self, name):
        """Held against the text that is kept; a new one is written and must be looked at."""
        said = "\n".join(self.window.told()) + "\n"
        path = os.path.join(SPOKEN, name + ".txt")
        if not os.path.exists(path) or "ATTUNE_SPEAK" in os.environ:
            os.makedirs(SPOKEN, exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(said)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(said, file.read())

    def answer(self, *places, rtl=False):
        """All four, at once or one at a time."""
        wait_until(lambda: self.window.all("slider"), 30, "a line")
        if len(self.window.all("slider")) == 4:
            for index, place in enumerate(places):
                self.window.touch_line(index, place, rtl)
                wait_until(lambda: flat(self.window.all("slider")[index].value, place * 10), 10, "it")
            return
        for index, place in enumerate(places):
            self.window.touch_line(0, place, rtl)
            wait_until(lambda: flat(self.window.all("slider")[0].value, place * 10), 10, "it")
            if index < 3:
                before = self.window.all("slider")[0].name
                self.screen.touch(*next(t for t in self.window.all("push button") if t.name in NEXTS).middle)
                wait_until(lambda: [s.name for s in self.window.all("slider")] not in ([], [before]), 10, "the next one")


def flat(one, other):
    return abs(one - other) < 0.16


class EverySize(Pictures):
    def walk(self):
        self.window.wait_for("push button", YES)
        self.judge("recognise")
        self.window.touch(YES)
        self.window.wait_for("push button", "Go on")
        self.judge("explain")
        self.window.touch("Go on")
        self.answer(0.83, 0.61, 0.2, 0.95)
        self.judge("rate")
        self.window.touch(SEND)
        self.window.wait_text(TALK)
        self.judge("talk")
        self.window.touch("Now")
        self.window.wait_for("push button", "No")
        self.judge("tension")
        self.window.touch("No")
        self.window.wait_for("push button", "Nothing comes to mind")
        self.judge("better")
        self.window.touch("Nothing comes to mind")
        self.window.wait_text("Thank you")
        self.judge("thanks")
        rating = wait_until(lambda: self.server.ratings, 10, "the rating")[0]
        self.assertEqual((rating.talk, rating.tension, rating.better), (1, 1, 5))

    def child(self):
        self.server.push(ticket(2, audience=1, symbol="bird", colour=1))
        self.window.touch(YES)
        for number in range(4):
            self.window.wait_text(f"Question {number + 1} of 4")
            self.window.touch(f"step {number + 2} of 5")
            wait_until(lambda: f"{number + 1} of 4 answered" in self.window.texts(), 10, "it")
            if number == 2:
                self.judge("child")
            self.window.touch(NEXT if number < 3 else SEND)
        self.window.wait_text(TALK)
        self.window.touch("Rather not")
        rating = wait_until(lambda: self.server.ratings[1:], 10, "the rating")[0]
        scores = rating.scores
        self.assertEqual((scores.understanding, scores.relevance, scores.safety, scores.fit), (25, 50, 75, 100))
        self.assertEqual(rating.instrument, "attune-child-en/1")

    def larger(self):
        self.server.push(ticket(3, colour=4, symbol="sun"))
        self.window.touch("Larger text")
        self.window.touch("High contrast")
        self.judge("larger-recognise")
        self.window.touch(YES)
        self.window.wait_text("Question 1 of 4")
        self.window.touch_line(0, 0.7)
        self.judge("larger-rate")

    def every_page_fits(self, width, height, panel_mm):
        self.prefix = f"{width}x{height}-"
        self.server.push(ticket(1, explain=True, ask_tension=True, ask_better=True))
        self.begin(width, height, panel_mm, thanks_s=1)
        self.walk()
        self.window.wait_blank()
        self.child()
        self.window.wait_blank()
        self.larger()


def _test_of(size):
    return lambda self: self.every_page_fits(*size)


for _size in SIZES:
    setattr(EverySize, f"test_every_page_fits_{_size[0]}x{_size[1]}", _test_of(_size))


class EveryLanguage(Pictures):
    words = {"Deutsch": ("Ja, das ist mein Termin", "Senden"), "Français": ("Oui, c’est ma séance", "Envoyer"),
             "Español": ("Sí, es mi sesión", "Enviar"), "العربية": ("نعم، هذا لقائي", "إرسال")}

    def test_each_language_by_its_own_name_and_from_right_to_left(self):
        self.server.push(ticket(1))
        self.begin(1280, 800, 217, thanks_s=1)
        for number, (name, (yes, send)) in enumerate(self.words.items()):
            with self.subTest(language=name):
                self.server.push(ticket(number + 1))
                self.window.touch(name)
                self.window.wait_for("push button", yes)
                self.judge(f"language{number}-recognise")
                self.window.touch(yes)
                self.answer(0.8, 0.3, 0.1, 0.9, rtl=name == "العربية")
                self.judge(f"language{number}-rate")
                self.window.touch(send)
                wait_until(lambda: not self.window.all("slider"), 10, "the next page")
                self.judge(f"language{number}-talk")
                self.window.all("push button")[-1].push()
                rating = wait_until(lambda: self.server.ratings[number:], 10, "the rating")[0]
                for score, place in zip((rating.scores.understanding, rating.scores.relevance), (80, 30)):
                    self.assertAlmostEqual(score, place, delta=1)
                self.assertRegex(rating.instrument, r"^attune-adult-(de|fr|es|ar)/1$")
                self.window.wait_blank()


class Spoken(Pictures):
    def test_what_a_screen_reader_says_is_as_it_was(self):
        self.server.push(ticket(1, explain=True, ask_tension=True, ask_better=True))
        self.begin(1280, 800, 217, idle_s=600)
        self.window.wait_for("push button", YES)
        self.spoken("recognise")
        self.window.push(YES)
        self.window.wait_for("push button", "Go on")
        self.spoken("explain")
        self.window.push("Go on")
        wait_until(lambda: len(self.window.all("slider")) == 4, 30, "four lines")
        self.spoken("rate-open")
        for index, value in enumerate((7.3, 5.0, 0.0, 10.0)):
            self.window.all("slider")[index].set_value(value)
        wait_until(lambda: "4 of 4 answered" in self.window.texts(), 10, "all four")
        self.spoken("rate-answered")
        self.window.push(SEND)
        for title, choice, name in ((TALK, "Next time", "talk"),
                                    ("Was there any tension or misunderstanding today?", "I’d rather not say", "tension"),
                                    ("What would have made today even slightly better?", "Being understood more", "better")):
            self.window.wait_text(title)
            self.spoken(name)
            self.window.push(choice)
        self.window.wait_text("Thank you")
        self.spoken("thanks")
        rating = wait_until(lambda: self.server.ratings, 10, "the rating")[0]
        scores = rating.scores
        self.assertEqual((scores.understanding, scores.relevance, scores.safety, scores.fit), (73, 50, 0, 100))
        self.assertEqual((rating.talk, rating.tension, rating.better), (2, 0, 1))


if __name__ == "__main__":
    unittest.main()
