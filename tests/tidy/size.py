"""size.py - a file above 500 lines says why in its first comment; a function fits on a screen (60 lines)."""
import re

from tree import files, finish, text

FILE_LINES, FUNCTION_LINES = 500, 60
faults, looked_at = [], 0
for path in files(".c", ".h"):
    lines = text(path).split("\n")
    looked_at += 1
    first = text(path).split("*/")[0]
    if len(lines) > FILE_LINES and not re.search(r"lines", first):
        faults.append(f"{path}: {len(lines)} lines, and the first comment does not say why")
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            if number - begin - 1 > FUNCTION_LINES:
                faults.append(f"{path}:{begin}: a function of {number - begin - 1} lines")
            begin = None
finish("size", faults, looked_at)
