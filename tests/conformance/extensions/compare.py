"""compare.py KUBECONFIG DEFINITIONS [SET]: sends the same requests to this program (port 26443) and to upstream's server of custom resources (26444), and prints where the answers differ."""

import importlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from comparison import APPLY, JSON_PATCH, MERGE, STRATEGIC, TABLE, Comparison, Servers

SERVERS = {"ours": 26443, "upstream": 26444}
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
OBJECTS = "/apis/d.example.com/v1/namespaces/default/widgets"


def widget(name="w", **spec):
    return {"apiVersion": "d.example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


def establish(comparison, data):
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": data["properties"]}, "status": data["status"]}}

    def version(name, **more):
        return {
            "name": name, "served": True, "storage": name == "v1", "schema": {"openAPIV3Schema": schema}, "additionalPrinterColumns": data["columns"],
            "selectableFields": [{"jsonPath": p} for p in data["selectable"]], **more,
            "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.sel"}},
        }

    versions = [version("v1"), version("v1alpha1", deprecated=True, deprecationWarning="do not use v1alpha1")]
    names = {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.d.example.com"},
        "spec": {"group": "d.example.com", "scope": "Namespaced", "names": names, "versions": versions},
    }
    comparison.both("the definition", "POST", DEFINITIONS, definition, ignore=r"^\.status|managedFields")
    for server in SERVERS:
        comparison.servers.until(server, OBJECTS, 200)
    comparison.both("the definition, established", "GET", DEFINITIONS + "/widgets.d.example.com", ignore=r"managedFields|lastTransitionTime")


def definitions(comparison, file):
    seen = set()
    for number, line in enumerate(open(file)):
        definition = json.loads(line)
        definition.pop("status", None)
        for name in ("resourceVersion", "creationTimestamp"):
            definition["metadata"].pop(name, None)
        text = json.dumps(definition, sort_keys=True)
        if text in seen:
            continue
        seen.add(text)
        answers = comparison.both(f"definition {number + 1}", "POST", DEFINITIONS, definition, ignore=r"^\.status\.(conditions|acceptedNames|storedVersions)|managedFields")
        for server in SERVERS:
            if answers[server][0] == 201:
                path = f"{DEFINITIONS}/{definition['metadata']['name']}"
                comparison.servers.send(server, "DELETE", path)
                comparison.servers.until(server, path, 404)


def objects(comparison, data):
    def create(label, body, query="?fieldValidation=Strict", **more):
        answers = comparison.both(label, "POST", OBJECTS + query, body, **more)
        for server in SERVERS:
            if answers[server][0] == 201:
                made = answers[server][1]
                comparison.servers.send(server, "DELETE", f"{OBJECTS}/{made.get('metadata', {}).get('name', 'w') if isinstance(made, dict) else 'w'}")

    for name, values in data["values"].items():
        for value in values:
            create(f"{name} = {json.dumps(value)}", widget(**{name: value}))
    create("several faults", widget(str="A", int=3, enum="z", obj={"a": 1}, nope=1, lmap=[{"x": 1}]))
    for mode in ("Ignore", "Warn", "Strict", "", "bogus"):
        create(f"field validation {mode!r}", widget(nope=1, obj={"a": "x", "b": 1, "zz": {"q": 1}}), "?fieldValidation=" + mode)
    twice = '{"apiVersion":"d.example.com/v1","kind":"Widget","metadata":{"name":"w","name":"w2","foo":"bar"},"spec":{"str":"ok","str":"ko"}}'
    yaml = "apiVersion: d.example.com/v1\nkind: Widget\nmetadata:\n  name: w\n  name: w2\nspec:\n  str: ok\n  str: ko\n  zz: 1\n"
    for mode in ("Strict", "Warn"):
        create("fields twice, " + mode, twice, "?fieldValidation=" + mode)
        create("fields twice in YAML, " + mode, yaml, "?fieldValidation=" + mode, kind="application/yaml")
    for body in data["bodies"]:
        create("body " + body, body)
    for kind in ("text/plain", "application/json;foo", "application/cbor", ""):
        create("content type " + kind, widget(), kind=kind)
    partial = TABLE.replace("Table", "PartialObjectMetadata")
    for accept in ("text/plain", "application/yaml", "application/cbor", "*/*", TABLE, partial, TABLE.replace("Table", "Foo"), TABLE + ",application/json"):
        create("accept " + accept, widget(str="ok"), accept=accept)


def documents(comparison):
    """What is published of a definition: discovery in both forms, OpenAPI of version 3, and the form in which it does not exist."""
    group = OBJECTS.split("/namespaces")[0].rsplit("/", 1)[0]
    for path in (group, group + "/v1", group + "/v1alpha1", group + "/v2", "/openapi/v3" + group + "/v1", "/openapi/v3" + group + "/v1alpha1", OBJECTS.replace("/v1/", "/v2/"), group + "/v1/nope", group + "/v1/namespaces/default/nope/x"):
        for accept in ("application/json", "application/yaml", "text/plain"):
            comparison.both(f"document as {accept}", "GET", path, accept=accept)
    for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        comparison.both("method of a document, " + method, method, group + "/v1", {} if method[0] == "P" else None, MERGE if method == "PATCH" else None)
        for subresource in ("nope", "status", "scale"):
            comparison.both("method " + method, method, f"{OBJECTS}/absent/{subresource}", {} if method[0] == "P" else None, MERGE if method == "PATCH" else None)


def main():
    kubeconfig, file = sys.argv[1:3]
    chosen = sys.argv[3] if len(sys.argv) > 3 else ""
    servers = Servers(kubeconfig, SERVERS)
    servers.until("upstream", "/readyz", 200)
    comparison = Comparison(servers, HERE + "/known.txt", OBJECTS + "/w")
    data = json.load(open(HERE + "/objects.json"))
    if chosen in ("", "definitions"):
        definitions(comparison, file)
    if chosen in ("", "objects", "changes", "options", "documents"):
        establish(comparison, data)
    if chosen in ("", "objects"):
        objects(comparison, data)
    if chosen in ("", "documents"):
        documents(comparison)
    for name in ("changes", "options", "sequences", "rules", "reads"):
        if chosen in ("", name):
            importlib.import_module(name).run(comparison)
    if chosen in ("", "policies"):
        import policies

        policies.run(comparison, os.path.dirname(kubeconfig))
    print(f"{comparison.cases} cases, {comparison.different} different")
    sys.exit(1 if comparison.different else 0)


if __name__ == "__main__":
    main()
