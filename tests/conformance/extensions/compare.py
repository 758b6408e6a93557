"""compare.py KUBECONFIG DEFINITIONS [SET]: sends the same requests to this program (port 26443) and to upstream's server of custom resources (26444), and prints where the answers differ."""

import base64
import http.client
import json
import os
import re
import ssl
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SERVERS = {"ours": 26443, "upstream": 26444}
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
OBJECTS = "/apis/d.example.com/v1/namespaces/default/widgets"
MERGE, JSON_PATCH, STRATEGIC, APPLY = ("application/" + t for t in ("merge-patch+json", "json-patch+json", "strategic-merge-patch+json", "apply-patch+yaml"))
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


class Servers:
    """Connections to both, as the administrator of the kubeconfig."""

    def __init__(self, kubeconfig):
        self.context = ssl._create_unverified_context()
        text = open(kubeconfig).read()
        with tempfile.TemporaryDirectory() as folder:
            for name in ("certificate", "key"):
                data = re.search(f"client-{name}-data: (\\S+)", text).group(1)
                open(f"{folder}/{name}", "wb").write(base64.b64decode(data))
            self.context.load_cert_chain(f"{folder}/certificate", f"{folder}/key")
        self.connections = {}

    def send(self, server, method, path, body=None, kind=None, accept="application/json"):
        headers = {"Accept": accept}
        if body is not None:
            headers["Content-Type"] = "application/json" if kind is None else kind
            body = body if isinstance(body, str) else json.dumps(body)
        for attempt in range(2):
            try:
                if server not in self.connections:
                    self.connections[server] = http.client.HTTPSConnection("127.0.0.1", SERVERS[server], context=self.context, timeout=30)
                self.connections[server].request(method, path, body.encode() if body is not None else None, headers)
                answer = self.connections[server].getresponse()
                text = answer.read().decode("utf8", "replace")
                break
            except OSError as problem:
                self.connections.pop(server, None)
                if attempt == 1:
                    return 0, str(problem), {}
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        headers = {}
        for name, text in answer.getheaders():
            headers[name.lower()] = f"{headers[name.lower()]}\n{text}" if name.lower() in headers else text
        return answer.status, value, headers

    def until(self, server, path, code):
        for _ in range(200):
            if self.send(server, "GET", path)[0] == code:
                return
            time.sleep(0.05)


def plain(value, key=""):
    """What differs by nature: identities, times, revisions, and the order of causes, which upstream takes from maps."""
    if isinstance(value, dict):
        value = {k: plain(v, k) for k, v in value.items()}
        causes = (value.get("details") or {}).get("causes") if value.get("kind") == "Status" else None
        if causes and len(causes) > 1:
            unique = {json.dumps(c, sort_keys=True): c for c in causes}  # upstream judges some updates twice
            value["details"]["causes"] = [unique[k] for k in sorted(unique)]
            value["message"] = "(of several causes)" if len(unique) > 1 else "(of one cause)"
        elif causes:
            value["message"] = "(of one cause)"
        return value
    if isinstance(value, list):
        return [plain(v, key) for v in value]
    if isinstance(value, str):
        if key in ("uid", "resourceVersion", "continue") and value:
            return f"<{key}>"
        value = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>", value)
        value = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uid>", value)
        value = re.sub(r'((resourceVersion\\*":\\*"|current: |in record \(|resourceVersion: ")\d+)', lambda m: m.group(2) + "<revision>", value)
    return value


def differences(ours, upstream, path=""):
    if isinstance(ours, dict) and isinstance(upstream, dict):
        return [d for k in sorted(set(ours) | set(upstream)) for d in differences(ours.get(k, "<absent>"), upstream.get(k, "<absent>"), f"{path}.{k}")]
    if isinstance(ours, list) and isinstance(upstream, list) and len(ours) == len(upstream):
        return [d for i, (a, b) in enumerate(zip(ours, upstream)) for d in differences(a, b, f"{path}[{i}]")]
    return [] if ours == upstream and type(ours) is type(upstream) else [(path, ours, upstream)]


class Comparison:
    def __init__(self, servers):
        self.servers = servers
        self.known = [re.compile(line.split(" # ")[0].strip()) for line in open(HERE + "/known.txt") if line.strip() and not line.startswith("#")]
        self.cases = self.different = 0

    def both(self, label, method, path, body=None, kind=None, accept="application/json", ignore="^$"):
        """Sends a request to both; a body may be a function of the object "w" as the server has it."""
        answers = {}
        for server in SERVERS:
            sent = body(self.servers.send(server, "GET", OBJECTS + "/w")[1]) if callable(body) else body
            answers[server] = self.servers.send(server, method, path, sent, kind, accept)
        self.cases += 1
        (code, ours, headers), (upstream_code, upstream, upstream_headers) = answers["ours"], answers["upstream"]
        found = [] if code == upstream_code else [("code", code, upstream_code)]
        found += differences(plain(ours), plain(upstream))
        found += [(name, headers.get(name), upstream_headers.get(name)) for name in ("warning", "content-type", "cache-control") if headers.get(name) != upstream_headers.get(name)]
        found = [f for f in found if not re.search(ignore, f[0]) and not any(k.search(f"{label} {f[0]}") for k in self.known)]
        if found:
            self.different += 1
            print(f"{label}: {method} {path}")
            for place, a, b in found[:8]:
                print(f"  {place}\n    ours:     {str(a)[:600]}\n    upstream: {str(b)[:600]}")
        return answers

    def remove(self, path):
        for server in SERVERS:
            self.servers.send(server, "PATCH", path, {"metadata": {"finalizers": None}}, MERGE)
            self.servers.send(server, "DELETE", path)


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


def main():
    kubeconfig, file = sys.argv[1:3]
    chosen = sys.argv[3] if len(sys.argv) > 3 else ""
    servers = Servers(kubeconfig)
    servers.until("upstream", "/readyz", 200)
    comparison = Comparison(servers)
    data = json.load(open(HERE + "/objects.json"))
    if chosen in ("", "definitions"):
        definitions(comparison, file)
    if chosen in ("", "objects", "changes", "options"):
        establish(comparison, data)
    if chosen in ("", "objects"):
        objects(comparison, data)
    if chosen in ("", "changes"):
        import changes

        changes.run(comparison)
    if chosen in ("", "options"):
        import options

        options.run(comparison)
    if chosen in ("", "policies"):
        import policies

        policies.run(comparison, os.path.dirname(kubeconfig))
    print(f"{comparison.cases} cases, {comparison.different} different")
    sys.exit(1 if comparison.different else 0)


if __name__ == "__main__":
    main()
