"""compare.py KUBECONFIG [SET...]: sends the same requests for built-in kinds to this program (port 26443) and to upstream's server of release 1.20 (26444), and prints where the answers differ."""

import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from comparison import Comparison, Servers, plain
from mutations import changed, label
from since import older

TABLES = ("pods", "services", "workloads", "storage", "core")
PORTS = {"ours": 26443, "upstream": 26444}


def normal(value):
    return plain(older(value))


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
    servers = Servers(kubeconfig, PORTS)
    servers.until("upstream", "/readyz", 200)
    servers.until("upstream", "/api/v1/namespaces/default", 200)
    servers.until("ours", "/api/v1/namespaces/default", 200)
    for server in PORTS:
        servers.send(server, "POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}, "secrets": [{"name": "token"}]})
    comparison = Comparison(servers, HERE + "/known.txt", normal=normal, headers=("content-type", "cache-control"))
    for name in TABLES:
        if not chosen or name in chosen:
            for row in importlib.import_module(name).KINDS:
                table(comparison, *row)
    print(f"{comparison.cases} cases, {comparison.different} different")
    sys.exit(1 if comparison.different else 0)


if __name__ == "__main__":
    main()
