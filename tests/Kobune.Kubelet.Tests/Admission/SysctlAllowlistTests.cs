using Kobune.Api.Core.V1;
using Kobune.Api.Schema;
using Kobune.Kubelet.Admission;

namespace Kobune.Kubelet.Tests.Admission;

public class SysctlAllowlistTests
{
    private static string? Verdict(string name, string allowed = "", int minor = 36, bool hostNetwork = false, bool hostIpc = false)
    {
        var pod = new Pod { Spec = new() { HostNetwork = hostNetwork, HostIPC = hostIpc, SecurityContext = new() { Sysctls = [new() { Name = name, Value = "1" }] } } };
        var refusal = new SysctlAllowlist(allowed.Split(',', StringSplitOptions.RemoveEmptyEntries), new(minor, 0)).Refusal(pod);
        Assert.Equal(refusal is null ? null : "SysctlForbidden", refusal?.Reason);
        return refusal?.Message;
    }

    [Theory]
    [InlineData("kernel.shm_rmid_forced", "", null)]
    [InlineData("kernel/shm_rmid_forced", "", null)]
    [InlineData("net.ipv4.tcp_wmem", "", null)]
    [InlineData("kernel.msgmax", "", "forbidden sysctl: \"kernel.msgmax\" not allowlisted")]
    [InlineData("net/ipv4/conf/eth0.1/forwarding", "", "forbidden sysctl: \"net.ipv4.conf.eth0/1.forwarding\" not allowlisted")]
    [InlineData("kernel.msgmax", "kernel.msg*", null)]
    [InlineData("net.core.somaxconn", "net.core.*", null)]
    [InlineData("net.core.somaxconn", "net/core/somaxconn", null)]
    [InlineData("net.ipv4.route.min_pmtu", "net.core.*", "forbidden sysctl: \"net.ipv4.route.min_pmtu\" not allowlisted")]
    public void Only_safe_parameters_and_those_that_are_allowed_may_be_set(string name, string allowed, string? refusal) => Assert.Equal(refusal, Verdict(name, allowed));

    [Fact]
    public void A_parameter_is_safe_since_a_release() =>
        Assert.Equal(("forbidden sysctl: \"net.ipv4.tcp_rmem\" not allowlisted", null), (Verdict("net.ipv4.tcp_rmem", minor: 31), Verdict("net.ipv4.tcp_rmem", minor: 32)));

    [Fact]
    public void The_namespace_of_the_host_is_not_changed()
    {
        Assert.Equal("forbidden sysctl: \"net.core.somaxconn\" not allowed with host Net enabled", Verdict("net.core.somaxconn", "net.core.*", hostNetwork: true));
        Assert.Equal("forbidden sysctl: \"kernel.shm_rmid_forced\" not allowed with host IPC enabled", Verdict("kernel.shm_rmid_forced", hostIpc: true));
        Assert.Null(Verdict("kernel.shm_rmid_forced", hostNetwork: true));
    }

    [Theory]
    [InlineData("net.core.*", true)]
    [InlineData("kernel/sem", true)]
    [InlineData("kernel.shm*", true)]
    [InlineData("fs.mqueue.*", true)]
    [InlineData("vm.swappiness", false)]
    [InlineData("kernel.*", false)]
    public void Only_what_the_kernel_keeps_for_each_namespace_can_be_allowed(string pattern, bool can) => Assert.Equal(can, KubeletOptions.AreNamespacedSysctls([pattern]));
}
