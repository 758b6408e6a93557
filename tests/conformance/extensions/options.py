"""Options of writes, lists and deletions that are wrong or unusual, in the query and in the body."""

import json

from __main__ import APPLY, MERGE, OBJECTS, widget

W = OBJECTS + "/w"
IGNORE = "managedFields|generation"
BOOLEANS = ("1", "t", "TRUE", "yes", "", "2", "false")
WRITES = (
    "dryRun=", "dryRun=All&dryRun=All", "dryRun=all", "dryRun=All,All", "dryRun=All&dryRun=x", "fieldManager=", "fieldManager=%00", "fieldManager=a%0Ab", "fieldManager=%C3%A9", "fieldManager=" + "y" * 128,
    "fieldManager=" + "y" * 129, "fieldManager=a&fieldManager=b", "fieldValidation=strict", "fieldValidation=Strict&fieldValidation=Warn", "fieldValidation=x&dryRun=y&fieldManager=%01", "pretty=x", "unknown=1", "dryRun=All&unknown=1",
    "kind=CreateOptions", "apiVersion=v1", "kind=x&apiVersion=y",
)
LISTS = (
    "limit=", "limit=+1", "limit=1.5", "limit=99999999999999999999", "limit=2&limit=1", "limit=0x2", "continue=x", "continue=%21", "continue=e30", "continue=eyJ2IjoieCJ9", "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ",
    "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIifQ", "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIuLi94In0", "continue=x&resourceVersion=1", "resourceVersion=-1", "resourceVersion=1.5",
    "resourceVersion=00", "resourceVersion=%20", "resourceVersion=99999999999999999999", "resourceVersionMatch=NotOlderThan", "resourceVersionMatch=Exact&resourceVersion=", "resourceVersionMatch=foo", "resourceVersion=1&resourceVersionMatch=NotOlderThan&continue=x",
    "timeoutSeconds=", "timeoutSeconds=-1", "timeoutSeconds=1e3", "sendInitialEvents=x", "sendInitialEvents=false", "watch=x", "watch=0", "allowWatchBookmarks=x", "labelSelector=,", "labelSelector=a%3D%3D%3Db", "labelSelector=a%3E1,b%3Cx",
    "labelSelector=a&labelSelector=b", "fieldSelector=,", "fieldSelector=metadata.name%3D%3Da", "fieldSelector=metadata.name%3D", "fieldSelector=metadata.namespace%3Ddefault", "fieldSelector=x%3Dy%3Dz", "fieldSelector=metadata.name%3Da%5C%2Cb",
    "watch=1&resourceVersion=x", "watch=1&resourceVersionMatch=Exact&resourceVersion=1", "watch=1&continue=x", "watch=1&sendInitialEvents=true&resourceVersionMatch=Exact", "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=x",
    "watch=1&sendInitialEvents=false&timeoutSeconds=1", "watch=1&labelSelector=!!", "watch=1&fieldSelector=spec.nope%3D1", "watch=1&timeoutSeconds=x", "watch=1&allowWatchBookmarks=x", "watch=1&resourceVersion=1&timeoutSeconds=1&limit=x",
)
DELETIONS = (
    "gracePeriodSeconds=-5", "gracePeriodSeconds=x", "gracePeriodSeconds=", "gracePeriodSeconds=1.5", "propagationPolicy=x", "propagationPolicy=", "propagationPolicy=orphan", "orphanDependents=x", "orphanDependents=true&propagationPolicy=Orphan", "dryRun=x",
    "dryRun=All", "dryRun=All&gracePeriodSeconds=0&propagationPolicy=Background", "orphanDependents=true&dryRun=All", "dryRun=All&unknown=1", "dryRun=All&ignoreStoreReadErrorWithClusterBreakingPotential=true", "dryRun=All&ignoreStoreReadErrorWithClusterBreakingPotential=x",
)
OPTIONS = (
    "{", "[]", "null", "1", "\"x\"", "{}", " ", "{\"kind\":1}", "{\"apiVersion\":\"v1\"}", "{\"kind\":\"DeleteOptions\"}", "kind: DeleteOptions", "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v2\"}", "{\"kind\":\"Status\",\"apiVersion\":\"v1\"}",
    "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"d.example.com/v1\",\"dryRun\":[\"All\"]}", "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"meta.k8s.io/v1\",\"dryRun\":[\"All\"]}", "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"d.example.com/v9\",\"dryRun\":[\"All\"]}",
    "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"a/b/c\",\"dryRun\":[\"All\"]}", "{\"kind\":\"Widget\",\"apiVersion\":\"d.example.com/v1\"}",
)
FIELDS = (
    {"gracePeriodSeconds": "5"}, {"gracePeriodSeconds": 1.5}, {"gracePeriodSeconds": None}, {"gracePeriodSeconds": -5}, {"propagationPolicy": 1}, {"propagationPolicy": "x", "gracePeriodSeconds": -1, "dryRun": ["y", "z"]},
    {"orphanDependents": "true"}, {"orphanDependents": True, "propagationPolicy": "Background"}, {"dryRun": "All"}, {"dryRun": ["All", "All"]}, {"dryRun": ["All", "x"]}, {"preconditions": []}, {"preconditions": {}}, {"preconditions": {"uid": 1}},
    {"preconditions": {"uid": "", "resourceVersion": ""}}, {"preconditions": {"uid": "x", "resourceVersion": "y"}}, {"preconditions": {"resourceVersion": "x"}}, {"unknown": 1}, {"preconditions": {"unknown": 1}}, {"PropagationPolicy": "x"},
    {"ignoreStoreReadErrorWithClusterBreakingPotential": True}, {"ignoreStoreReadErrorWithClusterBreakingPotential": True, "propagationPolicy": "Orphan"}, {"ignoreStoreReadErrorWithClusterBreakingPotential": "x"},
)


