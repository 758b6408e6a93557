"""compare.py KUBECONFIG [SET...]: sends the same requests for built-in kinds to this program (port 26443) and to upstream's server of release 1.20 (26444), and prints where the answers differ."""

import importlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from comparison import Comparison, Servers, plain
from mutations import changed, label
from since import newer, older, since

SETS = ("pods", "services", "workloads", "storage", "core", "policies", "patches", "requests", "views")
# Versions that 1.20 has not, and what stands for them there.
BETA = (("policy/v1", "policy/v1beta1"), ("batch/v1", "batch/v1beta1"), ("autoscaling/v2", "autoscaling/v2beta2"))
PORTS = {"ours": 26443, "upstream": 26444}


def normal(value):
    return plain(older(value))


class BetaServers(Servers):
    """Asks upstream's server for the beta versions where a set is of kinds that it has in those alone."""

    beta = False

    def send(self, server, method, path, body=None, kind=None, accept="application/json"):
        if server != "upstream" or not self.beta:
            return super().send(server, method, path, body, kind, accept)
        body = body if body is None or isinstance(body, str) else json.dumps(body)
        for new, old in BETA:
            path = path.replace(f"/apis/{new}/", f"/apis/{old}/")
            body = body and body.replace(f'"apiVersion": "{new}"', f'"apiVersion": "{old}"')
        code, value, headers = super().send(server, method, path, body, kind, accept)
        text = json.dumps(value)
        for new, old in BETA:
            text = text.replace(f'"apiVersion": "{old}"', f'"apiVersion": "{new}"')
        return code, json.loads(text), headers


def table(comparison, path, base, creates, updates):
    """The base, each change of it, and each change of what the base became; nothing but the base is stored."""
    kind, name = base["kind"], base["metadata"]["name"]
    comparison.both(kind, "POST", path + "?dryRun=All", base)
    for changes in creates:
        comparison.both(label(kind, changes), "POST", path + "?dryRun=All", changed(base, changes))
    comparison.both(f"stored {kind}", "POST", path, base)
    comparison.live = f"{path}/{name}"
    for changes in updates:
        comparison.both(label(f"update of {kind}", changes), "PUT", f"{path}/{name}?dryRun=All", lambda live: changed(live, changes))
    comparison.remove(f"{path}/{name}?gracePeriodSeconds=0")


def main():
    kubeconfig, chosen = sys.argv[1], sys.argv[2:]
    servers = BetaServers(kubeconfig, PORTS)
    servers.until("upstream", "/readyz", 200)
    servers.until("upstream", "/api/v1/namespaces/default", 200)
    servers.until("ours", "/api/v1/namespaces/default", 200)
    for server in PORTS:
        servers.send(server, "POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}, "secrets": [{"name": "token"}]})
    comparison = Comparison(servers, HERE + "/known.txt", normal=normal, newer=newer, since=since, headers=("content-type", "cache-control"))
    for name in SETS:
        if not chosen or name in chosen:
            module = importlib.import_module(name)
            servers.beta = name == "policies"
            for row in getattr(module, "KINDS", ()):
                table(comparison, *row)
            if hasattr(module, "run"):
                module.run(comparison)
    print(f"{comparison.cases} cases, {comparison.different} different")
    sys.exit(1 if comparison.different else 0)


if __name__ == "__main__":
    main()
