"""bench.py [NAME …] [--seconds N] - the measurements of tests/bench/run; README.md says what each stands for."""
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

from fleet import LOAD, Fleet, last_pairs
from harness import BUILD, Attune, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
FLOOR = os.path.join(BUILD, "tests", "bench", "attune-bench-floor")
TURNS = 3


def table(head, rows):
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        print("  " + "  ".join(str(cell).rjust(width) for cell, width in zip(row, widths)))


def result(name, ratio, goal, **values):
    text = " ".join(f"{key}={value}" for key, value in values.items())
    print(f"bench {name} ratio={ratio:.2f} goal={goal} {text}", flush=True)


def binary(name):
    found = subprocess.run("ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1", shell=True, capture_output=True, text=True)
    return os.path.join(found.stdout.strip(), name)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_kb(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


class Practice:
    """A practice with a cluster of its own, a fleet, one server, and an aggregator where it is wanted."""

    def __init__(self, kiosks, therapists=1, aggregator=False, **config):
        self.attune = Attune(own_cluster=True)
        self.attune.psql("postgres", "alter system set max_wal_size = '8GB'")
        self.attune.psql("postgres", "select pg_reload_conf()")
        self.server = self.attune.start_server(connections_max=8000, handshakes_per_second=100000, handshakes_max=8000,
                                               **config)
        if aggregator:
            self.aggregator = self.attune.start_aggregator()
        self.fleet = Fleet(self.attune, kiosks, therapists)
        self.runs = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.attune.close()

    def checkpoint(self):
        """So that no one's turn pays for the writes of the one before."""
        self.attune.sql("checkpoint")

    def load(self, mode, *words):
        self.runs += 1
        process = self.fleet.start(f"load{self.runs}", mode, *words)
        wait_until(lambda: not process.alive(), 600, "the load's end")
        return last_pairs(process.out(), "shakes" if mode == "handshake" else "load")

    def pgbench(self, seconds):
        done = subprocess.run([binary("pgbench"), "-h", self.attune.cluster, "-U", "postgres", "-n", "-M", "prepared", "-c", "64",
                               "-j", "2", "-T", str(seconds), "-f", os.path.join(HERE, "pgbench.sql"), self.attune.database],
                              capture_output=True, text=True, check=True)
        return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))


def beside_pgbench(name, goal, kiosks, outstanding, expected, seconds, floor=False):
    rows, ours, theirs, floors = [], [], [], []
    with Practice(kiosks) as practice:
        count = int(expected * (seconds + 1))
        for turn in range(1, TURNS + 1):
            practice.fleet.tickets(turn, 0, count)
            practice.checkpoint()
            got = practice.load("rate", "--kiosks", kiosks, "--count", count, "--seed", turn, "--outstanding", outstanding,
                                "--seconds", seconds, "--warm", 1)
            ours.append(float(got["per_s"]))
            practice.checkpoint()
            theirs.append(practice.pgbench(seconds))
            row = [turn, f"{ours[-1]:.0f}", f"{theirs[-1]:.0f}", got["p50_ms"], got["p99_ms"]]
            if floor:
                practice.fleet.tickets(turn + 100, 0, 300000)
                practice.checkpoint()
                done = subprocess.run([FLOOR, "batches", practice.attune.conninfo("attune_server"), str(turn + 100), "300000",
                                       "2000"], capture_output=True, text=True, check=True)
                floors.append(float(last_pairs(done.stdout, "floor")["per_s"]))
                row.append(f"{floors[-1]:.0f}")
            rows.append(row)
        table(["turn", "acknowledged/s", "pgbench/s", "p50_ms", "p99_ms"] + (["floor/s"] if floor else []), rows)
    more = {"floor_per_s": f"{statistics.median(floors):.0f}",
            "of_floor": f"{statistics.median(ours) / statistics.median(floors):.2f}"} if floor else {}
    result(name, statistics.median(ours) / statistics.median(theirs), goal, acknowledged_per_s=f"{statistics.median(ours):.0f}",
           pgbench_per_s=f"{statistics.median(theirs):.0f}", kiosks=kiosks, outstanding=outstanding, **more)


def ingest(seconds):
    beside_pgbench("ingest", ">=2.5", 1000, 1, 40000, seconds)


def drain(seconds):
    beside_pgbench("drain", ">=8", 64, 50, 90000, seconds, floor=True)


def alert(seconds):
    rows, unloaded, floors, loaded = [], [], [], []
    with Practice(64, therapists=1, aggregator=True) as practice:
        words = ["--kiosks", 32, "--therapists", 1, "--outstanding", 8]
        for turn in range(1, TURNS + 1):
            done = subprocess.run([FLOOR, "commits", practice.attune.conninfo("postgres"), str(seconds)], capture_output=True,
                                  text=True, check=True)
            floors.append(last_pairs(done.stdout, "floor"))
            count = 10 * seconds
            practice.fleet.tickets(turn, 0, count)
            unloaded.append(practice.load("rate", *words, "--count", count, "--seed", turn, "--rate", 10, "--low-every", 1,
                                          "--grace", 30))
            count = 2000 * seconds
            practice.fleet.tickets(turn + 100, 0, count)
            loaded.append(practice.load("rate", *words, "--count", count, "--seed", turn + 100, "--rate", 2000, "--low-every",
                                        200, "--grace", 60))
            rows.append([turn, floors[-1]["p50_ms"], unloaded[-1]["alert_p50_ms"], unloaded[-1]["alert_p99_ms"],
                         loaded[-1]["alert_p50_ms"], loaded[-1]["alert_p99_ms"], unloaded[-1]["alerts"], loaded[-1]["alerts"]])
    table(["turn", "two commits", "unloaded p50", "p99", "2,000/s p50", "p99", "alerts", "alerts"], rows)

    def middle(runs, key):
        return statistics.median(float(run[key]) for run in runs)

    result("alert", middle(unloaded, "alert_p50_ms") / middle(floors, "p50_ms"), "<=4",
           two_commits_p50_ms=f"{middle(floors, 'p50_ms'):.2f}", p50_ms=f"{middle(unloaded, 'alert_p50_ms'):.2f}",
           p99_ms=f"{middle(unloaded, 'alert_p99_ms'):.2f}", loaded_p50_ms=f"{middle(loaded, 'alert_p50_ms'):.2f}",
           loaded_p99_ms=f"{middle(loaded, 'alert_p99_ms'):.2f}")


