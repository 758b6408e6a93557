using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>What a good object is accepted with: upstream's warnings, word by word.</summary>
public class WarningTests
{
    private const string Pod = """{"metadata":{"name":"web"},"spec":{"containers":[{"name":"c","image":"nginx"}]}}""";
    private const string Null = "a null labelSelector results in matching no pod";

    public static TheoryData<string, string, string> Pods => new()
    {
        { "metadata.name", "\"a.b\"", "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]" },
        { "spec.nodeSelector", """{"beta.kubernetes.io/os":"linux"}""", "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead" },
        { "spec.affinity", """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"node-role.kubernetes.io/master","operator":"Exists"}]}]}}}""", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: node-role.kubernetes.io/master is use \"node-role.kubernetes.io/control-plane\" instead" },
        { "spec.affinity", """{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchExpressions":[{"key":"a","operator":"In","values":["-"]}]}}]}}""", "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values[0]: - is invalid, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')" },
        { "spec.affinity", """{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"a"}],"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"a"}}]}}""", $"spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: {Null}\nspec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: {Null}" },
        { "spec.topologySpreadConstraints", """[{"maxSkew":1,"topologyKey":"failure-domain.beta.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule"}]""", $"spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead\nspec.topologySpreadConstraints[0].labelSelector: {Null}" },
        { "metadata.annotations", """{"scheduler.alpha.kubernetes.io/critical-pod":""}""", "metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the \"priorityClassName\" field instead" },
        { "metadata.annotations", """{"seccomp.security.alpha.kubernetes.io/pod":"unconfined","container.seccomp.security.alpha.kubernetes.io/c":"unconfined"}""", "metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the \"seccompProfile\" field instead\nmetadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the \"seccompProfile\" field instead" },
        { "spec.volumes", """[{"name":"a","gitRepo":{"repository":"r"}},{"name":"b","rbd":{"monitors":["m"],"image":"i"}}]""", "spec.volumes[0].gitRepo: deprecated in v1.11\nspec.volumes[1].rbd: deprecated in v1.28, non-functional in v1.31+" },
        { "spec.volumes", """[{"name":"a","configMap":{"name":"m","items":[{"key":"a","path":"p"},{"key":"b","path":"p/q"}]}}]""", "volume \"a\" (ConfigMap \"m\"): overlapping paths: \"p/q\" with \"p\"" },
        { "spec.volumes", """[{"name":"a","projected":{"sources":[{"secret":{"name":"s","items":[{"key":"a","path":"p"}]}},{"serviceAccountToken":{"path":"p"}}]}}]""", "volume \"a\" (Projected ServiceAccountToken): overlapping paths: \"p\" with \"p\"" },
        { "spec.volumes", """[{"name":"a","ephemeral":{"volumeClaimTemplate":{"spec":{"resources":{"requests":{"storage":"1500m"}}}}}}]""", "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value \"1500m\" is invalid, must be an integer" },
        { "spec.hostAliases", """[{"ip":"1.1.1.1"},{"ip":"1.1.1.1"}]""", "spec.hostAliases[1].ip: duplicate ip \"1.1.1.1\"" },
        { "spec.imagePullSecrets", """[{"name":"a"},{"name":"a"},{}]""", "spec.imagePullSecrets[1].name: duplicate name \"a\"\nspec.imagePullSecrets[2].name: invalid empty name \"\"" },
        { "spec.overhead", """{"memory":"1500m"}""", "spec.overhead[memory]: fractional byte value \"1500m\" is invalid, must be an integer" },
        { "spec.containers.0.resources", """{"requests":{"ephemeral-storage":"1500m"}}""", "spec.containers[0].resources.requests[ephemeral-storage]: fractional byte value \"1500m\" is invalid, must be an integer" },
        { "spec.containers.0.env", """[{"name":"A","value":"1"},{"name":"A","value":"2"},{"name":"A","value":"$(A):3"}]""", "spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply" },
        { "spec.containers.0.ports", """[{"containerPort":80},{"containerPort":80}]""", "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]" },
        { "spec.containers.0.ports", """[{"containerPort":80,"hostPort":80},{"containerPort":80}]""", "spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]" },
        { "spec.containers.0.ports", """[{"containerPort":80,"hostPort":80},{"containerPort":80,"hostPort":80,"hostIP":"1.1.1.1"}]""", "spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]" },
        { "spec.containers.0.ports", """[{"containerPort":80,"hostIP":"1.1.1.1"}]""", "spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:1.1.1.1}" },
        { "spec.priority", "5", "" },
    };

