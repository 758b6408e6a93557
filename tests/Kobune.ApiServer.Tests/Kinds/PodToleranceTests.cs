using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer.Registry;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>What is wrong with a pod's spec is refused when it comes, and does not stop other changes of what is stored with it.</summary>
public class PodToleranceTests
{
    private const string Pod = """{"metadata":{"name":"web"},"spec":{"serviceAccountName":"robot","terminationGracePeriodSeconds":30,"containers":[{"name":"c","image":"nginx:1"}]}}""";
    private const string Label = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private const string Name = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string Odd = """{"matchExpressions":[{"key":"a","operator":"In","values":["-"]}]}""";
    private const string Near = """{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"t","labelSelector":ODD}]}}""";
    private const string NearSpaces = """{"podAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"t","namespaceSelector":ODD}}]}}""";
    private const string OnNodes = """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[ODD]}}}""";
    private const string Spread = """[{"maxSkew":1,"topologyKey":"t","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"a b":"c"}}}]""";
    private const string Twice = """[{"maxSkew":1,"topologyKey":"t","whenUnsatisfiable":"DoNotSchedule","matchLabelKeys":["a"],"labelSelector":{"matchLabels":{"a":"c"}}}]""";
    private const string Pages = """{"limits":{"cpu":"1","hugepages-2Mi":"3Mi"}}""";
    private const string NotPages = "Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi";
    private const string Rule = """[{"name":"c","image":"i","restartPolicy":"Never","restartPolicyRules":[{"action":"RestartAllContainers","exitCodes":{"operator":"In","values":[1]}}]}]""";

    public static TheoryData<int, string, string, string> Cases => new()
    {
        { 36, "affinity", Near, $"spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions[0].values[0]: Invalid value: \"-\": {Label}" },
        { 36, "affinity", NearSpaces, $"spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.namespaceSelector.matchExpressions[0].values[0]: Invalid value: \"-\": {Label}" },
        { 36, "affinity", OnNodes, $"spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"-\": {Label}" },
        { 36, "topologySpreadConstraints", Spread, $"spec.topologySpreadConstraints[0].labelSelector.matchLabels: Invalid value: \"a b\": {Name}" },
        { 33, "topologySpreadConstraints", Twice, "spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: \"a\": exists in both matchLabelKeys and labelSelector" },
        { 36, "containers.0.resources", Pages, $"spec.containers[0].resources.limits[hugepages-2Mi]: {NotPages}\nspec.containers[0].resources.requests[hugepages-2Mi]: {NotPages}" },
        { 36, "overhead", """{"cpu":"1","hugepages-2Mi":"3Mi"}""", $"spec.overhead.limits[hugepages-2Mi]: {NotPages}" },
        { 36, "volumes", """[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"../a"}}]}}]""", "spec.volumes[0].projected.path: Invalid value: \"../a\": must not contain '..'" },
        { 36, "tolerations", """[{"key":"a","operator":"Gt","value":"5"}]""", "spec.tolerations[0].operator: Unsupported value: \"Gt\": supported values: \"Equal\", \"Exists\"" },
        { 32, "containers.0.lifecycle", """{"preStop":{"sleep":{"seconds":0}}}""", "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 0: must be greater than 0 and less than terminationGracePeriodSeconds (30). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep." },
        { 33, "containers.0.restartPolicy", "\"Never\"", "spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers" },
        { 35, "containers", Rule, "spec.containers[0].restartPolicyRules[0].action: Unsupported value: \"RestartAllContainers\": supported values: \"Restart\"" },
        { 31, "containers.0.env", """[{"name":"a b","value":"x"}]""", "spec.containers[0].env[0].name: Invalid value: \"a b\": a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')" },
        { 32, "dnsConfig", """{"searches":["."]}""", "spec.dnsConfig.searches[0]: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')" },
    };

