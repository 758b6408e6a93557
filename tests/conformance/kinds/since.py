"""What changed between release 1.20 and the one that this program follows, taken out of both answers before they are compared."""

import re

# Fields that came since, by the names they have anywhere in an object; with a value, only that value (the default) is taken out. Those of one place have a line in known.txt.
GONE = object()
NEW = {
    "managedFields": GONE, "observedGeneration": 0, "internalTrafficPolicy": "Cluster", "completionMode": "NonIndexed", "podReplacementPolicy": "TerminatingOrFailed", "suspend": False, "maxSurge": 0,
    "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"}, "availableReplicas": 0, "creationTimestamp": None, "seLinuxMount": False, "preventPodSchedulingIfMissing": False,
}
# Labels that got a prefix since.
LABELS = ("batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")
COMPLEX = r'(?:null|true|false|\{.*?\}|\[.*?\]|(?:\[\]|map\[|\*?\w+\.)[^ ]*\{.*?\}|(?:\[\]|map\[)\S*\(nil\)|\w+\.\w+\(nil\))'

# Words that upstream says otherwise since: lengths are of bytes, values of objects are JSON and no Go syntax, and what cannot be decoded is told by another decoder.
WORDS = (
    (r"intstr.IntOrString\{Type:1, IntVal:0, StrVal:(\"[^\"]*\")\}", r"\1"),
    (r"intstr.IntOrString\{Type:0, IntVal:(-?\d+), StrVal:\"\"\}", r"\1"),
    (r"(value): " + COMPLEX + "(: |$)", r"\1: <object>\2"),
    (r"(no more than \d+) characters", r"\1 bytes"),
    (r"must have at most (\d+) (bytes|characters|items)", r"may not be more than \1 \2"),
    (r"(cannot be handled as a \w+): .*", r"\1: <problem>"),
    (r"kube-api-access-\w{5}", "kube-api-access-<random>"),
    (r"a qualified name must consist", "a valid label key must consist"),
)


def older(value, key=""):
    if isinstance(value, dict):
        prefixed = any(name in value for name in LABELS)
        return {k: older(v, k) for k, v in value.items() if not (k in NEW and (NEW[k] is GONE or NEW[k] == v and type(NEW[k]) is type(v))) and not (prefixed and k in LABELS)}
    if isinstance(value, list):
        return [older(v) for v in value]
    if isinstance(value, str):
        for pattern, text in WORDS:
            value = re.sub(pattern, text, value, flags=re.S)
    return value
