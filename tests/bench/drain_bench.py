"""drain: 64 kiosks with 50 ratings outstanding each, beside pgbench, and beside the floor: the server's own statement
over one connection, without TLS."""
from bench import floor
from ingest_bench import measure

KIOSKS, OUTSTANDING, PER_S_MAX, BATCH, GOAL = 64, 50, 110000, 1600, ">=8"


def one_connection(attune, seed, count, seconds):
    return float(floor(attune, "insert", attune.conninfo("attune_server"), seed, 0, count, BATCH, seconds)["per_s"])


def run(options):
    measure("drain", options, KIOSKS, OUTSTANDING, PER_S_MAX, GOAL, one_connection)
