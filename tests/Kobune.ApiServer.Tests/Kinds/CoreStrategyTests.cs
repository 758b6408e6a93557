using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

public class CoreStrategyTests
{
    private const string Service = """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}],"selector":{"app":"a"}}}""";

    [Theory]
    [InlineData("{}", """{"ports":[{"port":80,"protocol":"TCP","targetPort":80}],"sessionAffinity":"None","type":"ClusterIP","internalTrafficPolicy":"Cluster"}""")]
    [InlineData("""{"type":"NodePort"}""", """{"type":"NodePort","ports":[{"port":80,"protocol":"TCP","targetPort":80}],"sessionAffinity":"None","externalTrafficPolicy":"Cluster","internalTrafficPolicy":"Cluster"}""")]
    [InlineData("""{"type":"LoadBalancer"}""", """{"type":"LoadBalancer","ports":[{"port":80,"protocol":"TCP","targetPort":80}],"sessionAffinity":"None","externalTrafficPolicy":"Cluster","internalTrafficPolicy":"Cluster","allocateLoadBalancerNodePorts":true}""")]
    [InlineData("""{"sessionAffinity":"ClientIP"}""", """{"sessionAffinity":"ClientIP","ports":[{"port":80,"protocol":"TCP","targetPort":80}],"type":"ClusterIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800}},"internalTrafficPolicy":"Cluster"}""")]
    public void Service_defaults(string spec, string expected) =>
        Assert.Equal(expected, Defaulted("services", $$"""{"spec":{{With(spec, "ports", """[{"port":80}]""")}}}""")["spec"]!.ToJsonString());

