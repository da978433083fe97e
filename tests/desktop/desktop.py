"""desktop.py - the window on a display of its own, seen and pressed as a screen reader does.

A test derives from DesktopTest: the real server, aggregator and database (harness.py), a session bus and an X server for this
process alone, and the accessibility tree through pyatspi. On GTK 4.8 nothing ever has the state SHOWING, so what is meant is what
is VISIBLE and has a size. Nothing sleeps: find() and until() poll and give up.
"""
import difflib
import json
import os
import resource
import re
import signal
import subprocess
import sys
import tempfile

from harness import BUILD, LEAKS, AttuneTest, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(BUILD, "client", "therapist", "pages", "attune-therapist")
PICTURES = os.path.join(BUILD, "desktop-pictures")
SIZE = "1280x860"
WAIT = 30
FONT = {"100": "DejaVu Sans 10", "125": "DejaVu Sans 12.5"}
PADDING = 10  # Of a button, above and below together, and at the least at its sides; extents are of the content alone.
SILENT = {"filler", "unknown", "grouping", "generic", "scroll pane", "scroll bar", "separator", "viewport"}
PRESSED = {"push button", "toggle button", "list item", "check box", "entry", "combo box", "menu item"}
ROLES_OF_CONTROLS = {"push button", "toggle button", "text", "entry", "combo box", "list item", "check box", "radio button", "menu item"}


def own_bus_and_display():
    """Runs this program again under a bus and a display of its own, unless it is there already."""
    if os.environ.get("ATTUNE_DESKTOP") != "inside":
        home = tempfile.mkdtemp(prefix="attune-desktop-")
        display = _start_display(home)
        environment = {**os.environ, "ATTUNE_DESKTOP": "inside", "DISPLAY": display[1], "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home,
                       "XDG_CACHE_HOME": home, "XDG_RUNTIME_DIR": home, "GDK_BACKEND": "x11", "GSETTINGS_BACKEND": "memory",
                       "GTK_A11Y": "atspi", "LC_ALL": "C.UTF-8", "TZ": "Europe/Zurich", "NO_AT_BRIDGE": "0"}
        os.chmod(home, 0o700)
        try:
            code = subprocess.call(["dbus-run-session", "--", sys.executable, *sys.argv], env=environment)
        finally:
            display[0].terminate()
            display[0].wait()
            subprocess.call(["rm", "-rf", home])
        sys.exit(code)


def _start_display(folder):
    """An X server that chooses its own number and says it."""
    read, write = os.pipe()
    with open(os.path.join(folder, "Xvfb.log"), "wb") as log:
        server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", SIZE + "x24", "-nolisten", "tcp", "-noreset"],
                                  pass_fds=[write], stdout=log, stderr=log)
    os.close(write)
    with os.fdopen(read) as said:
        number = said.readline().strip()
    if not number:
        raise RuntimeError("Xvfb did not start")
    return server, f":{number}"


def set_text_size(percent):
    """GTK reads it from its settings when a window is made."""
    folder = os.path.join(os.environ["XDG_CONFIG_HOME"], "gtk-4.0")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "settings.ini"), "w", encoding="utf-8") as file:
        file.write(f"[Settings]\ngtk-xft-antialias=1\ngtk-enable-animations=0\ngtk-font-name={FONT[percent]}\n"
                   "gtk-icon-theme-name=Adwaita\n")


def walk(node, depth=0):
    """The node and all below it that can be seen, with their depth."""
    import pyatspi
    try:
        state = node.getState()
        if depth > 0 and not state.contains(pyatspi.STATE_VISIBLE):
            return
        yield node, depth
        children = [node[at] for at in range(node.childCount)]
    except Exception:  # It went away while it was looked at: what is there is seen the next time.
        return
    for child in children:
        if child is not None:
            yield from walk(child, depth + 1)


def size_of(node):
    import pyatspi
    try:
        box = node.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        return box.width, box.height
    except Exception:
        return 0, 0


