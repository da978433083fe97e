"""contrast.py - text on the kiosk stands out 7 to 1, lines and borders 3 to 1, by the colours that kiosk.css names."""
import re

from tree import finish, text

# What lies on what, and how much it must stand out (WCAG 2.1: 1.4.6 and 1.4.11).
PAIRS = [
    ("ink", "paper", 7), ("muted", "paper", 7), ("accent", "paper", 3), ("deep", "paper", 7), ("line", "paper", 3),
    ("private", "paper", 7), ("ink", "button", 7), ("muted", "button", 7), ("deep", "button", 7), ("ink", "rule", 7),
    ("white", "accent", 7), ("white", "deep", 7), ("black", "white", 7), ("accent", "white", 3),
]
NAMED = {"white": "#ffffff", "black": "#000000"}


def luminance(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


css = text("client/kiosk/screen/kiosk.css")
colours = {**NAMED, **dict(re.findall(r"@define-color (\w+) +(#[0-9a-f]{6});", css))}
colours["private"] = colours[re.search(r"\.private *{[^}]*[ ;]color: @(\w+);", css)[1]]
faults = [f"{front} on {back}: {ratio(colours[front], colours[back]):.2f} to 1, must be {least}"
          for front, back, least in PAIRS if ratio(colours[front], colours[back]) < least]
used = set(re.findall(r"[^-]color: @(\w+)", css)) | set(re.findall(r"image\(@(\w+)\)", css))
faults += [f"{name}: is written or drawn with, and no pair has it" for name in sorted(used - {front for front, _, _ in PAIRS})]
if ratio("#777777", "#ffffff") > 4.5 or ratio("#000000", "#ffffff") < 20.9:
    faults.append("the reckoning is wrong")
finish("contrast", faults, len(PAIRS))
