"""qr.py - reads a QR code that a program has drawn in half blocks on its terminal, as a phone would: zbarimg."""
import subprocess


def read_qr(text, path):
    """The code's text, or "" where nobody can read it; `path` is a file to draw it in."""
    lines = [line for line in text.split("\n") if set(line) & set("█▀▄")]
    dark = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    width = max(map(len, lines), default=0)
    rows = [[dark[c][half] for c in line.ljust(width)] for line in lines for half in (0, 1)]
    scale = 6
    with open(path, "wb") as file:
        file.write(b"P5 %d %d 255\n" % (width * scale, len(rows) * scale))
        for row in rows:
            file.write(bytes(0 if c else 255 for c in row for _ in range(scale)) * scale)
    return read_picture(path)


def read_picture(path):
    return subprocess.run(["zbarimg", "-q", "--raw", path], capture_output=True, text=True, check=False).stdout.strip()
