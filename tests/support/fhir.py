"""fhir.py - is a FHIR R4 bundle of ratings well made? By R4's rules, as far as a client's copy uses them: what must be there, what may be
there and how often, the words of required bindings, the codes of code systems with their displays, dates, references that lead to an
entry, and the invariants bdl-7, obs-6, obs-7. It knows the resources that a copy has, and no others. (The validators that read R4's own
definitions need a run-time of their own and more than all of this project's other packages together.)"""
import copy
import json
import re

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REFERENCE = re.compile("urn:uuid:" + UUID.pattern)

UCUM = "http://unitsofmeasure.org"
CODING = {"system!": str, "code!": str, "display!": str}
CONCEPT = {"coding!": [CODING], "text!": str}
QUANTITY = {"value!": (int, float), "unit!": {"points of 10", "points of 40"}, "system!": {UCUM}, "code!": {"{score}"}}
POINTER = {"reference!": REFERENCE}
NAMED = {"display!": str}
# {system: {code: display}}: what a copy may say of each.
SYSTEMS = {
    "urn:x-attune:session-rating": {"session-rating": "Rating of a session by the client", "understanding": None, "relevance": None,
                                    "safety": None, "fit": None},
    "http://terminology.hl7.org/CodeSystem/data-absent-reason": {"asked-declined": "Asked But Declined"},
    "http://terminology.hl7.org/CodeSystem/observation-category": {"survey": "Survey"},
    "http://terminology.hl7.org/CodeSystem/provenance-participant-type": {"assembler": "Assembler"},
}
# {element: shape}; "!" after a name: it must be there. A list's shape is that of each of its members, of which there is one at least.
SHAPES = {
    "Patient": {"resourceType!": str, "id!": UUID, "identifier!": [{"use!": {"secondary"}, "system!": {"urn:x-attune:client"}, "value!": str,
                                                                       "assigner!": NAMED}]},
    "Observation": {"resourceType!": str, "id!": UUID, "status!": {"final"}, "category!": [CONCEPT], "code!": CONCEPT,
                    "subject!": POINTER, "effectiveDateTime!": INSTANT, "issued!": INSTANT, "performer!": [POINTER],
                    "valueQuantity": QUANTITY, "dataAbsentReason": CONCEPT, "note": [{"text!": str}],
                    "component": [{"code!": CONCEPT, "valueQuantity": QUANTITY, "dataAbsentReason": CONCEPT}]},
    "Goal": {"resourceType!": str, "id!": UUID, "lifecycleStatus!": {"active", "completed", "cancelled"}, "category": [{"text!": str}],
             "description!": {"text!": str}, "subject!": POINTER, "startDate": DATE, "statusDate": DATE, "statusReason": str},
    "Communication": {"resourceType!": str, "id!": UUID, "status!": {"completed"}, "subject!": POINTER, "sent!": INSTANT,
                      "recipient": [NAMED], "payload!": [{"contentString!": str}]},
    "Provenance": {"resourceType!": str, "id!": UUID, "target!": [POINTER], "recorded!": INSTANT,
                   "agent!": [{"type": CONCEPT, "who!": NAMED, "onBehalfOf": NAMED}]},
}
BUNDLE = {"resourceType!": {"Bundle"}, "type!": {"collection"}, "timestamp!": INSTANT, "entry!": [{"fullUrl!": REFERENCE,
                                                                                                   "resource!": dict}]}


def no_doubles(pairs):
    """json keeps the last of two members of one name; here that is a fault."""
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"twice in one object: {sorted(n for n in names if names.count(n) > 1)}")
    return dict(pairs)


def judge(value, shape, where, faults):
    if isinstance(shape, list):
        if not isinstance(value, list) or not value:
            faults.append(f"{where}: a list with something in it")
            return
        for at, one in enumerate(value):
            judge(one, shape[0], f"{where}[{at}]", faults)
    elif isinstance(shape, dict):
        if not isinstance(value, dict):
            faults.append(f"{where}: an object")
            return
        known = {name.rstrip("!"): one for name, one in shape.items()}
        faults += [f"{where}.{name}: must be there" for name in shape if name.endswith("!") and name[:-1] not in value]
        faults += [f"{where}.{name}: unknown" for name in value if name not in known]
        faults += [f"{where}: more than one value[x]"] if sum(name.startswith("value") for name in value if where.endswith(
            ("Observation", "]"))) > 1 else []
        for name, one in value.items():
            if name in known:
                judge(one, known[name], f"{where}.{name}", faults)
    elif isinstance(shape, set):
        faults += [] if value in shape else [f"{where}: {value!r} is not of {sorted(shape)}"]
    elif isinstance(shape, re.Pattern):
        faults += [] if isinstance(value, str) and shape.fullmatch(value) else [f"{where}: {value!r}"]
    elif not isinstance(value, shape) or value == "" or isinstance(value, bool):
        faults.append(f"{where}: {value!r}")


