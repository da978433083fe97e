"""hardening.py BUILD - the release programs are built as a distribution hardens its own."""
import os
import subprocess
import sys

from tree import finish

PROGRAMS = ["server/gateway/attune-server", "server/aggregator/attune-aggregator", "client/cli/attune",
            "client/kiosk/attune-kiosk", "client/therapist/pages/attune-therapist"]


def readelf(flag, path):
    return subprocess.run(["readelf", "-W", flag, path], capture_output=True, text=True, check=True).stdout


faults = []
for name in PROGRAMS:
    path = os.path.join(sys.argv[1], name)
    if not os.path.exists(path):
        faults.append(f"{name}: not built")
        continue
    dynamic, headers, symbols = readelf("-d", path), readelf("-l", path), readelf("-s", path)
    stack = [line for line in headers.split("\n") if "GNU_STACK" in line]
    checks = {
        "position-independent": "DYN" in readelf("-h", path),
        "bind now": "BIND_NOW" in dynamic or "NOW" in dynamic,
        "relocations read-only": "GNU_RELRO" in headers,
        "no executable stack": bool(stack) and "RWE" not in stack[0],
        "stack protector": "__stack_chk_fail" in symbols,
        "fortified": "_chk@" in symbols.replace("__stack_chk", ""),
        "no failpoints": "failpoint_armed" not in symbols,
    }
    faults += [f"{name}: not {what}" for what, good in checks.items() if not good]
finish("hardening", faults, len(PROGRAMS))
