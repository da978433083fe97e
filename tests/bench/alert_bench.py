"""alert: from Send on the kiosk to the alert in the therapist's client, unloaded and under 2,000 ratings a second, beside
two durable commits in a row: the rating's and the alert's, which nothing can do without."""
from bench import OPEN, floor, line, make_fleet, median, practice, table

KIOSKS, THERAPISTS, GOAL = 64, 8, "<=4"
QUIET, LOADED, LOW_EVERY = 20, 2000, 100


def run(options):
    quiet, quiet99, loaded, loaded99, commits, commits99, hot, hot99 = [], [], [], [], [], [], [], []
    first = 0
    with practice() as attune:
        fleet = make_fleet(attune, KIOSKS, THERAPISTS)
        attune.start_server(**OPEN)
        attune.start_aggregator()

        def play(rate, low_every):
            """A course each, so that every low rating is its course's first: one alert."""
            nonlocal first
            count = int(rate * (options.seconds + 1))
            fleet.tickets(1, first, count)
            seen = fleet.run("rate", "--kiosks", KIOSKS, "--therapists", THERAPISTS, "--outstanding", 16, "--seed", 1,
                             "--first", first, "--count", count, "--rate", rate, "--low-every", low_every, "--warm", 1,
                             "--seconds", options.seconds)
            first += count
            return float(seen["alert_p50_ms"]), float(seen["alert_p99_ms"])

        for _ in range(options.rounds):
            two = f"host={attune.cluster} dbname={attune.database} user=postgres"
            for pace, p50, p99 in ((QUIET, commits, commits99), (0, hot, hot99)):
                seen = floor(attune, "commits", two, options.seconds, pace)
                p50.append(float(seen["p50_ms"]))
                p99.append(float(seen["p99_ms"]))
            for rate, low_every, p50, p99 in ((QUIET, 1, quiet, quiet99), (LOADED, LOW_EVERY, loaded, loaded99)):
                seen = play(rate, low_every)
                p50.append(seen[0])
                p99.append(seen[1])
    table(f"alert: milliseconds from Send to the therapist, turns of {options.seconds:g} s",
          [("unloaded, p50", quiet), ("unloaded, p99", quiet99), (f"under {LOADED} ratings/s, p50", loaded),
           (f"under {LOADED} ratings/s, p99", loaded99), (f"two commits in a row at {QUIET}/s, p50", commits),
           (f"two commits in a row at {QUIET}/s, p99", commits99), ("two commits, one pair after another, p50", hot),
           ("two commits, one pair after another, p99", hot99)])
    line("alert", median(quiet) / median(commits), GOAL, p50_ms=f"{median(quiet):.2f}", p99_ms=f"{median(quiet99):.2f}",
         loaded_p50_ms=f"{median(loaded):.2f}", loaded_p99_ms=f"{median(loaded99):.2f}",
         two_commits_ms=f"{median(commits):.2f}", hot_commits_ms=f"{median(hot):.2f}")
