using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Cgroups;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Tests.Containers;

public class ContainerResourcesTests
{
    private const long Machine = 8L << 30;

    private static Dictionary<string, Quantity> List(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).ToDictionary(p => p[0], p => Quantity.Parse(p[1]));

    private static Pod Make(string requests, string limits) => new()
    {
        Metadata = new() { Uid = "u" },
        Spec = new() { Containers = [new() { Name = "c", Resources = new() { Requests = List(requests), Limits = List(limits) } }] },
    };

    [Theory]
    [InlineData("", "", 2, 0, 0, 1000, "/kubepods/besteffort/podu")]
    [InlineData("cpu=250m memory=4Gi", "", 256, 0, 0, 500, "/kubepods/burstable/podu")]
    [InlineData("cpu=1m", "cpu=1m", 2, 1000, 0, 999, "/kubepods/burstable/podu")]
    [InlineData("cpu=500m memory=64Mi", "cpu=500m memory=64Mi", 512, 50000, 64 << 20, -997, "/kubepods/podu")]
    [InlineData("", "cpu=2 memory=1Gi", 2048, 200000, 1 << 30, -997, "/kubepods/podu")]
    [InlineData("memory=16Gi", "", 2, 0, 0, 3, "/kubepods/burstable/podu")]
    public void Requests_and_limits_become_cgroup_values(string requests, string limits, long shares, long quota, long memory, long oom, string cgroup)
    {
        var pod = Make(requests, limits);
        var found = ContainerResources.Of(pod, pod.Spec.Containers[0], Machine);
        Assert.Equal((shares, quota, memory, oom), (found.CpuShares, found.CpuQuota, found.MemoryLimitInBytes, found.OomScoreAdj));
        Assert.Equal(cgroup, PodCgroup.Path(pod, ""));
    }

    [Fact]
    public void Without_quotas_a_limit_of_CPU_holds_nothing_back()
    {
        var pod = Make("", "cpu=2 memory=1Gi");
        var found = ContainerResources.Of(pod, pod.Spec.Containers[0], Machine, withQuota: false);
        Assert.Equal((0, 0, 1L << 30), (found.CpuQuota, found.CpuPeriod, found.MemoryLimitInBytes));
    }

    [Theory]
    [InlineData(false, null, "Unconfined")]
    [InlineData(true, null, "RuntimeDefault")]
    [InlineData(true, "Unconfined", "Unconfined")]
    public void Containers_without_a_seccomp_profile_get_the_default_when_that_is_set(bool isDefault, string? own, string profile)
    {
        var pod = Make("", "");
        var container = pod.Spec.Containers[0] with { SecurityContext = own is null ? null : new() { SeccompProfile = new() { Type = own } } };
        Assert.Equal(profile, ContainerSecurity.Compute(pod, container, (null, ""), "/seccomp", isDefault).Seccomp.ProfileType.ToString());
        var privileged = container with { SecurityContext = new() { Privileged = true } };
        Assert.Equal("Unconfined", ContainerSecurity.Compute(pod, privileged, (null, ""), "/seccomp", isDefault).Seccomp.ProfileType.ToString());
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1024, 39)]
    [InlineData(262144, 10000)]
    public void Shares_become_weights(long shares, long weight) => Assert.Equal(weight, ContainerResources.Weight(shares));

    [Fact]
    public void Init_containers_count_by_their_peak_and_sidecars_all_along()
    {
        var pod = Make("cpu=100m", "") with { };
        pod = pod with
        {
            Spec = pod.Spec with
            {
                InitContainers =
                [
                    new() { Name = "side", RestartPolicy = "Always", Resources = new() { Requests = List("cpu=50m") } },
                    new() { Name = "big", Resources = new() { Requests = List("cpu=400m") } },
                ],
            },
        };
        Assert.Equal(450, PodQuality.Requests(pod)["cpu"]);
    }
}
