"""Lists and watches of custom objects with a history: revisions of every step, what they must match, pages, bookmarks, initial events, selectors that objects begin and cease to fit, and other forms."""

import json
import re
import threading

from __main__ import DEFINITIONS, MERGE, SERVERS, TABLE

from comparison import differences, plain, told

GROUP = "r.example.com"
OBJECTS = f"/apis/{GROUP}/v1/namespaces/default/notes"
ALL = f"/apis/{GROUP}/v1/notes"
METADATA = TABLE.replace("Table", "PartialObjectMetadata")
METADATA_LIST = METADATA + "List"
LISTS = (
    "", "resourceVersion=0", "resourceVersion=@2", "resourceVersion=@last", "resourceVersion=@future", "resourceVersion=@2&resourceVersionMatch=Exact", "resourceVersion=@5&resourceVersionMatch=Exact", "resourceVersion=@last&resourceVersionMatch=Exact",
    "resourceVersion=@future&resourceVersionMatch=Exact", "resourceVersion=@2&resourceVersionMatch=NotOlderThan", "resourceVersion=0&resourceVersionMatch=NotOlderThan", "resourceVersion=@4&resourceVersionMatch=Exact&labelSelector=c%3Dred",
    "resourceVersion=@4&resourceVersionMatch=Exact&fieldSelector=spec.text%3Dx", "resourceVersion=@6&resourceVersionMatch=Exact&limit=2", "limit=2", "limit=1&resourceVersion=0", "limit=2&resourceVersion=@3", "limit=2&labelSelector=c%3Dred", "labelSelector=c%20notin%20(red)",
    "fieldSelector=spec.text%3Dx", "fieldSelector=spec.text%21%3Dx", "fieldSelector=metadata.name%3Da,metadata.namespace%3Ddefault", "fieldSelector=metadata.namespace%3Dother", "limit=0", "limit=500",
)
WATCHES = (
    "", "resourceVersion=0", "resourceVersion=@0", "resourceVersion=@1", "resourceVersion=@4", "resourceVersion=@last", "resourceVersion=@future", "resourceVersion=1", "resourceVersion=@0&labelSelector=c%3Dred", "resourceVersion=@0&labelSelector=c%3Dblue", "resourceVersion=@0&labelSelector=%21c",
    "resourceVersion=@0&fieldSelector=spec.text%3Dx", "resourceVersion=@0&fieldSelector=spec.text%21%3Dx", "resourceVersion=@0&fieldSelector=metadata.name%3Da", "resourceVersion=0&labelSelector=c%3Dred", "resourceVersion=@0&limit=1", "allowWatchBookmarks=true", "allowWatchBookmarks=true&resourceVersion=@2",
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", "sendInitialEvents=true&resourceVersionMatch=NotOlderThan", "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=0",
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=@3", "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=@future", "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=c%3Dred",
    "sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=@2", "sendInitialEvents=false&resourceVersionMatch=NotOlderThan", "sendInitialEvents=true", "sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=@2", "resourceVersionMatch=NotOlderThan", "resourceVersionMatch=NotOlderThan&resourceVersion=@2",
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&continue=x", "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&limit=1",
)


def note(name, text, color=None, **more):
    return {"apiVersion": f"{GROUP}/v1", "kind": "Note", "metadata": dict({"name": name}, **({"labels": {"c": color}} if color else {})), "spec": {"text": text}, **more}


STEPS = (
    ("POST", "", note("a", "x", "red"), None), ("POST", "", note("b", "y", "blue"), None), ("POST", "", note("c", "x"), None), ("PATCH", "/a", {"metadata": {"labels": {"c": "blue"}}}, MERGE), ("PATCH", "/c", {"spec": {"text": "z"}}, MERGE),
    ("DELETE", "/b", None, None), ("POST", "", note("b", "x", "red"), None), ("PATCH", "/a", {"metadata": {"labels": {"c": "red"}}}, MERGE), ("PATCH", "/c", {"metadata": {"finalizers": ["example.com/f"]}}, MERGE), ("DELETE", "/c", None, None),
    ("PATCH", "/a/status", {"status": {"phase": "p"}}, MERGE), ("POST", "", note("d", "x", "red"), None), ("PATCH", "/d", {"metadata": {"labels": {"c": None}}, "spec": {"text": "y"}}, MERGE),
)


