"""codes.py - the codes in proto/wire/err.h and the table in proto/PROTOCOL.md are the same."""
import re

from tree import finish, text

in_code = {int(code): name for name, code in re.findall(r"X\((\w+), (\d+),", text("proto/wire/err.h"))}
in_text = {int(code): name for code, name in re.findall(r"^\| (\d{3}) \| `?(\w+)`? \|", text("proto/PROTOCOL.md"), re.M)}
# Codes from 406 on are a client's or a machine's own: they never travel.
faults = [f"{code} {in_code.get(code)} in err.h, {in_text.get(code)} in PROTOCOL.md"
          for code in sorted(in_code.keys() | in_text.keys())
          if in_code.get(code) != in_text.get(code) and (code < 406 or code in in_text)]
finish("codes", faults, len(in_text))
