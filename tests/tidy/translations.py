"""translations.py - every sentence of each texts.def is there in every language, with the same places for words, and in our own words."""
import re

from tree import files, finish, text

# The English sentences, their translations, the languages, and how many sentences there are at least.
SETS = [("client/kiosk/texts.def", "client/kiosk/po", ("ar", "de", "es", "fr"), 80),
        ("server/aggregator/rules/texts.def", "server/aggregator/po", ("de", "es", "fr"), 60)]
STRING = r'"((?:[^"\\]|\\.)*)"'
# The licensed scales: their names, and what their lines are called where they are translated.
FOREIGN = re.compile(r"\b(SRS|ORS|PCOMS|FIT|(?i:session rating|outcome rating|sitzungsbewertungsskala|"
                     r"évaluation de (?:la )?séance|valoración de (?:la )?sesión|goals and topics|ziele und themen|"
                     r"objectifs et sujets|objetivos y temas|approach or method|ansatz oder methode|approche ou méthode|"
                     r"enfoque o método))\b")


def places(sentence):
    return sorted(re.findall(r"\{\d\}", sentence))


def entries(po):
    """msgid to (msgstr, comments) of a po file without plurals or contexts."""
    found = {}
    for block in re.split(r"\n\s*\n", text(po)):
        comments = [line for line in block.split("\n") if line.startswith("#")]
        joined = re.sub(r'"\n"', "", "\n".join(line for line in block.split("\n") if not line.startswith("#")))
        match = re.fullmatch(rf"msgid {STRING}\nmsgstr {STRING}\s*", joined)
        if match:
            found[match[1]] = (match[2], comments)
        elif joined.strip() or any(line.startswith("#~") for line in comments):
            found[f"(unreadable) {block[:40]!r}"] = ("", comments)
    found.pop("", None)  # The header.
    return found


def judge(po, english):
    found, known = [], entries(po)
    for name, sentence in english.items():
        translated, comments = known.get(sentence, ("", []))
        if not translated:
            found.append(f"{po}: {name} is not translated")
        elif places(translated) != places(sentence):
            found.append(f"{po}: {name} has other places for words than the English")
        elif any("fuzzy" in line for line in comments):
            found.append(f"{po}: {name} is fuzzy")
    found += [f"{po}: nothing says {sentence[:50]!r} any more" for sentence in known if sentence not in english.values()]
    for sentence, (translated, _) in known.items():
        foreign = FOREIGN.search(sentence) or FOREIGN.search(translated)
        if foreign:
            found.append(f"{po}: {foreign[0]} is of a licensed scale")
    return found


faults, looked_at = [], 0
for source, folder, languages, least in SETS:
    sentences = dict(re.findall(rf"^X\((\w+), {STRING}\)", text(source), re.M))
    if len(sentences) < least:
        faults.append(f"{source}: has {len(sentences)} sentences, not {least}")
    for language in languages:
        faults += judge(f"{folder}/{language}.po", sentences)
        looked_at += len(sentences)
expected = sorted(f"{folder}/{language}.po" for _, folder, languages, _ in SETS for language in languages)
if sorted(files(".po")) != expected:
    faults.append("the catalogs are not where they were")
finish("translations", faults, looked_at)