class Window:
    """One attune-therapist."""

    def __init__(self, test, identity, *options, name="therapist", text="100", style="light", environment=None):
        set_text_size(text)
        self.attune = test.attune
        self.pid_name = name
        environment = {"G_DEBUG": "fatal-warnings", "LSAN_OPTIONS": LEAKS,
                       "ASAN_OPTIONS": "detect_leaks=1", **(environment or {})}
        self.process = test.attune.start(name, [PROGRAM, "--identity", test.attune.path(f"id-{identity}"), "--server",
                                                test.attune.address, "--style", style, *options], environment)
        self.application = wait_until(self._application, WAIT, "the window on the accessibility bus")
        wait_until(self._take_keys, WAIT, "the keyboard")

    def _application(self):
        import pyatspi
        if not self.process.alive():
            raise AssertionError(f"the window ended:\n{self.process.log()[-4000:]}")
        for application in pyatspi.Registry.getDesktop(0):
            try:
                if application is not None and application.get_process_id() == self.process.pid and application.childCount > 0:
                    return application
            except Exception:
                continue
        return None

    def _take_keys(self, title="^Attune$"):
        """There is no window manager: nobody gives the window the keyboard but we."""
        return subprocess.call(["xdotool", "search", "--onlyvisible", "--name", title, "windowfocus", "--sync"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0

    # ---- seeing ---------------------------------------------------------------------------------

    def nodes(self):
        return [node for node, _ in walk(self.application)]

    def all(self, role=None, name=None, part=None):
        found = []
        for node in self.nodes():
            try:
                fits = (role is None or node.getRoleName() == role) and (name is None or node.name == name) and (
                    part is None or part in (node.name or ""))
            except Exception:
                continue
            if fits and min(size_of(node)) > 0:
                found.append(node)
        return found

    def find(self, role=None, name=None, part=None, seconds=WAIT):
        what = f"{role} {name or part}"
        try:
            return wait_until(lambda: self.all(role, name, part), seconds, what)[0]
        except AssertionError:
            raise AssertionError(f"no {what} in:\n{self.says()}\n{self.process.log()[-2000:]}") from None

    def gone(self, role=None, name=None, part=None):
        wait_until(lambda: not self.all(role, name, part), WAIT, f"no {role} {name or part} any more")

    def has(self, part):
        return bool(self.all(part=part))

    def could_be_read(self, part):
        """Also by a screen reader that walks where nothing is drawn: what a page only covers has no size, and is there all the same."""
        texts = []
        for node in self.nodes():
            try:
                texts += [node.name or "", node.description or ""]
            except Exception:
                continue
        return any(part in text for text in texts)

    def says(self):
        """What a screen reader would say, a line a node: its role, name and description. What only holds others says nothing."""
        lines = []
        for node, _ in walk(self.application):
            try:
                role, name, description = node.getRoleName(), node.name or "", node.description or ""
            except Exception:
                continue
            if min(size_of(node)) <= 0 or role in SILENT or re.match(r"(Gtk|Adw)[A-Z]", name) or (role == "panel" and not name):
                continue
            lines.append(role + (f" \"{name}\"" if name else "") + (f" ({description})" if description else ""))
        return "\n".join(lines)

    def top_of(self, role, name):
        import pyatspi
        return self.find(role, name).queryComponent().getExtents(pyatspi.WINDOW_COORDS).y

    def check_controls(self):
        """Every control has a name of ours, and is high enough to be pressed: 44 pixels with the padding that extents leave out."""
        faults = []
        for node in self.nodes():
            try:
                role, name, (width, height) = node.getRoleName(), node.name or "", size_of(node)
            except Exception:
                continue
            if role not in ROLES_OF_CONTROLS or min(width, height) <= 0:
                continue
            if not name or re.match(r"(Gtk|Adw)[A-Z]", name):
                faults.append(f"{role} {name!r} has no name of ours")
            if role in PRESSED and height + PADDING < 44:
                faults.append(f"{role} {name!r} is {height} + {PADDING} pixels high")
            if role in PRESSED and width + PADDING < 44:
                faults.append(f"{role} {name!r} is {width} + {PADDING} pixels wide")
        if faults:
            raise AssertionError("\n".join(faults))

    def compare_says(self, page):
        """What a screen reader says of the page, beside what is kept in the tree; dates and times are left out."""
        path = os.path.join(HERE, "says", f"{page}.txt")
        kept = ""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                kept = file.read()

        def same():
            said = re.sub(r"\d{1,2} (January|February|March|April|May|June|July|August|September|October|November|December)", "DAY",
                          re.sub(r"\b\d{2}:\d{2}\b", "TIME", self.says())) + "\n"
            same.said = re.sub(r"\b(leaf|wave|star|moon|sun|hill|tree|bird)\b", "SYMBOL", said)
            return same.said == kept
        if os.environ.get("ATTUNE_DESKTOP_WRITE"):
            same()
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(same.said)
            return
        try:
            wait_until(same, 10, f"what is kept in {path}")
        except AssertionError:
            raise AssertionError("\n".join(difflib.unified_diff(kept.split("\n"), same.said.split("\n"), path, "said"))) from None

    # ---- doing ----------------------------------------------------------------------------------

    def press(self, name, role=None):
        """By the action that a screen reader has."""
        def actions():
            for node in self.all(role, name):
                try:
                    if node.queryAction().nActions > 0:
                        return [node.queryAction()]
                except Exception:
                    continue
            return []
        try:
            wait_until(actions, WAIT, f"{name} to press")[0].doAction(0)
        except AssertionError:
            raise AssertionError(f"no {name} to press in:\n{self.says()}\n{self.process.log()[-3000:]}") from None

    def tick(self, name, *keys):
        """A check box has no action in GTK 4.8: the keys that get there and tick it."""
        import pyatspi
        self.find("check box", name)
        self.key(*keys)
        wait_until(lambda: self.find("check box", name).getState().contains(pyatspi.STATE_CHECKED), WAIT, f"{name} to be ticked")

    def open_client(self, ref):
        """A row of a list has no action in GTK 4.8: it is chosen as the keyboard does, by the search."""
        self.find("list item", part=ref + ",")
        self.key("ctrl+f", "ctrl+a")
        self.type(ref)
        try:
            wait_until(lambda: len(self.all("list item")) == 1, WAIT, f"{ref} alone in the list")
        except AssertionError:
            self.picture("failed")
            raise
        self.key("Return")
        self.find(part="Goals, and what they moved")
        self.key("ctrl+a", "Delete")

    def key(self, *keys, title="^Attune$"):
        self._take_keys(title)  # A popover had them, perhaps.
        subprocess.check_call(["xdotool", "key", "--clearmodifiers", *keys])

    def type(self, text, title="^Attune$"):
        self._take_keys(title)
        subprocess.check_call(["xdotool", "type", "--delay", "1", text])

    def page(self, name):
        """A page as it is to be: its picture, and every control on it."""
        self.check_controls()
        return self.picture(name)

    def picture(self, name):
        os.makedirs(PICTURES, exist_ok=True)
        path = os.path.join(PICTURES, f"{name}.png")
        subprocess.check_call(["import", "-window", "root", path])
        return path

    def _resize(self, width, height):
        subprocess.check_call(["xdotool", "search", "--onlyvisible", "--name", "^Attune$", "windowsize", str(width), str(height)])

    def sizes(self, name):
        """The page at 1280x800, and as small as the window itself says that it may be: pictures, and every control."""
        self._resize(1280, 800)
        self.page(f"{name}-1280x800")
        ids = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^Attune$"], capture_output=True, text=True, check=True)
        said = subprocess.run(["xprop", "-id", ids.stdout.split()[0], "WM_NORMAL_HINTS"], capture_output=True, text=True, check=True)
        width, height = map(int, re.search(r"minimum size: (\d+) by (\d+)", said.stdout).groups())
        if width > 1280 or height > 800:
            raise AssertionError(f"{name} needs {width} by {height}")
        self._resize(width, height)
        self.page(f"{name}-smallest")
        self._resize(1280, 860)

    def close(self):
        if self.process.alive():
            self.key("ctrl+q")
        code = self.process.popen.wait(WAIT)
        if code != 0:
            raise AssertionError(f"{self.pid_name} ended with {code}:\n{self.process.log()[-6000:]}")


class DesktopTest(AttuneTest):
    def setUp(self):
        super().setUp()
        limits = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))  # So that a program's own limit is its own doing.
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, limits)
        self.windows = []
        self.told_path = self.attune.path("told")
        self.notifications = subprocess.Popen([sys.executable, os.path.join(HERE, "notifications.py"), self.told_path],
                                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.assertEqual(self.notifications.stdout.readline(), b"ready\n")
        self.addCleanup(self._end_notifications)
        self.addCleanup(self._close_windows)

    def _end_notifications(self):
        self.notifications.terminate()
        self.notifications.wait()
        self.notifications.stdout.close()

    def told_outside(self):
        """What the desktop was told: lines of JSON."""
        with open(self.told_path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def _close_windows(self):
        for window in self.windows:
            if window.process.alive():
                with open(f"/proc/{window.process.pid}/limits", encoding="ascii") as file:
                    self.assertRegex(file.read(), r"Max core file size +[01] +[01] ")  # What it holds does not outlive it.
                window.process.popen.send_signal(signal.SIGKILL)
                window.process.popen.wait()

    def open_window(self, identity="t1-desk", *options, **more):
        window = Window(self, identity, *options, **more)
        self.windows.append(window)
        return window
