"""fhir.py - is a FHIR R4 bundle of ratings well made? By its own rules: what must be there, what may be there, which words and
dates and references. It knows the resources that a client's copy has, and no others."""
import json
import re

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REFERENCE = re.compile("urn:uuid:" + UUID.pattern)

CODING = {"system": str, "code": str, "display": str}
CONCEPT = {"coding": [CODING], "text": str}
QUANTITY = {"value": (int, float), "unit": str, "system": str, "code": str}
POINTER = {"reference": REFERENCE}
NAMED = {"display": str}
# {element: shape}; "!" after a name: it must be there. A list's shape is that of each of its members, of which there is one at least.
SHAPES = {
    "Patient": {"resourceType!": str, "id!": UUID, "identifier!": [{"use!": {"secondary"}, "system!": str, "value!": str,
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
        if kind == "Observation":
            for one in [resource, *resource.get("component", [])]:
                if ("valueQuantity" in one) == ("dataAbsentReason" in one):  # obs-6.
                    faults.append("Observation: a value, or why there is none")
    faults += [f"{one}: points nowhere" for one in references(bundle) if one not in urls]
    return bundle, faults
