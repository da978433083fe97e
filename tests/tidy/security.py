"""security.py - deploy/SECURITY.md: every rule that it answers to has a row, and every row a test that is there and runs; the
same of the tests that tests/README.md names beside each trap.

A test is named as `kind.name` as ctest knows it (a CMakeLists.txt of its folder registers it), or as the function within.
"""
import re

from tree import files, finish, text

RULES = ["164.312(a)(1)", "164.312(a)(2)(i)", "164.312(a)(2)(ii)", "164.312(a)(2)(iii)", "164.312(a)(2)(iv)", "164.312(b)",
         "164.312(c)(1)", "164.312(c)(2)", "164.312(d)", "164.312(e)(1)", "164.312(e)(2)(i)", "164.312(e)(2)(ii)",
         "5(1)(a)", "5(1)(b)", "5(1)(c)", "5(1)(d)", "5(1)(e)", "5(1)(f)", "5(2)", "15", "17", "25", "30", "32"]
TESTED = re.compile(r"`([a-z0-9_.]+)`")
FUNCTION = re.compile(r"^(?:    )?def (test_\w+)\(|^static void (\w+)\((?:void \*\*)", re.M)


def rows(page):
    """The tables' rows that begin with a rule: the rule, and the last cell."""
    for line in page.split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| ") and len(cells) >= 3 and re.match(r"(164\.312|\d+(\(|$))", cells[0]):
            yield cells[0], cells[-1]


def last_cells(page, heading):
    """The last cells of the tables whose last column has that heading."""
    within = False
    for line in page.split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            within = False
        elif within and not cells[-1].startswith("---"):
            yield cells[-1]
        else:
            within = within or cells[-1] == heading


def names_of_tests():
    functions, sources = set(), set()
    for path in files(".py", ".c"):
        if path.startswith("tests/"):
            functions.update(a or b for a, b in FUNCTION.findall(text(path)))
            kind, _, rest = path[len("tests/"):].partition("/")
            stem = rest.rsplit(".", 1)[0].rsplit("/", 1)[-1]
            folder = rest.rsplit("/", 1)[0] if "/" in rest else ""
            short = re.sub(r"_(test|fuzz)$", "", stem)
            sources.update({f"{kind}.{short}", f"{kind}.{folder.replace('/', '.')}.{short}"})
    return functions, sources


faults, seen = [], set()
functions, sources = names_of_tests()
for rule, shown_by in rows(text("deploy/SECURITY.md")):
    seen.add(rule)
    tests = TESTED.findall(shown_by)
    if not tests:
        faults.append(f"deploy/SECURITY.md: {rule}: names no test")
    faults += [f"deploy/SECURITY.md: {rule}: there is no test {name}" for name in tests
               if name not in functions and name not in sources]
faults += [f"deploy/SECURITY.md: {rule}: has no row" for rule in RULES if rule not in seen]
traps = list(last_cells(text("tests/README.md"), "test"))
faults += [f"tests/README.md: there is no test {name}" for cell in traps for name in TESTED.findall(cell)
           if "_" in name and name not in functions and name not in sources]
if not traps:
    faults.append("tests/README.md: names no test beside a trap")
finish("security", faults, len(seen) + len(traps))
