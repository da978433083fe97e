"""planted.py - how often planted texts stand in bytes, or in any file below a folder."""
import os


def hits_in(data, planted):
    return sum(data.count(text) for text in planted)


def hits_below(folder, planted):
    hits = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                with open(os.path.join(place, name), "rb") as file:
                    hits += hits_in(file.read(), planted)
            except OSError:
                pass  # A socket, or gone by now.
    return hits
