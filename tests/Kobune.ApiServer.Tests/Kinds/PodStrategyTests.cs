using System.Text.Json.Nodes;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

public class PodStrategyTests
{
    private const string Pod = """{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"c","image":"nginx"}]}}""";

    [Fact]
    public void Smallest_pod_gets_all_of_upstreams_defaults()
    {
        Assert.Equal(
            """
            {"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"c","image":"nginx","imagePullPolicy":"Always","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","resources":{}}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","securityContext":{},"terminationGracePeriodSeconds":30,"schedulerName":"default-scheduler","enableServiceLinks":true},"status":{"phase":"Pending","qosClass":"BestEffort"}}
            """.Trim(),
            Prepared("pods", Pod).ToJsonString());
    }

    [Theory]
    [InlineData("""{"podIP":"10.0.0.1"}""", """{"podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}]}""")]
    [InlineData("""{"podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]}""", """{"podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],"podIP":"10.0.0.1"}""")]
    [InlineData("""{"podIP":"10.0.0.2","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]}""", """{"podIP":"10.0.0.2","podIPs":[{"ip":"10.0.0.2"}]}""")]
    [InlineData("""{"podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]}""", """{"podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]}""")]
    [InlineData("""{"podIPs":[]}""", """{"podIPs":[]}""")]
    public void A_pods_one_address_is_the_first_of_all(string status, string expected) =>
        Assert.Equal(expected, Defaulted("pods", With(Pod, "status", status))["status"]!.ToJsonString());

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest", "Always")]
    [InlineData("nginx:1.25", "IfNotPresent")]
    [InlineData("registry:5000/nginx", "Always")]
    [InlineData("registry:5000/nginx:1", "IfNotPresent")]
    [InlineData("nginx@sha256:0123", "IfNotPresent")]
    [InlineData("nginx:1@sha256:0123456789abcdef0123456789abcdef", "IfNotPresent")]
    [InlineData("Host/nginx:latest@sha256:0123456789abcdef0123456789abcdef", "Always")]
    [InlineData("Nginx", "IfNotPresent")]
    [InlineData("a b", "IfNotPresent")]
    [InlineData("a//b", "IfNotPresent")]
    public void Pull_policy_follows_the_tag(string image, string policy) =>
        Assert.Equal(policy, Defaulted("pods", With(Pod, "spec.containers.0.image", $"\"{image}\""))["spec"]!["containers"]![0]!["imagePullPolicy"]!.GetValue<string>());

