"""format.py - every C file as clang-format lays it out by .clang-format."""
import subprocess

from tree import ROOT, files, finish

paths = files(".c", ".h")
done = subprocess.run(["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *paths], cwd=ROOT, capture_output=True,
                      text=True)
finish("format", [line for line in done.stderr.split("\n") if "error:" in line], len(paths))
