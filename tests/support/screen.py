"""screen.py - a screen that nobody sees, hands that touch it, and eyes: for tests of windows.

Xvfb is the screen, xdotool the hand, AT-SPI (what a screen reader reads) and ImageMagick the eyes. The test runs within
dbus-run-session. On GTK 4.8 nothing ever has the state SHOWING: what is there is what is visible and has a size.
"""
import os
import re
import subprocess
import tempfile

import pyatspi

from harness import BUILD, wait_until

PICTURES = os.path.join(BUILD, "desktop-pictures")
SUPPRESSIONS = "leak:libfontconfig\nleak:libpango\nleak:libcairo\nleak:libgtk-4\nleak:libglib-2\n"


class Screen:
    """An X server of its own, and where the pictures go."""

    def __init__(self, width=1280, height=800):
        self.width, self.height = width, height
        self.folder = tempfile.mkdtemp(prefix="attune-screen-")
        read, write = os.pipe()
        self.process = subprocess.Popen([*self.server(), "-displayfd", str(write), "-nolisten", "tcp", "-noreset"],
                                        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as told:
            self.display = ":" + told.readline().strip()
        self.suppressions = os.path.join(self.folder, "suppressions")
        with open(self.suppressions, "w", encoding="utf-8") as file:
            file.write(SUPPRESSIONS)

    def server(self):
        return ["Xvfb", "-screen", "0", f"{self.width}x{self.height}x24"]

    def environment(self):
        return {"DISPLAY": self.display, "GDK_BACKEND": "x11", "G_DEBUG": "fatal-warnings", "NO_AT_BRIDGE": "0",
                "TZ": "UTC", "G_SLICE": "always-malloc",
                "LSAN_OPTIONS": f"suppressions={self.suppressions}:print_suppressions=0",
                "ASAN_OPTIONS": "detect_leaks=1"}

    def close(self):
        self.process.terminate()
        self.process.wait(10)

    # ---- the hand ------------------------------------------------------------------------------

    def _xdotool(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True, env={**os.environ, "DISPLAY": self.display})

    def touch(self, x, y):
        self._xdotool("mousemove", int(x), int(y), "click", "1")

    def drag(self, points):
        (x, y), *rest = points
        self._xdotool("mousemove", int(x), int(y), "mousedown", "1")
        for x, y in rest:
            self._xdotool("mousemove", int(x), int(y))
        self._xdotool("mouseup", "1")

    def press(self, x, y):
        self._xdotool("mousemove", int(x), int(y), "mousedown", "1")

    def lift(self):
        self._xdotool("mouseup", "1")

    def wheel(self, x, y):
        self._xdotool("mousemove", int(x), int(y), "click", "4", "click", "5")

    def focus(self, title):
        """There is no window manager that would give it the keys."""
        self._xdotool("search", "--onlyvisible", "--name", title, "windowfocus", "--sync")

    def type(self, text):
        self._xdotool("type", "--delay", "1", text)

    def key(self, *names):
        self._xdotool("key", *names)

    # ---- the eye -------------------------------------------------------------------------------

    def picture(self, name):
        os.makedirs(PICTURES, exist_ok=True)
        path = os.path.join(PICTURES, name + ".png")
        subprocess.run(["import", "-window", "root", "-display", self.display, path], check=True)
        return path

    def colours(self):
        """How many colours the whole screen has."""
        done = subprocess.run(["import", "-window", "root", "-display", self.display, "-format", "%k", "info:-"],
                              check=True, capture_output=True, text=True)
        return int(re.search(r"\d+", done.stdout).group())


def application(name):
    for one in pyatspi.Registry.getDesktop(0):
        if one is not None and one.name == name:
            return one
    return None


def _walk(node):
    yield node
    for child in node:
        if child is not None:
            yield from _walk(child)


class Thing:
    """What is there at one moment: a page may be taken away at any time, and then its nodes are gone."""

    def __init__(self, node):
        self.node = node
        self.role, self.name, self.description = node.getRoleName(), node.name, node.description
        self.box = (0, 0, 0, 0)
        self.visible = node.getState().contains(pyatspi.STATE_VISIBLE)
        self.focused = node.getState().contains(pyatspi.STATE_FOCUSED)
        self.in_button = self.role == "label" and node.parent.getRoleName() == "push button"
        if self.visible:
            extents = node.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
            self.box = (extents.x, extents.y, extents.width, extents.height)
        if self.role == "slider":
            value = node.queryValue()
            self.value, self.range = value.currentValue, (value.minimumValue, value.maximumValue)

    def set_value(self, value):
        self.node.queryValue().currentValue = value

    def acts(self):
        try:
            return self.node.queryAction().nActions > 0
        except NotImplementedError:
            return False

    def push(self):
        self.node.queryAction().doAction(0)

    @property
    def middle(self):
        x, y, width, height = self.box
        return x + width / 2, y + height / 2


class Window:
    """What a screen reader finds in a program's window."""

    def __init__(self, screen, program, patience=30):
        self.screen, self.program, self.patience = screen, program, patience

    def things(self):
        """Everything that is visible and has a size; none while the window is being built anew."""
        found = []
        try:
            root = application(self.program)
            for node in _walk(root) if root is not None else ():
                try:
                    found.append(Thing(node))
                except NotImplementedError:  # It has no place or value of its own.
                    continue
        except Exception:  # pylint: disable=broad-except  # It was taken away while we walked; ask again.
            return []
        return [thing for thing in found if thing.visible and thing.box[2] > 0]

    def texts(self):
        return [thing.name for thing in self.things() if thing.role == "label" and thing.name]

    def all(self, role):
        return [thing for thing in self.things() if thing.role == role]

    def find(self, role, name=None):
        return next((thing for thing in self.all(role) if name is None or thing.name == name), None)

    def wait_for(self, role, name=None):
        return wait_until(lambda: self.find(role, name), self.patience, f"{role} {name!r}; there was {self.told()}")

    def wait_text(self, text):
        return wait_until(lambda: text in self.texts(), self.patience, f"the words {text!r}; there were {self.texts()}")

    def wait_blank(self):
        return wait_until(lambda: application(self.program) is not None and self.screen.colours() == 1, self.patience,
                          "a blank screen")

    def push(self, name):
        """By the screen reader's own way. What opens a menu is a button within one of the same name: only the inner one acts."""
        def acting():
            return next((thing for thing in self.things() if thing.name == name and thing.acts()), None)
        wait_until(acting, self.patience, f"{name!r} to push; there was {self.told()}").push()

    def touch(self, name):
        """By the finger."""
        self.screen.touch(*self.wait_for("push button", name).middle)

    def tab_to(self, wanted):
        """By Tab alone, as who has no finger for it does; `wanted` tells the thing."""
        def focus():
            return next(((thing.role, thing.name, thing.box) for thing in self.things() if thing.focused), None)

        for _ in range(40):  # No page has as many.
            if any(thing.focused and wanted(thing) for thing in self.things()):
                return
            before = focus()
            self.screen.key("Tab")
            wait_until(lambda: focus() not in (None, before), self.patience, "the focus to move")
        raise AssertionError(f"Tab never comes to it; there was {self.told()}")

    def touch_line(self, index, place, rtl=False):
        x, y, width, height = self.all("slider")[index].box
        self.screen.touch(x + width * (1 - place if rtl else place), y + height / 2)

    def told(self):
        """What a screen reader would say, a line each; a button's label with its button."""
        lines = []
        for thing in self.things():
            if thing.role in ("label", "push button", "toggle button", "slider", "image") and not thing.in_button:
                said = f"{thing.role}: {thing.name}".translate({0x2068: None, 0x2069: None})  # Marks, not words.
                if thing.role == "slider":
                    said += f" [{thing.range[0]:g} to {thing.range[1]:g}] {thing.description}"
                lines.append(said)
        return lines
