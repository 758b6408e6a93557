"""A valid object and what is changed in it: a path such as spec.containers.0.image, and what is put there; GONE takes it away."""

import copy

GONE = object()


def each(path, *values):
    return [{path: value} for value in values]


def changed(base, changes):
    made = copy.deepcopy(base)
    for path, value in changes.items():
        put(made, path.split("."), value)
    return made


def put(node, names, value):
    name = int(names[0]) if isinstance(node, list) else names[0]
    if len(names) == 1:
        if value is GONE:
            node.pop(name, None) if isinstance(node, dict) else node.pop(name)
        elif isinstance(node, list) and name == len(node):
            node.append(value)
        else:
            node[name] = value
        return
    if isinstance(node, list) and name == len(node):
        node.append({})
    elif isinstance(node, dict) and name not in node:
        node[name] = [] if names[1] == "0" else {}
    put(node[name], names[1:], value)


def label(kind, changes):
    return kind + " " + ", ".join(f"{path}={'gone' if value is GONE else value!r}"[:160] for path, value in changes.items())
