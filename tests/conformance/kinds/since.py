"""What changed between release 1.20 and the one that this program follows: words are made the same in both answers before they are compared, and what is left is looked up in CHANGES."""

import re

# Fields that came since, by the names they have anywhere in an object; with a value, only that value (the default) is taken out. Those of one place have a line in CHANGES.
GONE = object()
NEW = {
    "managedFields": GONE, "observedGeneration": 0, "internalTrafficPolicy": "Cluster", "completionMode": "NonIndexed", "podReplacementPolicy": "TerminatingOrFailed", "suspend": False, "maxSurge": 0,
    "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"}, "availableReplicas": 0, "creationTimestamp": None, "seLinuxMount": False, "preventPodSchedulingIfMissing": False,
    "lastPhaseTransitionTime": GONE, "nodeAffinityPolicy": "Honor", "nodeTaintsPolicy": "Ignore",
}
# Labels of jobs that got a prefix in 1.27; the old ones stay, but are not selected by.
LABELS = ("batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")
COMPLEX = r'(?:null|true|false|\{.*?\}|\[.*?\]|(?:\[\]|map\[|\*?\w+\.)[^ ]*\{.*?\}|(?:\[\]|map\[)\S*\(nil\)|\w+\.\w+\(nil\))'
LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

# Words of both that are made the same: lengths are of bytes, values of objects are JSON and no Go syntax, and what cannot be decoded is told by another decoder.
WORDS = (
    (r"intstr.IntOrString\{Type:1, IntVal:0, StrVal:(\"[^\"]*\")\}", r"\1"),
    (r"intstr.IntOrString\{Type:0, IntVal:(-?\d+), StrVal:\"\"\}", r"\1"),
    (r"(value): " + COMPLEX + "(: |$)", r"\1: <object>\2"),
    (r"(no more than \d+) characters", r"\1 bytes"),
    (r"must have at most (\d+) (bytes|characters|items)", r"may not be more than \1 \2"),
    (r"(cannot be handled as a \w+): .*", r"\1: <problem>"),
    (r"kube-api-access-\w{5}", "kube-api-access-<random>"),
    (r"a qualified name must consist", "a valid label key must consist"),
    (r"(must be (?:less than or equal|equal) to \S+ limit)( of \S+)?$", r"\1"),  # 1.27 tells the limit
    (r"((?:is immutable after creation|^Forbidden: pod updates may not change)[^\n]*)\n.*", r"\1"),  # what differs was Go syntax before 1.22
    (r"(G_)\w{5}", r"\1<random>"),
)

