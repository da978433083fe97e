"""bench.py - what the benchmarks share: a practice in a cluster of its own, peers, turns, the table and the line."""
import contextlib
import os
import re
import shutil
import socket
import statistics

from fleet import Fleet, pairs
from harness import BUILD, Attune, wait_until

FLOOR = os.path.join(BUILD, "tests", "bench", "attune-floor")
# What the limits protect against is not what is measured: all devices of a benchmark come at once.
OPEN = {"handshakes_per_second": 1000000, "handshakes_max": 2000, "connections_max": 6000}
PGBENCH = """\\set course random(0, 1999)
insert into rating (practice_id, rating_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end,
    made_at, understanding, relevance, safety, fit, skipped, talk, instrument)
values (1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1000000 + :course, 1000000, now(), now(), now(),
    95, 95, 95, 95, false, 'now', 'attune-adult-en/1');
"""


@contextlib.contextmanager
def practice():
    attune = Attune(own_cluster=True)
    try:
        yield attune
    finally:
        attune.close()


def make_fleet(attune, kiosks, therapists=1):
    return Fleet(attune, kiosks, therapists)


def pgbench(attune, seconds, clients=64):
    """Single prepared rows into the same table, by that many clients; transactions a second."""
    script = attune.path("pgbench.sql")
    with open(script, "w", encoding="ascii") as file:
        file.write(PGBENCH)
    done = attune.run(["pgbench", "-h", attune.cluster, "-U", "postgres", "-n", "-M", "prepared", "-c", str(clients),
                       "-j", "2", "-T", str(max(1, round(seconds))), "-f", script, attune.database], check=True,
                      seconds=seconds + 60)
    return float(re.search(r"tps = ([0-9.]+)", done.out)[1])


def floor(attune, *words, seconds=120):
    return pairs(attune.run([FLOOR, *[str(word) for word in words]], check=True, seconds=seconds).out)


def checkpoint(attune):
    """So that no side pays for what the other has written."""
    attune.sql("checkpoint")


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_kb(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


def free_port():
    """nginx cannot be told to take any: this one was free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


NGINX = """daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.error.log error;
worker_rlimit_nofile 12000;
events {{ worker_connections 6000; }}
http {{
    access_log off; keepalive_timeout 600; client_header_timeout 600; keepalive_requests 1000000;
    client_body_temp_path {folder}/nginx.body; proxy_temp_path {folder}/nginx.proxy; fastcgi_temp_path {folder}/nginx.fastcgi;
    uwsgi_temp_path {folder}/nginx.uwsgi; scgi_temp_path {folder}/nginx.scgi;
    server {{
        listen 127.0.0.1:{port} ssl backlog=1024;
        ssl_certificate {ca}/server.crt; ssl_certificate_key {ca}/server.key;
        ssl_client_certificate {ca}/ca.crt; ssl_verify_client on; ssl_verify_depth 1;
        ssl_protocols TLSv1.3; ssl_ecdh_curve prime256v1; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
        ssl_session_tickets off; ssl_session_cache off;
        location / {{ return 204; }}
    }}
}}
"""
NGINX_REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def start_nginx(attune):
    """One process, the same certificate, curve and cipher. Returns it and its address."""
    port = free_port()
    path = attune.path("nginx.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write(NGINX.format(folder=attune.folder, ca=attune.path("ca"), port=port))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = attune.start("nginx", [program, "-p", attune.folder, "-c", path, "-e", attune.path("nginx.error.log")])

    def up():
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0
    wait_until(lambda: up() or not process.alive(), 10, "nginx")
    assert process.alive(), process.log()
    return process, f"127.0.0.1:{port}"


def table(title, rows):
    """Lines of a name and its turns; the median last."""
    print(title)
    for name, values in rows:
        print(f"  {name:<34}" + "".join(f"{value:>12,.2f}" if value < 1000 else f"{value:>12,.0f}" for value in values)
              + f"   median {statistics.median(values):,.2f}", flush=True)


def line(name, ratio, goal, **more):
    print(f"bench {name} ratio={ratio:.2f} goal={goal} " + " ".join(f"{key}={value}" for key, value in more.items()),
          flush=True)



median = statistics.median
