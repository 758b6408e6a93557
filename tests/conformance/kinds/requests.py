"""How things are asked for: options of every verb, selectors, pages, revisions, preconditions, subresources, names in paths against names in bodies, types of bodies and answers."""

import json

from comparison import MERGE

N = "/api/v1/namespaces/default/"
APPS = "/apis/apps/v1/namespaces/default/"
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", "labels": {"a": "1"}}, "data": {"a": "b"}}
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": "1"}}, "spec": {"containers": [{"name": "c", "image": "i"}], "automountServiceAccountToken": False}}
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}}
LABELS = ("a=1", "a==1", "a!=1", "a", "!a", "a in (1,2)", "a notin (1)", "a in (1", "a=1,b=2", "a=,", "a b", "a in ()", "a>1", "a>x", "=", ",", "a=1 b", "a=" + "x" * 64, "A_/b=c", "x.y/a=1", "a in (b c)", "!", "a notin", "(a)", "a=!b")
FIELDS = ("metadata.name=m", "metadata.name!=m", "metadata.namespace=default", "metadata.uid=x", "spec.nodeName=n", "metadata.name", "metadata.name=m,metadata.namespace=other", "x=y", "=", "metadata.name=a\\,b", "metadata.name=a=b", "metadata.labels=a", "status.phase=Pending", "spec.nodeName!=n", "spec.restartPolicy=Always", "spec.schedulerName=x", "spec.serviceAccountName=default", "status.podIP=1.2.3.4", "status.nominatedNodeName=x", "spec.hostNetwork=true", "type=Opaque", "involvedObject.kind=Pod", "spec.unschedulable=true", "status.replicas=0", "metadata.name in (m)", "metadata.name==m")
RESOURCES = [N + name for name in ("configmaps", "pods", "secrets", "events", "services", "replicationcontrollers")] + ["/api/v1/nodes", "/api/v1/namespaces", APPS + "replicasets", "/apis/batch/v1/namespaces/default/jobs", "/apis/certificates.k8s.io/v1/certificatesigningrequests"]
LISTS = ("limit=1", "limit=0", "limit=-1", "limit=x", "continue=x", "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0", "resourceVersion=0", "resourceVersion=x", "resourceVersion=-1", "resourceVersion=0&resourceVersionMatch=Exact", "resourceVersion=0&resourceVersionMatch=NotOlderThan", "resourceVersionMatch=Exact", "resourceVersionMatch=NotOlderThan", "resourceVersion=0&resourceVersionMatch=x", "resourceVersion=1&resourceVersionMatch=x",
         "limit=1&continue=x&resourceVersion=1", "limit=1&continue=x&resourceVersionMatch=Exact", "timeoutSeconds=5", "timeoutSeconds=x", "timeoutSeconds=-1", "watch=x", "watch=0", "pretty=true", "x=y", "allowWatchBookmarks=x", "resourceVersion=0&limit=1", "labelSelector=a&fieldSelector=metadata.name=m", "watch=true&resourceVersion=x&timeoutSeconds=1", "watch=true&limit=1&timeoutSeconds=1&labelSelector=x+y", "watch=true&fieldSelector=x=y&timeoutSeconds=1", "watch=true&resourceVersionMatch=Exact&timeoutSeconds=1")
WRITES = ("dryRun=All", "dryRun=", "dryRun=x", "dryRun=All&dryRun=All", "dryRun=All&dryRun=x", "fieldManager=f&dryRun=All", "fieldManager=" + "f" * 129, "fieldManager=f%01g", "fieldManager=", "force=true&dryRun=All", "pretty=x&dryRun=All", "dryRun=All&x=y", "force=x&dryRun=All", "orphanDependents=x&dryRun=All")
DELETES = ({}, {"dryRun": ["All"]}, {"dryRun": ["x"]}, {"gracePeriodSeconds": 0}, {"gracePeriodSeconds": -1}, {"gracePeriodSeconds": "x"}, {"propagationPolicy": "Foreground"}, {"propagationPolicy": "Orphan"}, {"propagationPolicy": "x"}, {"propagationPolicy": ""}, {"orphanDependents": True}, {"orphanDependents": True, "propagationPolicy": "Orphan"}, {"preconditions": {"uid": "x"}}, {"preconditions": {"resourceVersion": "1"}}, {"preconditions": {"resourceVersion": "x"}}, {"preconditions": {}}, {"preconditions": None}, {"kind": "DeleteOptions", "apiVersion": "v1"},
           {"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1"}, {"kind": "X", "apiVersion": "v1"}, {"kind": "DeleteOptions", "apiVersion": "apps/v1"}, {"x": 1}, [], "x", {"gracePeriodSeconds": 1.5})
