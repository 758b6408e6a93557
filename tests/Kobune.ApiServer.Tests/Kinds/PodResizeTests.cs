using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

public class PodResizeTests
{
    private const string Pod = """
        {"metadata":{"name":"web","namespace":"default"},"spec":{
          "initContainers":[{"name":"once","image":"i"},{"name":"side","image":"i","restartPolicy":"Always","resources":{"requests":{"cpu":"10m"}}}],
          "containers":[{"name":"a","image":"i","resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"200m"}},"resizePolicy":[{"resourceName":"cpu","restartPolicy":"NotRequired"}]},{"name":"b","image":"i"}]}}
        """;

    private const string A = "spec.containers.0.resources";

    [Theory]
    [InlineData(A, """{"requests":{"cpu":"150m","memory":"32Mi"},"limits":{"cpu":"300m"}}""", "")]
    [InlineData(A, """{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"200m","memory":"128Mi"}}""", "")]
    [InlineData("spec.containers.1.resources", """{"requests":{"cpu":"1m"}}""", "")]
    [InlineData("spec.initContainers.1.resources", """{"requests":{"cpu":"20m"}}""", "")]
    [InlineData("spec.initContainers.0.resources", """{"requests":{"cpu":"20m"}}""", "")]
    [InlineData("spec.initContainers.0", """{"name":"once","image":"i","resources":{"requests":{"cpu":"20m"}},"resizePolicy":[{"resourceName":"cpu","restartPolicy":"RestartContainer"}]}""", "spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable\nspec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized")]
    [InlineData("spec.initContainers.1.resources", """{"requests":{"cpu":"20m","ephemeral-storage":"1Gi"}}""", "spec.initContainers[1]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable")]
    [InlineData("spec.initContainers.1.resources", "{}", "spec.initContainers[1].resources.requests: Forbidden: resource requests cannot be removed")]
    [InlineData("spec.initContainers.0.name", "\"c\"", "spec.initContainers[0].name: Forbidden: initContainers may not be renamed or reordered on resize")]
    [InlineData(A, """{"requests":{"cpu":"100m"},"limits":{"cpu":"200m"}}""", "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed")]
    [InlineData(A, """{"requests":{"cpu":"100m","memory":"64Mi"}}""", "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed")]
    [InlineData(A, """{"requests":{"cpu":"250m","memory":"64Mi"},"limits":{"cpu":"200m"}}""", "spec.containers[0].resources.requests: Invalid value: \"250m\": must be less than or equal to cpu limit of 200m")]
    [InlineData(A, """{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"200m","ephemeral-storage":"1Gi"}}""", "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("spec.containers.0.resizePolicy", "[]", "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("spec.containers.1.name", "\"c\"", "spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize")]
    [InlineData("spec.containers.2", """{"name":"c","image":"i"}""", "spec.containers: Forbidden: containers may not be added or removed on resize")]
    public void Changes_that_a_resize_may_make(string path, string value, string expected)
    {
        var changed = path == "spec.containers.2" ? Pod.Replace("{\"name\":\"b\",\"image\":\"i\"}", "{\"name\":\"b\",\"image\":\"i\"}," + value, StringComparison.Ordinal) : With(Pod, path, value);
        Assert.Equal(expected, Update("pods", Pod, changed, "resize"));
    }

    [Theory]
    [InlineData("""[{"resourceName":"cpu","restartPolicy":"RestartContainer"},{"resourceName":"memory","restartPolicy":"NotRequired"}]""", "Always", "")]
    [InlineData("""[{"resourceName":"cpu","restartPolicy":"NotRequired"},{"resourceName":"cpu","restartPolicy":"NotRequired"}]""", "Always", "spec.containers[0].resizePolicy[1]: Duplicate value: \"cpu\"")]
    [InlineData("""[{"resourceName":"disk","restartPolicy":"NotRequired"}]""", "Always", "spec.containers[0].resizePolicy: Unsupported value: \"disk\": supported values: \"cpu\", \"memory\"")]
    [InlineData("""[{"resourceName":"cpu","restartPolicy":"RestartContainer"}]""", "Never", "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'")]
    public void Resize_policies(string policies, string restartPolicy, string expected) =>
        Assert.Equal(expected, Create("pods", With(With("""{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"a","image":"i"}]}}""", "spec.containers.0.resizePolicy", policies), "spec.restartPolicy", $"\"{restartPolicy}\"")));

    [Fact]
    public void The_quality_class_stays()
    {
        const string Plain = """{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"a","image":"i"}]}}""";
        Assert.Equal("spec: Invalid value: \"BestEffort\": Pod QOS Class may not change as a result of resizing", Update("pods", Plain, With(Plain, A, """{"requests":{"memory":"40Mi"}}"""), "resize"));
    }

    [Theory]
    [InlineData("""{"requests":{"cpu":"150m"},"limits":{"cpu":"300m"}}""", "")]
    [InlineData("""{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"200m","memory":"64Mi"}}""", "")]
    [InlineData("-", "spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing\nspec.resources: Forbidden: pod-level resources cannot be removed")]
    [InlineData("""{"requests":{"cpu":"150m"}}""", "spec.resources.limits: Forbidden: pod-level resource limits cannot be removed")]
    [InlineData("""{"requests":{"cpu":"100m"},"limits":{"cpu":"200m","hugepages-2Mi":"2Mi"}}""", "spec: Forbidden: only cpu and memory resources are mutable at pod-level")]
    public void What_a_pod_has_as_a_whole_is_resized_too(string resources, string expected)
    {
        const string Whole = """{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"a","image":"i"}],"resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"200m"}}}}""";
        Assert.Equal(expected, Update("pods", Whole, With(Whole, "spec.resources", resources), "resize"));
    }

    [Theory]
    [InlineData("resize", "metadata.annotations", """{"kubernetes.io/config.mirror":"x"}""", "[]: Forbidden: static pods cannot be resized")]
    [InlineData("resize", "spec.os", """{"name":"windows"}""", "[]: Forbidden: windows pods cannot be resized")]
    [InlineData("ephemeralcontainers", "metadata.annotations", """{"kubernetes.io/config.mirror":"x"}""", "[]: Forbidden: static pods do not support ephemeral containers")]
    public void Pods_that_stay_as_they_are(string subresource, string path, string value, string expected)
    {
        var pod = With("""{"metadata":{"name":"web","namespace":"default"},"spec":{"nodeName":"n","containers":[{"name":"a","image":"i"}]}}""", path, value);
        Assert.Equal(expected, Update("pods", pod, With(pod, A, """{"requests":{"cpu":"-1"}}"""), subresource)); // and nothing else is told
    }

    [Theory]
    [InlineData("foo-", false)]
    [InlineData("bar..", false)]
    [InlineData("Kernel.x", false)]
    [InlineData("kernel.shmmax", true)]
    [InlineData("net/ipv4/conf/eth0.1/x", true)]
    [InlineData("safe-and-unsafe", true)]
    public void Names_of_sysctls(string name, bool valid)
    {
        const string Plain = """{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"a","image":"i"}]}}""";
        var problems = Create("pods", With(Plain, "spec.securityContext", $$"""{"sysctls":[{"name":"{{name}}","value":"1"}]}"""));
        Assert.Equal(valid ? "" : $"spec.securityContext.sysctls[0].name: Invalid value: \"{name}\": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$", problems);
    }

    [Fact]
    public void A_sysctl_is_named_once_however_it_is_written() => Assert.Equal(
        "spec.securityContext.sysctls[1].name: Duplicate value: \"kernel/shmmax\"",
        Create("pods", """{"metadata":{"name":"web","namespace":"default"},"spec":{"securityContext":{"sysctls":[{"name":"kernel.shmmax","value":"1"},{"name":"kernel/shmmax","value":"2"}]},"containers":[{"name":"a","image":"i"}]}}"""));

    [Theory]
    [InlineData("192.0.2.1", "")]
    [InlineData("2001:db8::1", "")]
    [InlineData("x", "metadata.name: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("2001:db8:0::1", "metadata.name: Invalid value: \"2001:db8:0::1\": must be in canonical form (\"2001:db8::1\")")]
    public void An_address_is_named_as_it_is(string name, string expected) => Assert.Equal(expected, Create("ipaddresses.networking.k8s.io", Address(name, "foo")));

    [Fact]
    public void An_address_keeps_its_parent() =>
        Assert.StartsWith("spec.parentRef: Invalid value:", Update("ipaddresses.networking.k8s.io", Address("192.0.2.1", "foo"), Address("192.0.2.1", "bar")), StringComparison.Ordinal);

    private static string Address(string name, string parent) => $$$$"""{"metadata":{"name":"{{{{name}}}}"},"spec":{"parentRef":{"resource":"services","namespace":"default","name":"{{{{parent}}}}"}}}""";
}
