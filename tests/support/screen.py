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
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as told:
            self.display = ":" + told.readline().strip()
        self.suppressions = os.path.join(self.folder, "suppressions")
        with open(self.suppressions, "w", encoding="utf-8") as file:
            file.write(SUPPRESSIONS)

    def environment(self):
        return {"DISPLAY": self.display, "GDK_BACKEND": "x11", "G_DEBUG": "fatal-warnings", "NO_AT_BRIDGE": "0",
                "XDG_RUNTIME_DIR": self.folder, "G_SLICE": "always-malloc",
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


class Window:
    """What a screen reader finds in a program's window."""

    def __init__(self, screen, program, patience=30):
        self.screen, self.program, self.patience = screen, program, patience

    def nodes(self):
        """Everything that is visible and has a size; none while the window is being built anew."""
        root = application(self.program)
        if root is None:
            return []
        try:
            return [n for n in _walk(root) if n.getState().contains(pyatspi.STATE_VISIBLE) and box(n)[2] > 0]
        except Exception:  # pylint: disable=broad-except  # It was taken away while we walked; ask again.
            return []

    def texts(self):
        return [n.name for n in self.nodes() if n.getRoleName() == "label" and n.name]

    def find(self, role, name=None):
        for node in self.nodes():
            if node.getRoleName() == role and (name is None or node.name == name):
                return node
        return None

    def all(self, role):
        return [n for n in self.nodes() if n.getRoleName() == role]

    def wait_for(self, role, name=None):
        return wait_until(lambda: self.find(role, name), self.patience, f"{role} {name!r}; there is {self.told()}")

    def wait_text(self, text):
        return wait_until(lambda: text in self.texts(), self.patience, f"the words {text!r}; there are {self.texts()}")

    def wait_blank(self):
        return wait_until(lambda: application(self.program) is not None and not self.texts(), self.patience,
                          "a blank screen")

    def push(self, name):
        """By the screen reader's own way."""
        self.wait_for("push button", name).queryAction().doAction(0)

    def touch(self, name):
        """By the finger."""
        x, y, width, height = box(self.wait_for("push button", name))
        self.screen.touch(x + width / 2, y + height / 2)

    def touch_line(self, index, place, rtl=False):
        x, y, width, height = box(self.all("slider")[index])
        self.screen.touch(x + width * (1 - place if rtl else place), y + height / 2)

    def told(self):
        """What a screen reader would say, a line each."""
        lines = []
        for node in self.nodes():
            role = node.getRoleName()
            if role in ("label", "push button", "toggle button", "slider", "image"):
                said = f"{role}: {node.name}"
                if role == "slider":
                    value = node.queryValue()
                    said += f" [{value.minimumValue:g} to {value.maximumValue:g}] {node.description}"
                lines.append(said)
        return lines


def box(node):
    try:
        component = node.queryComponent()
    except NotImplementedError:  # The application itself has no place.
        return 0, 0, 0, 0
    e = component.getExtents(pyatspi.WINDOW_COORDS)
    return e.x, e.y, e.width, e.height