ACCEPTS = ("", "*/*", "application/*", "application/json", "text/html", "application/xml", "application/json;q=0.5", "application/yaml", "text/plain, application/json", "application/json;as=X;v=v1;g=meta.k8s.io", "application/json;as=Table;v=v9;g=meta.k8s.io", "application/json;as=Table;v=v1;g=x", "application/json;as=Table", "application/json;stream=watch", "text/*", ";", "application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io", "x")
TYPES = ("application/json", "", "text/plain", "application/yaml", "application/xml", "application/json; charset=utf-8", "APPLICATION/JSON", "application/json;x", "application/merge-patch+json", "x", "application/x-www-form-urlencoded")


def run(comparison):
    both = comparison.both
    paths(both)
    for base, path in ((MAP, N + "configmaps"), (POD, N + "pods"), (DEPLOYMENT, APPS + "deployments")):
        both("stored " + base["kind"], "POST", path, base)
    lists(both)
    writes(both)
    deletes(both)
    subresources(both)
    types(both)
    for path in (N + "configmaps/m", N + "pods/p?gracePeriodSeconds=0", APPS + "deployments/d"):
        comparison.remove(path)


def quoted(text):
    return "".join(c if c.isalnum() or c in ".-_" else f"%{ord(c):02X}" for c in text)


def lists(both):
    for text in LABELS:
        both("labels " + text[:40], "GET", N + "configmaps?labelSelector=" + quoted(text))
    for path in RESOURCES:
        for text in FIELDS:
            both(f"fields {path.split('/')[-1]} {text}", "GET", f"{path}?fieldSelector={quoted(text)}", ignore=r"^\.items")
    for text in LISTS:
        both("list " + text, "GET", N + "configmaps?" + text, ignore=r"^\.(items|metadata\.(continue|remainingItemCount))" if "limit=1" in text else "^$")
        both("one " + text, "GET", N + "configmaps/m?" + text)


def writes(both):
    path = N + "configmaps"
    other = dict(MAP, metadata={"name": "n"})
    for text in WRITES:
        query = "?" + text
        both("create " + text[:30], "POST", path + (query if "All" in text else query + "&dryRun=All" if text != "dryRun=" else "?dryRun=&dryRun=All"), other)
        both("update " + text[:30], "PUT", f"{path}/m{query}", MAP)
        both("patch " + text[:30], "PATCH", f"{path}/m{query}", {"data": {"a": "b"}}, MERGE)
    for label, body in (("no name", dict(MAP, metadata={})), ("no metadata", {"data": {}}), ("other kind", dict(MAP, kind="Secret")), ("other version", dict(MAP, apiVersion="v2")), ("unknown kind", dict(MAP, kind="X")), ("other namespace", dict(MAP, metadata={"name": "n", "namespace": "other"})), ("empty", {}), ("there already", MAP), ("generated", dict(MAP, metadata={"generateName": "g-"})), ("self link", dict(MAP, metadata={"name": "n", "selfLink": "/x"})), ("null", None), ("list", []), ("text", "x"), ("uid", dict(MAP, metadata={"name": "n", "uid": "u"})), ("list kind", {"apiVersion": "v1", "kind": "List", "items": []})):
        both("create " + label, "POST", path + "?dryRun=All", json.dumps(body) if body is not None else "null", ignore=r"name$")
        both("update " + label, "PUT", path + "/m?dryRun=All", json.dumps(body) if body is not None else "null")
    both("update of nothing", "PUT", path + "/nope?dryRun=All", dict(MAP, metadata={"name": "nope"}))
    both("create in no namespace", "POST", "/api/v1/namespaces/nope/configmaps?dryRun=All", MAP)
    both("create of all namespaces", "POST", "/api/v1/configmaps", MAP)
    both("create of a name", "POST", path + "/m", MAP)
    for body in ("", "{", "null", "5"):
        both("create body " + body, "POST", path + "?dryRun=All", body)
        both("update body " + body, "PUT", path + "/m?dryRun=All", body)


def deletes(both):
    for body in DELETES:
        for name, path in (("map", N + "configmaps/m"), ("pod", N + "pods/p"), ("all", N + "configmaps"), ("nope", N + "configmaps/nope")):
            sent = dict(body, dryRun=body.get("dryRun", ["All"])) if isinstance(body, dict) else body
            both(f"delete {name} {body}", "DELETE", path + ("?labelSelector=none%3D1" if name == "all" else ""), json.dumps(sent))
    for query in ("dryRun=All", "dryRun=x", "gracePeriodSeconds=0&dryRun=All", "gracePeriodSeconds=x&dryRun=All", "propagationPolicy=x&dryRun=All", "orphanDependents=true&dryRun=All", "orphanDependents=true&propagationPolicy=Orphan&dryRun=All"):
        both("delete query " + query, "DELETE", N + "configmaps/m?" + query)
    both("delete body and query", "DELETE", N + "configmaps/m?dryRun=All", "{}")
    both("delete collection", "DELETE", N + "configmaps?dryRun=All&labelSelector=a%3D1", ignore=r"^\.metadata\.resourceVersion")
    both("delete all namespaces", "DELETE", "/api/v1/configmaps")
    both("delete of namespaces", "DELETE", "/api/v1/namespaces")


