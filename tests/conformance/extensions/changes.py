"""Changes of custom objects: updates, status and scale, patches, applies by several managers, lists, tables, watches and deletions."""

import json

from __main__ import APPLY, JSON_PATCH, MERGE, OBJECTS, STRATEGIC, TABLE, widget

W = OBJECTS + "/w"
OTHER = W.replace("/v1/", "/v1alpha1/")


def meta(**fields):
    return lambda live: dict(live, metadata=dict(live["metadata"], **fields))


def spec(**fields):
    return lambda live: dict(live, spec=dict(live["spec"], **fields))


def status(value, **more):
    return lambda live: dict(live, status=value, **more)


def scale(replicas, name="w"):
    return {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": name, "namespace": "default"}, "spec": {"replicas": replicas}}


def run(comparison):
    both = comparison.both

    def fresh(**fields):
        comparison.remove(W)
        both("create", "POST", OBJECTS, widget(**fields))

    fresh(str="ok", int=4)
    updates(both)
    fresh(str="ok", replicas=1)
    subresources(both)
    fresh(str="ok", int=4, list=["a"], lmap=[{"name": "a", "v": "1"}], map={"x": 1})
    patches(both)
    comparison.remove(W)
    applies(both)
    comparison.remove(W)
    lists(comparison)


def updates(both):
    owner = {"apiVersion": "v1", "kind": "Pod", "uid": "1"}
    controllers = [dict(owner, name="a", controller=True), dict(owner, name="b", uid="2", controller=True)]
    owners = [dict(owner, name="a", uid=""), {"apiVersion": "", "kind": "", "name": "", "uid": "u"}, dict(owner, kind="Event", name="e")]
    both("put", "PUT", W, spec(int=6))
    both("put, invalid", "PUT", W, spec(int=5))
    both("put, old revision", "PUT", W, meta(resourceVersion="1"))
    both("put, no revision", "PUT", W, lambda live: dict(live, metadata={"name": "w"}))
    for name in ("uid", "name", "namespace"):
        both("put, another " + name, "PUT", W, meta(**{name: "other"}))
    both("put, not there", "PUT", OBJECTS + "/nope", lambda live: dict(live, metadata={"name": "nope"}))
    both("put, not there, with a revision", "PUT", OBJECTS + "/nope", lambda live: dict(live, metadata={"name": "nope", "resourceVersion": "5"}))
    both("put, bad metadata", "PUT", W, meta(labels={"a b": "c d"}, annotations={"A_": "x", "-": "y"}, finalizers=["x", "a/b", "-"], ownerReferences=owners))
    both("put, two controllers", "PUT", W, meta(ownerReferences=controllers))
    both("put, finalizers", "PUT", W, meta(finalizers=["foo", "foo.bar", "example.com/x"]))
    both("put, times", "PUT", W, meta(creationTimestamp="2020-01-01T00:00:00Z", generation=99, selfLink="x", deletionTimestamp="2020-01-01T00:00:00Z", deletionGracePeriodSeconds=5))
    both("put, a status", "PUT", W, status({"phase": "A"}))


def subresources(both):
    both("status", "PUT", W + "/status", lambda live: status({"phase": "A", "replicas": 3, "sel": "a=b"}, spec={"str": "zz"})(meta(labels={"l": "1"})(live)))
    both("status, unknown phase", "PUT", W + "/status", status({"phase": "C"}))
    both("status, few", "PUT", W + "/status", status({"replicas": -1}))
    both("status, many", "PUT", W + "/status", status({"replicas": 3000000000, "nope": 1}))
    both("status, none", "PUT", W + "/status", lambda live: {k: v for k, v in live.items() if k != "status"})
    both("status, patched", "PATCH", W + "/status", {"status": {"phase": "B"}}, MERGE)
    both("scale", "GET", W + "/scale")
    for replicas in (5, -5):
        both(f"scale to {replicas}", "PUT", W + "/scale", scale(replicas))
    both("scale of another name", "PUT", W + "/scale", scale(1, "x"))
    both("scale, patched", "PATCH", W + "/scale", {"spec": {"replicas": 7}}, MERGE)
    both("no replicas", "PATCH", W, {"spec": {"replicas": None}}, MERGE, ignore="managedFields")
    both("scale without replicas", "GET", W + "/scale")
    both("no such subresource", "GET", W + "/foo")
    both("no such object", "GET", OBJECTS + "/nope")


def patches(both):
    for patch in ({"spec": {"str": None, "int": 4}}, {"spec": {"int": 5}}, {"metadata": {"uid": "zz"}}, {"metadata": {"resourceVersion": "1"}, "spec": {"int": 2}}):
        both(f"merge patch {json.dumps(patch)}", "PATCH", W, patch, MERGE)
    for text in ("{", "[]", '"x"', "null"):
        both("merge patch " + text, "PATCH", W, text, MERGE)
    for query in ("fieldValidation=Strict", "fieldValidation=Warn"):
        both("merge patch of an unknown field", "PATCH", f"{W}?{query}", {"spec": {"nope": 5}}, MERGE)
    for query in ("dryRun=All", "dryRun=Some", "force=true", "fieldManager=" + "x" * 200):
        both("merge patch, " + query, "PATCH", f"{W}?{query}", {"spec": {"int": 2}}, MERGE)
    both("strategic patch", "PATCH", W, {"spec": {}}, STRATEGIC)
    both("patch of no type", "PATCH", W, {"spec": {}}, "text/plain")
    both("patch of what is not there", "PATCH", OBJECTS + "/nope", {"spec": {}}, MERGE)
    operations = [
        {"op": "replace", "path": "/spec/int", "value": 6},
        {"op": "test", "path": "/spec/int", "value": 7},
        {"op": "remove", "path": "/spec/nope"},
        {"op": "add", "path": "/spec/list/5", "value": "x"},
        {"op": "add", "path": "/spec/list/-", "value": "x"},
        {"op": "add", "path": "spec", "value": 1},
        {"op": "move", "from": "/spec/nope", "path": "/spec/x"},
        {"op": "copy", "from": "/spec/int", "path": "/spec/int32"},
        {"op": "replace", "path": "/metadata/name", "value": "zz"},
        {"op": "remove", "path": "/metadata"},
        {"op": "remove", "path": "/spec/list/9"},
        {"op": "add", "path": "/a/b/c", "value": 1},
    ]
    for operation in operations:
        both(f"JSON patch {json.dumps(operation)}", "PATCH", W, [operation], JSON_PATCH)
    for text in ("{}", "[1]"):
        both("JSON patch " + text, "PATCH", W, text, JSON_PATCH)


def applies(both):
    def apply(label, manager, query="", **fields):
        both("apply, " + label, "PATCH", f"{W}?fieldManager={manager}{query}", widget(**fields), APPLY)

    many = {
        "str": "ok", "int": 4, "lmap": [{"name": "x", "port": 1, "v": "1"}, {"name": "y", "v": "2"}], "uniq": [1, 2], "list": ["q"], "map": {"k": 1}, "amap": {"a": "1"},
        "obj": {"a": "x", "b": 1}, "atom": [{"a": "1"}],
    }
    others = {"str": "ko", "int": 6, "lmap": [{"name": "x", "port": 1, "v": "9"}], "list": ["z"], "amap": {"b": "1"}}
    apply("new", "a", **many)
    apply("again", "a", **many)
    apply("conflicts", "b", **others)
    apply("shared", "b", str="ok", lmap=[{"name": "z"}], uniq=[3], map={"m": 2})
    apply("forced", "b", "&force=true", **others)
    apply("less", "a", str="ko")
    both("after that", "GET", W)
    apply("a key twice", "c", lmap=[{"name": "x", "port": 1}, {"name": "x", "port": 1}])
    apply("an item twice", "c", uniq=[1, 1])
    apply("no key", "c", lmap=[{"v": "1"}])
    apply("a map for a list", "c", lmap={"a": 1})
    apply("a number for a text", "c", str=1)
    apply("unknown field", "c", nope=1)
    apply("unknown field, strict", "c", "&fieldValidation=Strict", nope=1)
    apply("null", "c", str=None)
    apply("invalid", "c", int=5)
    both("apply without a manager", "PATCH", W, widget(str="ok"), APPLY)
    for name, value in (("name", "other"), ("managedFields", [{"manager": "x"}]), ("resourceVersion", "1"), ("uid", "abc")):
        both("apply with a " + name, "PATCH", W + "?fieldManager=a", dict(widget(), metadata={"name": "w", name: value}), APPLY)
    for name, value in (("apiVersion", "d.example.com/v2"), ("kind", "Foo")):
        both("apply of another " + name, "PATCH", W + "?fieldManager=a", dict(widget(), **{name: value}), APPLY)
    both("apply of nothing", "PATCH", W + "?fieldManager=a", "{}", APPLY)
    for manager, phase in (("s", "A"), ("t", "B")):
        both("apply of the status", "PATCH", f"{W}/status?fieldManager={manager}", dict(widget(), status={"phase": phase}), APPLY)
    both("put over it", "PUT", W + "?fieldManager=put", lambda live: dict(live, spec={"str": "aa"}))
    both("merge over it", "PATCH", W + "?fieldManager=mp", {"spec": {"str": "bb", "lmap": [{"name": "n"}]}}, MERGE)
    both("apply of another version", "PATCH", OTHER + "?fieldManager=old", dict(widget(bool=True), apiVersion="d.example.com/v1alpha1"), APPLY)
    for fields in ([{}], [{"manager": "x", "operation": "Foo", "fieldsType": "Bar"}]):
        both("managed fields written", "PATCH", W + "?fieldManager=z", {"metadata": {"managedFields": fields}}, MERGE)


def lists(comparison):
    both = comparison.both
    for i in range(5):
        comparison.remove(f"{OBJECTS}/l{i}")
        both("create", "POST", OBJECTS, widget(f"l{i}", str=["aa", "bb"][i % 2], int=2 * (i + 1)))
    queries = (
        "", "limit=2", "fieldSelector=spec.str=aa", "fieldSelector=spec.int=4", "fieldSelector=spec.nope=4", "fieldSelector=metadata.name=l1", "fieldSelector=metadata.name!=l1", "fieldSelector=a",
        "labelSelector=a=b", "labelSelector=!!", "labelSelector=a%20in%20(b", "resourceVersion=abc", "resourceVersion=0", "resourceVersionMatch=Exact", "resourceVersion=0&resourceVersionMatch=Exact",
        "resourceVersion=1&resourceVersionMatch=Foo", "limit=x", "limit=-1", "timeoutSeconds=x", "sendInitialEvents=true", "pretty=maybe", "allowWatchBookmarks=1", "watch=1&sendInitialEvents=true&timeoutSeconds=1",
    )
    for query in queries:
        both("list " + query, "GET", f"{OBJECTS}?{query}")
    for accept in (TABLE, TABLE.replace("Table", "PartialObjectMetadataList")):
        both("list as " + accept, "GET", OBJECTS, accept=accept)
    both("object as metadata", "GET", OBJECTS + "/l1", accept=TABLE.replace("Table", "PartialObjectMetadata"))
    for include in ("None", "Object", "Bogus"):
        both("table with " + include, "GET", f"{OBJECTS}?includeObject={include}", accept=TABLE)
    both("delete what is not there", "DELETE", OBJECTS + "/nope")
    options = (
        {"preconditions": {"uid": "zz"}}, {"preconditions": {"resourceVersion": "1"}}, {"propagationPolicy": "Foo"}, {"propagationPolicy": "Orphan", "orphanDependents": True}, {"dryRun": ["x"]},
        {"gracePeriodSeconds": -1}, {"propagationPolicy": "Foreground"},
    )
    for i, option in enumerate(options):
        both(f"delete with {json.dumps(option)}", "DELETE", f"{OBJECTS}/l{0 if i < 5 else i - 5}", dict(option, kind="DeleteOptions", apiVersion="v1"))
    both("delete with options of another kind", "DELETE", OBJECTS + "/l2", {"kind": "Foo", "apiVersion": "v1"})
    both("delete", "DELETE", OBJECTS + "/l2")
    both("delete none", "DELETE", OBJECTS + "?labelSelector=zz=1")
    both("delete one of all", "DELETE", OBJECTS + "?fieldSelector=metadata.name=l3")
    for i in range(5):
        comparison.remove(f"{OBJECTS}/l{i}")
