"""harness.py - the real programs, a real PostgreSQL, in a folder of their own, for tests of whole processes.

A test derives from AttuneTest. Each test has a database of its own, copied from a migrated template, in the one private
cluster that ctest's fixture `postgres` has started (ATTUNE_POSTGRES), or in a cluster of its own when it is going to break it
(own_cluster = True). Nothing sleeps: wait_until polls a condition and gives up. When a test ends, every
process is stopped and every log is read: a sanitizer's or `must`'s word in it fails the test.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("ATTUNE_BIN", os.path.join(SOURCE, "build", "check"))
SERVER = os.path.join(BUILD, "server", "gateway", "attune-server")
AGGREGATOR = os.path.join(BUILD, "server", "aggregator", "attune-aggregator")
CLI = os.path.join(BUILD, "client", "cli", "attune")
os.environ.setdefault("FONTCONFIG_FILE", os.path.join(BUILD, "fonts.conf"))  # Pictures: one font, whatever the machine has.
# What fontconfig keeps for the life of a process is no leak of ours.
LEAKS = f"suppressions={os.path.join(SOURCE, 'tests', 'support', 'lsan.supp')}:print_suppressions=0"
os.environ.setdefault("LSAN_OPTIONS", LEAKS)
PRIVATE_POSTGRES = os.path.join(SOURCE, "deploy", "private-postgres")
BROKEN = re.compile(r"AddressSanitizer|runtime error:|LeakSanitizer|broken promise")


def shim(name, **environment):
    """The environment in which a program sees the system otherwise: tests/support/shims."""
    return {"LD_PRELOAD": os.path.join(BUILD, "tests", "support", "shims", f"{name}.so"), **environment,
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}


def wait_until(condition, seconds=20, what="a condition"):
    """The only wait there is: polls until the condition holds, and returns what it returned."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"gave up after {seconds} s waiting for {what}")
        time.sleep(0.02)


