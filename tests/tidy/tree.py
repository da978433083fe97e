"""tree.py - the files that the checks look at: what git knows and what it does not ignore."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def files(*endings):
    """Paths from the root, sorted; all of them without endings."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True,
                            check=True).stdout.split("\n")
    return sorted(path for path in listed if path and os.path.isfile(os.path.join(ROOT, path))
                  and (not endings or path.endswith(endings)))


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def finish(what, faults, looked_at):
    """Prints the faults and ends; a check that looked at nothing has failed."""
    for fault in faults:
        print(fault)
    if looked_at == 0:
        faults = [*faults, f"{what}: looked at nothing"]
    print(f"{what}: {looked_at} looked at, {len(faults)} wrong")
    sys.exit(1 if faults else 0)
