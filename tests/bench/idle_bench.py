"""idle: what one connection that says nothing costs the server in memory, beside nginx's; both with certificates on both sides."""
from bench import NGINX_REQUEST, OPEN, line, make_fleet, median, practice, pss_kb, start_nginx, table, wait_until

DEVICES, GOAL = 5000, "<=0.85"


def settled(pid):
    """The memory once twenty looks in a row agree."""
    seen = []

    def steady():
        seen.append(pss_kb(pid))
        return len(seen) > 20 and len(set(seen[-20:])) == 1
    wait_until(steady, 30, "memory to settle")
    return seen[-1]


def per_connection(pid, start):
    before = settled(pid)
    load = start()
    after = settled(pid)
    load.stop()
    return (after - before) * 1024 / DEVICES


def run(options):
    ours, theirs = [], []
    with practice() as attune:
        fleet = make_fleet(attune, DEVICES)
        fleet.tickets(1, 0, 1)
        for turn in range(options.rounds):
            server = attune.start_server(name=f"server{turn}", **OPEN)
            ours.append(per_connection(server.pid, lambda: fleet.start(f"idle{turn}", "idle", "--kiosks", DEVICES)))
            server.stop()
            nginx, address = start_nginx(attune)
            theirs.append(per_connection(nginx.pid, lambda: fleet.start(
                f"held{turn}", "handshake", "--foreign", "--stay", "--lines", DEVICES, "--say", NGINX_REQUEST,
                addresses=[address])))
            nginx.stop()
    table(f"idle: bytes a connection, PSS over {DEVICES} connections", [("attune", ours), ("nginx", theirs)])
    line("idle", median(ours) / median(theirs), GOAL, bytes=round(median(ours)), nginx_bytes=round(median(theirs)))
