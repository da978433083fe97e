"""ingest: 1,000 kiosks, one rating outstanding each, beside pgbench with 64 clients inserting single prepared rows.

Ratings are sealed, as a practice's are, each kiosk's in a chain, and before anything is measured: sealing is each kiosk's own work,
opening the server's.
The same without keys, in turns with it, shows what opening costs; so does the server's processor time a rating (handshakes
included), which hangs less on what else the machine does.
"""
from bench import OPEN, checkpoint, cpu_s, line, make_fleet, median, pgbench, practice, table

KIOSKS, OUTSTANDING, PER_S_MAX, GOAL = 1000, 1, 60000, ">=2.5"


def measure(name, options, kiosks, outstanding, per_s_max, goal, floor=None):
    count = int(per_s_max * (options.seconds + 1))
    ours, clear, theirs, floors, p50, p99, cpu = [], [], [], [], [], [], ([], [])
    with practice() as attune:
        fleet = make_fleet(attune, kiosks)

        def one_turn(seed, keys):
            """A server with these keys, fresh: what kiosks do is told by its Welcome."""
            server = attune.start_server(**OPEN, sealing_keys=keys)
            fleet.tickets(seed, 0, count, courses=2000)
            checkpoint(attune)
            seen = fleet.run("rate", "--kiosks", kiosks, "--outstanding", outstanding, "--count", count, "--seed", seed,
                             "--warm", 0.5, "--seconds", options.seconds, "--preseal")
            cpu[keys is not None].append(1e6 * cpu_s(server.pid) / float(seen["acked"]))
            server.stop()
            return seen

        for turn in range(options.rounds):
            seen = one_turn(turn, attune.path("sealing"))
            ours.append(float(seen["per_s"]))
            p50.append(float(seen["p50_ms"]))
            p99.append(float(seen["p99_ms"]))
            clear.append(float(one_turn(500 + turn, None)["per_s"]))
            if floor:
                fleet.tickets(1000 + turn, 0, count, courses=2000)
                checkpoint(attune)
                floors.append(floor(attune, 1000 + turn, count, options.seconds))
            checkpoint(attune)
            theirs.append(pgbench(attune, options.seconds))
    rows = [(f"attune, {kiosks} x {outstanding}, sealed ratings/s", ours), ("the same, unsealed", clear),
            ("pgbench, 64 clients, rows/s", theirs)]
    rows += [("floor, one connection, no TLS", floors)] if floors else []
    table(f"{name}: durable acknowledgements a second, turns of {options.seconds:g} s", rows)
    more = {"floor_per_s": round(median(floors)), "of_floor": f"{median(ours) / median(floors):.2f}"} if floors else {}
    line(name, median(ours) / median(theirs), goal, per_s=round(median(ours)),
         unsealed_per_s=round(median(clear)), of_unsealed=f"{median(ours) / median(clear):.2f}", cpu_us=f"{median(cpu[True]):.1f}",
         unsealed_cpu_us=f"{median(cpu[False]):.1f}",
         pgbench_per_s=round(median(theirs)),
         **more, p50_ms=f"{median(p50):.2f}", p99_ms=f"{median(p99):.2f}")


def run(options):
    measure("ingest", options, KIOSKS, OUTSTANDING, PER_S_MAX, GOAL)
