"""Random CEL expressions as rules of definitions: first whether they compile (and what is wrong, and what they may cost), then what they say of objects. SEED and COUNT choose them."""

import json
import os
import random

from __main__ import DEFINITIONS, SERVERS

GROUP = "e.example.com"
TEXT = {"type": "string", "maxLength": 20}
NUMBER = {"type": "integer"}
ITEM = {"type": "object", "properties": {"a": TEXT, "n": NUMBER}}
FIELDS = {
    "s": TEXT, "t": TEXT, "i": NUMBER, "j": NUMBER, "d": {"type": "number"}, "b": {"type": "boolean"}, "ls": {"type": "array", "maxItems": 5, "items": TEXT}, "li": {"type": "array", "maxItems": 5, "items": NUMBER},
    "m": {"type": "object", "maxProperties": 5, "additionalProperties": TEXT}, "o": ITEM, "lo": {"type": "array", "maxItems": 5, "items": ITEM}, "set": {"type": "array", "maxItems": 5, "x-kubernetes-list-type": "set", "items": TEXT},
    "lm": {"type": "array", "maxItems": 5, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"], "items": dict(ITEM, required=["a"])}, "ios": {"x-kubernetes-int-or-string": True}, "dt": {"type": "string", "format": "date-time"},
    "du": {"type": "string", "format": "duration"}, "by": {"type": "string", "format": "byte", "maxLength": 20}, "nu": dict(TEXT, nullable=True),
}
LITERALS = {
    "string": ["''", "'a'", "'abc'", "'1'", "'a-b'", "'Ä'", "'10.0.0.1'", "'http://a.b:80/c?d=e'", "'1.5Gi'", "'2.3.4'", "'[a-c]+'", "'true'"], "int": ["0", "1", "-1", "2", "7", "9223372036854775807"], "double": ["0.0", "1.5", "-2.0", "1e300"], "bool": ["true", "false"],
    "strings": ["[]", "['a']", "['a', 'b', 'a']"], "ints": ["[1, 2, 3]", "[2]", "[3, 1]"], "map": ["{'a': 'x'}", "{'a': 'x', 'b': 'y'}"], "bytes": ["b'ab'", "b''"], "timestamp": ["timestamp('2024-02-29T12:30:05Z')"], "duration": ["duration('1h30m')", "duration('-5s')"], "uint": ["1u", "0u"],
}
FROM_SELF = {
    "string": ["self.s", "self.t", "self.o.a", "self.nu"], "int": ["self.i", "self.j", "self.o.n"], "double": ["self.d"], "bool": ["self.b", "has(self.s)", "has(self.o.n)", "has(self.nu)"], "strings": ["self.ls", "self.set"], "ints": ["self.li"], "map": ["self.m"],
    "bytes": ["self.by"], "timestamp": ["self.dt"], "duration": ["self.du"], "uint": [],
}
MAKERS = {
    "bool": [
        "{string} == {string}", "{int} < {int}", "{int} >= {int}", "{double} <= {double}", "{string} < {string}", "!({bool})", "({bool}) && ({bool})", "({bool}) || ({bool})", "(({bool}) ? ({bool}) : ({bool}))", "{string} in {strings}", "{string} in {map}", "{int} in {ints}",
        "{string}.startsWith({string})", "{string}.endsWith({string})", "{string}.contains({string})", "{string}.matches({string})", "{strings}.all(x, x != {string})", "{strings}.exists(x, x == {string})", "{ints}.exists_one(x, x > {int})", "{map}.all(k, k != {string})", "{map}.exists(k, k == {string})",
        "{ints} == {ints}", "{strings} != {strings}", "{map} == {map}", "{timestamp} < {timestamp}", "{duration} > {duration}", "{strings}.isSorted()", "{ints}.isSorted()", "isURL({string})", "isIP({string})", "isCIDR({string})", "isQuantity({string})", "type({string}) == string", "type({int}) == int",
        "self.lo.exists(x, has(x.n) && x.n == {int})", "self.lm.all(x, x.a != {string})", "{bytes} == {bytes}", "double({int}) == {double}", "{int} == {double}", "sets.contains({strings}, {strings})", "sets.intersects({ints}, {ints})", "sets.equivalent({strings}, {strings})", "quantity({string}).isGreaterThan(quantity('1'))",
        "ip({string}).family() == 4", "cidr('10.0.0.0/8').containsIP({string})", "{string}.find({string}) == {string}", "optional.of({string}).hasValue()", "self.?o.?a.hasValue()", "self.?o.a.orValue({string}) == {string}", "self.m[?{string}].hasValue()", "{map}[{string}] == {string}", "{strings}[{int}] == {string}",
        "type(self.ios) == int", "self.ios == {int}", "self.ios == {string}", "isSemver({string})", "semver('1.2.3').isLessThan(semver({string}))", "{uint} < {uint}", "url({string}).getHost() == {string}", "format.named('dns1123Label').hasValue()", "!format.dns1123Label().validate({string}).hasValue()",
        "{strings}.exists(i, x, i < {int} && x == {string})", "{ints}.all(i, x, i <= x)", "size({map}.transformList(k, v, v)) == {int}", "{map}.transformMap(k, v, v + {string}) == {map}",
    ],
    "string": ["{string} + {string}", "string({int})", "string({double})", "string({bool})", "string({timestamp})", "string({duration})", "string({bytes})", "{string}.lowerAscii()", "{string}.upperAscii()", "{string}.trim()", "{string}.replace({string}, {string})", "{string}.replace({string}, {string}, {int})", "{string}.substring({int})",
        "{string}.substring({int}, {int})", "{string}.charAt({int})", "{strings}.join({string})", "{strings}.join()", "{strings}[{int}]", "{map}[{string}]", "(({bool}) ? {string} : {string})", "'%s-%d'.format([{string}, {int}])", "'%.2f %e'.format([{double}, {double}])", "'%b %x %X %o'.format([{int}, {int}, {string}, {int}])", "'%s'.format([{ints}])",
        "'%s'.format([{map}])", "{string}.find('[a-z]')", "string(quantity('1.5Gi').asInteger())", "string(ip('::1'))", "base64.encode({bytes})", "string({uint})", "{string}.reverse()", "strings.quote({string})", "'%s'.format([{duration}])", "'%s'.format([{timestamp}])", "'%s'.format([{double}])"],
    "int": ["{int} + {int}", "{int} - {int}", "{int} * {int}", "{int} / {int}", "{int} % {int}", "-({int})", "size({string})", "size({strings})", "{map}.size()", "int({string})", "int({double})", "int({timestamp})", "{string}.indexOf({string})", "{string}.lastIndexOf({string})", "{string}.indexOf({string}, {int})", "{ints}[{int}]", "{ints}.sum()",
        "{ints}.min()", "{ints}.max()", "{strings}.indexOf({string})", "{timestamp}.getFullYear()", "{timestamp}.getMonth()", "{timestamp}.getDayOfWeek()", "{timestamp}.getHours('+02:00')", "{duration}.getMinutes()", "{duration}.getMilliseconds()", "size({bytes})", "(({bool}) ? {int} : {int})", "quantity({string}).compareTo(quantity('1k'))", "int({uint})",
        "math.greatest({int}, {int})", "math.least([1, 2])", "math.abs({int})", "math.sign({int})", "math.bitAnd({int}, {int})"],
    "double": ["{double} + {double}", "{double} / {double}", "double({string})", "double({int})", "-({double})", "math.ceil({double})", "math.round({double})", "math.sqrt({double})"], "uint": ["uint({int})", "{uint} + {uint}", "uint({string})"],
    "strings": ["{strings} + {strings}", "{strings}.filter(x, x != {string})", "{strings}.map(x, x + {string})", "{map}.map(k, k)", "{string}.split({string})", "{string}.split({string}, {int})", "{string}.findAll('[a-z]')", "{ints}.map(x, string(x))", "{ints}.map(x, x > {int}, string(x))", "{strings}.sort()", "{strings}.distinct()", "{strings}.slice({int}, {int})", "{strings}.reverse()"],
    "ints": ["{ints} + {ints}", "{ints}.filter(x, x > {int})", "{ints}.map(x, x * {int})", "{strings}.map(x, size(x))", "[{ints}, {ints}].flatten()"], "map": ["(({bool}) ? {map} : {map})", "({map}.filter(k, k != {string}).size() > 0 ? {map} : {map})"],
    "bytes": ["bytes({string})", "base64.decode({string})", "{bytes} + {bytes}"], "timestamp": ["{timestamp} + {duration}", "timestamp({string})", "{timestamp} - {duration}"], "duration": ["{timestamp} - {timestamp}", "{duration} + {duration}", "duration({string})"],
}
OBJECTS = (
    {}, {"s": "a", "t": "abc", "i": 1, "j": 2, "d": 1.5, "b": True, "ls": ["a", "b", "a"], "li": [3, 1, 2], "m": {"a": "x"}, "o": {"a": "q", "n": 7}, "lo": [{"n": 1}, {"a": "z"}], "set": ["b", "a"], "lm": [{"a": "x", "n": 2}], "ios": 1, "dt": "2024-02-29T12:30:05.5+01:00", "du": "90m", "by": "YWI=", "nu": None},
    {"s": "", "t": "http://a.b:80/c?d=e", "i": -7, "j": 0, "d": -0.0, "b": False, "ls": [], "li": [], "m": {}, "o": {}, "lo": [], "set": [], "lm": [], "ios": "50%", "dt": "1969-12-31T23:59:59Z", "du": "-1ns", "by": "", "nu": "n"},
    {"s": "Ä1.5Gi", "t": "10.0.0.1", "i": 9223372036854775807, "j": -9223372036854775808, "d": 1e21, "b": True, "ls": ["", "Ä"], "li": [0, 0], "m": {"a b": "", "Ä": "ä"}, "o": {"a": ""}, "lo": [{"a": "a", "n": 0}], "set": ["1"], "lm": [{"a": "", "n": 1}, {"a": "b"}], "ios": "a", "dt": "0001-01-01T00:00:00Z", "du": "3s", "by": "//8=", "nu": "abc"},
)


def expression(r, kind, depth):
    if r.random() < 0.01:
        kind = r.choice(list(LITERALS))
    if depth <= 0 or r.random() < 0.15:
        return r.choice(LITERALS[kind] if not FROM_SELF[kind] or r.random() < 0.4 else FROM_SELF[kind])
    text = r.choice(MAKERS[kind])
    while "{" in text.replace("{'", ""):
        at = text.index("{", 0)
        end = text.index("}", at)
        inner = expression(r, text[at + 1 : end], depth - 1)
        text = text[:at] + inner.replace("{", "\x01").replace("}", "\x02") + text[end + 1 :]
    return text.replace("\x01", "{").replace("\x02", "}")


def definition(number, rules):
    spec = {"type": "object", "properties": FIELDS, "x-kubernetes-validations": [{"rule": rule, "message": f"rule {i}"} for i, rule in enumerate(rules)]}
    names = {"plural": f"r{number}s", "singular": f"r{number}", "kind": f"R{number}", "listKind": f"R{number}List"}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"r{number}s.{GROUP}"}, "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]}}