class Process:
    """One of our programs, its output in a file."""

    def __init__(self, name, arguments, folder, environment=None, stdout=None):
        self.name = name
        self.log_path = os.path.join(folder, f"{name}.log")
        self.out_path = os.path.join(folder, f"{name}.out")
        with open(self.log_path, "ab") as log, open(self.out_path, "ab") as out:
            self.popen = subprocess.Popen(arguments, stdout=out, stderr=log, stdin=subprocess.DEVNULL,
                                          cwd=folder, env={**os.environ, **(environment or {})})

    @property
    def pid(self):
        return self.popen.pid

    def alive(self):
        return self.popen.poll() is None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def out(self):
        with open(self.out_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def lines(self):
        """Whole lines of JSON that it has printed."""
        return [json.loads(line) for line in self.out().split("\n")[:-1] if line.strip()]

    def kill(self):
        self.stop(signal.SIGKILL)

    def events(self, kind):
        """What `attune watch --json` has shown: "alert" or "session"."""
        return [line[kind] for line in self.lines() if line["event"] == kind]

    def stop(self, how=signal.SIGTERM, seconds=30):
        if self.alive():
            self.popen.send_signal(how)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError(f"{self.name} did not stop within {seconds} s:\n{self.log()[-2000:]}")


class Result:
    """What a command printed, and how it ended."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def json(self):
        return json.loads(self.out)


class Attune:
    """A practice's machine: database, authority, servers, aggregators, devices."""

    def __init__(self, own_cluster=False, sealed=True, pseudonyms=False, log_on=False):
        self.sealed, self.pseudonyms, self.log_on = sealed, pseudonyms, log_on
        self.folder = tempfile.mkdtemp(prefix="attune-", dir=os.environ.get("TMPDIR", "/tmp"))
        os.chmod(self.folder, 0o755)
        self.processes = []
        self.own_cluster = own_cluster or "ATTUNE_POSTGRES" not in os.environ
        self.cluster = os.path.join(self.folder, "pg") if self.own_cluster else os.environ["ATTUNE_POSTGRES"]
        if self.own_cluster:
            self.postgres("start")
        self.keys_cluster = self.path("keys") if pseudonyms == "own cluster" else self.cluster
        if self.keys_cluster != self.cluster:
            subprocess.run([PRIVATE_POSTGRES, "start", self.keys_cluster], check=True)
        self.database = "t" + uuid.uuid4().hex[:16]
        self.server_port = None
        self.broken = []
        self._make_database()
        self._make_authority()

    # ---- set-up ------------------------------------------------------------------------------

    def postgres(self, action):
        subprocess.run([PRIVATE_POSTGRES, action, self.cluster], check=True)

    def _make_database(self):
        self.psql("postgres", f'create database {self.database} owner attune_owner'
                  + ("" if self.own_cluster else " template attune_template"))
        if self.pseudonyms:
            self.psql("postgres", f'create database {self.keys_database} owner attune_owner'
                      + ("" if self.own_cluster else " template attune_keys_template"), cluster=self.keys_cluster)
        self.write_server_config()
        if self.own_cluster:
            self.run([SERVER, "migrate", "--config", self.path("server.conf")], check=True)

    def _make_authority(self):
        self.run([SERVER, "pki", "init", self.path("ca")], check=True)
        self.run([SERVER, "pki", "server", self.path("ca"), "--name", "localhost", "--name", "127.0.0.1"], check=True)
        self.make_identity("admin")
        done = self.run([SERVER, "setup", "--config", self.path("server.conf"), "--practice", "Test practice",
                         "--certificate", self.path("id-admin/device.crt"), "--label", "admin",
                         *([] if self.log_on else ["--without-log-on"])], check=True)
        self.setup_said = done.out
        assert done.out.startswith("practice 1\n") and ("sealing key " in done.out) == self.sealed, done.out

    def path(self, name):
        return os.path.join(self.folder, name)

    @property
    def keys_database(self):
        return f"{self.database}_keys"

    def conninfo(self, role, database=None):
        cluster = self.keys_cluster if database == self.keys_database else self.cluster
        return f"host={cluster} dbname={database or self.database} user={role}"

    def write_server_config(self, **more):
        """A key of the file is left out when its value is None."""
        keys = {"listen": "127.0.0.1:0", "health": "127.0.0.1:0", "sealing_keys": self.path("sealing") if self.sealed else None,
                "audit_key": self.path("audit.key"),
                "certificate": self.path("ca/server.crt"), "key": self.path("ca/server.key"),
                "authority": self.path("ca/ca.crt"), "issuing_authority": self.path("ca"),
                "database": self.conninfo("attune_server"),
                "database_owner": self.conninfo("attune_owner"), "handshakes_per_second": "10000"}
        if self.pseudonyms:
            keys["keys_database"] = self.conninfo("attune_keys", self.keys_database)
            keys["keys_database_owner"] = self.conninfo("attune_owner", self.keys_database)
        keys.update(more)
        with open(self.path("server.conf"), "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in keys.items() if value is not None)

    # ---- programs ----------------------------------------------------------------------------

    def run(self, arguments, check=False, seconds=60, environment=None, stdin=None):
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=seconds, cwd=self.folder,
                              env={**os.environ, **(environment or {})}, input=stdin)
        if BROKEN.search(done.stderr):
            self.broken.append(f"{arguments[:2]}: {done.stderr[-3000:]}")
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return Result(done)

    def start(self, name, arguments, environment=None):
        process = Process(name, arguments, self.folder, environment)
        self.processes.append(process)
        return process

    def _start_with_ports(self, name, program, config, environment):
        ports = self.path(f"{name}.ports")
        if os.path.exists(ports):
            os.unlink(ports)
        process = self.start(name, [program, "--config", config, "--port-file", ports], environment)
        wait_until(lambda: os.path.exists(ports) or not process.alive(), 30, f"{name}'s port file")
        if not os.path.exists(ports):
            raise AssertionError(f"{name} ended at its start:\n{process.log()}")
        with open(ports, encoding="utf-8") as file:
            process.ports = dict(line.split() for line in file)
        return process

    def start_server(self, name="server", ready=True, environment=None, **config):
        """The port of the first start is kept, so that a restarted server is found again."""
        if self.server_port is not None:
            config.setdefault("listen", f"127.0.0.1:{self.server_port}")
        self.write_server_config(**config)
        server = self._start_with_ports(name, SERVER, self.path("server.conf"), environment)
        if self.server_port is None:
            self.server_port = int(server.ports["listen"])
        if ready:
            wait_until(lambda: self.is_ready(server), 30, f"{name} to be ready")
        return server

    def start_aggregator(self, name="aggregator", ready=True, environment=None, **config):
        keys = {"database": self.conninfo("attune_aggregator"), "health": "127.0.0.1:0", "audit_key": self.path("audit.key"),
                **config}
        with open(self.path(f"{name}.conf"), "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in keys.items())
        aggregator = self._start_with_ports(name, AGGREGATOR, self.path(f"{name}.conf"), environment)
        if ready:
            wait_until(lambda: self.is_ready(aggregator), 30, f"{name} to be ready")
        return aggregator

    def http(self, process, path):
        done = subprocess.run(["curl", "-s", "-m", "5", "-w", "\n%{http_code}",
                               f"http://127.0.0.1:{process.ports['health']}{path}"], capture_output=True, text=True)
        body, _, code = done.stdout.rpartition("\n")
        return int(code or 0), body

    def is_ready(self, process):
        if not process.alive():
            raise AssertionError(f"{process.name} has ended:\n{process.log()[-3000:]}")
        return self.http(process, "/readyz")[0] == 200

    def metric(self, process, name):
        for line in self.http(process, "/metrics")[1].split("\n"):
            if line.startswith(name + " "):
                return int(line.split()[1])
        raise AssertionError(f"no metric {name}")

    # ---- the practice ------------------------------------------------------------------------

    @property
    def address(self):
        return f"127.0.0.1:{self.server_port}"

    def make_identity(self, label, practice=1):
        self.run([SERVER, "pki", "device", self.path("ca"), "--practice", str(practice), "--label", label,
                  "--out", self.path(f"id-{label}")], check=True)
        return self.path(f"id-{label}")

    def command(self, identity, *words):
        """`attune WORDS` as the device with that label."""
        return [CLI, *words, "--identity", self.path(f"id-{identity}"), "--server", self.address]

    def attune(self, identity, *words, check=True, seconds=60, environment=None, stdin=None):
        return self.run(self.command(identity, *words), check, seconds, environment, stdin)

    def practice(self, *words):
        return self.attune("admin", "practice", *words)

    def add_device(self, label, role, *place):
        self.make_identity(label)
        self.practice("add-device", "--certificate", self.path(f"id-{label}/device.crt"), "--role", role,
                      "--label", label, *place)

    def enrol_device(self, label, *place):
        """As a person does: a one-time code, which the device brings itself in with."""
        made = self.attune("admin", "device", "add", *place, "--label", label, "--json").json()
        self.run([CLI, "enrol", made["code"], "--server", self.address, "--identity", self.path(f"id-{label}")], check=True)

    def add_room(self, room="North 1", site="North", kiosk="k1"):
        self.practice("add-site", site)
        self.practice("add-room", room, "--site", site)
        self.add_device(kiosk, "kiosk", "--room", room)

    def add_therapist(self, code="t01", site="North", device="t1", clients=("c001",)):
        self.practice("add-therapist", code, "--name", f"Dr {code}", "--site", site)
        # A device has one live connection: commands and the live watch come from two.
        self.add_device(device, "therapist", "--therapist", code)
        self.add_device(f"{device}-desk", "therapist", "--therapist", code)
        for client in clients:
            self.practice("add-client", client, "--therapist", code)

    def watch(self, therapist="t1", name="watch", environment=None):
        return self.start(name, self.command(f"{therapist}-desk", "watch", "--json"), environment)

    def news(self, watch, therapist="t1", client="c001", room="North 1"):
        """Makes some, for a watch that may not be up yet; what it has shown of sessions."""
        self.attune(therapist, "session", "open", "--client", client, "--room", room, "--take-over")
        return watch.events("session")

    def open_session(self, therapist="t1", client="c001", room="North 1", invite=True):
        opened = self.attune(therapist, "session", "open", "--client", client, "--room", room, "--json").json()
        if invite:
            self.attune(therapist, "session", "invite", opened["session_id"])
        return opened["session_id"]

    def wait_evaluated(self, seconds=20):
        wait_until(lambda: self.count("rating_batch") == 0, seconds, "the evaluation")

    def hold_session(self, *words):
        """A whole one of t1 with c001: opened, rated by these words, evaluated, closed; its id."""
        session = self.open_session()
        self.attune("k1", "rate", *words)
        self.wait_evaluated()
        self.attune("t1", "session", "close", session)
        return session

    # ---- the database ------------------------------------------------------------------------

    def psql(self, database, sql, user="postgres", cluster=None):
        done = subprocess.run(["psql", "-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", cluster or self.cluster,
                               "-U", user, "-d", database, "-f", "-"], input=sql, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{sql}\n{done.stderr}")
        return [line.split("\t") for line in done.stdout.split("\n")[:-1]]

    def sql(self, text, user="postgres"):
        """Rows of text."""
        return self.psql(self.database, text, user)

    def token_of(self, client_ref):
        """What stands for the client in the main database."""
        if not self.pseudonyms:
            return client_ref
        return self.keys_sql(f"select token from client_key where client_ref = '{client_ref}'")[0][0].replace("-", "")

    def keys_sql(self, text):
        return self.psql(self.keys_database, text, cluster=self.keys_cluster)

    def count(self, table, where="true"):
        return int(self.sql(f"select count(*) from {table} where {where}")[0][0])

    # ---- the end -----------------------------------------------------------------------------

    def close(self):
        problems = list(self.broken)
        for process in self.processes:
            try:
                process.stop()
            except AssertionError as problem:
                problems.append(str(problem))
            if BROKEN.search(process.log()):
                problems.append(f"{process.name}: {process.log()[-6000:]}")
        if self.keys_cluster != self.cluster:
            subprocess.run([PRIVATE_POSTGRES, "stop", self.keys_cluster], check=True)
        if self.own_cluster:
            self.postgres("stop")
        else:
            self.psql("postgres", f"drop database if exists {self.database} with (force)")
            self.psql("postgres", f"drop database if exists {self.keys_database} with (force)")
        shutil.rmtree(self.folder, ignore_errors=True)
        if problems:
            raise AssertionError("\n".join(problems))

    def show_logs(self):
        for process in self.processes:
            print(f"---- {process.name}: exit {process.popen.poll()}\n{process.log()[-1500:]}", file=sys.stderr)


class AttuneTest(unittest.TestCase):
    """One practice a test, in self.attune."""

    own_cluster = False
    log_on = False  # Staff say who they are first.
    # In a keys database, apart from the main one ("own cluster": even there); tests that write clients by SQL do without.
    pseudonyms = False
    sealed = True  # Ratings are sealed to a key of the practice, as where one is set up anew.

    def setUp(self):
        self.attune = Attune(self.own_cluster, self.sealed, self.pseudonyms, self.log_on)
        self.addCleanup(self._finish)

    def _finish(self):
        outcome = getattr(self, "_outcome", None)
        if outcome is not None and not getattr(outcome, "success", True):
            self.attune.show_logs()
        self.attune.close()


def make_template(cluster):
    """The migrated database that every test's is copied from; run once by ctest's fixture."""
    attune = Attune.__new__(Attune)
    attune.folder = tempfile.mkdtemp(prefix="attune-")
    attune.keys_cluster = cluster
    attune.cluster, attune.database, attune.broken, attune.sealed = cluster, "attune_template", [], False
    attune.pseudonyms = True
    for database in ("attune_template", "attune_keys_template"):
        attune.psql("postgres", f"drop database if exists {database}")
        attune.psql("postgres", f"create database {database} owner attune_owner")
    attune.write_server_config(keys_database_owner=attune.conninfo("attune_owner", "attune_keys_template"))
    attune.run([SERVER, "migrate", "--config", attune.path("server.conf")], check=True)
    shutil.rmtree(attune.folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["start"]:
        if not os.path.exists(os.path.join(sys.argv[2], "data", "PG_VERSION")):
            shutil.rmtree(sys.argv[2], ignore_errors=True)  # Of a run that was ended while it made or removed it.
        subprocess.run([PRIVATE_POSTGRES, "start", sys.argv[2]], check=True)
        make_template(sys.argv[2])
    elif sys.argv[1:2] == ["stop"]:
        subprocess.run([PRIVATE_POSTGRES, "stop", sys.argv[2]], check=True)
        shutil.rmtree(sys.argv[2], ignore_errors=True)
    else:
        sys.exit("harness.py start|stop DIR")