def subresources(both):
    d, p = APPS + "deployments/d", N + "pods/p"
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "d", "namespace": "default"}, "spec": {"replicas": 3}}
    both("scale", "GET", d + "/scale")
    for body in (scale, dict(scale, spec={"replicas": -1}), dict(scale, spec={}), dict(scale, metadata={"name": "x"}), dict(scale, metadata={"name": "d", "namespace": "x"}), dict(scale, metadata={"name": "d", "resourceVersion": "1"}), dict(scale, kind="X"), dict(scale, apiVersion="apps/v1"), {}, dict(scale, metadata={"name": "d", "uid": "x"})):
        both(f"scale {json.dumps(body)[40:]}", "PUT", d + "/scale?dryRun=All", body)
    for name in ("scale", "status", "nope", "log", "eviction", "binding", "ephemeralcontainers"):
        both("sub GET " + name, "GET", f"{d}/{name}")
        both("sub POST " + name, "POST", f"{d}/{name}?dryRun=All", {})
        both("sub DELETE " + name, "DELETE", f"{d}/{name}")
        both("pod sub DELETE " + name, "DELETE", f"{p}/{name}")
    status = dict(DEPLOYMENT, status={"replicas": 2, "observedGeneration": 1})
    for label, body in (("status", status), ("no status", DEPLOYMENT), ("bad", dict(status, status={"replicas": -1})), ("spec", dict(status, spec={"replicas": 9})), ("labels", dict(status, metadata={"name": "d", "labels": {"x": "y"}, "annotations": {"x": "y"}}))):
        both("status " + label, "PUT", d + "/status?dryRun=All", body)
    eviction = {"apiVersion": "policy/v1beta1", "kind": "Eviction", "metadata": {"name": "p", "namespace": "default"}}
    for body in (dict(eviction, metadata={"name": "x"}), {}, dict(eviction, metadata={"name": "p", "namespace": "x"}), dict(eviction, deleteOptions={"preconditions": {"uid": "x"}}), dict(eviction, deleteOptions={"dryRun": ["x"]}), dict(eviction, kind="X")):
        both(f"eviction {json.dumps(body)[50:]}", "POST", p + "/eviction?dryRun=All", body)
    binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n"}}
    for body in (binding, dict(binding, target={}), dict(binding, target={"kind": "X", "name": "n"}), dict(binding, target={"name": "n"}), dict(binding, metadata={"name": "x"}), dict(binding, metadata={"name": "p", "uid": "x"}), {}, dict(binding, kind="Pod"), dict(binding, target={"kind": "Node", "name": "a/b"})):
        both(f"binding {json.dumps(body)[30:]}", "POST", p + "/binding?dryRun=All", body)
        both(f"bindings {json.dumps(body)[30:]}", "POST", N + "bindings?dryRun=All", body)


def types(both):
    for accept in ACCEPTS:
        for path in (N + "configmaps/m", N + "configmaps", N + "configmaps/nope", "/api/v1", "/version"):
            both(f"accept {accept} {path}", "GET", path, accept=accept, ignore=r"^\.(items|resources|metadata\.resourceVersion|git|build|go|plat|comp|minor|major)" if path in ("/api/v1", "/version") else "^$")
    for kind in TYPES:
        both("type " + kind, "POST", N + "configmaps?dryRun=All", dict(MAP, metadata={"name": "n"}), kind)
        both("type of update " + kind, "PUT", N + "configmaps/m?dryRun=All", MAP, kind)
        both("type of delete " + kind, "DELETE", N + "configmaps/m?dryRun=All", {}, kind)


def paths(both):
    for path in ("/api/v1/namespaces/default/x", "/api/v1/x", "/apis/x/v1", "/apis/apps/v9", "/apis/apps/v1/x", "/api", "/apis/", "/api/v9", "/nope", "/apis/apps/v1/namespaces/default/deployments/nope", "/api/v1/namespaces/nope", "/api/v1/namespaces/nope/pods", "/api/v1/namespaces/default/pods/", "/api/v1/namespaces/default/configmaps/a%20b", "/api/v1/namespaces/default/configmaps/A", "/api/v1/watch/namespaces/default/configmaps/nope?timeoutSeconds=1", "/healthz", "/livez", "/readyz", "/api/v1/nodes/nope", "/api/v1/namespaces/default/pods/nope/log", "/api/v1/namespaces/default/pods/nope/status", "/api/v1/componentstatuses/x"):
        both("GET " + path, "GET", path, ignore=r"^\.(resources|groups|serverAddress|paths)")
    for method in ("PUT", "PATCH", "POST", "OPTIONS", "HEAD", "CONNECT2"):
        both(method + " of a list", method, N + "configmaps" if method != "POST" else "/api/v1/nodes/x", "{}" if method in ("PUT", "PATCH", "POST") else None, MERGE if method == "PATCH" else None)
