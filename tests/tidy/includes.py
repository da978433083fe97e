"""includes.py - who may know whom: the table of folders, held against every #include of the product."""
import os
import re

from tree import files, finish, text

# Folder: the folders of ours that it may include, and the libraries, by how their headers' names begin.
# The first folder that a path begins with counts. Every file may include its own folder and the C library.
TABLE = [
    ("proto/wire/tls_session", ["proto"], ["protobuf-c/", "openssl/"]),
    ("proto/wire/seal", ["proto"], ["sodium.h"]),
    ("proto", ["proto"], ["protobuf-c/"]),
    ("server/base/chain", ["proto"], ["sodium.h"]),
    ("server/base/audit_key", ["proto"], ["sodium.h"]),
    ("server/base/certificate", ["proto"], ["sodium.h"]),
    ("server/base", ["proto"], ["uv.h"]),
    ("server/net", ["proto", "server/base"], ["uv.h"]),
    ("server/pg", ["proto", "server/base"], ["uv.h", "libpq-fe.h", "openssl/"]),
    # A practice's file of rules is judged by the same code that will follow it.
    ("server/gateway/on_rules", ["proto", "server/base", "server/pg", "server/aggregator/rules/settings"], ["uv.h", "protobuf-c/"]),
    ("server/gateway/free_text", ["proto"], ["sodium.h"]),
    ("server/gateway/chains", ["proto"], ["sodium.h"]),
    ("server/gateway/password", ["proto"], ["sodium.h"]),
    ("server/gateway", ["proto", "server/base", "server/net", "server/pg"], ["uv.h", "openssl/", "protobuf-c/"]),
    ("server/aggregator/study", ["proto", "server/base"], ["jansson.h", "cairo", "pango/"]),
    ("server/aggregator/commands", ["proto", "server/base", "server/pg"], ["jansson.h"]),
    ("server/aggregator", ["proto", "server/base", "server/pg"], ["uv.h"]),
    ("client/link", ["proto"], ["glib", "gio/", "openssl/"]),
    ("client/kiosk/kiosk_shell", ["proto", "client/link"], ["glib"]),
    ("client/kiosk/screen", ["proto", "client/link"], ["glib", "gtk/", "gdk/", "cairo", "openssl/"]),
    ("client/kiosk", ["proto"], ["openssl/"]),
    ("client/therapist/plots", ["proto"], ["cairo", "pango/"]),
    ("client/therapist/copy", ["proto", "client/therapist"], ["cairo", "pango/", "glib", "jansson.h", "qpdf/"]),
    ("client/therapist/pages", ["proto", "client/link", "client/therapist"],
     ["adwaita.h", "cairo", "glib", "gio/", "openssl/", "protobuf-c/", "qrencode.h"]),
    ("client/therapist/office", ["proto", "client/link", "client/therapist"], ["glib", "gio/", "openssl/"]),
    ("client/therapist", ["proto"], []),
    ("client/cli", ["proto", "client/link", "client/kiosk", "client/therapist"],
     ["glib", "gio/", "jansson.h", "openssl/", "protobuf-c/", "qrencode.h"]),
]
# What knows neither loop nor clock nor database, whatever its folder may: the header says so in its first comment, or the folder's README.
PURE_FOLDERS = ("server/gateway/report/", "server/aggregator/rules/", "server/aggregator/study/", "client/therapist/plots/")
HEADERS = {path[:-2] for path in files(".h")}
PURE = {stem for stem in HEADERS if re.match(r"/\*(?:(?!\*/).)*?\bPure[.:]", text(stem + ".h"), re.S)}
FORBIDDEN_TO_PURE = re.compile(r"uv\.h|libpq|openssl/|glib|gio/|gtk|adwaita|sys/socket|server/base/log|server/base/clock|server/pg|server/net|^time\.h")
C_LIBRARY = re.compile(r"^(sys|netinet|arpa|net|linux)/|^(assert|ctype|dirent|errno|fcntl|fnmatch|float|getopt|inttypes|limits|"
                       r"libgen|libintl|locale|malloc|math|netdb|poll|pthread|pwd|signal|stdalign|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|"
                       r"strings|syslog|termios|time|unistd)\.h$")


def rule_of(path):
    for folder, ours, libraries in TABLE:
        if path.startswith(folder):
            return ours, libraries
    return None


def judge(path, header, ours_too):
    rule = rule_of(path)
    if rule is None:
        return "no row of the table is for this folder"
    ours, libraries = rule
    if C_LIBRARY.match(header) or header.startswith(tuple(libraries) or ("\0",)) or header.endswith(".pb-c.h"):
        return None
    if header.startswith(tuple(ours)) or header.startswith(ours_too):
        return None
    return "is not allowed here"


def is_pure(path):
    """A file without a header of its own belongs to the one whose name it goes on from: flow_rating.c to flow.h."""
    stem = path.rsplit(".", 1)[0]
    while stem not in HEADERS and "_" in os.path.basename(stem):
        stem = stem.rsplit("_", 1)[0]
    return stem in PURE or path.startswith(PURE_FOLDERS)


faults, looked_at = [], 0
for path in files(".c", ".h"):
    if path.startswith("tests/"):
        continue
    own = "/".join(path.split("/")[:2])
    for number, line in enumerate(text(path).split("\n"), 1):
        found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if not found:
            continue
        looked_at += 1
        header = found.group(1)
        fault = judge(path, header, own)
        if fault is None and is_pure(path) and FORBIDDEN_TO_PURE.search(header) and header[:-2] not in PURE:
            fault = "is not allowed in a pure core"
        if fault is not None:
            faults.append(f"{path}:{number}: {header} {fault}")
finish("includes", faults, looked_at)
