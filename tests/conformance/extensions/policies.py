"""Admission policies over custom objects: all are made in this program, from which upstream's server reads them too; then each is put to the proof by the same requests to both."""

import json
import time

from __main__ import APPLY, DEFINITIONS, JSON_PATCH, MERGE, SERVERS
from policycases import CASES, CLUSTER, GROUP, PARAMS, SCHEMA, THINGS

REGISTRATION = "/apis/admissionregistration.k8s.io/v1/"
KINDS = {"merge": MERGE, "json": JSON_PATCH, "apply": APPLY}
ALL = {"operations": ["*"], "apiGroups": [GROUP], "apiVersions": ["v1"], "resources": ["things"]}


def definition(plural, kind, scope, versions=("v1",)):
    served = [
        {
            "name": v, "served": True, "storage": v == "v1", "schema": {"openAPIV3Schema": SCHEMA},
            "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}},
        }
        for v in versions
    ]
    names = {"plural": plural, "kind": kind}
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {"group": GROUP, "scope": scope, "names": names, "versions": served},
    }


def must(servers, method, path, body, kind=None):
    code, answer, _ = servers.send("ours", method, path, body, kind)
    if code >= 300 and code != 409:
        raise SystemExit(f"{method} {path}: {json.dumps(answer)}\n{json.dumps(body)}")


def establish(servers):
    for made in (definition("things", "Thing", "Namespaced", ("v1", "v2")), definition("globals", "Global", "Cluster"), definition("params", "Param", "Namespaced"), definition("globalparams", "GlobalParam", "Cluster")):
        for server in SERVERS:
            servers.send(server, "POST", DEFINITIONS, made)
    for server in SERVERS:
        servers.until(server, THINGS, 200)
        servers.until(server, CLUSTER, 200)
    servers.until("ours", f"/apis/{GROUP}/v1/globalparams", 200)
    must(servers, "PATCH", "/api/v1/namespaces/default", {"metadata": {"labels": {"env": "prod"}}}, MERGE)
    for path, body in PARAMS:
        must(servers, "POST", path, body)


def install(servers, number, case):
    """The policies of a case with their bindings; they mean only the objects of the case, unless it says otherwise."""
    name = f"c{number}"
    prefix = REGISTRATION + ("mutating" if case.mutates else "validating") + "admissionpolic"
    for i, policy in enumerate(case.policies):
        own = name if i == 0 else f"{name}-{i}"
        spec = {"matchConstraints": {"resourceRules": [ALL]}, **json.loads(json.dumps(policy).replace("$NAME", name))}
        if case.selects:
            spec["matchConstraints"] = {"objectSelector": {"matchLabels": {"case": name}}, **spec["matchConstraints"]}
        if case.mutates:
            spec.setdefault("reinvocationPolicy", "Never")
        must(servers, "POST", prefix + "ies", {"metadata": {"name": own}, "spec": spec})
        for j, binding in enumerate(case.bindings):
            bound = json.loads(json.dumps(binding).replace("$NAME", name))
            if not case.mutates:
                bound.setdefault("validationActions", ["Deny"])
            must(servers, "POST", prefix + "ybindings", {"metadata": {"name": f"{own}-b{j}"}, "spec": dict(bound, policyName=own)})


class Audit:
    """The annotations of admission in both audit logs."""

    def __init__(self, folder):
        self.files = {server: open(f"{folder}/audit-{server}.log") for server in SERVERS}
        self.events = {server: {} for server in SERVERS}

    def of(self, server, identity):
        for _ in range(200):
            for line in self.files[server]:
                event = json.loads(line)
                if event["stage"] == "ResponseComplete":
                    self.events[server][event["auditID"]] = event.get("annotations", {})
            if identity in self.events[server]:
                return {k: v for k, v in self.events[server][identity].items() if "authorization.k8s.io" not in k and "latency" not in k}
            time.sleep(0.02)
        return "no event"


def prove(comparison, audit, number, case):
    name = f"c{number}"
    for step, (method, path, body, kind) in enumerate(case.requests):
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        label = f"{case.label}, {step}" if step else case.label
        answers = comparison.both(label, method, path.replace("$NAME", name), text and text.replace("$NAME", name), KINDS.get(kind, kind), ignore=case.ignores)
        notes = {server: audit.of(server, headers.get("audit-id")) for server, (_, _, headers) in answers.items()}
        if notes["ours"] != notes["upstream"] and not any(k.search(label + " audit") for k in comparison.known):
            comparison.different += 1
            print(f"{label}: audit annotations\n    ours:     {json.dumps(notes['ours'])[:900]}\n    upstream: {json.dumps(notes['upstream'])[:900]}")
    for server in SERVERS:
        for path in (THINGS, CLUSTER):
            comparison.servers.send(server, "PATCH", f"{path}/{name}", {"metadata": {"labels": None, "finalizers": None}}, MERGE)
            comparison.servers.send(server, "DELETE", f"{path}/{name}")


def wait(servers):
    """Until upstream's server knows the policy that was made last, and what it says of parameters has come to rest."""
    for _ in range(300):
        sentinel = {"apiVersion": f"{GROUP}/v1", "kind": "Thing", "metadata": {"name": "last", "labels": {"case": f"c{len(CASES) - 1}"}}}
        if servers.send("upstream", "POST", THINGS + "?dryRun=All", sentinel)[0] == 422:
            break
        time.sleep(0.1)
    else:
        raise SystemExit("upstream's server does not know the policies after 30 seconds")
    time.sleep(5)


def run(comparison, folder):
    establish(comparison.servers)
    for number, case in enumerate(CASES):
        install(comparison.servers, number, case)
    wait(comparison.servers)
    audit = Audit(folder)
    for number, case in enumerate(CASES):
        prove(comparison, audit, number, case)