    public static TheoryData<string, string> Templates => new()
    {
        { "deployments.apps", "spec.template" },
        { "replicasets.apps", "spec.template" },
        { "statefulsets.apps", "spec.template" },
        { "daemonsets.apps", "spec.template" },
        { "jobs.batch", "spec.template" },
        { "cronjobs.batch", "spec.jobTemplate.spec.template" },
        { "replicationcontrollers", "spec.template" },
        { "podtemplates", "template" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void A_pod_keeps_what_is_stored(int minor, string field, string value, string problems)
    {
        var pod = With(Pod, "spec." + field, value.Replace("ODD", Odd, StringComparison.Ordinal));
        Assert.Equal(problems, Problems("pods", null, pod, minor));
        Assert.Contains(problems.Split('\n')[0], Problems("pods", Pod, pod, minor), StringComparison.Ordinal);
        Assert.Equal("", Problems("pods", pod, With(pod, "metadata.labels", """{"x":"y"}"""), minor));
    }

    [Fact]
    public void A_pod_keeps_what_only_its_network_forbids()
    {
        const string problems = "spec.securityContext.sysctls[0].name: Invalid value: \"net.core.somaxconn\": may not be specified when 'hostNetwork' is true";
        var pod = With(With(Pod, "spec.hostNetwork", "true"), "spec.securityContext", """{"sysctls":[{"name":"net.core.somaxconn","value":"1"}]}""");
        Assert.Equal(problems, Problems("pods", null, pod, 36));
        Assert.Equal("", Problems("pods", pod, With(pod, "metadata.labels", """{"x":"y"}"""), 36));

        var users = With(With(Pod, "spec.hostNetwork", "true"), "spec.hostUsers", "false");
        Assert.Equal("spec.hostNetwork: Forbidden: when `hostUsers` is false", Problems("pods", null, users, 36));
        Assert.Equal("", Problems("pods", users, With(users, "metadata.labels", """{"x":"y"}"""), 36));
    }

    [Fact]
    public void A_pod_keeps_a_cost_that_is_no_number()
    {
        var pod = With(Pod, "metadata.annotations", """{"controller.kubernetes.io/pod-deletion-cost":"a"}""");
        Assert.Equal("metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"a\": must be a 32bit integer", Problems("pods", null, pod, 36));
        Assert.Equal("", Problems("pods", pod, With(pod, "metadata.labels", """{"x":"y"}"""), 36));
        Assert.Equal("", Problems("pods", pod, With(pod, "spec.containers.0.image", "\"nginx:2\""), 36));
    }

    [Theory, MemberData(nameof(Templates))]
    public void A_template_keeps_what_is_stored(string resource, string path)
    {
        var clean = With(With("""{"metadata":{"name":"a","uid":"u"},"spec":{}}""", path, """{"metadata":{"labels":{"app":"a"}},"spec":{"restartPolicy":"POLICY","containers":[{"name":"c","image":"i:1"}]}}""".Replace("POLICY", resource.EndsWith("batch", StringComparison.Ordinal) ? "Never" : "Always", StringComparison.Ordinal)), "spec.schedule", "\"0 1 * * *\"");
        clean = With(clean, "spec.selector", resource switch { "jobs.batch" or "cronjobs.batch" or "podtemplates" => "-", "replicationcontrollers" => """{"app":"a"}""", _ => """{"matchLabels":{"app":"a"}}""" });
        var odd = With(clean, path + ".spec.affinity", Near.Replace("ODD", Odd, StringComparison.Ordinal));
        var told = $"{path}.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions[0].values[0]: Invalid value: \"-\": {Label}";
        Assert.Equal("", Problems(resource, null, clean, 36));
        Assert.Equal(told, Problems(resource, null, odd, 36));
        Assert.Contains(told, Problems(resource, clean, odd, 36), StringComparison.Ordinal);
        Assert.Equal("", Problems(resource, odd, With(odd, "metadata.labels", """{"x":"y"}"""), 36));
    }

    [Fact]
    public void A_claim_keeps_its_selector_and_its_group()
    {
        const string claim = """{"metadata":{"name":"d"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""";
        var odd = With(claim, "spec.selector", Odd);
        Assert.Equal($"spec.selector.matchExpressions[0].values[0]: Invalid value: \"-\": {Label}", Problems("persistentvolumeclaims", null, odd, 36));
        Assert.Equal("", Problems("persistentvolumeclaims", odd, With(odd, "metadata.labels", """{"x":"y"}"""), 36));

        var filled = With(claim, "spec.dataSource", """{"apiGroup":"A_","kind":"K","name":"n"}""");
        Assert.StartsWith("spec.dataSource.apiGroup: Invalid value: \"A_\": a lowercase RFC 1123 subdomain", Problems("persistentvolumeclaims", null, filled, 36), StringComparison.Ordinal);
        Assert.Equal("", Problems("persistentvolumeclaims", filled, With(filled, "metadata.labels", """{"x":"y"}"""), 36));
    }

    [Fact]
    public void A_volume_keeps_its_nodes()
    {
        var volume = """{"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/a"},"nodeAffinity":{"required":{"nodeSelectorTerms":[ODD]}}}}""".Replace("ODD", Odd, StringComparison.Ordinal);
        Assert.Equal($"spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"-\": {Label}", Problems("persistentvolumes", null, volume, 36));
        Assert.Equal("", Problems("persistentvolumes", volume, With(volume, "metadata.labels", """{"x":"y"}"""), 36));
    }

    private static string Problems(string resource, string? old, string json, int minor)
    {
        var errors = new FieldErrors(FeatureGates.Default(new KubernetesVersion(minor, 0)));
        var now = Encode(Prepared(resource, json));
        if (old is null)
        {
            Of(resource).Validate(now, errors);
        }
        else
        {
            Of(resource).ValidateUpdate(now, Encode(Prepared(resource, old)), "", errors);
        }

        return string.Join("\n", errors.Items.Select(e => $"{e.Field}: {e.Message}"));
    }

    private static EncodedObject Encode(JsonObject obj) => new(Encoding.UTF8.GetBytes(obj.ToJsonString()));
}
