"""words.py - what must not stand in any file: paths of one machine, work left for later, names of licensed scales."""
import re

from tree import files, finish, text

FORBIDDEN = [
    (re.compile(r"(?<![\w.])/(work|farm|root)/"), "a path of one machine"),
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "work left for later"),
    (re.compile(r"\b(PCOMS|SRS|ORS|Session Rating Scale|Outcome Rating Scale)\b"), "the name of a licensed scale"),
]
faults, looked_at = [], 0
for path in files():
    if path.startswith(("tests/tidy/", "tests/fuzz/corpus")) or path.endswith(".png") or path == "LICENSE":
        continue
    looked_at += 1
    for number, line in enumerate(text(path).split("\n"), 1):
        faults += [f"{path}:{number}: {what}" for pattern, what in FORBIDDEN if pattern.search(line)]
finish("words", faults, looked_at)