    [Fact]
    public void Probe_ports_volumes_and_requests_are_defaulted()
    {
        var spec = Defaulted("pods", """
            {"spec":{"hostNetwork":true,"serviceAccount":"robot","volumes":[{"name":"e"},{"name":"s","secret":{"secretName":"x"}},{"name":"p","projected":{"sources":[{"serviceAccountToken":{"path":"t"}},{"downwardAPI":{"items":[{"path":"n","fieldRef":{"fieldPath":"metadata.name"}}]}}]}}],
             "containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}},"livenessProbe":{"httpGet":{"port":80}},"env":[{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}]}]}}
            """)["spec"]!;
        var container = spec["containers"]![0]!;
        Assert.Equal("""[{"containerPort":80,"protocol":"TCP","hostPort":80}]""", container["ports"]!.ToJsonString());
        Assert.Equal("""{"cpu":"500m","memory":"1Gi"}""", container["resources"]!["requests"]!.ToJsonString());
        Assert.Equal("""{"httpGet":{"port":80,"path":"/","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3}""", container["livenessProbe"]!.ToJsonString());
        Assert.Equal("v1", container["env"]![0]!["valueFrom"]!["fieldRef"]!["apiVersion"]!.GetValue<string>());
        Assert.Equal(
            """[{"name":"e","emptyDir":{}},{"name":"s","secret":{"secretName":"x","defaultMode":420}},{"name":"p","projected":{"sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":3600}},{"downwardAPI":{"items":[{"path":"n","fieldRef":{"fieldPath":"metadata.name","apiVersion":"v1"}}]}}],"defaultMode":420}}]""",
            spec["volumes"]!.ToJsonString());
        Assert.Equal("robot", spec["serviceAccountName"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{}""", "BestEffort")]
    [InlineData("""{"requests":{"cpu":"1"}}""", "Burstable")]
    [InlineData("""{"limits":{"cpu":"1"}}""", "Burstable")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"}}""", "Guaranteed")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"1000m","memory":"1024Mi"}}""", "Guaranteed")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"1","memory":"1Mi"}}""", "Burstable")]
    public void Quality_class_follows_resources(string resources, string expected) =>
        Assert.Equal(expected, Prepared("pods", With(Pod, "spec.containers.0.resources", resources))["status"]!["qosClass"]!.GetValue<string>());

    [Fact]
    public void Gated_pod_says_so() =>
        Assert.Equal("SchedulingGated", Prepared("pods", With(Pod, "spec.schedulingGates", """[{"name":"a"}]"""))["status"]!["conditions"]![0]!["reason"]!.GetValue<string>());

    public static TheoryData<string, string, string> Problems => new()
    {
        { "spec.containers", "[]", "spec.containers: Required value" },
        { "spec.containers.0.name", "\"\"", "spec.containers[0].name: Required value" },
        { "spec.containers.0.name", "\"A_b\"", "spec.containers[0].name: Invalid value: \"A_b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')" },
        { "spec.containers", """[{"name":"c","image":"i"},{"name":"c","image":"i"}]""", "spec.containers[1].name: Duplicate value: \"c\"" },
        { "spec.initContainers", """[{"name":"c","image":"i"}]""", "spec.initContainers[0].name: Duplicate value: \"c\"" },
        { "spec.containers.0.image", "\"\"", "spec.containers[0].image: Required value" },
        { "spec.containers.0.image", "\" nginx\"", "spec.containers[0].image: Invalid value: \" nginx\": must not have leading or trailing whitespace" },
        { "spec.containers.0.imagePullPolicy", "\"Sometimes\"", "spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\"" },
        { "spec.containers.0.ports", """[{"containerPort":70000}]""", "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive" },
        { "spec.containers.0.ports", """[{}]""", "spec.containers[0].ports[0].containerPort: Required value" },
        { "spec.containers.0.ports", """[{"containerPort":80,"protocol":"XTP"}]""", "spec.containers[0].ports[0].protocol: Unsupported value: \"XTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"" },
        { "spec.containers.0.ports", """[{"containerPort":80,"hostPort":80},{"containerPort":81,"hostPort":80}]""", "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\"" },
        { "spec.containers.0.volumeMounts", """[{"name":"x","mountPath":"/a"}]""", "spec.containers[0].volumeMounts[0].name: Not found: \"x\"" },
        { "spec.volumes", """[{"name":"v"},{"name":"v"}]""", "spec.volumes[1].name: Duplicate value: \"v\"" },
        { "spec.volumes", """[{"name":"v","emptyDir":{},"configMap":{"name":"a"}}]""", "spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type" },
        { "spec.volumes", """[{"name":"v","secret":{}}]""", "spec.volumes[0].secret.secretName: Required value" },
        { "spec.volumes", """[{"name":"v","configMap":{"name":"a","defaultMode":1000}}]""", "spec.volumes[0].configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive" },
        { "spec.volumes", """[{"name":"v","hostPath":{"path":"/a/../b"}}]""", "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'" },
        { "spec.restartPolicy", "\"Maybe\"", "spec.restartPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", \"OnFailure\", \"Never\"" },
        { "spec.containers.0.resources", """{"requests":{"cpu":"2"},"limits":{"cpu":"1"}}""", "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1" },
        { "spec.containers.0.resources", """{"requests":{"memory":"-1"}}""", "spec.containers[0].resources.requests[memory]: Invalid value: \"-1\": must be greater than or equal to 0" },
        { "spec.containers.0.resources", """{"requests":{"gpu":"1"}}""", "spec.containers[0].resources.requests[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified\nspec.containers[0].resources.requests[gpu]: Invalid value: \"gpu\": must be a standard resource for containers" },
        { "spec.containers.0.livenessProbe", "{}", "spec.containers[0].livenessProbe: Required value: must specify a handler type" },
        { "spec.containers.0.livenessProbe", """{"exec":{"command":["a"]},"httpGet":{"port":1}}""", "spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type" },
        { "spec.containers.0.livenessProbe", """{"exec":{"command":["a"]},"successThreshold":2}""", "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1" },
        { "spec.containers.0.env", """[{"name":"A","value":"x","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]""", "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty" },
        { "spec.containers.0.env", """[{"name":"A","valueFrom":{}}]""", "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`" },
        { "spec.containers.0.envFrom", "[{}]", "spec.containers[0].envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`" },
        { "spec.containers.0.securityContext", """{"runAsUser":-1}""", "spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive" },
        { "spec.tolerations", """[{"key":"a","operator":"Exists","value":"b"}]""", "spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'" },
        { "spec.dnsPolicy", "\"None\"", "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None" },
        { "spec", """{"dnsPolicy":"None","dnsConfig":{"searches":["a.b"]},"containers":[{"name":"c","image":"nginx"}]}""", "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None" },
        { "spec.dnsConfig", """{"nameservers":["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]}""", "spec.dnsConfig.nameservers: Invalid value: [\"1.1.1.1\",\"1.1.1.2\",\"1.1.1.3\",\"1.1.1.4\"]: must not have more than 3 nameservers" },
        { "spec.dnsConfig", """{"nameservers":["one"]}""", "spec.dnsConfig.nameservers[0]: Invalid value: \"one\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)" },
        { "spec.dnsConfig", """{"searches":[".","ok.example.","_srv.my_host.example","Not"]}""", "spec.dnsConfig.searches[3]: Invalid value: \"Not\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')" },
        { "spec.dnsConfig", """{"options":[{"value":"2"}]}""", "spec.dnsConfig.options[0]: Required value: must not be empty" },
        { "spec.activeDeadlineSeconds", "0", "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive" },
        { "spec.initContainers", """[{"name":"i","image":"i","livenessProbe":{"exec":{"command":["a"]}}}]""", "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always" },
        { "spec.affinity", """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"In"}]}]}}}""", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'" },
    };

    [Theory, MemberData(nameof(Problems))]
    public void Problem_has_upstreams_path_and_words(string path, string value, string expected) => Assert.Equal(expected, Create("pods", With(Pod, path, value)));

    [Theory]
    [InlineData(32, 10, "")]
    [InlineData(33, 10, "must not have more than 32 search paths")]
    [InlineData(11, 186, "must not have more than 2048 characters (including spaces) in the search list")] // 11 * 186 and 10 spaces: 2056
    [InlineData(11, 185, "")] // 2045
    public void A_pod_has_so_many_search_domains(int count, int length, string problem)
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('a', 60), (length / 61) + 1))[..length];
        var problems = Create("pods", With(Pod, "spec.dnsConfig", $$"""{"searches":[{{string.Join(',', Enumerable.Repeat($"\"{domain}\"", count))}}]}"""));
        Assert.EndsWith(problem, problems, StringComparison.Ordinal);
        Assert.Equal(problem.Length == 0, problems.Length == 0);
    }

    [Fact]
    public void Good_pod_has_no_problems() => Assert.Equal("", Create("pods", Pod));

    [Theory]
    [InlineData("spec.containers.0.image", "\"other\"", "")]
    [InlineData("spec.terminationGracePeriodSeconds", "5", "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n@@ -10,7 +10,7 @@\n     }\n   ],\n   \"restartPolicy\": \"Always\",\n-  \"terminationGracePeriodSeconds\": 30,\n+  \"terminationGracePeriodSeconds\": 5,\n   \"dnsPolicy\": \"ClusterFirst\",\n   \"securityContext\": {},\n   \"schedulerName\": \"default-scheduler\",\n")]
    [InlineData("spec.tolerations", """[{"key":"a","operator":"Exists"}]""", "")]
    [InlineData("spec.activeDeadlineSeconds", "10", "")]
    [InlineData("spec.containers", "[]", "spec.containers: Required value\nspec.containers: Forbidden: pod updates may not add or remove containers")]
    public void Little_of_a_pod_may_change(string path, string value, string expected)
    {
        var old = With(Pod, "spec.containers.0.imagePullPolicy", "\"Always\"");
        Assert.Equal(expected, Update("pods", old, With(old, path, value)));
    }

    [Fact]
    public void Toleration_may_only_be_added()
    {
        var old = With(Pod, "spec.tolerations", """[{"key":"a","operator":"Exists"}]""");
        Assert.Equal("spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds", Update("pods", old, Pod));
    }

    [Theory]
    [InlineData("""{"observedGeneration":-1,"conditions":[{"type":"Ready","status":"True","observedGeneration":-2}]}""", "status.conditions[0].observedGeneration: Invalid value: -2: must be a non-negative integer\nstatus.observedGeneration: Invalid value: -1: must be a non-negative integer")]
    [InlineData("""{"nominatedNodeName":"other"}""", "status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node")]
    [InlineData("""{"containerStatuses":[{"name":"c","user":{"linux":{"uid":0,"gid":-1,"supplementalGroups":[1,2147483648]}}}]}""", "status.containerStatuses[0].user.linux.gid: Invalid value: -1: must be between 0 and 2147483647, inclusive\nstatus.containerStatuses[0].user.linux.supplementalGroups[1]: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive")]
    [InlineData("""{"containerStatuses":[{"name":"c","allocatedResourcesStatus":[{"name":"cpu","resources":[{"resourceID":"a","health":"Healthy"}]},{"name":"claim:gpu/one"},{"name":"claim:nic"}]},{"name":"gone","allocatedResourcesStatus":[{"name":"x"}]}]}""", "")]
    [InlineData("""{"containerStatuses":[{"name":"c","allocatedResourcesStatus":[{"name":"memory","resources":[{"resourceID":"a","health":"Fine"},{"resourceID":"a","health":"Unknown"}]}]}]}""", "status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: \"memory\": must match one of the container's resource requests\nstatus.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: \"Fine\": supported values: \"Healthy\", \"Unhealthy\", \"Unknown\"\nstatus.containerStatuses[0].allocatedResourcesStatus[0].resources[1].resourceID: Duplicate value: \"a\"")]
    [InlineData("""{"containerStatuses":[{"name":"c","allocatedResourcesStatus":[{"name":"claim:gpu"}]}]}""", "status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: \"claim:gpu\": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty")]
    [InlineData("""{"ephemeralContainerStatuses":[{"name":"e","allocatedResourcesStatus":[{"name":"cpu"}]}]}""", "status.ephemeralContainerStatuses[0].allocatedResourcesStatus: Forbidden: must not be specified in container status")]
    public void A_kubelet_tells_of_what_the_pod_asked_for(string status, string expected)
    {
        const string running = """
            {"metadata":{"name":"web","namespace":"default"},"spec":{"nodeName":"n","resourceClaims":[{"name":"gpu","resourceClaimName":"g"},{"name":"nic","resourceClaimName":"n"}],
             "containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"},"claims":[{"name":"gpu","request":"one"},{"name":"nic"}]}}]}}
            """;
        Assert.Equal(expected, Update("pods", running, With(running, "status", status), "status"));
    }

    [Fact]
    public void No_user_of_linux_runs_a_windows_container()
    {
        const string windows = """{"metadata":{"name":"web","namespace":"default"},"spec":{"os":{"name":"windows"},"containers":[{"name":"c","image":"i"}]}}""";
        Assert.Equal("status.containerStatuses[0].user.linux: Forbidden: cannot be set for a windows pod", Update("pods", windows, With(windows, "status", """{"containerStatuses":[{"name":"c","user":{"linux":{"uid":0,"gid":0}}}]}"""), "status"));
    }

    [Theory]
    [InlineData("""{"podIP":"10.244.0.2","podIPs":[{"ip":"10.244.0.2"},{"ip":"fd00::2"}],"hostIP":"192.168.49.2","hostIPs":[{"ip":"192.168.49.2"},{"ip":"fd00:1::2"}]}""", "")]
    [InlineData("""{"podIPs":[{"ip":"fd00::2"},{"ip":"10.244.0.2"}]}""", "")]
    [InlineData("""{"podIPs":[{"ip":"10.244.0.2"},{"ip":"10.244.0.3"}]}""", "status.podIPs: Invalid value: [{\"IP\":\"10.244.0.2\"},{\"IP\":\"10.244.0.3\"}]: may specify no more than one IP for each IP family")]
    [InlineData("""{"podIPs":[{"ip":"10.244.0.2"},{"ip":"fd00::2"},{"ip":"fd00::3"}]}""", "status.podIPs: Invalid value: [{\"IP\":\"10.244.0.2\"},{\"IP\":\"fd00::2\"},{\"IP\":\"fd00::3\"}]: may specify no more than one IP for each IP family")]
    [InlineData("""{"podIPs":[{"ip":"10.244.0"}]}""", "status.podIPs[0]: Invalid value: \"10.244.0\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("""{"hostIP":"192.168.49.3","hostIPs":[{"ip":"192.168.49.2"}]}""", "status.hostIPs[0].ip: Invalid value: \"192.168.49.2\": must be equal to `hostIP`")]
    [InlineData("""{"hostIP":"fd00::1","hostIPs":[{"ip":"fd00::1"},{"ip":"fd00::2"}]}""", "status.hostIPs: Invalid value: [{\"IP\":\"fd00::1\"},{\"IP\":\"fd00::2\"}]: may specify no more than one IP for each IP family")]
    public void A_pods_status_has_one_address_of_each_family(string status, string expected) => Assert.Equal(expected, Update("pods", Pod, With(Pod, "status", status), "status"));

    [Fact]
    public void Status_update_keeps_the_quality_class()
    {
        var strategy = Of("pods");
        var obj = (JsonObject)JsonNode.Parse("""{"status":{"phase":"Running"}}""")!;
        strategy.PrepareForUpdate(null!, obj, Prepared("pods", Pod), "status");
        Assert.Equal("BestEffort", obj["status"]!["qosClass"]!.GetValue<string>());
    }
}
