"""desktop: first frame and memory of the kiosk and the desk beside the least window that GTK can show; the time from the touch that
completes a rating to its numbers on the desk's screen, beside the same through the command line; and how long a key waits for its
picture while the server is stopped, beside while it runs."""
import os
import signal
import subprocess
import sys
import time

from harness import BUILD, SOURCE, wait_until

KIOSK = os.path.join(BUILD, "client", "kiosk", "attune-kiosk")
DESK = os.path.join(BUILD, "client", "therapist", "pages", "attune-therapist")
FLOOR = os.path.join(BUILD, "tests", "bench", "attune-window-floor")
SESSION = os.path.join(SOURCE, "tests", "support", "desktop-session")
WHOLE, LIVE, SEARCH = (0, 0, 1280, 800), (560, 84, 560, 64), (16, 76, 290, 44)
STOPPED_S = 30


def run(options):
    code = subprocess.call([SESSION, "/usr/bin/python3", "-W", "ignore", os.path.abspath(__file__), str(options.rounds)],
                           env={**os.environ, "PYTHONPATH": ":".join(sys.path[:2])})
    if code != 0:
        raise SystemExit(f"desktop: ended with {code}")


class Bench:
    def __init__(self, attune):
        import screen
        self.screen, self.attune = screen, attune
        attune.start_server()
        attune.start_aggregator()
        attune.add_room()
        attune.add_therapist(clients=[f"c{number:03}" for number in range(1, 31)])
        path = attune.path("kiosk.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"server = {attune.address}\nidentity = {attune.path('id-k1')}\nspool = {attune.path('kiosk-spool')}\n"
                       "thanks_s = 1\n")
        attune.add_therapist("t09", device="t9", clients=("c900",))
        self.commands = {
            "floor": [FLOOR], "kiosk": [KIOSK, "--config", path],
            "desk": [DESK, "--server", attune.address, "--identity", attune.path("id-t1-desk"), "--style", "light"]}

    def begin(self, name):
        """The program on a screen of its own: it, the screen, its pixels, and milliseconds to the first frame."""
        from pixels import Pixels
        where = self.screen.Screen(1280, 800)
        pixels = Pixels(where.display)
        before = pixels.strip(*WHOLE)
        start = time.monotonic()
        process = self.attune.start(f"{name}-{time.monotonic_ns()}", self.commands[name],
                                    {**where.environment(), "G_DEBUG": "", "XDG_CONFIG_HOME": where.folder})
        return process, where, pixels, 1000 * (pixels.changed(WHOLE, before) - start)

    def first_frame(self, name):
        """Milliseconds, and megabytes once it has settled."""
        from bench import pss_kb
        process, where, pixels, took = self.begin(name)
        settled = [None]

        def quiet():
            now = pixels.strip(*WHOLE)
            same, settled[0] = now == settled[0], now
            return same
        wait_until(quiet, 20, "the window to settle")
        size = pss_kb(process.pid) / 1024
        process.stop()
        where.close()
        return took, size


class Numbers(Bench):
    """Both windows up."""

    def __enter__(self):
        self.kiosk, self.kiosk_screen, _, _ = self.begin("kiosk")
        self.desk, self.desk_screen, self.pixels, _ = self.begin("desk")
        self.kiosk_window = self.screen.Window(self.kiosk_screen, "attune-kiosk", 60)
        self.desk_window = self.screen.Window(self.desk_screen, "attune-therapist", 60)
        wait_until(lambda: self.desk_window.all("list item"), 60, "the caseload")
        return self

    def __exit__(self, *_):
        self.kiosk.stop()
        self.desk.stop()
        self.kiosk_screen.close()
        self.desk_screen.close()

    def keys(self, *words):
        environment = {**os.environ, "DISPLAY": self.desk_screen.display}
        subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^Attune$", "windowfocus", "--sync"], env=environment, check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["xdotool", *words], env=environment, check=True)

    def from_touch(self, client):
        """Milliseconds from the touch that completes the rating to the first change where the numbers are."""
        self.keys("key", "ctrl+f", "ctrl+a")
        self.keys("type", "--delay", "1", client)
        wait_until(lambda: len(self.desk_window.all("list item")) == 1, 60, "the client alone")
        self.keys("key", "Return")
        for name in ("Open session", "North 1", "Invite rating"):
            self.desk_window.push(name)
        self.kiosk_window.touch("Yes, this is my session")
        wait_until(lambda: len(self.kiosk_window.all("slider")) == 4, 60, "four lines")
        for index in range(4):
            self.kiosk_window.touch_line(index, 0.9)
            self.kiosk_window.wait_text(f"{index + 1} of 4 answered")
        self.kiosk_window.touch("Send")
        x, y = self.kiosk_window.wait_for("push button", "Next time").middle
        self.kiosk_screen._xdotool("mousemove", int(x), int(y))
        before = self.pixels.strip(*LIVE)
        touch = subprocess.Popen(["xdotool", "click", "1"], env={**os.environ, "DISPLAY": self.kiosk_screen.display})
        start = time.monotonic()
        took = 1000 * (self.pixels.changed(LIVE, before) - start)
        touch.wait()
        self.desk_window.push("Close session")
        self.kiosk_window.wait_blank()
        return took

    def key_to_picture(self, seconds):
        """Milliseconds from a key to its letter, again and again."""
        seen, end = [], time.monotonic() + seconds
        self.keys("key", "ctrl+f", "ctrl+a", "BackSpace")
        while time.monotonic() < end:
            before = self.pixels.strip(*SEARCH)
            key = subprocess.Popen(["xdotool", "key", "c" if len(seen) % 2 == 0 else "BackSpace"],
                                   env={**os.environ, "DISPLAY": self.desk_screen.display})
            start = time.monotonic()
            seen.append(1000 * (self.pixels.changed(SEARCH, before) - start))
            key.wait()
            time.sleep(0.2)
        return sorted(seen)


