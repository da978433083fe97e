"""seal: what the server pays to open a rating of a whole chain, beside libsodium's sealed box for each rating."""
import os
import subprocess

from bench import line, median, table
from fleet import pairs
from harness import BUILD

PROGRAM, GOAL, CHAIN = os.path.join(BUILD, "tests", "bench", "attune-seal-cost"), "<=0.1", 64


def run(options):
    turns = [pairs(subprocess.run([PROGRAM, str(options.seconds)], check=True, stdout=subprocess.PIPE, text=True).stdout)
             for _ in range(options.rounds)]
    head, record, box = ([float(turn[name]) for turn in turns] for name in ("head_us", "record_us", "box_us"))
    whole = [one + first / CHAIN for one, first in zip(record, head)]
    table(f"seal: microseconds of a core, turns of {options.seconds:g} s",
          [("a chain's head", head), ("a record of a chain that is known", record), (f"a record of a whole chain of {CHAIN}", whole),
           ("a sealed box for each record", box)])
    line("seal", median(whole) / median(box), GOAL, head_us=f"{median(head):.1f}", record_us=f"{median(record):.2f}",
         box_us=f"{median(box):.1f}")
