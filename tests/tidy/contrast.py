"""contrast.py - text stands out 7 to 1, lines and borders 3 to 1: by the colours that kiosk.css names, and by the desk's sheet in light
and in dark. The plots' colours are held by tests/unit/therapist/plots."""
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

# ---- the desk --------------------------------------------------------------------------------------

# What libadwaita 1.2 paints: the grounds, and the ink on them. A card is white at 8 % on the window in dark.
GROUNDS = {"light": {"window": "#fafafa", "header": "#ebebeb", "card": "#ffffff", "popover": "#ffffff", "field": "#e6e6e6",
                     "ink": "#323232"},
           "dark": {"window": "#242424", "header": "#303030", "card": "#363636", "popover": "#383838", "field": "#4a4a4a",
                    "ink": "#ffffff"}}
PLAIN = ["window", "header", "card", "popover"]
BOXES = [".live", ".notice", ".notice.good", ".notice.done"]
# A selector of the sheet, what it paints, how much that must stand out, and on what: a ground above, or a selector with its own.
DESK = [
    (".quiet", "color", 7, [*PLAIN, *BOXES]), (".lost", "color", 7, ["window"]), (".badge", "color", 7, [".badge"]),
    ("button.suggested-action", "color", 7, ["button.suggested-action", "button.suggested-action:hover"]),
    (".notice image", "color", 3, [".notice"]), (".notice.good image", "color", 3, [".notice.good"]),
    (".notice .part", "color", 7, BOXES[1:]), ("placeholder", "color", 7, ["field"]), ("windowtitle .subtitle", "color", 7, ["header"]),
    (".live", "border", 3, ["window", ".live"]), (".notice", "border", 3, ["window", ".notice"]),
    (".notice.good", "border-color", 3, ["window", ".notice.good"]), (".notice.done", "border-color", 3, ["window", ".notice.done"]),
    (".theirs", "color", 7, [".theirs"]), (".theirs button:focus-visible", "outline-color", 3, [".theirs"]),
    (".theirs button.text-button:not(.flat):not(.suggested-action)", "color", 7, [".theirs"]),
    (".theirs button.text-button:not(.flat):not(.suggested-action)", "box-shadow", 3, [".theirs"]),
    ("check", "border", 3, ["popover"]), ("check:checked", "color", 3, ["check:checked"]),
    ("button.text-button:not(.flat):not(.suggested-action)", "box-shadow", 3, [*PLAIN, *BOXES]),
    ("entry", "box-shadow", 3, ["window", "card", ".notice"]),
    ("button:focus-visible", "outline-color", 3, [*PLAIN, *BOXES, "field"]),
    ("button.suggested-action:focus-visible", "outline-color", 3, ["button.suggested-action"]),
]
PAINT = r"(?:alpha\((?:#[0-9a-f]{6}|currentColor), [.0-9]+\)|#[0-9a-f]{6}|white)"


def sheet():
    """{style: {selector: {property: value}}}; what is not said for dark is as in light."""
    css = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text("client/therapist/pages/style.c").split("style_sheet[] =")[1].split("\n\n")[0]))
    said = {"light": {}, "dark": {}}
    for selectors, body in re.findall(r"([^{}]+){([^}]*)}", css):
        for selector in selectors.split(","):
            style = "dark" if selector.strip().startswith(".attune.dark ") else "light"
            rule = said[style].setdefault(selector.strip().split(" ", 1)[1], {})
            rule.update(declaration.strip().split(": ", 1) for declaration in body.split(";") if declaration.strip())
    for selector, rule in said["light"].items():
        said["dark"][selector] = {**rule, **said["dark"].get(selector, {})}
    return said


def paint(value, style, ground):
    """The colour in a declaration, as it is seen on the ground."""
    found = re.search(PAINT, value)[0]
    whole = re.match(r"alpha\((.*), (.*)\)", found)
    front, share = (whole[1], float(whole[2])) if whole else (found, 1.0)
    front = {"white": "#ffffff", "currentColor": GROUNDS[style]["ink"]}.get(front, front)
    mixed = [round(int(front[at:at + 2], 16) * share + int(ground[at:at + 2], 16) * (1 - share)) for at in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def background(rules, style, name):
    if name in GROUNDS[style]:
        return GROUNDS[style][name]
    rule = rules[name]
    return paint(rule.get("background", rule.get("background-color")), style, GROUNDS[style]["window"])


def colour_of(rule, what):
    """A border's colour may be said alone, over what the light sheet says of its width."""
    return rule.get("border-color", rule.get("border")) if what == "border" else rule[what]


def held(rules, selector, what, value):
    """By a pair of its own, or because another one that has a pair is painted alike."""
    return any((selector == named and painted.split("-")[0] == what.split("-")[0]) or (painted == what and rules[named].get(what) == value)
               for named, painted, _, _ in DESK)


desk, looked = sheet(), 0
for style, rules in desk.items():
    for selector, what, least, behind in DESK:
        for name in behind:
            ground = background(rules, style, name)
            front = paint(colour_of(rules[selector], what), style, ground)
            looked += 1
            if ratio(front, ground) < least:
                faults.append(f"{style}: {selector} {what} {front} on {name} {ground}: {ratio(front, ground):.2f} to 1, "
                              f"must be {least}")
    for name in [*PLAIN, *BOXES, "field"]:
        looked += 1
        if ratio(GROUNDS[style]["ink"], background(rules, style, name)) < 7:
            faults.append(f"{style}: ink on {name}: {ratio(GROUNDS[style]['ink'], background(rules, style, name)):.2f} to 1, must be 7")
    for selector, rule in rules.items():
        for what, value in rule.items():
            if "background" not in what and re.search(PAINT, value) and not held(rules, selector, what, value):
                faults.append(f"{style}: {selector} {what}: is painted with, and no pair has it")

if ratio("#777777", "#ffffff") > 4.5 or ratio("#000000", "#ffffff") < 20.9:
    faults.append("the reckoning is wrong")
finish("contrast", faults, len(PAIRS) + looked)
