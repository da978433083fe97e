"""demo.py [--check | --screenshots DIR | --stop] - what deploy/demo shows, once everything is built.

Runs the programs of build/release through the same harness as the tests. All of its state is one folder, which goes
when it ends.
"""
import concurrent.futures
import csv
import datetime
import os
import random
import signal
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("ATTUNE_BIN", os.path.join(ROOT, "build", "release"))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
sys.dont_write_bytecode = True
import demo_windows  # noqa: E402 (the path comes first)
from harness import Attune, wait_until  # noqa: E402

PRACTICE = os.path.join(ROOT, "tests", "data", "practice.csv")
PID_FILE = os.path.join(os.environ.get("XDG_RUNTIME_DIR", "/tmp"), f"attune-demo-{os.getuid()}.pid")
LIVE_RATINGS = 216
AREAS = ("understanding", "relevance", "safety", "fit")


def say(text=""):
    print(text, flush=True)


def read_practice():
    with open(PRACTICE, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Demo:
    def __init__(self):
        say("starting: a private PostgreSQL, the authority, attune-server, attune-aggregator ...")
        self.attune = Attune(own_cluster=True, pseudonyms=True)
        self.attune.start_server()
        self.attune.start_aggregator()
        self.rows = read_practice()
        self.places = self._places()
        self.watches = {}

    def _places(self):
        """A room, a therapist who works there, and their clients: each its own, so that all can go on at once."""
        places, taken = [], set()
        for room in sorted({row["room"] for row in self.rows}):
            for row in self.rows:
                if row["room"] == room and row["therapist"] not in taken:
                    taken.add(row["therapist"])
                    clients = sorted({r["client_ref"] for r in self.rows if r["therapist"] == row["therapist"]})
                    places.append((room, row["therapist"], clients))
                    break
        return places

    def bring_in_history(self):
        done = self.attune.attune("admin", "import", PRACTICE, seconds=120)
        say(done.out.strip().split("\n")[-1])
        for room, therapist, _ in self.places:
            self.attune.enrol_device(room, "--room", room)
            for desk in (therapist, f"{therapist}-desk"):
                self.attune.enrol_device(desk, "--therapist", therapist)
        say(f"enrolment: {3 * len(self.places)} devices, each by a one-time code")
        wait_until(lambda: self.attune.count("rating_batch") == 0, 60, "the history to be evaluated")

    def watch(self, therapist):
        self.watches[therapist] = self.attune.watch(therapist, name=f"watch-{therapist}")
        return self.watches[therapist]

    def session(self, place, client, scores, talk="now"):
        """Open, invite, rate, close; returns what `attune rate --json` said."""
        room, therapist, _ = place
        session = self.attune.open_session(therapist, client, room)
        words = [word for area, score in zip(AREAS, scores) for word in (f"--{area}", str(score))]
        rated = self.attune.attune(room, "rate", *words, "--talk", talk, "--json").json()
        self.attune.attune(therapist, "session", "close", session)
        return {**rated, "session_id": session, "therapist": therapist, "scores": scores}

    def close(self):
        self.attune.close()


def is_very_low(scores):
    return sum(scores) <= 28 or min(scores) <= 5


def milliseconds(alert, rated):
    at = [datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (rated, alert)]
    return (at[1] - at[0]).total_seconds() * 1000


def show_the_job(demo):
    place = demo.places[0]
    watch = demo.watch(place[1])
    wait_until(lambda: watch.alive() and demo.attune.metric(demo.attune.processes[0], "attune_connections") > 0, 10,
               "the watch")
    say(f"\n{place[1]} watches. In {place[0]} a session ends and its client rates it: 4.2, 8.0, 7.1, 5.5, \"now\".\n")
    rated = demo.session(place, place[2][0], (4.2, 8.0, 7.1, 5.5))
    line = wait_until(lambda: [line for line in watch.lines() if line["event"] == "alert"], 20, "the alert")[0]
    alert = line["alert"]
    say(f"  {alert['rule']} ({alert['tier']}), client {alert['client']}, the client's choice: {alert['talk']}")
    say(f"  What happened: {alert['what']}")
    say(f"  Why you see this: {alert['why']}")
    say(f"  Now: {alert['now']}")
    say(f"  Next time: {alert['next_time']}")
    say(f"\n{milliseconds(line['shown_at'], rated['made_at']):.0f} ms from Send to the therapist's screen.")
    return [rated]


def rate_at(demo, place, count, seed):
    """One room's sessions, one after the other; three in ten are low."""
    chance = random.Random(seed)
    ratings = []
    for number in range(count):
        low = chance.random() < 0.3
        scores = tuple(round(chance.uniform(1, 6) if low else chance.uniform(9.2, 10), 1) for _ in AREAS)
        ratings.append(demo.session(place, place[2][number % len(place[2])], scores))
    return ratings


def rate_many(demo):
    for _, therapist, _ in demo.places:
        if therapist not in demo.watches:
            demo.watch(therapist)
    share = -(-LIVE_RATINGS // len(demo.places))
    say(f"\n{share * len(demo.places)} more ratings from {len(demo.places)} rooms ...")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(rate_at, demo, place, share, seed) for seed, place in enumerate(demo.places)]
        return [rated for job in jobs for rated in job.result()]


def count_up(demo, ratings):
    """Every count from two sides: what the rooms sent, what the database holds, what the screens showed."""
    attune = demo.attune
    wait_until(lambda: attune.count("rating_batch") == 0, 60, "the last rating to be evaluated")
    wait_until(lambda: attune.count("alert_delivery", "received_at is null") == 0, 60, "the last alert to be received")
    sent = [rated["rating_id"] for rated in ratings if rated["sent"]]
    stored = {row[0].replace("-", "") for row in attune.sql("select rating_id from rating where not imported")}
    alerts = attune.sql("select a.alert_id, a.rating_id, a.rule, t.code from alert a join therapist t"
                        " using (practice_id, therapist_id) where tier = 'red' and exists"
                        " (select from rating r where r.rating_id = a.rating_id and not r.imported)")
    red = {row[0].replace("-", ""): row[3] for row in alerts}
    # Each low rating is told once; red, and pushed, only where it opens a rupture or goes much deeper.
    very_low = sorted(row[0].replace("-", "") for row in attune.sql(
        "select rating_id from alert a where rule = 'VERY_LOW' and exists"
        " (select from rating r where r.rating_id = a.rating_id and not r.imported)"))
    opened = attune.sql("select count(*) from rupture u where state <> 'withdrawn' and exists (select from rating r"
                        " where r.rating_id = u.opened_rating and not r.imported) and not exists"
                        " (select from alert a where a.rating_id = u.opened_rating and a.tier = 'red')")
    shown = [(therapist, line) for therapist, watch in demo.watches.items() for line in watch.lines()
             if line["event"] == "alert" and line["alert"]["tier"] == "red"]
    shown_ids = [line["alert"]["alert_id"] for _, line in shown]
    made_at = {rated["session_id"]: rated["made_at"] for rated in ratings}
    times = sorted(milliseconds(line["shown_at"], made_at[line["alert"]["session_id"]]) for _, line in shown)
    lost = len(set(sent) - stored)
    duplicates = len(shown_ids) - len(set(shown_ids)) + len(very_low) - len(set(very_low))
    faults = {
        "not every rating was sent": len(sent) != len(ratings),
        "sent and stored differ": set(sent) != stored,
        "a low rating without its alert, or an alert without a low rating":
            very_low != sorted(rated["rating_id"] for rated in ratings if is_very_low(rated["scores"])),
        "a rupture without its alert": opened != [["0"]],
        "alerts and what was shown differ": set(shown_ids) != set(red),
        "an alert was shown to another therapist": any(red.get(line["alert"]["alert_id"]) != therapist
                                                       for therapist, line in shown),
        "something was shown twice": duplicates != 0,
    }
    for fault, is_so in faults.items():
        if is_so:
            say(f"wrong: {fault}")
    say(f"demo: sent {len(sent)} stored {len(stored)} alerts {len(red)} delivered {len(set(shown_ids))} lost {lost}"
        f" duplicates {duplicates} rating_to_alert_ms p50 {times[len(times) // 2]:.0f}"
        f" p99 {times[min(len(times) - 1, len(times) * 99 // 100)]:.0f}")
    return not any(faults.values())


def wait_for_the_end(demo):
    base = f"{os.environ['ATTUNE_BIN']}/client/cli/attune"
    room, therapist, clients = demo.places[1]
    where = f"--server {demo.attune.address} --identity"
    folder = demo.attune.folder
    if demo_windows.has_display():
        say(f"\nTwo windows: {room}'s kiosk, blank until it is invited, and the desk of {therapist}. Choose {clients[0]}, open a session in"
            f" {room},\ninvite the rating, and give it on the kiosk. (In a room the kiosk fills the screen.)")
        demo_windows.open_windows(demo, room, therapist)
    else:
        say("\nThere is no display here: with DISPLAY or WAYLAND_DISPLAY set, the kiosk and the desk open as windows; deploy/demo"
            " --screenshots DIR\nwrites pictures of them.")
    say("\nIt goes on running. In other terminals, for example:")
    say(f"  {base} watch {where} '{folder}/id-{demo.places[0][1]}'")
    say(f"  {base} alerts {where} '{folder}/id-{therapist}'")
    say(f"  {base} practice list rooms {where} '{folder}/id-admin'")
    say("ctrl-C here, or deploy/demo --stop, ends it.")
    # Not before the windows were started: they would inherit it and never end.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    signal.sigwait({signal.SIGINT, signal.SIGTERM})


def stop():
    try:
        with open(PID_FILE, encoding="utf-8") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            if "demo.py" not in file.read():
                raise ProcessLookupError
        os.kill(pid, signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        say("no demo is running")
        return 0
    wait_until(lambda: not os.path.exists(PID_FILE), 60, "the demo to end")
    say("stopped")
    return 0


def run(check, folder=None):
    def leave(number, _):
        raise KeyboardInterrupt(number)

    signal.signal(signal.SIGTERM, leave)
    with open(PID_FILE, "w", encoding="utf-8") as file:
        file.write(str(os.getpid()))
    demo, good = None, False
    try:
        demo = Demo()
        demo.bring_in_history()
        if folder is not None:
            good = demo_windows.take_pictures(demo, folder)
            return 0 if good else 1
        ratings = show_the_job(demo)
        if check:
            good = count_up(demo, ratings + rate_many(demo))
        else:
            good = True
            wait_for_the_end(demo)
    except KeyboardInterrupt:
        say("\nended early")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if demo is not None:
            demo.close()
        if os.path.exists(PID_FILE):
            os.unlink(PID_FILE)
    return 0 if good else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["--stop"]:
        sys.exit(stop())
    sys.exit(run(sys.argv[1:] == ["--check"], sys.argv[2] if sys.argv[1:2] == ["--screenshots"] else None))
