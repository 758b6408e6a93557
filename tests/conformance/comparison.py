"""What the comparisons with upstream's servers share: connections to both, what differs by nature, and the printing of what differs else."""

import base64
import http.client
import json
import re
import ssl
import tempfile
import time

MERGE, JSON_PATCH, STRATEGIC, APPLY = ("application/" + t for t in ("merge-patch+json", "json-patch+json", "strategic-merge-patch+json", "apply-patch+yaml"))
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


class Servers:
    """Connections to both, as the administrator of the kubeconfig."""

    def __init__(self, kubeconfig, ports):
        self.ports = ports
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
                    self.connections[server] = http.client.HTTPSConnection("127.0.0.1", self.ports[server], context=self.context, timeout=30)
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
        if causes:
            value["message"] = "(of causes)"
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
    if path == ".details.causes" and isinstance(ours, list) and isinstance(upstream, list):
        only = causes(ours, upstream)
        return [(path, *only)] if any(only) else []
    if isinstance(ours, list) and isinstance(upstream, list) and len(ours) == len(upstream):
        return [d for i, (a, b) in enumerate(zip(ours, upstream)) for d in differences(a, b, f"{path}[{i}]")]
    return [] if ours == upstream and type(ours) is type(upstream) else [(path, ours, upstream)]


def causes(ours, upstream):
    """The causes that only one of them tells; where it shows a value in Go's syntax, which is normalised, any value that the other shows is the same."""
    texts = [[f"{c.get('field')}: {c.get('message')}" for c in side] for side in (ours, upstream)]
    for text in list(texts[1]):
        same = next((t for t in texts[0] if t == text or "value: <object>" in text and re.sub(r'value: (".*?"|-?[0-9.]+): ', "value: <object>: ", t) == text), None)
        if same is not None:
            texts[0].remove(same)
            texts[1].remove(text)
    return tuple(" | ".join(side) for side in texts)


def told(answer):
    return answer.get("message", "") if isinstance(answer, dict) and answer.get("kind") == "Status" else ""


class Comparison:
    def __init__(self, servers, known, live=None, normal=plain, newer=lambda value: value, since=lambda label, place, ours, upstream: False, headers=("warning", "content-type", "cache-control")):
        self.servers, self.live, self.normal, self.newer, self.since, self.headers = servers, live, normal, newer, since, headers
        self.known = [re.compile(line.split(" # ")[0].strip()) for line in open(known) if line.strip() and not line.startswith("#")]
        self.cases = self.different = 0

    def both(self, label, method, path, body=None, kind=None, accept="application/json", ignore="^$"):
        """Sends a request to both; a body may be a function of what the server has at the path "live"."""
        answers = {}
        for server in self.servers.ports:
            sent = body(self.servers.send(server, "GET", self.live)[1]) if callable(body) else body
            answers[server] = self.servers.send(server, method, path, sent, kind, accept)
        self.cases += 1
        (code, ours, headers), (upstream_code, upstream, upstream_headers) = answers["ours"], answers["upstream"]
        if code == upstream_code:
            found = differences(self.normal(ours), self.newer(self.normal(upstream)))
        else:
            found = [("code", f"{code} {told(ours)}", f"{upstream_code} {told(upstream)}")]
        found += [(name, headers.get(name), upstream_headers.get(name)) for name in self.headers if headers.get(name) != upstream_headers.get(name)]
        found = [f for f in found if not re.search(ignore, f[0]) and not self.since(label, *f) and not any(k.search(f"{label} {f[0]}") for k in self.known)]
        if found:
            self.different += 1
            print(f"{label}: {method} {path}")
            for place, a, b in found[:8]:
                print(f"  {place}\n    ours:     {str(a)[:600]}\n    upstream: {str(b)[:600]}")
        return answers

    def remove(self, path):
        for server in self.servers.ports:
            self.servers.send(server, "PATCH", path, {"metadata": {"finalizers": None}}, MERGE)
            self.servers.send(server, "DELETE", path, {"propagationPolicy": "Background", "gracePeriodSeconds": 0})