def problems(answer):
    """The causes of a refusal by the rule that they mean."""
    found = {}
    for cause in (answer.get("details") or {}).get("causes") or [] if isinstance(answer, dict) else []:
        found.setdefault(cause.get("field", ""), set()).add(cause.get("message", ""))
    return found


def told(comparison, label, rules, ours, upstream):
    for place in sorted(set(ours) | set(upstream)):
        if ours.get(place) != upstream.get(place) and not any(k.search(f"{label} {m}") for k in comparison.known for m in (ours.get(place) or set()) ^ (upstream.get(place) or set())):
            comparison.different += 1
            number = place.split("validations[")[1].split("]")[0] if "validations[" in place else ""
            print(f"{label} {place}: {rules[int(number)] if number else ''}\n    ours:     {sorted(ours.get(place) or [])}\n    upstream: {sorted(upstream.get(place) or [])}")


def run(comparison):
    seed, count = int(os.environ.get("SEED", "1")), int(os.environ.get("COUNT", "1000"))
    r, servers = random.Random(seed), comparison.servers
    for number in range(max(1, count // 50)):
        rules = [expression(r, "bool", int(os.environ.get("DEPTH", "3"))) for _ in range(50)]
        name = f"{DEFINITIONS}/r{number}s.{GROUP}"
        answers = {server: problems(servers.send(server, "POST", DEFINITIONS, definition(number, rules))[1]) for server in SERVERS}
        comparison.cases += 50
        told(comparison, f"{seed}.{number}", rules, answers["ours"], answers["upstream"])
        bad = {int(p.split("validations[")[1].split("]")[0]) for side in answers.values() for p in side if "validations[" in p}
        good = [rule for i, rule in enumerate(rules) if i not in bad]
        for server in SERVERS:
            servers.send(server, "DELETE", name)
            servers.until(server, name, 404)
        made = {server: servers.send(server, "POST", DEFINITIONS, definition(number, good)) for server in SERVERS}
        if any(code != 201 for code, _, _ in made.values()):
            told(comparison, f"{seed}.{number} again", good, problems(made["ours"][1]), problems(made["upstream"][1]))
            continue
        path = f"/apis/{GROUP}/v1/namespaces/default/r{number}s"
        for server in SERVERS:
            servers.until(server, path, 200)
        for i, spec in enumerate(OBJECTS):
            said = {}
            for server in SERVERS:
                body = {"apiVersion": f"{GROUP}/v1", "kind": f"R{number}", "metadata": {"name": f"o{i}"}, "spec": spec}
                code, answer, _ = servers.send(server, "POST", path + "?dryRun=All", body)
                said[server] = {m for messages in problems(answer).values() for m in messages} if code == 422 else {str(code)}
            comparison.cases += len(good)
            upstream_dies = {m.split("rule: ")[-1] for m in said["upstream"] if "internal error: interface conversion" in m or "RFC 3339" in m}  # faults and words of a newer library of CEL
            for message in sorted(said["ours"] ^ said["upstream"]):
                if message.split("rule: ")[-1] not in upstream_dies and not any(k.search(f"{seed}.{number} of object {i} {message}") for k in comparison.known):
                    comparison.different += 1
                    rule = good[int(message.split("rule ")[1].split(":")[0])] if "rule " in message and message.split("rule ")[1].split(":")[0].isdigit() else ""
                    print(f"{seed}.{number} of object {i}, {'ours alone' if message in said['ours'] else 'upstream alone'}: {message[:600]}\n    {rule}")
        for server in SERVERS:
            servers.send(server, "DELETE", name)