    public static TheoryData<string, string, string> Others => new()
    {
        { "deployments.apps", """{"metadata":{"name":"a.b"},"spec":{"template":{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/c":"unconfined"}},"spec":{"containers":[{"name":"c"}],"nodeSelector":{"beta.kubernetes.io/arch":"arm"}}}}}""", "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]\nspec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use \"kubernetes.io/arch\" instead\nspec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the \"appArmorProfile\" field instead" },
        { "daemonsets.apps", """{"metadata":{"name":"a.b"},"spec":{"template":{"spec":{"terminationGracePeriodSeconds":-1}}}}""", "spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1" },
        { "replicationcontrollers", """{"metadata":{"name":"a"},"spec":{"template":{"spec":{"terminationGracePeriodSeconds":-1}}}}""", "spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1" },
        { "statefulsets.apps", """{"metadata":{"name":"a"},"spec":{"revisionHistoryLimit":-1,"template":{"spec":{}},"volumeClaimTemplates":[{"spec":{"resources":{"requests":{"storage":"1500m"}}}}]}}""", "spec.volumeClaimTemplates[0].Spec.resources.requests[storage]: fractional byte value \"1500m\" is invalid, must be an integer\nspec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended" },
        { "cronjobs.batch", """{"metadata":{"name":"a"},"spec":{"jobTemplate":{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":-1}}}}}}""", "spec.jobTemplate.spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1" },
        { "jobs.batch", """{"metadata":{"name":"a"},"spec":{"completionMode":"Indexed","completions":100001,"parallelism":10001,"template":{"spec":{}}}}""", "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail" },
        { "services", """{"metadata":{"name":"a"},"spec":{"clusterIP":"None","clusterIPs":["None"],"loadBalancerIP":"1.1.1.1","externalIPs":["1.1.1.1"],"sessionAffinity":"ClientIP"}}""", "spec.loadBalancerIP is ignored for headless services\nspec.externalIPs is ignored for headless services\nspec.SessionAffinity is ignored for headless services" },
        { "services", """{"metadata":{"name":"a","annotations":{"service.kubernetes.io/topology-aware-hints":"auto"}},"spec":{"externalIPs":["2001:db8:0::1"],"externalName":"x","trafficDistribution":"PreferClose"}}""", "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead\nspec.externalIPs[0]: IPv6 address \"2001:db8:0::1\" should be in RFC 5952 canonical format (\"2001:db8::1\")\nspec.externalIPs is deprecated and may no longer be implemented in some clusters\nspec.externalName is ignored when spec.type is not \"ExternalName\"\nspec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"" },
        { "services", """{"metadata":{"name":"a"},"spec":{"type":"ExternalName","externalName":"x","externalIPs":["1.1.1.1"]}}""", "spec.externalIPs is ignored when spec.type is \"ExternalName\"" },
        { "services", """{"metadata":{"name":"a"},"spec":{"type":"LoadBalancer","loadBalancerSourceRanges":["10.0.0.1/8","2001:db8:0::/32"]}}""", "spec.loadBalancerSourceRanges[0]: CIDR value \"10.0.0.1/8\" is ambiguous in this context (should be \"10.0.0.0/8\" or \"10.0.0.1/32\"?)\nspec.loadBalancerSourceRanges[1]: IPv6 CIDR value \"2001:db8:0::/32\" should be in RFC 5952 canonical format (\"2001:db8::/32\")" },
        { "ingresses.networking.k8s.io", """{"metadata":{"name":"a","annotations":{"kubernetes.io/ingress.class":"nginx"}},"spec":{}}""", "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead" },
        { "persistentvolumes", """{"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":"a","volume.beta.kubernetes.io/mount-options":"b"}},"spec":{"persistentVolumeReclaimPolicy":"Recycle","glusterfs":{"endpoints":"e","path":"p"}}}""", "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead\nmetadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use \"mountOptions\" attribute instead\nspec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.\nspec.glusterfs: deprecated in v1.25, non-functional in v1.26+" },
        { "persistentvolumeclaims", """{"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":"a"}},"spec":{"resources":{"requests":{"storage":"1500m"}}}}""", "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead\nspec.resources.requests[storage]: fractional byte value \"1500m\" is invalid, must be an integer" },
        { "storageclasses.storage.k8s.io", """{"provisioner":"p","allowedTopologies":[{"matchLabelExpressions":[{"key":"failure-domain.beta.kubernetes.io/zone","values":["a"]}]}]}""", "allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead" },
        { "serviceaccounts", """{"metadata":{"name":"a","annotations":{"kubernetes.io/enforce-mountable-secrets":"true"}}}""", "metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets" },
        { "nodes", """{"metadata":{"name":"a"},"spec":{"externalID":"x"}}""", "spec.externalID: this field is deprecated, and is unused by Kubernetes" },
        { "endpointslices.discovery.k8s.io", """{"metadata":{"name":"a"},"addressType":"FQDN","endpoints":[]}""", "addressType: FQDN endpoints are deprecated" },
    };

    [Theory, MemberData(nameof(Pods))]
    public void Pod_is_created_with_a_warning(string path, string value, string warnings) => Assert.Equal(warnings, WarningsOfCreate("pods", With(Pod, path, value)));

    [Theory, MemberData(nameof(Others))]
    public void Object_is_created_with_a_warning(string resource, string json, string warnings) => Assert.Equal(warnings, WarningsOfCreate(resource, json));

    [Fact]
    public void Nobody_is_warned_of_what_became_deprecated_later() =>
        Assert.Equal("", WarningsOfCreate("services", """{"metadata":{"name":"a"},"spec":{"externalIPs":["1.1.1.1"],"trafficDistribution":"PreferClose"}}""", minor: 33));

    [Fact]
    public void A_change_warns_of_a_template_only_when_the_spec_changed()
    {
        const string set = """{"metadata":{"name":"a.b"},"spec":{"template":{"spec":{"terminationGracePeriodSeconds":-1}}}}""";
        Assert.Equal("", WarningsOfUpdate("deployments.apps", set, With(set, "metadata.labels", """{"a":"b"}""")));
        Assert.Equal("spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1", WarningsOfUpdate("deployments.apps", set, With(set, "spec.replicas", "3")));
        Assert.Equal("", WarningsOfUpdate("pods", Pod, With(Pod, "spec.terminationGracePeriodSeconds", "-1")));
    }
}
