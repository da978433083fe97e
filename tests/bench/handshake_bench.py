"""handshake: full two-sided handshakes per second of the server's CPU, beside nginx's, same certificates, curve and cipher."""
from bench import OPEN, cpu_s, line, make_fleet, median, practice, start_nginx, table

LINES, GOAL = 32, ">=1"


def per_cpu_second(pid, shake):
    before = cpu_s(pid)
    count = int(shake()["count"])
    return count / (cpu_s(pid) - before)


def run(options):
    ours, theirs = [], []
    with practice() as attune:
        fleet = make_fleet(attune, LINES)
        server = attune.start_server(**OPEN)
        nginx, address = start_nginx(attune)
        words = ["--lines", LINES, "--seconds", options.seconds]
        for _ in range(options.rounds):
            ours.append(per_cpu_second(server.pid, lambda: fleet.run("handshake", *words)))
            theirs.append(per_cpu_second(nginx.pid, lambda: fleet.run("handshake", "--foreign", *words,
                                                                      addresses=[address])))
    table("handshake: full two-sided handshakes a second of CPU", [("attune", ours), ("nginx", theirs)])
    line("handshake", median(ours) / median(theirs), GOAL, per_cpu_s=round(median(ours)),
         nginx_per_cpu_s=round(median(theirs)))
