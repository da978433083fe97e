"""includes.py - who may know whom: the table of folders, held against every #include of the product."""
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
# What knows neither loop nor clock nor database, whatever its folder may.
PURE = ["server/gateway/permit", "server/gateway/refusals", "server/gateway/log_on", "server/gateway/free_text", "server/gateway/client_map", "server/gateway/name_fields",
        "server/gateway/ingest/batcher", "server/gateway/chains", "server/gateway/feed/watch_feed", "server/gateway/report/",
        "server/aggregator/rules/", "server/aggregator/study/", "server/aggregator/evaluate", "client/kiosk/outbox",
        "client/kiosk/flow", "client/kiosk/layout", "client/kiosk/wordings", "client/therapist/desk", "client/therapist/caseload",
        "client/therapist/course", "client/therapist/idle", "client/therapist/lines", "client/therapist/notices", "client/therapist/whose", "client/therapist/clock_says",
        "client/therapist/plots/", "server/base/http", "server/base/metrics", "server/base/chain", "proto/wire/frame", "proto/wire/codec",
        "proto/wire/valid", "proto/wire/backoff", "proto/wire/enrol_code"]
FORBIDDEN_TO_PURE = re.compile(r"uv\.h|libpq|openssl/|glib|gio/|gtk|adwaita|sys/socket|server/base/log|server/pg|server/net|^time\.h")
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
        if fault is None and path.startswith(tuple(PURE)) and FORBIDDEN_TO_PURE.search(header):
            fault = "is not allowed in a pure core"
        if fault is not None:
            faults.append(f"{path}:{number}: {header} {fault}")
finish("includes", faults, looked_at)
