"""failpoints.py - every failpoint has a test in tests/fault."""
import re

from tree import files, finish, text

names = re.findall(r"^    X\((\w+), ", text("proto/wire/failpoint.h"), re.M)
tests = "\n".join(text(path) for path in files(".py") if path.startswith("tests/fault/"))
used = "\n".join(text(path) for path in files(".c") if path.startswith(("server/", "client/")))
faults = [f"{name}: no test in tests/fault names it" for name in names if name not in tests]
faults += [f"{name}: no code passes it" for name in names if f"FAILPOINT_{name}" not in used]
finish("failpoints", faults, len(names))