# Words of 1.20, and what is said since.
NEWER = (
    (r"^(data)\[%s\]", r"\1"),  # 1.23
    (r'^(Invalid value: "[a-z0-9-]+\.[a-z0-9.-]+"): ' + re.escape(LABEL) + "$", r"\1: must not contain dots"),  # 1.28
    (r"must contain at least one letter or number \(a-z, 0-9\)", "must contain at least one letter (a-z)"),  # 1.24
    (r"^(Invalid value: \"\"): (?:kind|name|uid) must not be empty$", r"\1: must not be empty"),  # 1.21
    (r"references for (x and y|x and x)$", lambda m: "references for " + m.group(1).replace("x", "X/x").replace("y", "X/y")),  # 1.26
    (r"loopback range \(127.0.0.0/8\)", "loopback range (127.0.0.0/8, ::1/128)"),  # 1.22
    (r"link-local range \(169.254.0.0/16\)", "link-local range (169.254.0.0/16, fe80::/10)"),
    (r"multicast range \(224.0.0.0/24\)", "multicast range (224.0.0.0/24, ff02::/10)"),
    (r"must be valid (IP address)$", r"must be a valid \1, (e.g. 10.9.8.7 or 2001:db8::ffff)"),  # 1.23
    (r"must be valid CIDR$", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),  # 1.32
    (r"ExternalTrafficPolicy can only be set on NodePort and LoadBalancer service", "may only be set for externally-accessible services"),  # 1.26
    (r"HealthCheckNodePort can only be set on LoadBalancer service with ExternalTrafficPolicy=Local", "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"),  # 1.24
    (r"must be empty when clusterIP is empty", "must be empty when `clusterIP` is not specified"),  # 1.22, and the next three
    (r"element \[0\] must match clusterIP", "first value must match `clusterIP`"),
    (r"may not use IPv6 on a cluster which is not configured for it", "IPv6 is not configured on this cluster"),
    (r"Cluster is not configured for dual stack services", "this cluster is not configured for dual-stack services"),
    (r"(nodePublishSecretRef) (\.)", r"\1\2"),  # 1.22
    (r"except resources.requests for bound claims", "except resources.requests and volumeAttributesClassName for bound claims"),  # 1.29
    (r'^(Invalid value: ")(Pod|)"$', r"""\1\2": must be 'PersistentVolumeClaim' when referencing the default apiGroup"""),  # 1.24
    (r'(supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce")$', r'\1, "ReadWriteOncePod"'),  # 1.22
    (r"other than 'replicas', 'template', and 'updateStrategy' are", "other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are"),  # the newest of them 1.34
    (r"must be 'Exist' only operator when scope is any of (.*) and ResourceQuotaScopeNotBestEffort$", r"must be 'Exists' when scope is any of \1, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"),  # 1.22
    (r"^reportingController$", "reportingComponent"),  # 1.33: the name that the field has in v1
    (r"regex \(\[a-z0-9\]\(\[-_a-z0-9\]\*\[a-z0-9\]\)\?\\\.\)\*\[a-z0-9\]\(\[-_a-z0-9\]\*\[a-z0-9\]\)\?$", r"regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"),  # 1.23
    (r"^Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`, `spec.initContainers\[\*\].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` \(only additions to existing tolerations\)$",
     "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"),  # 1.24
    (r"volume source type of PersistentVolumeClaim for block mode", "volume source type of PersistentVolumeClaim or Ephemeral for block mode"),  # 1.21
    (r"the namespace of the object \(\w+\) does not match the namespace on the request \(\w+\)", "the namespace of the provided object does not match the namespace sent on the request"),  # 1.21
    (r"^Invalid value: (2020-01-01) (00:00:00) \+0000 UTC: field", 'Invalid value: "<time>": field'),  # 1.32
    (r"not a valid CIDR$", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),  # 1.32
    (r'supported values: "PreemptLowerPriority", "Never"', 'supported values: "Never", "PreemptLowerPriority"'),  # 1.30
    (r"^(Invalid value: )0x0: must be specified for an update$", r"\g<1>0: must be specified for an update"),  # 1.33
    (r"host must be provided; desired", "host must be specified; desired"),  # 1.24
    (r"^Required value: (service name is required|service namespace is required|signerName must be provided|usages must be provided)$", "Required value"),
    (r"can not be set when the class field is also set$", "must match `ingressClassName` when both are specified"),  # 1.29
    (r"must to greater or equal than 0$", "must be greater than or equal to 0"),  # 1.21
    (r": (E)(xpected exactly 5 fields, found \d+): ([^\[].*)$", r": e\2: [\3]"),  # 1.21, and the next
    (r": (End of range|Step of range|Unrecognized descriptor)", lambda m: m.group(0).lower()),
    (r'in version "v\d(?:beta\d)"', 'in version "v1"'),  # which stand for v1
    (r"^(Invalid value: )\"null\": invalid label", r"\1<object>: invalid label"),  # 1.32
    (r"\.(requiredDuringSchedulingIgnoredDuringExecution\[\d+\])\.matchExpressions\.(match)", r".\1.labelSelector.\2"),  # 1.22
)

