"""The policies that policies.py puts to the proof. In all texts $NAME is the name of the case's policy, of its objects and the value of their label "case"."""

from dataclasses import dataclass, field

GROUP = "p.example.com"
THINGS = f"/apis/{GROUP}/v1/namespaces/default/things"
THINGS2 = f"/apis/{GROUP}/v2/namespaces/default/things"
CLUSTER = f"/apis/{GROUP}/v1/globals"
T = THINGS + "/$NAME"
STRING = {"type": "string"}
PAIR = {"type": "object", "properties": {"a": STRING, "b": STRING}}
ITEM = {"type": "object", "required": ["name"], "properties": {"name": STRING, "value": STRING, "sub": PAIR, "args": {"type": "array", "items": STRING}, "dflt": {"type": "string", "default": "d"}}}
SPEC = {
    "str": STRING, "int": {"type": "integer"}, "replicas": {"type": "integer"}, "num": {"type": "number"}, "bool": {"type": "boolean"},
    "list": {"type": "array", "items": STRING}, "set": {"type": "array", "items": STRING, "x-kubernetes-list-type": "set"},
    "lmap": {"type": "array", "items": ITEM, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
    "map": {"type": "object", "additionalProperties": STRING}, "amap": {"type": "object", "additionalProperties": STRING, "x-kubernetes-map-type": "atomic"},
    "pair": PAIR, "atom": dict(PAIR, **{"x-kubernetes-map-type": "atomic"}), "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "items": {"type": "array", "items": PAIR}, "ios": {"x-kubernetes-int-or-string": True}, "dflt": dict(ITEM, required=[], default={}), "time": {"type": "string", "format": "date-time"},
    "x-y": STRING, "in": STRING,
}
STATUS = {"type": "object", "properties": {"phase": STRING, "replicas": {"type": "integer"}}}
SCHEMA = {"type": "object", "properties": {"spec": {"type": "object", "properties": SPEC}, "status": STATUS, "data": {"type": "object", "additionalProperties": STRING}}}
PARAM = {"apiVersion": f"{GROUP}/v1", "kind": "Param"}
MAPS = "/api/v1/namespaces/default/configmaps"
PARAMS = [
    (MAPS, {"metadata": {"name": "one", "labels": {"p": "one"}}, "data": {"a": "given", "n": "3"}}),
    (MAPS, {"metadata": {"name": "two", "labels": {"p": "many"}}, "data": {"a": "given"}}),
    (MAPS, {"metadata": {"name": "three", "labels": {"p": "many"}}, "data": {"a": "given"}}),
    ("/api/v1/namespaces/kube-system/configmaps", {"metadata": {"name": "system"}, "data": {"a": "of the system"}}),
    (f"/apis/{GROUP}/v1/namespaces/default/params", dict(PARAM, metadata={"name": "one", "labels": {"p": "one"}}, spec={"int": 3, "str": "custom"})),
    (f"/apis/{GROUP}/v1/globalparams", {"apiVersion": f"{GROUP}/v1", "kind": "GlobalParam", "metadata": {"name": "one"}, "spec": {"int": 5}}),
]


@dataclass
class Case:
    label: str
    policies: list
    requests: list
    bindings: list = field(default_factory=lambda: [{}])
    mutates: bool = False
    selects: bool = True
    ignores: str = "managedFields"


CASES = []


def thing(spec=None, kind="Thing", version="v1", labels=None, **more):
    return {"apiVersion": f"{GROUP}/{version}", "kind": kind, "metadata": {"name": "$NAME", "labels": {"case": "$NAME", **(labels or {})}}, "spec": spec or {}, **more}


def create(spec=None, query="", **more):
    return ("POST", THINGS + query, thing(spec, **more), None)


def merge(body, path=T):
    return ("PATCH", path, body, "merge")


def validating(label, *validations, send=None, binding=None, **spec):
    policy = dict(spec, validations=[v if isinstance(v, dict) else {"expression": v} for v in validations])
    if not validations:
        policy.pop("validations")
    bindings = binding if isinstance(binding, list) else [binding or {}]
    selects = policy.pop("selects", True)
    CASES.append(Case(label, [policy], send or [create({"str": "x", "int": 3})], bindings, selects=selects))


def apply(expression):
    return {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}


def patch(expression):
    return {"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}


def mutating(label, *mutations, send=None, binding=None, others=(), **spec):
    policies = [dict(spec, mutations=list(mutations))] + [dict(o) for o in others]
    CASES.append(Case(label, policies, send or [create({"str": "x", "int": 3, "lmap": [{"name": "a", "value": "1"}], "list": ["a"], "set": ["a"], "map": {"k": "v"}, "pair": {"a": "1"}})], [binding or {}], mutates=True))


def rules(*given, **more):
    made = [{"operations": ["*"], "apiGroups": [GROUP], "apiVersions": ["v1"], "resources": ["things"], **r} for r in given]
    return dict(more, resourceRules=made)


BUDGET = "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, object.spec.list.all(f, a+b+c+d+e > 0))))))"
LONG = "x" * 6000
ITSELF = [{"name": "itself", "expression": "has(request.name) && request.name == '$NAME'"}]
GOOD, BAD = "object.spec.str == 'x'", "object.spec.str == 'y'"
RAISES = "object.spec.absent == 1"

# What a validation says.
validating("true", GOOD)
validating("false", BAD)
validating("false, a newline in the expression", " object.spec.str\n == 'y' ")
validating("message", {"expression": BAD, "message": " no way "})
for reason in ("Forbidden", "Invalid", "RequestEntityTooLarge"):
    validating("reason " + reason, {"expression": BAD, "message": "m", "reason": reason})
for text in ("'text ' + object.spec.str", "string(object.spec.absent)", "'a\\nb'", "''", "'  '", "' padded '", f"'{LONG}'", "string(object.spec.int)", "string(object.spec.str)", "'a' + variables.v", "string(variables.bad)", "'ä\"<&>'"):
    variables = [{"name": "v", "expression": "'w'"}, {"name": "bad", "expression": "object.spec.absent"}]
    validating("message expression " + text[:40], {"expression": BAD, "message": "fixed", "messageExpression": text}, variables=variables)
validating("message expression alone, failing", {"expression": BAD, "messageExpression": "string(object.spec.absent)"})
validating("several fail", GOOD, {"expression": BAD, "message": "first"}, {"expression": "false", "message": "second", "reason": "Forbidden"})
validating("error, then false", RAISES, {"expression": BAD, "message": "second"})
validating("false, then error", {"expression": BAD, "message": "first"}, RAISES)
for failure in ("Fail", "Ignore"):
    validating(f"error, {failure}", RAISES, failurePolicy=failure)
    validating(f"error and false, {failure}", RAISES, {"expression": BAD, "message": "m"}, failurePolicy=failure)
    validating(f"condition fails, {failure}", BAD, failurePolicy=failure, matchConditions=[{"name": "c", "expression": RAISES}])
    validating(f"annotation fails, {failure}", GOOD, failurePolicy=failure, auditAnnotations=[{"key": "k", "valueExpression": "string(object.spec.absent)"}])
    validating(f"budget, {failure}", BUDGET, BAD,
               failurePolicy=failure, send=[create({"str": "x", "list": ["a"] * 60})])
    validating(f"budget of messages, {failure}", {"expression": BAD, "message": "m", "messageExpression": BUDGET + " ? 'a' : 'b'"},
               failurePolicy=failure, send=[create({"str": "x", "list": ["a"] * 60})])
    validating(f"budget of conditions, {failure}", BAD, matchConditions=[{"name": "c", "expression": BUDGET}],
               failurePolicy=failure, send=[create({"str": "x", "list": ["a"] * 60})])
    validating(f"a budget of variables, {failure}", "variables.v", variables=[{"name": "v", "expression": BUDGET}],
               failurePolicy=failure, send=[create({"str": "x", "list": ["a"] * 60})])

# Run-time errors, as the library words them.
for expression in (
    "object.spec.list[5] == 'a'", "object.spec.int / 0 == 1", "object.spec.int % 0 == 1", "object.spec.map['none'] == 'a'", "object.nope.none == 1", "object.spec.str > 3", "object.spec.str + 1 == 2",
    "int(object.spec.str) == 1", "duration(object.spec.str) > duration('1s')", "timestamp(object.spec.str) > timestamp('2020-01-01T00:00:00Z')", "object.spec.str.matches(object.spec.map['re'])", "object.spec.int.matches('a')",
    "9223372036854775807 + object.spec.int > 0", "quantity(object.spec.str).isGreaterThan(quantity('1'))", "url(object.spec.str).getHost() == 'a'", "ip(object.spec.str).family() == 4", "object.spec.str.substring(5) == 'a'",
    "oldObject.spec.str == 'a'", "object.spec.list.all(l, l > 1)", "object.spec.exists(k, k.startsWith(dyn(1)))", "object.spec.int.size() > 1", "object.spec.ios == 1", "has(object.spec.absent.deeper)", "object.spec.?absent.orValue('z') == 'x'",
    "object.spec['x-y'] == 'a'", "object.spec.x__dash__y == 'a'", "object.spec.__in__ == 'a'", "object.metadata.managedFields.size() == 0", "semver(object.spec.str).major() == 1", "format.named('dns1123Label').value().validate('A_').value() == []",
    "object.spec.str.find(object.spec.map['re']) == 'a'", "object.spec.str.split('x')[3] == 'a'", "object.spec.list.sum() == 1", "object.spec.list.indexOf('z') == 0", "bool(object.spec.str)", "double(object.spec.str) == 1.0", "uint(-1 * object.spec.int) == 1u",
    "cidr(object.spec.str).prefixLength() == 1", "type(object.spec.int) == string", "string(object.spec) == 'a'", "object.spec == 1", "object.spec.str in object.spec.int", "object.spec.list.map(x, x.absent) == []",
):
    validating("run: " + expression, expression, send=[create({"str": "x", "int": 3, "list": ["a"], "map": {"k": "v", "re": "["}, "x-y": "z"})])

# Variables.
validating("a chain of variables", "variables.c == 'x!?'", variables=[{"name": "a", "expression": "object.spec.str"}, {"name": "b", "expression": "variables.a + '!'"}, {"name": "c", "expression": "variables.b + '?'"}])
validating("a chain that fails", "variables.c == 'x'", variables=[{"name": "a", "expression": "object.spec.absent"}, {"name": "b", "expression": "variables.a + '!'"}, {"name": "c", "expression": "variables.b + '?'"}])
validating("variables are lazy", "true || variables.a", variables=[{"name": "a", "expression": "object.spec.absent"}])
validating("a variable of a list", "variables.l.all(x, x == 'b')", variables=[{"name": "l", "expression": "object.spec.list"}], send=[create({"list": ["a"]})])
validating("a variable of an object", "variables.o.spec.str == 'y'", variables=[{"name": "o", "expression": "object"}])
validating("variables of variables, has", "has(variables.a) && !has(variables.a.b)", variables=[{"name": "a", "expression": "object.spec.pair"}], send=[create({"pair": {"a": "x"}})])
validating("the authorizer in a variable", "variables.a.check('get').allowed()", variables=[{"name": "a", "expression": f"authorizer.group('{GROUP}').resource('things')"}])

# Conditions.
validating("condition is false", BAD, matchConditions=[{"name": "c", "expression": "object.spec.int == 4"}])
validating("condition is true", BAD, matchConditions=[{"name": "c", "expression": "object.spec.int == 3"}])
validating("conditions fail and one is false", BAD, matchConditions=[{"name": "a", "expression": RAISES}, {"name": "b", "expression": "false"}])
validating("two conditions fail", BAD, matchConditions=[{"name": "a", "expression": RAISES}, {"name": "b", "expression": "object.spec.none == 1"}, {"name": "c", "expression": "true"}])
validating("a condition with the namespace", "false", matchConditions=[{"name": "a", "expression": "namespaceObject == null"}])
validating("a condition with the namespace's labels", "false", matchConditions=[{"name": "a", "expression": "namespaceObject.metadata.labels.env == 'prod'"}])
validating("a condition with the resource", {"expression": "false", "messageExpression": "request.resource.version + request.kind.version"}, matchConstraints=rules({"apiVersions": ["v2"]}), matchConditions=[{"name": "a", "expression": "request.resource.version == 'v1'"}])
validating("a condition with the kind", {"expression": "false", "messageExpression": "request.resource.version + request.kind.version"}, matchConstraints=rules({"apiVersions": ["v2"]}), matchConditions=[{"name": "a", "expression": "request.kind.version == 'v2'"}])
validating("a condition with the authorizer", "false", matchConditions=[{"name": "a", "expression": "authorizer.requestResource.check('create').allowed()"}])
validating("a condition with parameters", "false", paramKind={"apiVersion": "v1", "kind": "ConfigMap"}, binding={"paramRef": {"name": "one", "parameterNotFoundAction": "Deny"}}, matchConditions=[{"name": "a", "expression": "params.data.a == 'given'"}])

# Actions.
for actions in (["Deny"], ["Warn"], ["Audit"], ["Warn", "Audit"], ["Deny", "Audit"], ["Audit", "Deny"], ["Audit", "Warn"]):
    validating(f"actions {actions}", GOOD, {"expression": BAD, "message": "one <b> 'c' \"d\" ä"}, {"expression": "false", "message": "two"}, binding={"validationActions": actions})
    validating(f"actions {actions}, error", RAISES, binding={"validationActions": actions})
    validating(f"actions {actions}, annotation fails", GOOD, binding={"validationActions": actions}, auditAnnotations=[{"key": "k", "valueExpression": "string(object.spec.absent)"}])
    validating(f"actions {actions}, no parameters", GOOD, paramKind={"apiVersion": "v1", "kind": "ConfigMap"}, binding={"validationActions": actions, "paramRef": {"name": "absent", "parameterNotFoundAction": "Deny"}})
validating("a long warning", {"expression": BAD, "message": "w" * 3000}, binding={"validationActions": ["Warn"]})
validating("many warnings", *[{"expression": "false", "message": f"{i} " + "w" * 600} for i in range(12)], binding={"validationActions": ["Warn"]})
validating("the same warning twice", {"expression": BAD, "message": "w"}, {"expression": "false", "message": "w"}, binding={"validationActions": ["Warn"]})
validating("a warning with odd letters", {"expression": BAD, "message": "ä \\ \" \t z"}, binding={"validationActions": ["Warn"]})
validating("two bindings, one denies", BAD, binding=[{"validationActions": ["Audit"]}, {"validationActions": ["Deny"]}])
validating("annotations", GOOD, auditAnnotations=[{"key": "a", "valueExpression": "' text '"}, {"key": "b", "valueExpression": "null"}, {"key": "c", "valueExpression": "''"}, {"key": "d", "valueExpression": "object.spec.list.join('')"}],
           send=[create({"str": "x", "int": 3, "list": ["ab" * 30] * 400})])
validating("only annotations", auditAnnotations=[{"key": "a", "valueExpression": "'user ' + request.userInfo.username"}])
validating("annotations of many parameters", auditAnnotations=[{"key": "a", "valueExpression": "string(params.data.a)"}, {"key": "b", "valueExpression": "'same'"}], paramKind={"apiVersion": "v1", "kind": "ConfigMap"}, binding={"paramRef": {"selector": {"matchLabels": {"p": "many"}}, "parameterNotFoundAction": "Deny"}})
validating("annotations and a denial", BAD, auditAnnotations=[{"key": "a", "valueExpression": "'x'"}], binding={"validationActions": ["Deny", "Audit"]})
validating("annotations and a condition that is false", BAD, auditAnnotations=[{"key": "a", "valueExpression": "'x'"}], matchConditions=[{"name": "c", "expression": "false"}])

# Parameters.
MAP = {"apiVersion": "v1", "kind": "ConfigMap"}
for action in ("Allow", "Deny"):
    for label, kind, ref in (
        ("missing", MAP, {"name": "absent"}), ("of no label", MAP, {"selector": {"matchLabels": {"p": "absent"}}}), ("in another namespace", MAP, {"name": "system", "namespace": "kube-system"}), ("missing in a namespace", MAP, {"name": "one", "namespace": "kube-system"}),
        ("in no such namespace", MAP, {"name": "one", "namespace": "none"}), ("by name", MAP, {"name": "one"}), ("by label", MAP, {"selector": {"matchLabels": {"p": "one"}}}), ("by an expression", MAP, {"selector": {"matchExpressions": [{"key": "p", "operator": "In", "values": ["one"]}]}}),
        ("of an unknown kind", {"apiVersion": "none.example.com/v1", "kind": "None"}, {"name": "one"}), ("of an unknown version", {"apiVersion": "v9", "kind": "ConfigMap"}, {"name": "one"}), ("of the cluster, in a namespace", {"apiVersion": f"{GROUP}/v1", "kind": "GlobalParam"}, {"name": "one", "namespace": "default"}),
        ("of the cluster, missing", {"apiVersion": f"{GROUP}/v1", "kind": "GlobalParam"}, {"name": "two"}),
    ):
        for failure in ("Fail", "Ignore") if action == "Deny" else ("Fail",):
            validating(f"parameters {label}, {action}, {failure}", {"expression": "params.data.a == 'none'", "messageExpression": "'it is ' + params.data.a"}, failurePolicy=failure, paramKind=kind, binding={"paramRef": dict(ref, parameterNotFoundAction=action)})
validating("parameters of the cluster", {"expression": "params.spec.int == 3", "messageExpression": "string(params.spec.int) + params.kind + params.apiVersion"}, paramKind={"apiVersion": f"{GROUP}/v1", "kind": "GlobalParam"}, binding={"paramRef": {"name": "one", "parameterNotFoundAction": "Deny"}})
validating("custom parameters", {"expression": "params.spec.int == 4", "messageExpression": "string(params.spec.str + params.metadata.name + params.kind)"}, paramKind={k: v for k, v in PARAM.items()}, binding={"paramRef": {"name": "one", "parameterNotFoundAction": "Deny"}})
validating("parameters have a kind", {"expression": "false", "messageExpression": "params.kind + ' ' + params.apiVersion + ' ' + params.metadata.namespace"}, paramKind=MAP, binding={"paramRef": {"name": "one", "parameterNotFoundAction": "Deny"}})
validating("parameters without a reference", {"expression": "params != null", "message": "none"}, paramKind=MAP)
validating("parameters without a reference, used", "params.data.a == 'x'", paramKind=MAP)
validating("a reference without a kind", GOOD, binding={"paramRef": {"name": "absent", "parameterNotFoundAction": "Deny"}})
validating("many parameters", {"expression": "params.data.a != 'given'", "message": "m"}, paramKind=MAP, binding={"paramRef": {"selector": {"matchLabels": {"p": "many"}}, "parameterNotFoundAction": "Deny"}})
validating("many parameters, warned", {"expression": "params.data.a != 'given'", "message": "m"}, paramKind=MAP, binding={"validationActions": ["Warn"], "paramRef": {"selector": {"matchLabels": {"p": "many"}}, "parameterNotFoundAction": "Deny"}})
ONCLUSTER = {"matchConstraints": rules({"resources": ["globals"]}), "send": [("POST", CLUSTER, thing({"int": 3}, "Global"), None)]}
validating("parameters of a namespace for the cluster", "false", paramKind=MAP, binding={"paramRef": {"name": "one", "parameterNotFoundAction": "Deny"}}, **ONCLUSTER)
validating("parameters of a named namespace for the cluster", {"expression": "false", "messageExpression": "string(params.data.a)"}, paramKind=MAP, binding={"paramRef": {"name": "one", "namespace": "default", "parameterNotFoundAction": "Deny"}}, **ONCLUSTER)

# What a request is.
for expression in (
    "request.operation", "request.kind.group + request.kind.version + request.kind.kind", "request.resource.group + request.resource.version + request.resource.resource", "request.requestKind.kind + request.requestResource.resource", "request.name", "request.namespace",
    "request.subResource", "request.requestSubResource", "request.userInfo.username", "request.userInfo.groups.join(',')", "request.userInfo.uid", "string(has(request.userInfo.uid))", "string(has(request.userInfo.extra))", "string(request.userInfo.extra.size())", "string(request.dryRun)",
    "string(request.options.size())", "string(request.options.kind + request.options.apiVersion)", "string(request.options.fieldManager)", "string(request.options.fieldValidation)", "request.options.dryRun.join('')", "string(has(request.name)) + string(has(request.namespace)) + string(has(request.subResource))",
    "string(has(dyn(request).object)) + string(has(dyn(request).uid))", "namespaceObject.metadata.name + namespaceObject.metadata.labels.env", "string(has(dyn(namespaceObject).metadata.uid))", "namespaceObject.status.phase + namespaceObject.spec.finalizers.join('')", "string(has(namespaceObject.metadata.annotations))",
    "string(namespaceObject.metadata.creationTimestamp.getFullYear() > 2000)", "string(has(namespaceObject.metadata.generateName)) + string(has(namespaceObject.status.conditions)) + string(has(namespaceObject.metadata.deletionTimestamp))", "string(object.kind + object.apiVersion)", "string(object.metadata.name + object.metadata.namespace)",
    "string(has(object.metadata.uid)) + string(has(object.metadata.creationTimestamp)) + string(has(object.metadata.resourceVersion)) + string(has(object.metadata.generation)) + string(has(object.metadata.managedFields)) + string(has(object.metadata.selfLink))",
    "string(object.metadata.generation)", "string(type(object.spec.int) == int) + string(type(object.spec.num) == double)", "string(oldObject == null) + string(object == null)", "string(type(oldObject.spec.int) == int)", "string(oldObject.spec.str + object.spec.str)", "string(has(object.status))", "string(object.metadata.managedFields[0].manager)",
):
    spec = {"str": "x", "int": 3, "num": 1.0}
    send = [create(spec), create(spec, "?dryRun=All&fieldManager=me&fieldValidation=Strict")]
    CASES.append(Case("of a request: " + expression, [{"validations": [{"expression": "false", "message": "failed", "messageExpression": expression}]}], send, [{"validationActions": ["Warn"]}]))
    after = [merge({"spec": {"str": "y"}}), ("PATCH", T + "?fieldManager=app&force=true", thing({"str": "a"}), "apply"), merge({"status": {"phase": "A"}}, T + "/status"), ("DELETE", T, None, None)]
    CASES[-1].requests = [send[1], send[0], *after]
validating("a generated name", {"expression": "false", "messageExpression": "string(has(request.name)) + string(has(object.metadata.name)) + object.metadata.generateName"}, send=[("POST", THINGS, dict(thing(), metadata={"generateName": "gen-", "labels": {"case": "$NAME"}}), None)])
CASES[-1].ignores = "managedFields|details.name"
validating("a generated name, used", {"expression": "request.name == 'a'"}, send=[("POST", THINGS, dict(thing(), metadata={"generateName": "gen-", "labels": {"case": "$NAME"}}), None)])
CASES[-1].ignores = "managedFields|details.name"
validating("the cluster has no namespace", {"expression": "false", "messageExpression": "string(namespaceObject == null) + string(has(request.namespace))"}, **ONCLUSTER)
validating("the cluster's namespace", "namespaceObject.metadata.name == 'a'", **ONCLUSTER)
validating("no such namespace", GOOD, send=[("POST", THINGS.replace("default", "nowhere"), thing({"str": "x"}), None)])

# Rights.
for expression in (
    "authorizer.requestResource.check('create').allowed()", "!authorizer.requestResource.check('create').allowed()", "authorizer.path('/healthz').check('get').allowed()", "authorizer.group('').resource('pods').namespace('default').name('a').subresource('log').check('get').allowed()",
    "authorizer.serviceAccount('default', 'nobody').group('').resource('pods').check('get').allowed()", "authorizer.serviceAccount('default', 'nobody').group('').resource('pods').check('get').reason() == 'x'", "authorizer.serviceAccount('Bad_', 'nobody').group('').resource('pods').check('get').allowed()",
    "authorizer.serviceAccount('default', 'nobody').group('').resource('pods').check('get').errored()", "authorizer.path('').check('get').allowed()", "authorizer.group('').resource('pods').fieldSelector('a==').check('list').allowed()", "authorizer.group('').resource('pods').labelSelector('a in (').check('list').allowed()",
    "authorizer.serviceAccount('default', 'nobody').group('').resource('pods').check('').allowed()",
):
    validating("rights: " + expression, expression)

# What is matched.
OPERATIONS = [create({"str": "x"}), merge({"spec": {"int": 4}}), merge({"status": {"phase": "A"}}, T + "/status"), merge({"spec": {"replicas": 4}}, T + "/scale"), ("PATCH", T + "?fieldManager=a&force=true", thing({"str": "z"}), "apply"), ("DELETE", T + "?dryRun=All", None, None), ("DELETE", f"{THINGS}?labelSelector=case=$NAME", None, None), ("DELETE", T, None, None)]
WHAT = {"expression": "false", "message": "m", "messageExpression": "request.operation + ' ' + request.resource.resource + '.' + request.kind.kind + ' ' + request.kind.version + ' ' + (has(request.subResource) ? request.subResource : '-') + ' ' + (has(request.name) ? request.name : '-') + (object == null ? ' none' : ' ' + object.kind + object.apiVersion) + (oldObject == null ? ' none' : ' ' + oldObject.kind + oldObject.apiVersion)"}
for label, match in {
    "everything": {"resources": ["*/*"]}, "things": {}, "status": {"resources": ["things/status"]}, "scale": {"resources": ["things/scale"]}, "all subresources": {"resources": ["things/*"]}, "status of all": {"resources": ["*/status"]}, "all resources": {"resources": ["*"]},
    "creates": {"operations": ["CREATE"]}, "updates": {"operations": ["UPDATE"]}, "deletions": {"operations": ["DELETE"]}, "connects": {"operations": ["CONNECT"], "resources": ["*/*"]}, "deletions and creates": {"operations": ["DELETE", "CREATE"]}, "another group": {"apiGroups": ["apps"]},
    "all groups": {"apiGroups": ["*"], "apiVersions": ["*"]}, "scope of a namespace": {"scope": "Namespaced"}, "scope of the cluster": {"scope": "Cluster"}, "scope of all": {"scope": "*"}, "a name": {"resourceNames": ["$NAME"]}, "another name": {"resourceNames": ["a"]}, "v2": {"apiVersions": ["v2"]}, "v2 of a name": {"apiVersions": ["v2"], "resourceNames": ["$NAME"]},
}.items():
    for selects in (True, False) if label in ("everything", "scale") else (True,):
        validating(f"match {label}{'' if selects else ', by name'}", WHAT, matchConstraints=rules(match), binding={"validationActions": ["Warn"]}, send=OPERATIONS, selects=selects, matchConditions=[] if selects else ITSELF)
    if label in ("v2", "everything", "another name", "deletions", "creates"):
        validating(f"excluded: {label}", WHAT, matchConstraints=rules({"resources": ["*/*"]}, excludeResourceRules=rules(match)["resourceRules"]), binding={"validationActions": ["Warn"]}, send=OPERATIONS)
        validating(f"bound: {label}", WHAT, matchConstraints=rules({"resources": ["*/*"]}), binding={"validationActions": ["Warn"], "matchResources": rules(match)}, send=OPERATIONS)
validating("v2 exactly", WHAT, matchConstraints=rules({"apiVersions": ["v2"]}, matchPolicy="Exact"), send=[create({"str": "x"}), ("POST", THINGS2, thing({"str": "x"}, version="v2"), None)])
validating("v2 or its like", WHAT, matchConstraints=rules({"apiVersions": ["v2"]}), send=[create({"str": "x"}), ("POST", THINGS2, thing({"str": "x"}, version="v2"), None)])
validating("both versions", WHAT, matchConstraints=rules({"apiVersions": ["v2"]}, {"apiVersions": ["v1"]}), send=[create({"str": "x"}), ("POST", THINGS2, thing({"str": "x"}, version="v2"), None)])
validating("bound to v2 exactly", WHAT, binding={"matchResources": rules({"apiVersions": ["v2"]}, matchPolicy="Exact")}, send=[create({"str": "x"}), ("POST", THINGS2, thing({"str": "x"}, version="v2"), None)])
for label, selector in {"of the namespace": {"matchLabels": {"env": "prod"}}, "of another namespace": {"matchLabels": {"env": "test"}}, "of a named namespace": {"matchLabels": {"kubernetes.io/metadata.name": "default"}}, "of no label": {"matchExpressions": [{"key": "env", "operator": "DoesNotExist"}]}}.items():
    validating("selector " + label, "false", matchConstraints=rules({}, namespaceSelector=selector))
    validating("bound by the selector " + label, "false", binding={"matchResources": {"namespaceSelector": selector}})
    validating("selector for the cluster " + label, "false", **dict(ONCLUSTER, matchConstraints=rules({"resources": ["globals"]}, namespaceSelector=selector)))
validating("no such namespace, selected", "false", matchConstraints=rules({}, namespaceSelector={"matchLabels": {"env": "prod"}}), send=[("POST", THINGS.replace("default", "nowhere"), thing({"str": "x"}), None)])
for label, selector in {"new": {"matchLabels": {"l": "new"}}, "old": {"matchLabels": {"l": "old"}}, "other": {"matchLabels": {"l": "other"}}, "not new": {"matchExpressions": [{"key": "l", "operator": "NotIn", "values": ["new"]}]}}.items():
    validating("object selector " + label, WHAT, matchConstraints=rules({}, objectSelector=selector), selects=False, matchConditions=ITSELF, binding={"validationActions": ["Warn"]}, send=[create({"str": "x"}, labels={"l": "old"}), merge({"metadata": {"labels": {"l": "new"}}}), merge({"metadata": {"labels": {"l": None}}}), ("DELETE", T, None, None)])

# Apply configurations.
for expression in (
    "Object{spec: Object.spec{str: 'new'}}", "Object{spec: Object.spec{str: 'new', int: 7, num: 1.5, bool: true}}", "Object{metadata: Object.metadata{labels: {'l': 'v'}, annotations: {'a': object.spec.str}}}", "Object{}", "Object{spec: Object.spec{}}", "Object{spec: Object.spec{str: 1}}",
    "Object{spec: Object.spec{int: 'a'}}", "Object{spec: Object.spec{int: 1.0}}", "Object{spec: Object.spec{num: 2}}", "Object{spec: Object.spec{nope: 'a'}}", "Object{nope: 'a'}", "Object{spec: Object.wrong{str: 'a'}}", "Object{spec: Object.spec{pair: Object.spec.pair{b: '2'}}}", "Object{spec: Object.spec{pair: Object.spec.other{b: '2'}}}",
    "Object{spec: Object.spec{pair: {'b': '2'}}}", "Object{spec: {'str': 'a'}}", "Object{spec: Object.spec{map: {'l': 'w'}}}", "Object{spec: Object.spec{amap: {'l': 'w'}}}", "Object{spec: Object.spec{atom: Object.spec.atom{a: '1'}}}", "Object{spec: Object.spec{list: ['b']}}", "Object{spec: Object.spec{set: ['b']}}", "Object{spec: Object.spec{set: ['b', 'b']}}",
    "Object{spec: Object.spec{lmap: [Object.spec.lmap{name: 'b', value: '2'}]}}", "Object{spec: Object.spec{lmap: [Object.spec.lmap{name: 'a', value: '2'}]}}", "Object{spec: Object.spec{lmap: [Object.spec.lmap{value: '2'}]}}", "Object{spec: Object.spec{lmap: [Object.spec.lmap{name: 'b'}, Object.spec.lmap{name: 'b'}]}}",
    "Object{spec: Object.spec{lmap: [Object.spec.lmap.item{name: 'b'}]}}", "Object{spec: Object.spec{lmap: [Object.spec.lmap{name: 'a', sub: Object.spec.lmap.sub{a: 'x'}}]}}", "Object{spec: Object.spec{lmap: [Object.spec.lmap{name: 'a', args: ['x']}]}}", "Object{spec: Object.spec{items: [Object.spec.items{a: 'x'}]}}", "Object{spec: Object.spec{any: Object.spec.any{x: 1, y: ['a']}}}",
    "Object{spec: Object.spec{any: {'x': 1}}}", "Object{spec: Object.spec{ios: 5}}", "Object{spec: Object.spec{ios: '5'}}", "Object{spec: Object.spec{time: 'not a time'}}", "Object{spec: Object.spec{time: timestamp('2024-01-02T03:04:05Z')}}", "Object{spec: Object.spec{str: duration('1m30s')}}", "Object{spec: Object.spec{str: b'bytes'}}", "Object{spec: Object.spec{str: null}}", "Object{spec: null}",
    "Object{spec: Object.spec{dflt: Object.spec.dflt{value: 'x'}}}", "Object{metadata: Object.metadata{name: 'other'}}", "Object{metadata: Object.metadata{namespace: 'other'}}", "Object{metadata: Object.metadata{finalizers: ['example.com/f']}}", "Object{metadata: Object.metadata{uid: 'u'}}", "Object{metadata: Object.metadata{generateName: 'g'}}", "Object{metadata: Object.metadata{resourceVersion: '1'}}",
    "Object{metadata: Object.metadata{ownerReferences: [Object.metadata.ownerReferences{apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u'}]}}", "Object{status: Object.status{phase: 'A'}}", "Object{apiVersion: 'v1', kind: 'Pod'}", "Object{spec: Object.spec{str: object.spec.absent}}", "Object{spec: Object.spec{str: oldObject.spec.str}}", "Object{spec: Object.spec{x__dash__y: 'a'}}", "Object{spec: Object.spec{__in__: 'a'}}",
    "Object{spec: Object.spec{lmap: object.spec.lmap.map(i, Object.spec.lmap{name: i.name, value: i.value + '!'})}}", "Object{spec: Object.spec{int: object.spec.int + 1}}", "object.spec.int > 5 ? Object{} : Object{spec: Object.spec{str: 'small'}}", "Object{?spec: optional.none()}", "Object{spec: Object.spec{?str: optional.of('opt')}}", "Object{spec: Object.spec{map: object.spec.map}}", "Object{spec: object.spec}",
    "Object{spec: Object.spec{int: 9007199254740993}}", "Object{spec: Object.spec{num: 1e300 * 1e10}}", "Object{spec: Object.spec{str: request.userInfo.username}}", "Object{data: {'a': 'b'}}", "Object{spec: Object.spec{str: string(dyn(variables.v))}}", "Object{spec: Object.spec{str: string(namespaceObject.metadata.name)}}", "Object{spec: Object.spec{str: string(params == null)}}",
):
    variables = [{"name": "v", "expression": "object.spec.str + '!'"}]
    kind = {"paramKind": MAP} if "params" in expression else {}
    mutating("configuration: " + expression, apply(expression), variables=variables, **kind)
    if "absent" in expression or "nope" in expression:
        mutating("configuration, failures ignored: " + expression, apply(expression), failurePolicy="Ignore")

# JSON patches.
for operations in (
    "op: 'add', path: '/spec/str', value: 'new'", "op: 'replace', path: '/spec/str', value: 'new'", "op: 'replace', path: '/spec/absent', value: 'new'", "op: 'remove', path: '/spec/str'", "op: 'remove', path: '/spec/absent'", "op: 'test', path: '/spec/str', value: 'x'", "op: 'test', path: '/spec/str', value: 'y'", "op: 'test', path: '/spec/absent', value: 'y'",
    "op: 'copy', from: '/spec/str', path: '/spec/map/c'", "op: 'move', from: '/spec/str', path: '/spec/map/c'", "op: 'copy', from: '/spec/absent', path: '/spec/map/c'", "op: 'move', from: '/spec/absent', path: '/spec/map/c'", "op: 'add', path: '/spec/list/-', value: 'b'", "op: 'add', path: '/spec/list/0', value: 'b'", "op: 'add', path: '/spec/list/9', value: 'b'",
    "op: 'add', path: '/spec/list/-1', value: 'b'", "op: 'remove', path: '/spec/list/9'", "op: 'remove', path: '/spec/list/x'", "op: 'replace', path: '/spec/list/0', value: 'z'", "op: 'add', path: '/spec/nope', value: 'b'", "op: 'add', path: '/spec/str', value: 1", "op: 'add', path: '/spec/int', value: 'a'", "op: 'add', path: '/spec/pair', value: Object.spec.pair{b: '2'}", "op: 'add', path: '/spec/pair', value: {'b': '2'}",
    "op: 'add', path: '/spec/lmap/-', value: Object.spec.lmap{name: 'b'}", "op: 'add', path: '/spec/lmap/-', value: Object.spec.wrong{name: 'b'}", "op: 'add', path: '/spec/lmap/-', value: Object.spec.lmap{name: 'b', sub: Object.spec.lmap.wrong{a: '1'}}", "op: 'add', path: '/spec/lmap', value: [Object.spec.lmap{name: 'c'}]", "op: 'bad', path: '/spec/str', value: 'b'", "op: 'add', value: 'b'", "path: '/spec/str', value: 'b'",
    "op: 'add', path: 'spec/str', value: 'b'", "op: 'add', path: '', value: 'b'", "op: 'add', path: '/', value: 'b'", "op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a.b/c~d'), value: 'v'", "op: 'add', path: '/metadata/labels/a.b/c', value: 'v'", "op: 'add', path: '/metadata/annotations', value: {'a/b': object.spec.str}", "op: 'add', path: '/metadata/annotations/x', value: 'v'", "op: 'add', path: '/spec/str', value: null", "op: 'add', path: '/spec/str'",
    "op: 'add', path: '/spec/any', value: {'a': [1, 2], 'b': []}", "op: 'add', path: '/spec/any', value: object.spec", "op: 'add', path: '/spec/time', value: timestamp('2024-01-02T03:04:05Z')", "op: 'add', path: '/spec/str', value: duration('90s')", "op: 'add', path: '/spec/str', value: b'abc'", "op: 'add', path: '/spec/num', value: 1.0", "op: 'add', path: '/spec/int', value: 1.0", "op: 'add', path: '/spec/int', value: 9007199254740993", "op: 'add', path: '/spec/int', value: 1u",
    "op: 'replace', path: '/metadata/name', value: 'other'", "op: 'remove', path: '/metadata'", "op: 'remove', path: '/metadata/name'", "op: 'remove', path: '/spec'", "op: 'replace', path: '/kind', value: 'Other'", "op: 'remove', path: '/kind'", "op: 'replace', path: '/apiVersion', value: 'p.example.com/v2'", "op: 'replace', path: '/apiVersion', value: 'a/b/c'", "op: 'replace', path: '/metadata/uid', value: 'u'", "op: 'add', path: '/metadata/labels/l', value: 5", "op: 'replace', path: '/metadata', value: 'x'", "op: 'add', path: '/metadata/labels/a b', value: 'c d'",
    "op: 'add', path: '/spec/str', value: object.spec.absent", "op: 'add', path: '/spec/set/-', value: 'a'", "op: 'add', path: '/spec/lmap/-', value: {'name': 'a'}", "op: 'add', path: '/metadata/managedFields', value: []", "op: 'add', path: '/spec/str', value: 'quo\\\"te ä <'", "op: 'add', path: '/metadata/labels/ä', value: 'x'", "op: 'add', path: '/spec/str', value: optional.none()", "op: 'add', path: '/spec/str', value: type(1)", "op: 'add', path: '/status', value: {'phase': 'A'}", "op: 'remove', path: '/metadata/generation'", "op: 'test', path: '/metadata/generation', value: 1",
):
    mutating("patch: " + operations, patch("[JSONPatch{" + operations + "}]"))
for expression in (
    "[JSONPatch{}]", "[JSONPatch{op: 'add', path: '/spec/str', value: 'a'}, JSONPatch{op: 'copy', from: '/spec/str', path: '/spec/map/s'}]", "[JSONPatch{op: 'add', path: '/spec/str', value: 'a'}, JSONPatch{op: 'test', path: '/spec/str', value: 'x'}]", "[JSONPatch{op: 'add', path: '/spec/str', value: 'a'}, JSONPatch{op: 'remove', path: '/spec/absent'}]",
    "object.spec.list.map(l, JSONPatch{op: 'add', path: '/metadata/labels/' + l, value: l})", "has(object.spec.absent) ? [JSONPatch{op: 'remove', path: '/spec/absent'}] : []", "[JSONPatch{op: 'add', path: '/spec/str', value: 'a'}].filter(p, false)",
):
    mutating("patch: " + expression, patch(expression))

# Several mutations, conditions, parameters, other operations.
mutating("one after the other", apply("Object{spec: Object.spec{str: object.spec.str + '1'}}"), patch("[JSONPatch{op: 'replace', path: '/spec/str', value: object.spec.str + '2'}]"), apply("Object{spec: Object.spec{str: object.spec.str + '3'}}"))
mutating("one fails, the next does not", apply("Object{spec: Object.spec{str: object.spec.absent}}"), apply("Object{spec: Object.spec{str: 'next'}}"))
mutating("one fails, the next does not, failures ignored", apply("Object{spec: Object.spec{str: object.spec.absent}}"), apply("Object{spec: Object.spec{str: 'next'}}"), failurePolicy="Ignore")
mutating("both fail", apply("Object{spec: Object.spec{str: object.spec.absent}}"), patch("[JSONPatch{op: 'remove', path: '/spec/absent'}]"))
for policy in ("Never", "IfNeeded"):
    mutating(f"appends, {policy}", patch("[JSONPatch{op: 'add', path: '/spec/list/-', value: 'b'}]"), reinvocationPolicy=policy)
    mutating(f"appends until three, {policy}", patch("object.spec.list.size() < 3 ? [JSONPatch{op: 'add', path: '/spec/list/-', value: 'b'}] : []"), reinvocationPolicy=policy)
    mutating(f"nothing, {policy}", apply("Object{}"), reinvocationPolicy=policy)
    mutating(f"two policies, {policy}", apply("Object{spec: Object.spec{str: object.spec.str + '1'}}"), reinvocationPolicy=policy, others=[{"reinvocationPolicy": policy, "mutations": [apply("Object{spec: Object.spec{int: object.spec.int + 1}}")]}])
    mutating(f"another policy that changes nothing, {policy}", apply("Object{spec: Object.spec{str: object.spec.str + '1'}}"), reinvocationPolicy=policy, others=[{"mutations": [apply("Object{}")]}])
    mutating(f"a condition that comes true, {policy}", apply("Object{spec: Object.spec{str: object.spec.str + '1'}}"), reinvocationPolicy=policy, matchConditions=[{"name": "c", "expression": "object.spec.str != 'x1'"}])
mutating("condition is false", apply("Object{spec: Object.spec{str: 'new'}}"), matchConditions=[{"name": "c", "expression": "false"}])
mutating("condition fails", apply("Object{spec: Object.spec{str: 'new'}}"), matchConditions=[{"name": "c", "expression": RAISES}])
mutating("condition fails, ignored", apply("Object{spec: Object.spec{str: 'new'}}"), matchConditions=[{"name": "c", "expression": RAISES}], failurePolicy="Ignore")
mutating("a condition with the namespace", apply("Object{spec: Object.spec{str: 'new'}}"), matchConditions=[{"name": "c", "expression": "namespaceObject == null"}])
for label, ref in {"by name": {"name": "one"}, "by label": {"selector": {"matchLabels": {"p": "one"}}}, "missing": {"name": "absent"}, "many": {"selector": {"matchLabels": {"p": "many"}}}}.items():
    for action in ("Allow", "Deny"):
        mutating(f"parameters {label}, {action}", apply("Object{spec: Object.spec{str: object.spec.str + params.data.a}}"), paramKind=MAP, binding={"paramRef": dict(ref, parameterNotFoundAction=action)})
mutating("parameters of no reference", apply("Object{spec: Object.spec{str: params == null ? 'none' : 'some'}}"), paramKind=MAP)
mutating("parameters of an unknown kind", apply("Object{}"), paramKind={"apiVersion": "none.example.com/v1", "kind": "None"}, binding={"paramRef": {"name": "one", "parameterNotFoundAction": "Deny"}})
mutating("parameters of an unknown kind, ignored", apply("Object{}"), paramKind={"apiVersion": "none.example.com/v1", "kind": "None"}, binding={"paramRef": {"name": "one", "parameterNotFoundAction": "Deny"}}, failurePolicy="Ignore")
mutating("a budget", apply("Object{spec: Object.spec{bool: " + BUDGET + "}}"), send=[create({"str": "x", "list": ["a"] * 60})])
FULL = {"str": "x", "int": 3, "list": ["a"], "set": ["a"], "map": {"k": "v"}, "lmap": [{"name": "a"}]}
MANY = [create(FULL), merge({"spec": {"int": 4}}), merge({"status": {"phase": "A"}}, T + "/status"), merge({"spec": {"replicas": 4}}, T + "/scale"), ("PATCH", T + "?fieldManager=a&force=true", thing({"str": "z"}), "apply"), ("DELETE", T, None, None)]
mutating("all operations", apply("Object{metadata: Object.metadata{annotations: {'by': request.operation}}}"), send=MANY, matchConstraints=rules({"resources": ["*/*"]}))
mutating("the status", apply("Object{status: Object.status{phase: 'B'}, spec: Object.spec{str: 'no'}}"), send=MANY, matchConstraints=rules({"resources": ["things/status"]}))
mutating("v2 of it", apply("Object{metadata: Object.metadata{annotations: {'by': object.apiVersion}}}"), send=[create(FULL), ("POST", THINGS2 + "?dryRun=All", dict(thing(FULL, version="v2"), metadata={"generateName": "n-", "labels": {"case": "$NAME"}}), None)][:1], matchConstraints=rules({"apiVersions": ["v2"]}))
mutating("a change of the label", patch("[JSONPatch{op: 'remove', path: '/metadata/labels/case'}]"))
mutating("what is invalid afterwards", patch("[JSONPatch{op: 'add', path: '/spec/time', value: 'never'}]"))
mutating("no such namespace", apply("Object{}"), send=[("POST", THINGS.replace("default", "nowhere"), thing({"str": "x"}), None)])

# What wait() waits for.
validating("the last", "false")