def through_the_command_line(attune):
    """Milliseconds from made_at to the session's news at `attune watch`, the floor of from_touch."""
    import datetime
    watch = attune.start(f"watch-{time.monotonic_ns()}", attune.command("t9-desk", "watch", "--json"))
    session = attune.open_session("t9", "c900")
    wait_until(lambda: watch.events("session"), 30, "the watch")
    rated = attune.attune("k1", "rate", "--understanding", "9", "--relevance", "9", "--safety", "9", "--fit", "9", "--json").json()
    line = wait_until(lambda: [line for line in watch.lines() if line["event"] == "session" and line["session"]["outcome"] == "rated"],
                      30, "the news")[0]
    at = [datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (rated["made_at"], line["shown_at"])]
    attune.attune("t9", "session", "close", session)
    watch.stop()
    return 1000 * (at[1] - at[0]).total_seconds()


def inside(rounds):
    from bench import line, median, practice, table
    frames = {name: [] for name in ("floor", "kiosk", "desk")}
    touches, typed = [], []
    with practice() as attune:
        bench = Numbers(attune)
        bench.first_frame("floor")  # Once for the caches of the machine.
        for _ in range(rounds):
            for name, turns in frames.items():
                turns.append(bench.first_frame(name))
            typed.append(through_the_command_line(attune))
        with bench:
            for number in range(1, rounds + 2):
                touches.append(bench.from_touch(f"c{number:03}"))
            running = bench.key_to_picture(5)
            server = next(process for process in attune.processes if process.name == "server")
            server.popen.send_signal(signal.SIGSTOP)
            try:
                stopped = bench.key_to_picture(STOPPED_S)
            finally:
                server.popen.send_signal(signal.SIGCONT)
    table("desktop: milliseconds to the first frame", [(name, [took for took, _ in turns]) for name, turns in frames.items()])
    table("desktop: megabytes (PSS) once settled", [(name, [size for _, size in turns]) for name, turns in frames.items()])
    table("desktop: milliseconds from the last touch to the numbers on the desk", [("kiosk to desk", touches),
                                                                                 ("command line", typed)])
    table(f"desktop: milliseconds from a key to its letter, {len(stopped)} keys with the server stopped for {STOPPED_S} s",
          [("server running", running[-3:]), ("server stopped", stopped[-3:])])
    first = {name: median([took for took, _ in turns]) for name, turns in frames.items()}
    size = {name: median([size for _, size in turns]) for name, turns in frames.items()}
    line("desktop", max(first["kiosk"], first["desk"]) / first["floor"], "<=3", kiosk_ms=f"{first['kiosk']:.0f}",
         desk_ms=f"{first['desk']:.0f}", floor_ms=f"{first['floor']:.0f}", kiosk_mb=f"{size['kiosk']:.1f}", desk_mb=f"{size['desk']:.1f}",
         floor_mb=f"{size['floor']:.1f}", touch_to_numbers_ms=f"{median(touches):.0f}", command_line_ms=f"{median(typed):.0f}",
         key_ms=f"{median(running):.0f}", key_stopped_ms=f"{median(stopped):.0f}", key_stopped_max_ms=f"{stopped[-1]:.0f}")


if __name__ == "__main__":
    inside(int(sys.argv[1]))