# What else came since: the release and what it changed, the request and the place, and what both say there. Of causes only those are shown that the other has not.
CHANGES = (
    ("1.21: every namespace has a label of its name", r"Namespace\b", r"^\.metadata\.labels(\.kubernetes\.io/metadata\.name)?$", r"^(n|\{'kubernetes.io/metadata.name': 'n'\})$", r"^(<absent>|x)$"),
    ("1.21: and what is no label is told of that too", r"^Namespace metadata.name=", r"causes$", r"^metadata\.labels: [^|]*$", r"^$"),
    ("1.25: nobody looks at pods to avoid", r"^Node metadata.annotations=", "^code$", "^201", r"^422 .*AvoidPods"),
    ("1.35: pods have a generation; 1.22: CSI drivers, 1.27: pod templates, 1.24: jobs", r"^(stored |update of )?(Pod|CSIDriver|PodTemplate|Job|CronJob)\b", r"^\.metadata\.generation$", r"^\d$", "^(<absent>|7)$"),
    ("1.24: names of services may begin with digits", r"^Service metadata.name='1a'", "^code$", "^201", "DNS-1035"),
    ("1.34: and are told to be labels", r"^Service metadata.name=", "causes", r"^metadata\.name: .*(RFC 1123 label|must not contain dots)", r"^metadata\.name: .*DNS-1035"),
    ("1.27: ports of nodes are looked for in a part of their range first, and dry runs ask for none before 1.23", r"Service ", r"ort$", r"^3[0-2]\d{3}$", r"^3[0-2]\d{3}$"),
    ("1.23: dry runs allocate addresses and ports", r"^Service spec.clusterIP=''", r"^\.spec\.clusterIPs?$", r"^(10\.|\['10\.)", "^<absent>$"),
    ("1.23: dry runs allocate addresses and ports", r"^Service spec.clusterIP='(1.2.3.4|10.96.0.0|10.111.255.255)'", "^code$", "^422 .*the provided network does not match the current range$", "^201"),
    ("1.23: dry runs allocate addresses and ports", r"^Service .*nodePort=(80|70000|-1)$", "^code$", "^422 .*provided port is not in the valid range", "^201"),
    ("1.23: addresses are allocated before all else is validated, and what is wrong with them is told alone", r"Service (spec.ipFamil|spec.clusterIP)", "causes", r"^(spec\.\w+: [^|]*|)$", r"(spec.ipFamilies\[\d\]|spec.clusterIPs\[0\]|spec.ipFamilyPolicy): "),
    ("1.24: values are told by their name", r"^update of PriorityClass value=5", "causes", "^value: Forbidden: may not be changed in an update.$", "^Value: Forbidden: may not be changed in an update.$"),
    ("1.22: services without a selector and head have both families", r"^Service spec.clusterIP='None', spec.selector=\{\}", r"^\.spec\.ipFamilies$", r"^\['IPv4', 'IPv6'\]$", r"^\['IPv4'\]$"),
    ("1.26: external addresses too want a policy of traffic", r"Service spec.externalIPs", r"^\.spec\.externalTrafficPolicy$", "^Cluster$", "^<absent>$"),
    ("1.26: the policy of traffic is told to be of two", r"^Service .*externalTrafficPolicy='x'", "causes", "externalTrafficPolicy: (Unsupported|Invalid) value: \"x\": (may only be set for ext|supported values: \"Cluster\", \"Local\")", "ExternalTrafficPolicy must be empty, Cluster or Local"),
    ("1.26: and of services outside the cluster", r"^Service spec.type='ExternalName', .*externalTrafficPolicy='Local'", "causes", r"^spec\.externalTrafficPolicy: [^|]*externally-accessible services \| spec\.healthCheckNodePort: [^|]*$", "^$"),
    ("1.24: a port of health checks is first told to be of no use", r"^Service .*healthCheckNodePort=-1", "causes", "may only be set when `type`", "must be not less than 0"),
    ("1.34: each of the ranges is told of", r"^Service .*(LoadBalancerS|loadBalancerS|load-balancer-s)ource", "causes", r"must be a valid CIDR value", "must be a list of IP ranges"),
    ("1.22: a service gives up no address", r"^update of Service spec.clusterIP=(''|'gone', spec.clusterIPs='gone')", "^code$", "^200", "primary clusterIP can not be unset"),
    ("1.23: services are written without a revision too", r"^update of Service metadata.resourceVersion='gone'", "^code$", "^200", "must be specified for an update"),
    ("1.26: claims get the default class afterwards", r"^update of PersistentVolumeClaim spec.storageClassName='x'", "^code$", "^200", "is immutable after creation"),
    ("1.24: smaller claims are told of with the rest", r"^update of PersistentVolumeClaim spec.resources.requests.storage='500Mi'", "causes", "^$", r"^spec\.resources\.requests\.storage: Forbidden: field can not be less than previous value$"),
    ("1.22: reference of expansion has its name in the path", r"^PersistentVolume .*controllerExpandSecretRef", "causes", r"^spec\.csi\.controllerExpandSecretRef\.namespace: ", r"^spec\.csi\.namespace: "),
    ("1.22 to 1.29: most of a CSI driver may change", r"^update of CSIDriver ", "^code$", "^200", "field is immutable$"),
    ("1.22 to 1.29: most of a CSI driver may change", r"^update of CSIDriver ", "causes", r"^spec\.(attachedRequired|volumeLifecycleModes): .*field is immutable$", "^spec: .*field is immutable$"),
    ("1.34: drivers of nodes are told by their path", r"^update of CSINode ", "causes", r"^spec\.drivers: ", "^CSINodeDriver: "),
    ("1.21: identities of nodes may be longer", r"^CSINode spec.drivers=\[\{'name': 'd', 'nodeID': 'xxx", "causes", "must be 192 characters or less$", "must be 128 characters or less$"),
    ("1.21: one of two must not be zero", r"^DaemonSet spec.updateStrategy", "causes", r"^(spec\.updateStrategy\.rollingUpdate\.maxUnavailable: Required value: cannot be 0 when maxSurge is 0|)$", r"^spec\.updateStrategy\.rollingUpdate\.maxUnavailable: Invalid value: .*: cannot be 0$"),
    ("1.34: templates of stateful sets are validated", r"StatefulSet spec(\.template.*=|='gone'|=\{\})", "^code$", r"^422 .*spec\.template\.spec\.", "^20[01]"),
    ("1.34: templates of stateful sets are validated", r"StatefulSet spec(\.template.*=|='gone'|=\{\})", "causes", r"^spec\.template\.spec\.(containers: Required value|restartPolicy: Unsupported value: \"x\": supported values: \"Always\", \"OnFailure\", \"Never\")$", "^$"),
    ("1.34: claims of stateful sets are validated", r"^StatefulSet spec.volumeClaimTemplates=", "^code$", r"^422 .*spec\.(volumeClaimTemplates|template\.spec\.volumes)\[0\]", "^201"),
    ("1.35: names of stateful sets are labels", r"^StatefulSet metadata.name=", "^code$", r"^422 .*metadata\.name: Invalid value: \"(a\.b|a+)\": must (not contain dots|be no more than 63 bytes)$", "^201"),
    ("1.35: names of stateful sets are labels", r"^StatefulSet metadata.name=", "causes", r"^metadata\.name: .*(RFC 1123 label|no more than 63 bytes)", r"^metadata\.name: .*(RFC 1123 subdomain|no more than 253 bytes)"),
    ("1.34: names of governing services are validated", r"^StatefulSet spec.serviceName=", "^code$", r"^422 .*spec\.serviceName: ", "^201"),
    ("1.22: stateful sets have minReadySeconds", r"^update of StatefulSet spec.minReadySeconds=-1", "^code$", r"^422 .*spec\.minReadySeconds: ", "^200"),
    ("1.34: revisions of stateful sets may be limited later", r"^update of StatefulSet spec.revisionHistoryLimit=3", "^code$", "^200", "^422 .*updates to statefulset spec"),
    ("1.27: what jobs select by has a prefix", r"^Job spec.template.metadata=\{'labels': \{'controller-uid': 'x'\}\}", "causes", "^$", r"^spec\.template\.metadata\.labels: [^|]*does not match template `labels`$"),
    ("1.27: what jobs select by has a prefix", r"^update of Job spec.template.metadata.labels=\{\}", "causes", r"^spec\.template\.metadata\.labels\[batch.kubernetes.io/[a-z-]+\]: Required", "^$"),
    ("1.33: groups of what is scaled are validated", r"^HorizontalPodAutoscaler spec", "causes", r"^spec\.scaleTargetRef\.apiVersion: Invalid value: \"\": apiVersion must specify API group$", "^$"),
    ("1.33: groups of what is scaled are validated", r"^HorizontalPodAutoscaler spec.scaleTargetRef=.*'a/b/c'", "^code$", "unexpected GroupVersion string: a/b/c$", "^201"),
    ("1.26: revisions are of what is created", r"^Pod metadata.resourceVersion=", "^code$", "^400 resourceVersion should not be set on objects to be created$", "^201"),
    ("1.35: the server says which generation pods have", r"^Pod metadata.generation=-1", "^code$", "^201", "metadata.generation: Invalid value: -1"),
    ("1.22: pods that end at once get a second", r"^Pod spec.terminationGracePeriodSeconds=-1", r"terminationGracePeriodSeconds$", "^1$", "^-1$"),
    ("1.28: the other port is told of", r"^Pod spec.hostNetwork=True, spec.containers.0.ports", "causes", r"hostPort: Invalid value: 81: must match `containerPort`", r"containerPort: Invalid value: 80: must match `hostPort`"),
    ("1.25: hosts are told by their places", r"^Pod spec.hostAliases", "causes", r"^spec\.hostAliases\[0\]\.(ip|hostnames\[0\]): ", r"^spec\.hostAliases\.(ip|hostnames): "),
    ("1.22: 32 search paths", r"^Pod spec.dnsConfig=\{'searches': \['a', ", "^code$", "^201", "must not have more than 6 search paths$"),
    ("1.32: search paths may be a dot and have underscores", r"^Pod spec.dnsConfig=\{'searches': \['.'", "^code$", "^201", r"dnsConfig\.searches\[0\]"),
    ("1.32: search paths may be a dot and have underscores", r"^Pod spec.dnsConfig=\{'searches': \['A_'", "causes", "characters, '_', '-' or '.'", "characters, '-' or '.'"),
    ("1.27: annotations of seccomp are no more", r"^Pod spec.securityContext=\{'seccompProfile'", "causes", "^$", r"^metadata\.annotations\.seccomp\.security\.alpha\.kubernetes\.io/pod: [^|]*$"),
    ("1.28: sysctls of what is the host's", r"^Pod spec.host(Network|IPC)=True, spec.securityContext=\{'sysctls'", "^code$", "may not be specified when 'host(Network|IPC)' is true$", "^201"),
    ("1.27: selectors of spread are validated", r"^Pod spec.topologySpreadConstraints=", "^code$", r"^422 .*topologySpreadConstraints\[0\]\.labelSelector\.", "^201"),
    ("1.29: values of affinity are validated", r"^Pod spec.affinity=\{'nodeAffinity'", "^code$", r"values\[0\]: Invalid value: \"b c\": a valid label must be", "^201"),
    ("1.23: what is not supported is told by what is", r"^Pod spec.containers.0.terminationMessagePolicy='x'", "causes", r"Unsupported value: \"x\": supported values: \"File\", \"FallbackToLogsOnError\"$", "must be 'File' or 'FallbackToLogsOnError'$"),
    ("1.34: names of variables may be all that is printed", r"^Pod spec.containers.0.env(From)?=", "^code$", "^201", r"env(From)?\[0\]\.(name|prefix): Invalid value: .*(a valid environment variable name must consist|must not be '\.|must not start with '\.\.')"),
    ("1.34: names of variables may be all that is printed", r"^Pod spec.containers.0.env=\[\{'name': 'A=B'", "causes", "only of printable ASCII characters other than '='$", "a valid environment variable name must consist of alphabetic"),
    ("1.30: addresses of hosts as variables, told by all that are supported", r"^Pod spec.containers.0.env=.*fieldRef", "causes", r'"status\.hostIP", "status\.hostIPs", "status\.podIP"', r'"status\.hostIP", "status\.podIP"'),
    ("1.21: huge pages as variables", r"^Pod spec.containers.0.env=.*requests.hugepages-2Mi", "^code$", "^201", "Unsupported value: \"requests.hugepages-2Mi\""),
    ("1.31: amounts of huge pages are whole pages", r"^Pod spec.containers.0.resources=\{'limits': \{'hugepages-(2Mi': '3Mi|x)", "^code$", "is not positive integer multiple of hugepages-", "^201"),
    ("1.31: an unmasked /proc is for users of its own", r"^Pod spec.containers.0.securityContext=\{'procMount': 'Unmasked'", "^code$", "`hostUsers` must be false to use `Unmasked`$", "^201"),
    ("1.28: some containers at the start live on", r"^Pod spec.initContainers=", "causes", "Forbidden: may not be set for init containers without restartPolicy=Always$", "must not be set for init containers$"),
    ("1.22: kinds are told by the group that they are asked for in", r"(NetworkPolicy|Ingress) ", r"^\.details\.group$", "^networking.k8s.io$", "^extensions$"),
    ("1.22: kinds are told by the group that they are asked for in", r"(NetworkPolicy|Ingress) ", "^\\.message$", "networking.k8s.io", "extensions"),
    ("1.36: names of services may begin with digits", r"^Ingress .*backend=", "causes", "backend.service.name: .*RFC 1123 label", "backend.service.name: .*DNS-1035"),
    ("1.22: parameters of classes have a scope", r"IngressClass spec.parameters=", r"^\.spec\.parameters\.scope$", "^Cluster$", "^<absent>$"),
    ("1.22: parameters of classes may have no group", r"IngressClass spec.parameters=", r"^\.spec\.parameters\.apiGroup$", "^<absent>$", "^None$"),
    ("1.23: tolerations are told by their place", r"^RuntimeClass ", "causes", r"^scheduling\.tolerations\[0\]\.", r"^scheduling\.tolerations\.tolerations\[0\]\."),
    ("1.32: who is known by a certificate has its fingerprint", r"CertificateSigningRequest", r"^\.spec\.extra$", "X509SHA256", "^<absent>$"),
    ("1.21: schedules do not name time zones", r"^CronJob spec.schedule='(CRON_)?TZ=", "causes", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead$", "expected exactly 5 fields"),
    ("1.23: the status of autoscalers has what it says alone", r"HorizontalPodAutoscaler", r"^\.status\.(conditions|currentReplicas)$", "^<absent>$", "^(None|0)$"),
    ("1.32: autoscalers are stored in the version that has lists of metrics", r"^HorizontalPodAutoscaler spec.metrics=", r"^\.spec\.metrics$", r"averageUtilization': 50.*averageUtilization': 50", "averageUtilization': 50"),
    ("1.33: restored from what it was", r"^strategic .*deleteFromPrimitiveList/finalizers\": \"x\"", "^code$", "^200", "cannot restore slice from string$"),
    ("1.25: bodies of patches are read strictly, by another decoder", r"^(strategic|json-patc|merge-pat) ", "^(code|\\.message)$", r"(error decoding patch: (json: cannot unmarshal|unexpected end)|^unexpected end of JSON input$|^400 Invalid JSON Patch$)", r"^(unexpected end of JSON input|json: cannot unmarshal \w+ into Go value of type jsonpatch\.\w+|500 Invalid JSON Patch|unexpected EOF|EOF|422 .*couldn't get version/kind; json parse error.*)$"),
    ("1.24: a patch may replace all", r"^json-patc \[\{\"op\": \"replace\", \"path\": \"\", ", "^code$", "^400 the name of the object", "^422 the server rejected"),
    ("1.22: media types are told", r"^type ", "^\\.message$", "^the body of the request was in an unknown format - accepted media types include: ", "^415: Unsupported Media Type$"),
    ("1.22: media types are told", r"^type ", r"^\.details$", "^<absent>$", r"^\{\}$"),
    ("1.22: a service gives up no address", r"^Service (strategic|merge) .*clusterIP\": null", "^code$", "^200", "primary clusterIP can not be unset"),
    ("1.26: external addresses too want a policy of traffic", r"^Service (strategic|merge) .*externalIPs", r"^\.spec\.externalTrafficPolicy$", "^Cluster$", "^<absent>$"),
    ("1.22: what is nowhere is told so", r"^GET /nope", r"^\.(apiVersion|code|details|kind|message|metadata|reason|status)$", "^(v1|404|\\{\\}|Status|the server could not find the requested resource|NotFound|Failure)$", "^<absent>$"),
    ("1.21: operators of selectors are sorted", r"labels ?elector|^labels a b|labelSelector", r"^\.message$", "expected: in, notin, =, ==, !=, gt, lt$", "expected: '=', '!=', '==', 'in', notin'$"),
    ("1.21: requirements are validated field by field", r"^labels ", r"^\.message$", "^unable to parse requirement: (values\\[0\\](\\[a\\])?|<nil>): Invalid value: ", "^unable to parse requirement: (for 'Gt', 'Lt' operators|invalid label (key|value))"),
    ("1.23: services are selected by address and type", r"^fields services ", r"^(code|\.message)$", "^(200|field label not supported: )", "is not a known field selector"),
    ("1.30: pods are selected by their network", r"^fields pods spec.hostNetwork=true", "^code$", "^200", "^400 field label not supported"),
    ("1.25: revisions that are none are bad requests", r"^(list|one) .*resourceVersion=(x|-1)$", "^code$", "^400 invalid resource version: ", "^500 resourceVersion: Invalid value"),
    ("1.29: revisions of pages are told of first", r"^list limit=1&continue=x&resourceVersion=1", r"^\.message$", "^specifying resource version is not allowed when using continue$", "^invalid continue token: "),
    ("1.27: watches may send what there is first", r"^list watch=true&resourceVersionMatch=Exact", "causes", "unless sendInitialEvents is provided", "resourceVersionMatch is forbidden for watch"),
    ("1.22: options of deletes are bodies like others", r"^delete ", "^code$", "^(400|200) ", "^500 (v1.DeleteOptions|no kind|couldn't get version/kind)"),
    ("1.35: pods have a generation", r"^delete pod ", r"^\.metadata\.generation$", r"^\d$", "^<absent>$"),
    ("1.26: emulated versions are told", r"^accept .*/version", r"^\.(emulation|minCompatibility)(Major|Minor)$", r"^\d+$", "^<absent>$"),
    ("1.22: media types are told", r"^accept ", r"^(\.message|\.details)$", "^(only the following media types are accepted: |<absent>$)", r"^(406: Not Acceptable|\{\})$"),
    ("1.25: the version is JSON", r"^accept .* /version", "^(code|content-type)$", "^(200|application/json)", "^(406|application/yaml)"),
    ("1.26: resources have a name for one", r"^accept application/yaml /api/v1:?", "^$", "singularName: binding", 'singularName: ""'),
    ("1.22: evictions are of policy/v1", r"^eviction ", r"^(code|\.message)$", "v1beta1", "^(name in URL|201|409|500|X in version)"),
    ("1.22: bindings have preconditions", r"^bindings? .*uid", "^code$", "^409 .*Precondition failed: UID", "^201"),
    ("1.22: restarts tell when", r"^Pod ", r"^\.columnDefinitions\[3\]\.type$", "^string$", "^integer$"),
    ("1.22: restarts tell when", r"^Pod ", r"^\.rows\[0\]\.cells\[3\]$", "^0$", "^0$"),
    ("generations that came since, as above", "", r"\.(object|items\[0\])\.metadata\.generation$", r"^\d$", "^<absent>$"),
    ("1.23: what is deleted is returned", r"^Service gone", r"^\.", ".", "."),
    ("1.21: jobs of cron jobs go with them", r"^CronJob gone", r"^\.", ".", "."),
    ("1.30: ages of quotas are last", r"^ResourceQuota ", r"^\.(columnDefinitions\[[123]\]\.name|rows\[0\]\.cells\[[13]\])$", r"^(Request|Limit|Age|\d+s|requests.cpu: 0/1|)$", r"^(Request|Limit|Age|\d+s|requests.cpu: 0/1|)$"),
    ("1.33: secrets of accounts are not counted", r"^ServiceAccount ", r"^\.(columnDefinitions|rows\[0\]\.cells)$", ".", "."),
    ("1.29: attributes of volumes have a class", r"^PersistentVolume(Claim)? ", r"^\.(columnDefinitions|rows\[0\]\.cells)$", "<unset>|VolumeAttributesClass", "."),
    ("1.32: preemption is told", r"^PriorityClass ", r"^\.(columnDefinitions|rows\[0\]\.cells)$", "PreemptLowerPriority|PreemptionPolicy", "."),
    ("1.22: what is requested has a duration", r"^CertificateSigningRequest ", r"^\.(columnDefinitions|rows\[0\]\.cells)$", "<none>|RequestedDuration", "."),
    ("1.32: who is known by a certificate has its fingerprint", r"CertificateSigningRequest", r"\.object\.spec\.extra$", "X509SHA256", "^<absent>$"),
    ("1.27: schedules have a time zone", r"^CronJob ", r"^\.(columnDefinitions|rows\[0\]\.cells)$", "Timezone|'<none>', 'False'", "."),
    ("1.32: the status of jobs is told", r"^Job ", r"^\.(columnDefinitions|rows\[0\]\.cells)$", "'Running'|'Terminating'|'Status'", "."),
    ("no release, but a second more or less", "", r"\.cells\[\d+\]$", r"^\d+s$", r"^\d+s$"),
    ("1.30: targets have their names", r"^HorizontalPodAutoscaler ", r"^\.rows\[0\]\.cells\[2\]$", "^cpu: <unknown>/80%$", "^<unknown>/80%$"),
    ("1.23: the status of autoscalers has what it says alone", r"^HorizontalPodAutoscaler", r"\.object\.status\.(conditions|currentReplicas)$", "^<absent>$", "^(None|0)$"),
    ("1.27: sources of projections are told by their name", r"^Pod spec.volumes=.*projected", "causes", "may not specify more than 1 volume type per source$", "may not specify more than 1 volume type$"),
    ("1.32: JSON is shown as it is", r"^update of ControllerRevision data='gone'", "causes", "^data: Invalid value: <object>: field is immutable$", "^data: Invalid value: \"null\": field is immutable$"),
    ("1.33: paths of tokens are validated", r"^Pod spec.volumes=.*serviceAccountToken': \{'path': '../p'", "causes", r"^spec\.volumes\[0\]\.projected\.path: ", "^$"),
    ("1.21: the namespace of a body is looked at before its name, and is that of the path when it names none", r"^(update other namespace|scale .*resourceVersion)", r"^(\.message|code)$", r"^(the namespace of the provided object does not match|409 )", r"^(the name of the object|422 .*metadata\.namespace: Required value$)"),
    ("1.23: paths of nobody are missing in plain words, not with a list of those that are there", r"^GET /nope", "^(|content-type)$", "^(404 page not found|text/plain)", r"^(\{'paths'|application/json$)"),
    ("1.36: addresses and ranges are read strictly", r"^(Service|Node|NetworkPolicy) ", "^(code|.*causes)$", "must not have (leading 0s|bits set beyond the prefix length)$", "^(201|.*must be a valid IP address)"),
)


def older(value, key=""):
    if isinstance(value, dict):
        value = {k: older(v, k) for k, v in value.items() if not (k in NEW and (NEW[k] is GONE or NEW[k] == v and type(NEW[k]) is type(v)))}
        for name in LABELS:
            if name in value:
                value.setdefault(name.split("/")[1], value.pop(name))
        return value
    if isinstance(value, list):
        return [older(v) for v in value]
    if isinstance(value, str):
        value = replaced(value, WORDS)
    return value


def newer(value):
    """An answer of 1.20 in the words that are used since."""
    if isinstance(value, dict):
        return {k: newer(v) for k, v in value.items()}
    if isinstance(value, list):
        return [newer(v) for v in value]
    return replaced(value, NEWER) if isinstance(value, str) else value


def replaced(text, words):
    for pattern, by in words:
        text = re.sub(pattern, by, text, flags=re.S)
    return text


def since(label, place, ours, upstream):
    """Whether a difference is what a later release changed."""
    return any(re.search(a, label) and re.search(b, place) and re.search(c, str(ours), re.S) and re.search(d, str(upstream), re.S) for _, a, b, c, d in CHANGES)
