"""demo_windows.py - the demo's two windows: on somebody's display, or on a screen that nobody sees, for pictures.

The kiosk is touched and the desk pressed as the tests of the windows do (tests/support/screen.py, tests/desktop/desktop.py).
"""
import os
import subprocess
import sys

from harness import BUILD, SOURCE, wait_until

os.environ.pop("FONTCONFIG_FILE", None)  # harness.py names the tests' own fonts; people have theirs.
KIOSK = os.path.join(BUILD, "client", "kiosk", "attune-kiosk")
DESK = os.path.join(BUILD, "client", "therapist", "pages", "attune-therapist")
SESSION = os.path.join(SOURCE, "tests", "support", "desktop-session")


def has_display():
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def kiosk_config(demo, room, **more):
    path = demo.attune.path("kiosk.conf")
    keys = {"server": demo.attune.address, "identity": demo.attune.path(f"id-{room}"), "spool": demo.attune.path("kiosk-spool"),
            "pin": "2580", **more}
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {value}\n" for key, value in keys.items())
    return path


def open_windows(demo, room, therapist):
    """Both on the display of whoever started the demo; the history of the therapist's own clients is in the desk."""
    demo.attune.start("kiosk", [KIOSK, "--config", kiosk_config(demo, room, windowed=1)])
    demo.attune.start("desk", [DESK, "--server", demo.attune.address, "--identity", demo.attune.path(f"id-{therapist}")])


# ---- pictures --------------------------------------------------------------------------------


def take_pictures(demo, folder):
    """Again under a bus of its own, with what the windows' tests use; gives whether all pictures are there."""
    room, therapist, clients = demo.places[0]
    attune = demo.attune
    code = subprocess.call(
        [SESSION, "/usr/bin/python3", "-W", "ignore", os.path.abspath(__file__), folder, kiosk_config(demo, room, thanks_s=60),
         attune.address, attune.path(f"id-{therapist}"), clients[0], room],
        env={**os.environ, "PYTHONPATH": os.path.join(SOURCE, "tests", "support"), "PYTHONDONTWRITEBYTECODE": "1"})
    names = [f"{name}.png" for name in ("kiosk-recognise", "kiosk-rate", "kiosk-talk", "kiosk-thanks", "desk-client", "desk-alert")]
    missing = [name for name in names if not os.path.exists(os.path.join(folder, name))]
    print(f"pictures: {len(names) - len(missing)} of {len(names)} in {folder}", flush=True)
    return code == 0 and not missing


class Pictures:
    def __init__(self, folder, config, address, identity, client, room):
        import screen  # Only here: it needs the accessibility bus.
        self.screen_of, self.folder = screen, folder
        screen.PICTURES = folder
        self.client, self.room = client, room
        self.kiosk_screen, self.desk_screen = screen.Screen(1280, 800), screen.Screen(1280, 860)
        self.processes = [self.start(self.kiosk_screen, KIOSK, "--config", config),
                          self.start(self.desk_screen, DESK, "--server", address, "--identity", identity, "--style", "light",
                                     "--alerts", "popup")]
        self.kiosk = screen.Window(self.kiosk_screen, "attune-kiosk", 60)
        self.desk = screen.Window(self.desk_screen, "attune-therapist", 60)

    def start(self, where, *command):
        with open(os.path.join(where.folder, "log"), "ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log,
                                    env={**os.environ, **where.environment(), "G_DEBUG": "", "XDG_CONFIG_HOME": where.folder})

    def key(self, *keys):
        subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^Attune$", "windowfocus", "--sync"],
                       env={**os.environ, "DISPLAY": self.desk_screen.display}, check=True, stdout=subprocess.DEVNULL)
        self.desk_screen.key("--clearmodifiers", *keys)

    def choose_the_client(self):
        wait_until(lambda: any(self.client in thing.name for thing in self.desk.all("list item")), 60, "the caseload")
        self.key("ctrl+f")
        subprocess.run(["xdotool", "type", "--delay", "1", self.client],
                       env={**os.environ, "DISPLAY": self.desk_screen.display}, check=True)
        wait_until(lambda: len(self.desk.all("list item")) == 1, 60, "the client alone")
        self.key("Return")
        self.desk.wait_for("push button", "Review together")
        self.key("ctrl+a", "Delete")

    def rate(self):
        self.kiosk.wait_for("push button", "Yes, this is my session")
        self.kiosk_screen.picture("kiosk-recognise")
        self.kiosk.touch("Yes, this is my session")
        wait_until(lambda: len(self.kiosk.all("slider")) == 4, 60, "four lines")
        for index, place in enumerate((0.42, 0.8, 0.71, 0.55)):
            self.kiosk.touch_line(index, place)
            self.kiosk.wait_text(f"{index + 1} of 4 answered")
        self.kiosk_screen.picture("kiosk-rate")
        self.kiosk.touch("Send")
        self.kiosk.wait_for("push button", "Now")
        self.kiosk_screen.picture("kiosk-talk")
        self.kiosk.touch("Now")
        self.kiosk.wait_text("Thank you")
        self.kiosk_screen.picture("kiosk-thanks")

    def run(self):
        self.choose_the_client()
        wait_until(lambda: any("total" in thing.description.lower() + thing.name.lower() for thing in self.desk.all("image")), 60,
                   "the picture of the course")
        self.desk_screen.picture("desk-client")
        self.desk.push("Open session")
        self.desk.push(self.room)
        self.desk.push("Invite rating")
        self.rate()
        self.desk.wait_for("push button", "Acknowledge")
        self.desk_screen.picture("desk-alert")

    def close(self):
        for process in self.processes:
            process.terminate()
            process.wait(20)
        self.kiosk_screen.close()
        self.desk_screen.close()


if __name__ == "__main__":
    pictures = Pictures(*sys.argv[1:])
    try:
        pictures.run()
    except AssertionError as problem:
        for where in (pictures.kiosk_screen, pictures.desk_screen):
            with open(os.path.join(where.folder, "log"), encoding="utf-8", errors="replace") as log:
                print(log.read()[-2000:], file=sys.stderr)
        import pyatspi
        print([a.name for a in pyatspi.Registry.getDesktop(0)], pictures.desk.told(), file=sys.stderr)
        sys.exit(f"demo: {problem}")
    finally:
        pictures.close()
