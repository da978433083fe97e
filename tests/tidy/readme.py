"""readme.py - every folder says what lives there; every package and every top-level name is accounted for."""
import os
import re

from tree import ROOT, files, finish, text

TOP = {"server", "client", "proto", "sql", "tests", "deploy", "CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE",
       ".ci", ".clang-format", ".clang-tidy", ".gitignore"}
WITHOUT = re.compile(r"^tests/(fuzz/.*|unit/.*|integration/.*|support/.*|data|bench/.*|fault/.*|desktop/.*)$|^\.ci$|/rules$|^deploy/.+|"
                     r"^server/gateway/(ingest|feed)$")
faults = []
paths = files()
for name in sorted({path.split("/")[0] for path in paths} - TOP):
    faults.append(f"{name}: does not belong at the top level")
folders = sorted({os.path.dirname(path) for path in paths})
for folder in folders:
    if not WITHOUT.search(folder) and not os.path.isfile(os.path.join(ROOT, folder, "README.md")):
        faults.append(f"{folder or '.'}: has no README.md")
readme = text("README.md")
for line in text("deploy/packages").split("\n"):
    package = line.split("#")[0].strip()
    if package and f"`{package}`" not in readme:
        faults.append(f"deploy/packages: README.md does not say what {package} is for")
finish("readme", faults, len(folders))