class Reads:
    def __init__(self, comparison):
        self.comparison = comparison
        self.revisions = {server: [] for server in SERVERS}

    def remember(self, server):
        self.revisions[server].append(self.comparison.servers.send(server, "GET", OBJECTS + "?limit=1")[1]["metadata"]["resourceVersion"])

    def prepare(self):
        for server in SERVERS:
            self.remember(server)
            for method, path, body, kind in STEPS:
                self.comparison.servers.send(server, method, OBJECTS + path, body, kind)
                self.remember(server)

    def query(self, server, text):
        known = self.revisions[server]
        for number in range(len(known)):
            text = text.replace(f"=@{number}&", f"={known[number]}&")
            text = text if not text.endswith(f"=@{number}") else text[: -len(f"@{number}")] + known[number]
        return text.replace("@last", known[-1]).replace("@future", str(int(known[-1]) + 100000))

    def shown(self, server, value, key=""):
        """Revisions as the steps that made them."""
        if isinstance(value, dict):
            return {k: self.shown(server, v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.shown(server, v, key) for v in value]
        if key == "resourceVersion" and str(value).isdigit():
            passed = [i for i, revision in enumerate(self.revisions[server]) if int(revision) <= int(value)]  # what else is on a server makes revisions, too
            return f"step {passed[-1]}" if passed else "before"
        if key == "message" and "resource" in value and "ersion" in value:
            return re.sub(r"\d+", "<revision>", value)
        return value

    def compare(self, label, path, accept, read):
        answers = {}

        def ask(server):
            answers[server] = read(server, path, accept)

        threads = [threading.Thread(target=ask, args=(server,)) for server in SERVERS]
        [t.start() for t in threads]
        [t.join() for t in threads]
        self.comparison.cases += 1
        (code, ours), (upstream_code, upstream) = answers["ours"], answers["upstream"]
        found = differences(ours, upstream) if code == upstream_code else [("code", f"{code} {told(ours)}", f"{upstream_code} {told(upstream)}")]
        found = [f for f in found if not any(k.search(f"{label} {f[0]}") for k in self.comparison.known)]
        if found:
            self.comparison.different += 1
            print(label)
            for place, a, b in found[:6]:
                print(f"  {place}\n    ours:     {json.dumps(a)[:900]}\n    upstream: {json.dumps(b)[:900]}")

    def listed(self, server, path, accept):
        """All pages of a list."""
        pages, more = [], ""
        while True:
            code, body, _ = self.comparison.servers.send(server, "GET", self.query(server, path) + more, accept=accept)
            if code != 200:
                return code, plain(self.shown(server, body))
            token = body.get("metadata", {}).get("continue")
            pages.append(strip(self.shown(server, body)))
            if not token or len(pages) > 5:
                return code, pages
            more = f"&continue={token}"

    def watched(self, server, path, accept):
        """The events of a second."""
        code, body, _ = self.comparison.servers.send(server, "GET", self.query(server, path), accept=accept)
        if code != 200:
            return code, plain(self.shown(server, body))
        lines = [body] if isinstance(body, dict) else [json.loads(line) for line in str(body).splitlines() if line.strip()]
        return code, [strip(self.shown(server, line)) for line in lines if line.get("type") != "BOOKMARK" or "initial-events-end" in json.dumps(line)]  # others come when a server likes


def strip(value, key=""):
    """What two servers cannot share; bookmarks may say any revision that is new enough."""
    if isinstance(value, dict):
        value = {k: strip(v, k) for k, v in value.items() if k not in ("managedFields", "continue")}
        if value.get("type") == "BOOKMARK":
            value["object"]["metadata"]["resourceVersion"] = "<bookmark>"
        return value
    if isinstance(value, list):
        return [strip(v, key) for v in value]
    return value if key == "resourceVersion" else plain(value, key)


def run(comparison):
    text = {"type": "string"}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"text": text}}, "status": {"type": "object", "properties": {"phase": text}}}}
    version = {
        "name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, "subresources": {"status": {}}, "selectableFields": [{"jsonPath": ".spec.text"}],
        "additionalPrinterColumns": [{"name": "Text", "type": "string", "jsonPath": ".spec.text"}],
    }
    names = {"plural": "notes", "singular": "note", "kind": "Note", "listKind": "NoteList"}
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"notes.{GROUP}"}, "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]}}
    for server in SERVERS:
        comparison.servers.send(server, "POST", DEFINITIONS, definition)
        comparison.servers.until(server, OBJECTS, 200)
    reads = Reads(comparison)
    reads.prepare()
    for query in LISTS:
        for path, accept in ((OBJECTS, "application/json"), (ALL, "application/json"), (OBJECTS, TABLE), (OBJECTS, METADATA_LIST)):
            reads.compare(f"list {path}?{query} as {accept}", f"{path}?{query or 'x=1'}", accept, reads.listed)
    for query in WATCHES:
        for path, accept in ((OBJECTS, "application/json"), (OBJECTS, TABLE), (OBJECTS, METADATA)):
            reads.compare(f"watch {path}?{query} as {accept}", f"{path}?watch=1&timeoutSeconds=1&{query or 'x=1'}", accept, reads.watched)
    for path in (f"/apis/{GROUP}/v1/watch/namespaces/default/notes", f"/apis/{GROUP}/v1/watch/namespaces/default/notes/a", f"{OBJECTS}/a"):
        reads.compare("watch " + path, f"{path}?watch=1&timeoutSeconds=1", "application/json", reads.watched)
