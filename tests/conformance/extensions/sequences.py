"""Random sequences of applies, patches, updates and deletions by several managers on objects of a nested schema. SEED and COUNT choose them; a sequence that
differed begins anew. (No collector runs beside upstream's server, so owners are of a kind that is not served and deletions wait for nobody.)"""

import json
import os
import random
import re

from __main__ import APPLY, DEFINITIONS, JSON_PATCH, MERGE, SERVERS

GROUP = "s.example.com"
OBJECTS = f"/apis/{GROUP}/v1/namespaces/default/gadgets"
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def structure(**properties):
    return {"type": "object", "properties": properties}


def keyed(keys, **properties):
    return {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys, "items": dict(structure(**properties), required=[k for k in keys if "default" not in properties[k]])}


SET = {"type": "array", "x-kubernetes-list-type": "set", "items": TEXT}
PORTS = keyed(["port", "protocol"], port=NUMBER, protocol=dict(TEXT, default="TCP"), tags=SET, note=TEXT)
SPEC = structure(
    tree=keyed(["name"], name=TEXT, ports=PORTS, labels={"type": "object", "additionalProperties": TEXT}, values={"type": "array", "items": structure(a=TEXT)}, nested=structure(x=NUMBER, y=dict(TEXT, nullable=True), z=structure(d=dict(NUMBER, default=7), e=TEXT))),
    set=SET, numbers={"type": "array", "x-kubernetes-list-type": "set", "items": NUMBER}, map={"type": "object", "additionalProperties": structure(a=TEXT, b=NUMBER)}, lists={"type": "object", "additionalProperties": SET},
    whole={"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": TEXT, "b": structure(c=NUMBER)}}, free={"type": "object", "x-kubernetes-preserve-unknown-fields": True}, text=TEXT, number=NUMBER, flag={"type": "boolean"},
    either={"x-kubernetes-int-or-string": True}, set_of={"type": "array", "x-kubernetes-list-type": "set", "items": dict(structure(a=TEXT, b=TEXT), **{"x-kubernetes-map-type": "atomic"})}, preset=dict(structure(p=dict(TEXT, default="q"), r=TEXT), default={}),
)
STATUS = structure(phase=TEXT, conditions=keyed(["type"], type=TEXT, status=TEXT, reason=TEXT))


def value(r, schema, depth=0):
    """Something that fits the schema, from few values, so that managers meet; now and then null or of another type."""
    if r.random() < 0.015:
        return r.choice([None, 1, "a", [], {}, True])
    kind = schema.get("type")
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return r.choice([{}, {"a": 1}, {"a": {"b": [1, 2]}, "c": "x"}, {"a": {"b": [2]}, "d": None}, {"e": [{"name": "x"}]}])
    if schema.get("x-kubernetes-int-or-string"):
        return r.choice([1, "1", "50%"])
    if kind == "object" and "additionalProperties" in schema:
        return {k: value(r, schema["additionalProperties"], depth + 1) for k in r.sample("abc", r.randrange(3))}
    if kind == "object":
        chance = 0.3 if depth == 0 else 0.5
        return {k: value(r, s, depth + 1) for k, s in schema["properties"].items() if r.random() < chance or k in schema.get("required", [])}
    if kind == "array":
        items = [value(r, schema["items"], depth + 1) for _ in range(r.randrange(4))]
        return items if r.random() < 0.1 else unique(items, schema)
    return {"string": r.choice(["a", "b", "c"]), "integer": r.choice([1, 2, 3]), "boolean": r.random() < 0.5}[kind]


def unique(items, schema):
    keys = schema.get("x-kubernetes-list-map-keys", [])
    seen = {}
    for item in items:
        key = tuple(str(item.get(k, schema["items"]["properties"][k].get("default"))) for k in keys) if keys and isinstance(item, dict) else json.dumps(item, sort_keys=True)
        seen.setdefault(key, item)
    return list(seen.values())


def metadata(r):
    fields = {}
    if r.random() < 0.3:
        fields["labels"] = {k: r.choice("xyz") for k in r.sample("lmn", r.randrange(1, 3))}
    if r.random() < 0.2:
        fields["annotations"] = {k: r.choice("xyz") for k in r.sample("opq", r.randrange(1, 3))}
    if r.random() < 0.1:
        fields["finalizers"] = [f"example.com/{f}" for f in r.sample("fgh", r.randrange(1, 3))]
    if r.random() < 0.1:
        fields["ownerReferences"] = [{"apiVersion": "none.example.com/v1", "kind": "Thing", "name": n, "uid": n} for n in r.sample("uvw", r.randrange(1, 3))]
    return fields


def gadget(r, name, version="v1", **more):
    return {"apiVersion": f"{GROUP}/{version}", "kind": "Gadget", "metadata": dict(metadata(r), name=name), **({"spec": value(r, SPEC)} if r.random() < 0.9 else {}), **more}


