using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>One rejected pod a rule, with the whole Status that says so.</summary>
public class PodRuleTests
{
    private const string Pod = """{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"c","image":"nginx"}]}}""";
    private const string C = "spec.containers[0].";
    private const string NotSubdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string Bytes = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ";

    public static TheoryData<string, string, string> Containers => new()
    {
        { "restartPolicy", "\"Maybe\"", $"FieldValueNotSupported {C}restartPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", \"Never\", \"OnFailure\"" },
        { "restartPolicyRules", """[{"action":"Restart","exitCodes":{"operator":"In","values":[1]}}]""", $"FieldValueRequired {C}restartPolicy: Required value: must specify restartPolicy when restart rules are used" },
        { "lifecycle", """{"preStop":{"sleep":{"seconds":31}}}""", $"FieldValueInvalid {C}lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)" },
        { "lifecycle", """{"postStart":{}}""", $"FieldValueRequired {C}lifecycle.postStart: Required value: must specify a handler type" },
        { "lifecycle", """{"stopSignal":"SIGUSR1"}""", $"FieldValueForbidden {C}lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`" },
        { "readinessProbe", """{"exec":{"command":["a"]},"terminationGracePeriodSeconds":5}""", $"FieldValueInvalid {C}readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes" },
        { "livenessProbe", """{"exec":{"command":["a"]},"terminationGracePeriodSeconds":0}""", $"FieldValueInvalid {C}livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0" },
        { "livenessProbe", """{"httpGet":{"port":80,"httpHeaders":[{"name":"a b","value":"c"}]}}""", $"FieldValueInvalid {C}livenessProbe.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')" },
        { "resources", """{"limits":{"example.com/gpu":"1500m"}}""", $"FieldValueInvalid {C}resources.limits[example.com/gpu]: Invalid value: \"1500m\": must be an integer\nFieldValueInvalid {C}resources.requests[example.com/gpu]: Invalid value: \"1500m\": must be an integer" },
        { "resources", """{"limits":{"requests.example.com/gpu":"1"}}""", $"FieldValueInvalid {C}resources.limits[requests.example.com/gpu]: Invalid value: \"requests.example.com/gpu\": doesn't follow extended resource name standard\nFieldValueInvalid {C}resources.requests[requests.example.com/gpu]: Invalid value: \"requests.example.com/gpu\": doesn't follow extended resource name standard" },
        { "resources", """{"requests":{"pods":"1"}}""", $"FieldValueInvalid {C}resources.requests[pods]: Invalid value: \"pods\": must be a standard resource for containers" },
        { "resources", """{"requests":{"example.com/gpu":"1"}}""", $"FieldValueRequired {C}resources.limits: Required value: Limit must be set for non overcommitable resources" },
        { "resources", """{"limits":{"hugepages-2Mi":"4Mi"}}""", $"FieldValueForbidden {C}resources: Forbidden: HugePages require cpu or memory" },
        { "resources", """{"requests":{"cpu":"1","hugepages-2Mi":"3Mi"},"limits":{"hugepages-2Mi":"3Mi"}}""", $"FieldValueInvalid {C}resources.limits[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi\nFieldValueInvalid {C}resources.requests[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi" },
        { "resources", """{"claims":[{"name":"gpu"}]}""", $"FieldValueNotFound {C}resources.claims[0]: Not found: \"gpu\": must be one of the names in pod.spec.resourceClaims which is empty" },
        { "env", """[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['a b']"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.fieldRef: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')" },
        { "env", """[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.whoops"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.whoops\": error converting fieldPath: field label not supported: metadata.whoops" },
        { "env", """[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.name['a']"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.name['a']\": error converting fieldPath: field label does not support subscript: metadata.name['a']" },
        { "env", """[{"name":"A","valueFrom":{"fieldRef":{"apiVersion":"v2","fieldPath":"metadata.name"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.name\": error converting fieldPath: unsupported pod version: v2" },
        { "env", """[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"status.phase"}}}]""", $"FieldValueNotSupported {C}env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"status.phase\": supported values: \"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"" },
        { "env", """[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.disk"}}}]""", $"FieldValueNotSupported {C}env[0].valueFrom.resourceFieldRef.resource: Unsupported value: \"limits.disk\": supported values: \"limits.cpu\", \"limits.ephemeral-storage\", \"limits.memory\", \"requests.cpu\", \"requests.ephemeral-storage\", \"requests.memory\"" },
        { "env", """[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"2"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.resourceFieldRef.divisor: Invalid value: \"limits.cpu\": only divisor's values 1m and 1 are supported with the cpu resource" },
        { "env", """[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.memory","divisor":"3Mi"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.resourceFieldRef.divisor: Invalid value: \"limits.memory\": {Bytes}memory resource" },
        { "env", """[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"N_","key":"k"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.configMapKeyRef.name: Invalid value: \"N_\": {NotSubdomain}" },
        { "env", """[{"name":"A","valueFrom":{"fileKeyRef":{"volumeName":"","path":"","key":""}}}]""", $"FieldValueRequired {C}env[0].valueFrom.fileKeyRef.key: Required value\nFieldValueRequired {C}env[0].valueFrom.fileKeyRef.path: Required value\nFieldValueRequired {C}env[0].valueFrom.fileKeyRef.volumeName: Required value" },
        { "env", """[{"name":"A","valueFrom":{"fileKeyRef":{"volumeName":"v","path":"../a","key":"A"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.fileKeyRef.path: Invalid value: \"../a\": must not contain '..'\nFieldValueNotFound {C}env[0].valueFrom.fileKeyRef.volumeName: Not found: \"v\"" },
        { "envFrom", """[{"secretRef":{"name":"a"},"configMapRef":{"name":"b"}}]""", $"FieldValueInvalid {C}envFrom: Invalid value: \"\": may not have more than one field specified at a time" },
        { "securityContext", """{"procMount":"Unmasked"}""", $"FieldValueInvalid {C}securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`" },
        { "securityContext", """{"procMount":"Open"}""", $"FieldValueNotSupported {C}securityContext.procMount: Unsupported value: \"Open\": supported values: \"Default\", \"Unmasked\"" },
        { "securityContext", """{"seccompProfile":{"type":"Localhost"}}""", $"FieldValueRequired {C}securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost" },
        { "securityContext", """{"seccompProfile":{"type":"Localhost","localhostProfile":"/a"}}""", $"FieldValueInvalid {C}securityContext.seccompProfile.localhostProfile: Invalid value: \"/a\": must be a relative path" },
        { "securityContext", """{"seccompProfile":{"localhostProfile":"a"}}""", $"FieldValueRequired {C}securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set\nFieldValueInvalid {C}securityContext.seccompProfile.localhostProfile: Invalid value: {{\"Type\":\"\",\"LocalhostProfile\":\"a\"}}: can only be set when seccomp type is Localhost" },
        { "securityContext", """{"appArmorProfile":{"type":"Localhost","localhostProfile":" a"}}""", $"FieldValueInvalid {C}securityContext.appArmorProfile.localhostProfile: Invalid value: \" a\": must not be padded with whitespace" },
        { "securityContext", """{"appArmorProfile":{"type":"Localhost"}}""", $"FieldValueRequired {C}securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost" },
        { "securityContext", """{"appArmorProfile":{"type":"Own"}}""", $"FieldValueNotSupported {C}securityContext.appArmorProfile.type: Unsupported value: \"Own\": supported values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"" },
        { "securityContext", """{"allowPrivilegeEscalation":false,"privileged":true}""", $"FieldValueInvalid {C}securityContext: Invalid value: {{\"Capabilities\":null,\"Privileged\":true,\"SELinuxOptions\":null,\"WindowsOptions\":null,\"RunAsUser\":null,\"RunAsGroup\":null,\"RunAsNonRoot\":null,\"ReadOnlyRootFilesystem\":null,\"AllowPrivilegeEscalation\":false,\"ProcMount\":null,\"SeccompProfile\":null,\"AppArmorProfile\":null}}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true" },
        { "securityContext", """{"windowsOptions":{"runAsUserName":"a\\b\\c"}}""", $"FieldValueInvalid {C}securityContext.windowsOptions.runAsUserName: Invalid value: \"a\\\\b\\\\c\": runAsUserName cannot contain more than one backslash" },
        { "securityContext", """{"windowsOptions":{"hostProcess":true}}""", "FieldValueInvalid spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers" },
        { "resizePolicy", """[{"resourceName":"disk","restartPolicy":"NotRequired"}]""", $"FieldValueNotSupported {C}resizePolicy: Unsupported value: \"disk\": supported values: \"cpu\", \"memory\"" },
    };

    public static TheoryData<string, string> Mounts => new()
    {
        { """env":[{"name":"A","valueFrom":{"fileKeyRef":{"volumeName":"v","path":"/a","key":"A"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.fileKeyRef.path: Invalid value: \"/a\": must be a relative path" },
        { """env":[{"name":"A","valueFrom":{"fileKeyRef":{"volumeName":"p","path":"a","key":"A"}}}]""", $"FieldValueInvalid {C}env[0].valueFrom.fileKeyRef.volumeName: Invalid value: \"p\": referenced volume must be of type emptyDir" },
        { """volumeMounts":[{"name":"v","mountPath":"/a","subPath":"/b"}]""", $"FieldValueInvalid {C}volumeMounts.subPath: Invalid value: \"/b\": must be a relative path" },
        { """volumeMounts":[{"name":"v","mountPath":"/a","subPath":"b","subPathExpr":"../c"}]""", $"FieldValueInvalid {C}volumeMounts[0].subPathExpr: Invalid value: \"../c\": subPathExpr and subPath are mutually exclusive\nFieldValueInvalid {C}volumeMounts.subPathExpr: Invalid value: \"../c\": must not contain '..'" },
        { """volumeMounts":[{"name":"v","mountPath":"/a"},{"name":"v","mountPath":"/a"}]""", $"FieldValueInvalid {C}volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique" },
        { """volumeMounts":[{"name":"v","mountPath":"/a","mountPropagation":"Bidirectional"}]""", $"FieldValueForbidden {C}volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers" },
        { """volumeMounts":[{"name":"v","mountPath":"/a","recursiveReadOnly":"Enabled"}]""", $"FieldValueForbidden {C}volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true" },
        { """volumeMounts":[{"name":"v","mountPath":"/a","recursiveReadOnly":"Often"}]""", $"FieldValueNotSupported {C}volumeMounts.recursiveReadOnly: Unsupported value: \"Often\": supported values: \"Disabled\", \"Enabled\", \"IfPossible\"" },
        { """volumeDevices":[{"name":"v","devicePath":"/a"}]""", $"FieldValueInvalid {C}volumeDevices[0].name: Invalid value: \"v\": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode" },
        { """volumeDevices":[{"name":"x","devicePath":"/a"}]""", $"FieldValueNotFound {C}volumeDevices[0].name: Not found: \"x\"" },
        { """volumeDevices":[{"name":"p","devicePath":"/a/../b"}]""", $"FieldValueInvalid {C}volumeDevices[0].devicePath: Invalid value: \"/a/../b\": can not contain backsteps ('..')" },
        { """volumeDevices":[{"name":"p","devicePath":"/a"}],"volumeMounts":[{"name":"p","mountPath":"/b"}]""", $"FieldValueInvalid {C}volumeMounts[0].name: Invalid value: \"p\": must not already exist in volumeDevices\nFieldValueInvalid {C}volumeDevices[0].name: Invalid value: \"p\": must not already exist in volumeMounts" },
        { """volumeDevices":[{"name":"p","devicePath":"/a"}],"volumeMounts":[{"name":"v","mountPath":"/a"}]""", $"FieldValueInvalid {C}volumeMounts[0].mountPath: Invalid value: \"/a\": must not already exist as a path in volumeDevices\nFieldValueInvalid {C}volumeDevices[0].devicePath: Invalid value: \"/a\": must not already exist as a path in volumeMounts" },
    };

    public static TheoryData<string, string, string> Specs => new()
    {
        { "initContainers", """[{"name":"i","image":"i","restartPolicy":"Always","readinessProbe":{}}]""", "FieldValueRequired spec.initContainers[0].readinessProbe: Required value: must specify a handler type" },
        { "initContainers", """[{"name":"i","image":"i","lifecycle":{"preStop":{}}}]""", "FieldValueForbidden spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always" },
        { "hostUsers", "false", "" },
        { "resourceClaims", """[{"name":"a"}]""", "FieldValueInvalid spec.resourceClaims[0]: Invalid value: {\"Name\":\"a\",\"ResourceClaimName\":null,\"ResourceClaimTemplateName\":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`" },
        { "resourceClaims", """[{"name":"a","resourceClaimName":"x","resourceClaimTemplateName":"y"}]""", "FieldValueInvalid spec.resourceClaims[0]: Invalid value: {\"Name\":\"a\",\"ResourceClaimName\":\"x\",\"ResourceClaimTemplateName\":\"y\"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified" },
        { "resourceClaims", """[{"name":"a","resourceClaimName":"x"},{"name":"a","resourceClaimName":"x"}]""", "FieldValueDuplicate spec.resourceClaims[1].name: Duplicate value: \"a\"" },
        { "os", """{"name":"plan9"}""", "FieldValueNotSupported spec.os: Unsupported value: \"plan9\": supported values: \"linux\", \"windows\"" },
        { "preemptionPolicy", "\"\"", "FieldValueRequired spec.preemptionPolicy: Required value" },
        { "runtimeClassName", "\"A\"", $"FieldValueInvalid spec.runtimeClassName: Invalid value: \"A\": {NotSubdomain}" },
        { "hostnameOverride", "\"A\"", $"FieldValueInvalid spec.hostnameOverride: Invalid value: \"A\": {NotSubdomain}" },
        { "subdomain", "\"a.b\"", "FieldValueInvalid spec.subdomain: Invalid value: \"a.b\": must not contain dots" },
        { "overhead", """{"gpu":"1"}""", "FieldValueInvalid spec.overhead.limits[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified\nFieldValueInvalid spec.overhead.limits[gpu]: Invalid value: \"gpu\": must be a standard resource for containers" },
        { "resources", """{"limits":{"ephemeral-storage":"1Gi"}}""", "FieldValueNotSupported spec.resources.limits[ephemeral-storage]: Unsupported value: \"ephemeral-storage\": supported values: \"cpu\", \"hugepages-\", \"memory\"" },
        { "securityContext", """{"supplementalGroupsPolicy":"Some"}""", "FieldValueNotSupported spec.securityContext.supplementalGroupsPolicy: Unsupported value: \"Some\": supported values: \"Merge\", \"Strict\"" },
        { "securityContext", """{"seLinuxChangePolicy":"Some"}""", "FieldValueNotSupported spec.securityContext.seLinuxChangePolicy: Unsupported value: \"Some\": supported values: \"MountOption\", \"Recursive\"" },
        { "securityContext", """{"fsGroupChangePolicy":"Some"}""", "FieldValueNotSupported spec.securityContext.fsGroupChangePolicy: Unsupported value: \"Some\": supported values: \"Always\", \"OnRootMismatch\"" },
        { "nodeSelector", """{"a b":"c"}""", "FieldValueInvalid spec.nodeSelector: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')" },
        { "tolerations", """[{"operator":"Equal"}]""", "FieldValueInvalid spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which means \"match all values and all keys\"" },
        { "tolerations", """[{"key":"a","operator":"Gt","value":"1"}]""", "FieldValueNotSupported spec.tolerations[0].operator: Unsupported value: \"Gt\": supported values: \"Equal\", \"Exists\"" },
        { "tolerations", """[{"key":"a","operator":"Exists","effect":"NoSchedule","tolerationSeconds":5}]""", "FieldValueInvalid spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set" },
        { "topologySpreadConstraints", """[{"maxSkew":0,"topologyKey":"a","whenUnsatisfiable":"DoNotSchedule"}]""", "FieldValueInvalid spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero" },
        { "topologySpreadConstraints", """[{"maxSkew":1,"topologyKey":"a","whenUnsatisfiable":"ScheduleAnyway","minDomains":2}]""", "FieldValueInvalid spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway" },
        { "topologySpreadConstraints", """[{"maxSkew":1,"topologyKey":"a","whenUnsatisfiable":"DoNotSchedule","nodeTaintsPolicy":"Maybe"}]""", "FieldValueNotSupported spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: \"Maybe\": supported values: \"Honor\", \"Ignore\"" },
        { "topologySpreadConstraints", """[{"maxSkew":1,"topologyKey":"a","whenUnsatisfiable":"DoNotSchedule","matchLabelKeys":["x"]}]""", "FieldValueForbidden spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set" },
        { "topologySpreadConstraints", """[{"maxSkew":1,"topologyKey":"a","whenUnsatisfiable":"DoNotSchedule"},{"maxSkew":2,"topologyKey":"a","whenUnsatisfiable":"DoNotSchedule"}]""", "FieldValueDuplicate spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{a, DoNotSchedule}\"" },
        { "affinity", """{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"a","matchLabelKeys":["x"]}]}}""", "FieldValueForbidden spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set" },
        { "affinity", """{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"a","labelSelector":{},"matchLabelKeys":["x"],"mismatchLabelKeys":["x"]}]}}""", "FieldValueInvalid spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0]: Invalid value: \"x\": exists in both matchLabelKeys and mismatchLabelKeys" },
        { "affinity", """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["A"]}]}]}}}""", $"FieldValueInvalid spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].values[0]: Invalid value: \"A\": {NotSubdomain}" },
        { "affinity", """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"In","values":["-"]}]}]}}}""", "FieldValueInvalid spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')" },
        { "affinity", """{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":101,"preference":{"matchExpressions":[{"key":"a","operator":"In","values":["-"]}]}}]}}""", "FieldValueInvalid spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100" },
    };

    [Theory, MemberData(nameof(Containers))]
    public void Containers_are_refused_with_upstreams_status(string field, string value, string problems) =>
        Assert.Equal(Status("pods", "Pod", "web", problems), RefusedCreate("pods", "Pod", With(Pod, "spec.containers.0." + field, value)));

    [Theory, MemberData(nameof(Mounts))]
    public void Mounts_are_refused_with_upstreams_status(string container, string problems)
    {
        var pod = """{"metadata":{"name":"web"},"spec":{"volumes":[{"name":"v","emptyDir":{}},{"name":"p","persistentVolumeClaim":{"claimName":"d"}}],"containers":[{"name":"c","image":"nginx","MORE}]}}""".Replace("MORE", container, StringComparison.Ordinal);
        Assert.Equal(Status("pods", "Pod", "web", problems), RefusedCreate("pods", "Pod", pod));
    }

    [Theory, MemberData(nameof(Specs))]
    public void Specs_are_refused_with_upstreams_status(string field, string value, string problems)
    {
        var pod = With(Pod, "spec." + field, value);
        Assert.Equal(problems.Length == 0 ? "nothing was refused" : Status("pods", "Pod", "web", problems), RefusedCreate("pods", "Pod", pod));
    }

    [Fact]
    public void Ephemeral_containers_come_later() => Assert.Equal(
        "spec.ephemeralContainers: Forbidden: cannot be set on create",
        Create("pods", """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i"}],"ephemeralContainers":[{"name":"e","image":"i"}]}}"""));

    [Fact]
    public void The_old_name_of_the_nodes_name_means_the_new_one()
    {
        const string volume = """[{"name":"v","downwardAPI":{"items":[{"path":"p","fieldRef":{"fieldPath":"spec.host"}}]}}]""";
        Assert.Equal("", Create("pods", With(Pod, "spec.containers.0.env", """[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.host"}}}]""")));
        Assert.Equal(
            Status("pods", "Pod", "web", "FieldValueNotSupported spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: \"spec.nodeName\": supported values: \"metadata.annotations\", \"metadata.labels\", \"metadata.name\", \"metadata.namespace\", \"metadata.uid\""),
            RefusedCreate("pods", "Pod", With(Pod, "spec.volumes", volume)));
    }
}