class Nginx:
    """One worker that wants a certificate from both sides, with the same files, curve and protocol."""

    def __init__(self, attune, port):
        self.folder, self.port = tempfile.mkdtemp(prefix="attune-nginx-"), port
        os.chmod(self.folder, 0o755)
        ca = attune.path("ca")
        with open(f"{self.folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(f"""
daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error crit; user root;
events {{ worker_connections 8000; }}
http {{ access_log off; client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p;
  fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  server {{ listen 127.0.0.1:{port} ssl backlog=4096; ssl_protocols TLSv1.3; ssl_ecdh_curve X25519:P-256;
    ssl_certificate {ca}/server.crt; ssl_certificate_key {ca}/server.key; ssl_client_certificate {ca}/ca.crt;
    ssl_verify_client on; ssl_session_tickets off; ssl_session_cache off; keepalive_timeout 600;
    client_header_timeout 600; location / {{ return 204; }} }} }}""")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.folder, "-c", f"{self.folder}/nginx.conf"],
                                        stderr=subprocess.DEVNULL)
        self.worker = int(wait_until(self._worker, 10, "nginx's worker"))

    def _worker(self):
        done = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True)
        return done.stdout.split()[0] if done.stdout.split() else None

    def close(self):
        self.process.terminate()
        self.process.wait()
        subprocess.run(["rm", "-rf", self.folder], check=True)


def free_port():
    import socket
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def resident_each(process, pid, lines, command, ready_line):
    before = pss_kb(pid)
    load = process(command)
    wait_until(lambda: ready_line in load.out() or not load.alive(), 120, "the connections")
    assert load.alive(), load.log()
    wait_until(lambda: time.monotonic() > load.started + 3, 30, "them to be idle")
    each = (pss_kb(pid) - before) * 1024 / lines
    load.stop()
    return each


def idle(seconds):
    del seconds  # It lasts as long as 5,000 connections take.
    lines, rows, ours, theirs = 5000, [], [], []
    for turn in range(1, TURNS + 1):
        with Practice(lines) as practice:
            practice.fleet.tickets(turn, 0, 1)
            nginx = Nginx(practice.attune, free_port())

            def start(command):
                process = practice.attune.start(f"idle{len(practice.attune.processes)}", command)
                process.started = time.monotonic()
                return process

            try:
                ours.append(resident_each(start, practice.server.pid, lines,
                                          practice.fleet.command("idle", "--kiosks", lines), "ready "))
                theirs.append(resident_each(start, nginx.worker, lines,
                                            practice.fleet.command("handshake", "--stay", "--foreign", "--lines", lines, "--say",
                                                                   "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                                                                   addresses=[f"127.0.0.1:{nginx.port}"]), "ready "))
            finally:
                nginx.close()
            rows.append([turn, f"{ours[-1]:.0f}", f"{theirs[-1]:.0f}"])
    table(["turn", "attune-server B", "nginx B"], rows)
    result("idle", statistics.median(ours) / statistics.median(theirs), "<=0.85", attune_bytes=f"{statistics.median(ours):.0f}",
           nginx_bytes=f"{statistics.median(theirs):.0f}", connections=lines)


def handshake(seconds):
    rows, ours, theirs = [], [], []
    with Practice(64) as practice:
        practice.fleet.tickets(1, 0, 1)
        nginx = Nginx(practice.attune, free_port())
        try:
            for turn in range(1, TURNS + 1):
                for who, pid, words, to in ((ours, practice.server.pid, [], None),
                                            (theirs, nginx.worker, ["--foreign"], [f"127.0.0.1:{nginx.port}"])):
                    before = cpu_seconds(pid)
                    process = practice.attune.start(f"shake{turn}{len(ours)}{len(theirs)}",
                                                    practice.fleet.command("handshake", "--lines", 16, "--seconds", seconds, *words,
                                                                           addresses=to))
                    wait_until(lambda: not process.alive(), seconds + 60, "the handshakes' end")
                    got = last_pairs(process.out(), "shakes")
                    assert int(got["failed"]) == 0, got
                    who.append(int(got["count"]) / (cpu_seconds(pid) - before))
                rows.append([turn, f"{ours[-1]:.0f}", f"{theirs[-1]:.0f}"])
        finally:
            nginx.close()
    table(["turn", "attune-server /CPU s", "nginx /CPU s"], rows)
    result("handshake", statistics.median(ours) / statistics.median(theirs), ">=1", attune_per_cpu_s=f"{statistics.median(ours):.0f}",
           nginx_per_cpu_s=f"{statistics.median(theirs):.0f}")


BENCHES = {"ingest": ingest, "drain": drain, "idle": idle, "alert": alert, "handshake": handshake}


def main(words):
    seconds = 8
    if "--seconds" in words:
        at = words.index("--seconds")
        seconds = int(words[at + 1])
        del words[at:at + 2]
    for name in words or BENCHES:
        if name not in BENCHES:
            sys.exit(f"bench: {name}: one of {', '.join(BENCHES)}")
    for name in words or BENCHES:
        print(f"{name}:", flush=True)
        BENCHES[name](seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