    [Theory]
    [InlineData("spec.ports", "[]", "spec.ports: Required value")]
    [InlineData("spec.ports", """[{"port":80},{"port":81}]""", "spec.ports[0].name: Required value\nspec.ports[1].name: Required value")]
    [InlineData("spec.ports", """[{"name":"a","port":80},{"name":"a","port":81}]""", "spec.ports[1].name: Duplicate value: \"a\"")]
    [InlineData("spec.ports", """[{"name":"a","port":80},{"name":"b","port":80}]""", "spec.ports[1]: Duplicate value: {\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,\"Port\":80,\"TargetPort\":0,\"NodePort\":0}")]
    [InlineData("spec.ports", """[{"port":0}]""", "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\nspec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("spec.ports", """[{"port":80,"targetPort":"Bad_Port"}]""", "spec.ports[0].targetPort: Invalid value: \"Bad_Port\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")]
    [InlineData("spec.ports", """[{"port":80,"nodePort":30000}]""", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("spec.type", "\"Other\"", "spec.type: Unsupported value: \"Other\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"")]
    [InlineData("spec.type", "\"ExternalName\"", "spec.externalName: Required value")]
    [InlineData("spec.externalTrafficPolicy", "\"Local\"", "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services")]
    [InlineData("spec.sessionAffinity", "\"Cookie\"", "spec.sessionAffinity: Unsupported value: \"Cookie\": supported values: \"ClientIP\", \"None\"")]
    [InlineData("spec.loadBalancerSourceRanges", """["1.2.3.0/24"]""", "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    public void Service_problems(string path, string value, string expected) => Assert.Equal(expected, Create("services", With(Service, path, value)));

    [Fact]
    public void Service_keeps_its_address_and_node_port_and_cannot_change_the_address()
    {
        var old = With(With(With(With(Service, "spec.type", "\"NodePort\""), "spec.clusterIP", "\"10.96.0.5\""), "spec.clusterIPs", """["10.96.0.5"]"""), "spec.ports", """[{"port":80,"nodePort":31000}]""");
        Assert.Equal("", Update("services", old, With(Service, "spec.type", "\"NodePort\"")));
        var moved = With(With(old, "spec.clusterIP", "\"10.96.0.6\""), "spec.clusterIPs", """["10.96.0.6"]""");
        Assert.Equal("spec.clusterIPs[0]: Invalid value: [\"10.96.0.6\"]: may not change once set", Update("services", old, moved));
        var next = Defaulted("services", With(Service, "spec.type", "\"NodePort\""));
        Of("services").PrepareForUpdate(null!, next, Defaulted("services", old), "");
        Assert.Equal(("10.96.0.5", 31000), (next["spec"]!["clusterIP"]!.GetValue<string>(), next["spec"]!["ports"]![0]!["nodePort"]!.GetValue<long>()));
        var plain = Defaulted("services", With(old, "spec.type", "\"ClusterIP\""));
        Of("services").PrepareForUpdate(null!, plain, Defaulted("services", old), "");
        Assert.Null(plain["spec"]!["ports"]![0]!["nodePort"]);
        Assert.Null(plain["spec"]!["externalTrafficPolicy"]);
    }

    [Fact]
    public void Namespace_is_active_has_its_name_as_label_and_a_finalizer() => Assert.Equal(
        """{"metadata":{"name":"a","labels":{"kubernetes.io/metadata.name":"a"}},"status":{"phase":"Active"},"spec":{"finalizers":["kubernetes"]}}""",
        Prepared("namespaces", """{"metadata":{"name":"a"}}""").ToJsonString());

    [Fact]
    public void Secret_text_becomes_data() => Assert.Equal(
        """{"data":{"b":"eA==","a":"cGxhaW4="},"type":"Opaque"}""",
        Defaulted("secrets", """{"data":{"b":"eA=="},"stringData":{"a":"plain"}}""").ToJsonString());

    [Theory]
    [InlineData("""{"podCIDR":"10.1.0.0/24"}""", """{"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24"]}""")]
    [InlineData("""{"podCIDRs":["10.1.0.0/24","fd00::/64"]}""", """{"podCIDRs":["10.1.0.0/24","fd00::/64"],"podCIDR":"10.1.0.0/24"}""")]
    [InlineData("""{"podCIDR":"10.2.0.0/24","podCIDRs":["10.1.0.0/24","fd00::/64"]}""", """{"podCIDR":"10.2.0.0/24","podCIDRs":["10.2.0.0/24"]}""")]
    [InlineData("""{"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24","fd00::/64"]}""", """{"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24","fd00::/64"]}""")]
    public void The_first_range_of_a_node_is_its_single_one(string spec, string expected) =>
        Assert.Equal(expected, Defaulted("nodes", $$"""{"spec":{{spec}}}""")["spec"]!.ToJsonString());

    [Fact]
    public void A_limit_range_without_a_name_gets_one() => Assert.True(Guid.TryParse((string?)Prepared("limitranges", """{"metadata":{"name":""},"spec":{"limits":[]}}""")["metadata"]!["name"], out _));

    [Theory]
    [InlineData("secrets", """{"data":{"a b":"eA=="}}""", "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")]
    [InlineData("secrets", """{"type":"kubernetes.io/tls"}""", "data[tls.crt]: Required value\ndata[tls.key]: Required value")]
    [InlineData("secrets", """{"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"x"}}""", "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'x' looking for beginning of value")]
    [InlineData("secrets", """{"type":"kubernetes.io/service-account-token"}""", "metadata.annotations[kubernetes.io/service-account.name]: Required value")]
    [InlineData("configmaps", """{"data":{"a":"x"},"binaryData":{"a":"eA=="}}""", "data[a]: Invalid value: \"a\": duplicate of key present in binaryData")]
    [InlineData("leases.coordination.k8s.io", """{"spec":{"leaseDurationSeconds":0}}""", "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")]
    [InlineData("events", """{"metadata":{"namespace":"a"},"involvedObject":{"namespace":"b"}}""", "involvedObject.namespace: Invalid value: \"b\": does not match event.namespace")]
    [InlineData("nodes", """{"spec":{"podCIDRs":["10.244.0.0/24","fd00::/64"]}}""", "")]
    [InlineData("nodes", """{"status":{"capacity":{"pods":"1.5"},"allocatable":{"cpu":"-1"}}}""", "status.capacity.pods: Invalid value: \"1500m\": must be an integer\nstatus.allocatable.cpu: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("limitranges", """{"spec":{"limits":[{"type":"Pod","default":{"cpu":"3"},"max":{"cpu":"2"}}]}}""", "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'")]
    [InlineData("resourcequotas", """{"spec":{"hard":{"requests.cpu":"1"},"scopes":["x"]}}""", "spec.scopes: Invalid value: [\"x\"]: unsupported scope")]
    [InlineData("nodes", """{"spec":{"podCIDRs":["10.244.0.0/24","10.244.1.0/24"]}}""", "spec.podCIDRs: Invalid value: [\"10.244.0.0/24\",\"10.244.1.0/24\"]: may specify no more than one CIDR for each IP family")]
    [InlineData("nodes", """{"spec":{"taints":[{"key":"a","effect":"Bad"}]}}""", "metadata.taints[0].effect: Unsupported value: \"Bad\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"")]
    [InlineData("endpoints", """{"subsets":[{"addresses":[{"ip":"127.0.0.1"}],"ports":[{"port":1}]}]}""", "subsets[0].addresses[0].ip: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("endpointslices.discovery.k8s.io", """{"addressType":"IPv4","endpoints":[{"addresses":["::1:2"]}]}""", "endpoints[0].addresses[0]: Invalid value: \"::1:2\": must be an IPv4 address")]
    [InlineData("persistentvolumeclaims", """{"spec":{}}""", "spec.accessModes: Required value: at least 1 access mode is required\nspec.resources[storage]: Required value")]
    [InlineData("persistentvolumes", """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"]}}""", "spec: Required value: must specify a volume type")]
    [InlineData("storageclasses.storage.k8s.io", """{}""", "provisioner: Required value")]
    [InlineData("priorityclasses.scheduling.k8s.io", """{"metadata":{"name":"a"},"value":1000000001}""", "value: Forbidden: maximum allowed value of a user defined priority is 1000000000")]
    [InlineData("ingresses.networking.k8s.io", """{"spec":{}}""", "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified")]
    [InlineData("ingresses.networking.k8s.io", """{"spec":{"rules":[{"http":{"paths":[{"path":"x","pathType":"Prefix","backend":{"service":{"name":"s","port":{}}}}]}}]}}""", "spec.rules[0].http.paths[0].path: Invalid value: \"x\": must be an absolute path\nspec.rules[0].http.paths[0].backend: Required value: port name or number is required")]
    [InlineData("networkpolicies.networking.k8s.io", """{"spec":{"ingress":[{"from":[{}]}]}}""", "spec.ingress[0].from[0]: Required value: must specify a peer")]
    [InlineData("roles.rbac.authorization.k8s.io", """{"rules":[{"verbs":["get"],"nonResourceURLs":["/x"]}]}""", "rules[0].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs")]
    [InlineData("clusterroles.rbac.authorization.k8s.io", """{"rules":[{"apiGroups":[""],"resources":["pods"]}]}""", "rules[0].verbs: Required value: verbs must contain at least one value")]
    [InlineData("clusterrolebindings.rbac.authorization.k8s.io", """{"roleRef":{"kind":"Role","name":"x"},"subjects":[{"kind":"ServiceAccount","name":"a"},{"kind":"User","name":"u"},{"kind":"Robot","name":"r"}]}""", "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"\nsubjects[0].namespace: Required value\nsubjects[2].kind: Unsupported value: \"Robot\": supported values: \"ServiceAccount\", \"User\", \"Group\"")]
    [InlineData("poddisruptionbudgets.policy", """{"spec":{"minAvailable":1,"maxUnavailable":1}}""", "spec: Invalid value: {\"MinAvailable\":1,\"Selector\":null,\"MaxUnavailable\":1,\"UnhealthyPodEvictionPolicy\":null}: minAvailable and maxUnavailable cannot be both set")]
    [InlineData("horizontalpodautoscalers.autoscaling", """{"spec":{"minReplicas":5,"maxReplicas":2,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"a"}}}""", "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`")]
    [InlineData("limitranges", """{"spec":{"limits":[{"type":"Container","min":{"cpu":"2"},"max":{"cpu":"1"}}]}}""", "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1\nspec.limits[0].default[cpu]: Invalid value: \"1\": min value 2 is greater than default value 1\nspec.limits[0].defaultRequest[cpu]: Invalid value: \"1\": min value 2 is greater than default request value 1")]
    public void Problems(string resource, string json, string expected) =>
        Assert.Equal(expected.Split('\n').Order(StringComparer.Ordinal), Create(resource, json).Split('\n').Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("secrets", """{"type":"a/b"}""", """{"type":"c/d"}""", "type: Invalid value: \"c/d\": field is immutable")]
    [InlineData("secrets", """{"immutable":true,"data":{"a":"eA=="}}""", """{"immutable":true,"data":{"a":"eQ=="}}""", "data: Forbidden: field is immutable when `immutable` is set")]
    [InlineData("configmaps", """{"immutable":true,"data":{"a":"b"}}""", """{"data":{"a":"b"}}""", "immutable: Forbidden: field is immutable when `immutable` is set")]
    [InlineData("nodes", """{"spec":{"podCIDRs":["10.244.0.0/24"]}}""", """{"spec":{"podCIDRs":["10.244.1.0/24"]}}""", "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid")]
    [InlineData("rolebindings.rbac.authorization.k8s.io", """{"roleRef":{"kind":"Role","name":"a"}}""", """{"roleRef":{"kind":"Role","name":"b"}}""", "roleRef: Invalid value: {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"Role\",\"Name\":\"b\"}: cannot change roleRef")]
    [InlineData("storageclasses.storage.k8s.io", """{"provisioner":"a"}""", """{"provisioner":"b"}""", "provisioner: Forbidden: updates to provisioner are forbidden.")]
    [InlineData("priorityclasses.scheduling.k8s.io", """{"value":1}""", """{"value":2}""", "value: Forbidden: may not be changed in an update.")]
    [InlineData("endpointslices.discovery.k8s.io", """{"addressType":"IPv4"}""", """{"addressType":"IPv6"}""", "addressType: Invalid value: \"IPv6\": field is immutable")]
    [InlineData("persistentvolumeclaims", """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"2Gi"}}}}""", """{"spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"2Gi"}}}}""", "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -1,6 +1,6 @@\n {\n   \"accessModes\": [\n-    \"ReadWriteOnce\"\n+    \"ReadWriteMany\"\n   ],\n   \"resources\": {\n     \"requests\": {\n")]
    [InlineData("persistentvolumes", """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/a"}}}""", """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/b"}}}""", "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ -1,6 +1,6 @@\n {\n   \"hostPath\": {\n-    \"path\": \"/a\",\n+    \"path\": \"/b\",\n     \"type\": \"\"\n   }\n }\n")]
    public void Updates(string resource, string old, string json, string expected) => Assert.Equal(expected, Update(resource, old, json));

    [Fact]
    public void Every_kind_has_one_strategy_and_settles_when_defaulted_twice()
    {
        Assert.Equal(ApiServer.Kinds.BuiltInStrategies.All.Count, ApiServer.Kinds.BuiltInStrategies.All.Select(s => s.Resource).Distinct().Count());
        var once = Defaulted("services", Service);
        Assert.Equal(once.ToJsonString(), Defaulted("services", once.ToJsonString()).ToJsonString());
    }
}
