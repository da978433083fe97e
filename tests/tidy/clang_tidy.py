"""clang_tidy.py BUILD - clang-tidy over the product's C files, by .clang-tidy and the build's own flags."""
import concurrent.futures
import os
import subprocess
import sys

from tree import ROOT, files, finish


def judge(path):
    # gcc's sanitizer and warning flags are passed on; those that clang does not know are not worth a word.
    done = subprocess.run(["clang-tidy", "--quiet", "-p", sys.argv[1], "--extra-arg=-Wno-unknown-warning-option", path],
                          cwd=ROOT, capture_output=True, text=True)
    return [line for line in done.stdout.split("\n") if ": warning:" in line or ": error:" in line]


paths = [path for path in files(".c") if path.startswith(("proto/", "server/", "client/"))]
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    faults = [line for lines in pool.map(judge, paths) for line in lines]
finish("clang-tidy", faults, len(paths))