def paths(obj, path=""):
    """Every JSON pointer of an object."""
    found = [path] if path else []
    if isinstance(obj, dict):
        for key, child in obj.items():
            found += paths(child, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(obj, list):
        for i, child in enumerate(obj):
            found += paths(child, f"{path}/{i}")
    return found


def operations(r, live):
    """One: what a second meets need not be there, of which Debian's library of patches thinks otherwise."""
    places = paths({k: v for k, v in live.items() if k in ("spec", "status")})
    if not places:
        return [{"op": "add", "path": "/spec", "value": value(r, SPEC)}]
    op = r.choice(["add", "add", "replace", "remove", "test"])
    if op == "add" and r.random() < 0.4 and "/spec" in places:
        field = r.choice(list(SPEC["properties"]))
        return [{"op": op, "path": f"/spec/{field}", "value": value(r, SPEC["properties"][field])}]
    place = r.choice(places)
    return [{"op": op, "path": place, **({} if op == "remove" else {"value": r.choice([1, "a", "b", ["a"], {"a": "b"}, None, {"name": "c"}])})}]


def step(r, name, live):
    """A request: label, method, path, body, type."""
    at = f"{OBJECTS}/{name}"
    manager = r.choice("abc")
    options = f"?fieldManager={manager}" + ("&dryRun=All" if r.random() < 0.05 else "") + (r.choice(["&fieldValidation=Strict", "&fieldValidation=Ignore"]) if r.random() < 0.2 else "")
    version = "v2" if r.random() < 0.15 else "v1"
    at = at.replace("/v1/", f"/{version}/")
    chance = r.random()
    if chance < 0.45:
        force = "&force=true" if r.random() < 0.4 else ""
        if r.random() < 0.15:
            return "apply status", "PATCH", at + "/status" + options + force, gadget(r, name, version, status=value(r, STATUS)), APPLY
        return "apply", "PATCH", at + options + force, gadget(r, name, version), APPLY
    if not live:
        return "create", "POST", OBJECTS + options, gadget(r, name), None
    if chance < 0.6:
        spec = value(r, SPEC)
        return "merge", "PATCH", at + options, {"metadata": metadata(r), "spec": {k: None if r.random() < 0.2 else v for k, v in spec.items()} if isinstance(spec, dict) else spec}, MERGE
    if chance < 0.72:
        return "JSON patch", "PATCH", at + options, operations(r, live), JSON_PATCH
    if chance < 0.86:
        new, field = gadget(r, name, version), r.random()

        def put(now):
            body = dict(now, apiVersion=new["apiVersion"], metadata=dict(now["metadata"], **{k: v for k, v in new["metadata"].items() if k != "name"}))
            if field < 0.1:
                body["metadata"]["managedFields"] = [{}] if field < 0.05 else []
            if "spec" in new:
                body["spec"] = dict(now.get("spec") or {}, **new["spec"]) if field < 0.5 and isinstance(new["spec"], dict) else new["spec"]
            return body

        return "put", "PUT", at + options, put, None
    if chance < 0.93:
        status = value(r, STATUS)
        return "put status", "PUT", at + "/status" + options, lambda now: dict(now, status=status), None
    if chance < 0.97:
        return "merge status", "PATCH", at + "/status" + options, {"status": value(r, STATUS), "metadata": metadata(r)}, MERGE
    return "delete", "DELETE", f"{OBJECTS}/{name}", {"propagationPolicy": "Background"}, None


def sorted_managers(normal):
    """Entries are in the order of seconds, which two servers do not share; faults of a configuration in that of Go's maps."""
    def change(answer):
        answer = normal(answer)
        if isinstance(answer, dict) and isinstance(answer.get("message"), str) and ": errors:\n" in answer["message"]:
            first, *rest = answer["message"].split("\n")
            answer["message"] = "\n".join([first, *sorted(rest)])
        for cause in (answer.get("details") or {}).get("causes", []) if isinstance(answer, dict) else []:
            cause["message"] = re.sub(r'^Invalid value: "\{.*\}"', "Invalid value: <the patched object>", cause["message"])  # in the order of a library
        if isinstance(answer, dict) and isinstance(answer.get("metadata"), dict) and isinstance(answer["metadata"].get("managedFields"), list):
            answer["metadata"]["managedFields"].sort(key=lambda e: json.dumps([e.get(k) for k in ("operation", "manager", "apiVersion", "subresource")]))
        return answer

    return change


def run(comparison):
    seed, count = int(os.environ.get("SEED", "1")), int(os.environ.get("COUNT", "3000"))
    schema = {"openAPIV3Schema": structure(spec=SPEC, status=STATUS)}
    versions = [{"name": name, "served": True, "storage": name == "v1", "schema": schema, "subresources": {"status": {}}} for name in ("v1", "v2")]
    names = {"plural": "gadgets", "singular": "gadget", "kind": "Gadget", "listKind": "GadgetList"}
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"gadgets.{GROUP}"}, "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": versions}}
    comparison.both("the definition", "POST", DEFINITIONS, definition, ignore=r"^\.status|managedFields")
    for server in SERVERS:
        comparison.servers.until(server, OBJECTS, 200)
        comparison.servers.until(server, OBJECTS.replace("/v1/", "/v2/"), 200)

    normal, comparison.normal = comparison.normal, sorted_managers(comparison.normal)
    r, number, name = random.Random(seed), 0, "g0"
    for i in range(count):
        if r.random() < 0.04:
            number += 1
            name = f"g{number}"
        comparison.live = f"{OBJECTS}/{name}"
        live = comparison.servers.send("upstream", "GET", comparison.live)
        before = comparison.different
        label, method, path, body, kind = step(r, name, live[1] if live[0] == 200 else None)
        shown = "" if callable(body) else " " + json.dumps(body)
        answers = comparison.both(f"{seed}.{i} {label}", method, path, body, kind)
        if comparison.different > before:
            print(f"  sent{shown[:3000]}\n  to {json.dumps({k: v for k, v in live[1].items() if k != 'kind'})[:3000] if live[0] == 200 else 'nothing'}")
            comparison.remove(comparison.live)
            number += 1
            name = f"g{number}"
    comparison.normal = normal