def run(comparison):
    both = comparison.both
    comparison.remove(W)
    for query in WRITES:
        both("create?" + query, "POST", f"{OBJECTS}?{query}", widget("x-" + str(WRITES.index(query))), ignore=IGNORE)
        comparison.remove(f"{OBJECTS}/x-{WRITES.index(query)}")
    both("create", "POST", OBJECTS, widget())
    for query in WRITES:
        both("put?" + query, "PUT", f"{W}?{query}", lambda live: dict(live, spec={"str": "ok"}), ignore=IGNORE)
        both("merge?" + query, "PATCH", f"{W}?{query}", {"spec": {"int": 2}}, MERGE, ignore=IGNORE)
        both("apply?" + query, "PATCH", f"{W}?{query}", widget(bool=True), APPLY, ignore=IGNORE)
    for value in BOOLEANS:
        both("merge?force=" + value, "PATCH", f"{W}?force={value}", {"spec": {"int": 2}}, MERGE, ignore=IGNORE)
        both("apply?force=" + value, "PATCH", f"{W}?fieldManager=me&force={value}", widget(int=4), APPLY, ignore=IGNORE)
        both("get?pretty=" + value, "GET", f"{W}?pretty={value}", ignore=IGNORE)
    for query in ("resourceVersion=x", "resourceVersion=99999999999999999999", "resourceVersion=0", "resourceVersion=-1", "unknown=1"):
        both("get?" + query, "GET", f"{W}?{query}", ignore=IGNORE)
    for query in LISTS:
        bounded = query + ("&timeoutSeconds=1" if query.startswith("watch") and "timeoutSeconds" not in query else "")
        both("list?" + query, "GET", f"{OBJECTS}?{bounded}", ignore=IGNORE)
    for query in DELETIONS:
        both("delete?" + query, "DELETE", f"{W}?{query}", ignore=IGNORE)
        renew(comparison)
    for body in OPTIONS:
        both("delete with " + body, "DELETE", W, body, ignore=IGNORE)
        renew(comparison)
    for fields in FIELDS:
        body = dict(fields, kind="DeleteOptions", apiVersion="v1")
        both("delete with " + json.dumps(fields), "DELETE", W, body, ignore=IGNORE)
        renew(comparison)
        both("delete all with " + json.dumps(fields), "DELETE", OBJECTS + "?labelSelector=none", body, ignore=IGNORE)
    both("delete?dryRun=x with options", "DELETE", W + "?dryRun=x", {"kind": "DeleteOptions", "apiVersion": "v1"}, ignore=IGNORE)
    for kind in ("application/yaml", "text/plain", "application/json;x", ""):
        both("delete with options as " + kind, "DELETE", W + "?dryRun=All", '{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"]}', kind=kind, ignore=IGNORE)
    comparison.remove(W)


def renew(comparison):
    """The object is there again, where it went."""
    for server in ("ours", "upstream"):
        comparison.servers.send(server, "PATCH", W, {"metadata": {"finalizers": None}}, MERGE)
        comparison.servers.send(server, "POST", OBJECTS, widget())