def references(value):
    if isinstance(value, dict):
        for name, one in value.items():
            yield from [one] if name == "reference" else references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def codings(value):
    if isinstance(value, dict):
        yield from [(one, value.get("text")) for one in value.get("coding", [])]
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from codings(one)


def judge_codes(resource, kind):
    for one, text in codings(resource):
        known = SYSTEMS.get(one.get("system"), {})
        if one.get("code") not in known:
            yield f"{kind}: no code {one.get('code')!r} in {one.get('system')!r}"
        elif known[one["code"]] not in (None, one.get("display")) or one.get("display") != text:
            yield f"{kind}: {one['code']} is not called {one.get('display')!r}"


def judge_observation(resource):
    for one in [resource, *resource.get("component", [])]:
        if ("valueQuantity" in one) == ("dataAbsentReason" in one):  # obs-6.
            yield "Observation: a value, or why there is none"
        most = 40 if one is resource else 10
        quantity = one.get("valueQuantity", {"value": 0, "unit": f"points of {most}"})
        if not 0 <= quantity["value"] <= most or quantity["unit"] != f"points of {most}":
            yield f"Observation: {quantity}"
    if resource.get("code") in [one.get("code") for one in resource.get("component", [])]:  # obs-7.
        yield "Observation: a component with its own code"


def mutations(bundle):
    """(what, the bundle with one fault): each element that must be there taken out, and the like. For who tests `check`."""
    def elements(value, shape, path):
        if isinstance(shape, list):
            for at, one in enumerate(value):
                yield from elements(one, shape[0], (*path, at))
        elif isinstance(shape, dict):
            for name, inner in shape.items():
                if name.rstrip("!") in value:
                    yield (*path, name.rstrip("!")), name.endswith("!")
                    yield from elements(value[name.rstrip("!")], inner, (*path, name.rstrip("!")))

    def changed(path, change):
        other = copy.deepcopy(bundle)
        place = other
        for step in path[:-1]:
            place = place[step]
        change(place, path[-1])
        return other

    wheres = list(elements(bundle, BUNDLE, ()))
    seen = set()
    for at, entry in enumerate(bundle["entry"]):
        kind = entry["resource"]["resourceType"]
        if kind not in seen:  # One of each.
            seen.add(kind)
            wheres += list(elements(entry["resource"], SHAPES[kind], ("entry", at, "resource")))
    for path, is_needed in wheres:
        if is_needed:
            yield f"without {path}", changed(path, lambda place, name: place.pop(name))
        yield f"null at {path}", changed(path, lambda place, name: place.__setitem__(name, None))
        yield f"{path} in a list", changed(path, lambda place, name: place.__setitem__(name, [place[name]]))
        yield f"{path} twice over", changed(path, lambda place, name: place.__setitem__(name + "x", place[name]))
        if path[-1] in ("reference", "code", "status", "system", "fullUrl", "display") and isinstance(path[-1], str):
            yield f"another {path}", changed(path, lambda place, name: place.__setitem__(name, "urn:uuid:" + 8 * "0" + 3 * "-0000" + "-" + 12 * "0"))


def check(text):
    """(bundle, faults)"""
    bundle, faults = json.loads(text, object_pairs_hook=no_doubles), []
    judge(bundle, BUNDLE, "Bundle", faults)
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    faults += ["fullUrl: twice"] if len(set(urls)) != len(urls) else []
    for entry in bundle["entry"]:
        resource = entry["resource"]
        kind = resource.get("resourceType")
        if kind not in SHAPES:
            faults.append(f"{kind}: not known here")
            continue
        judge(resource, SHAPES[kind], kind, faults)
        faults += [f"{kind}: its id is not its url's"] if entry["fullUrl"] != f"urn:uuid:{resource['id']}" else []
        faults += judge_codes(resource, kind)
        faults += judge_observation(resource) if kind == "Observation" else []
    faults += [f"{one}: points nowhere" for one in references(bundle) if one not in urls]
    return bundle, faults
