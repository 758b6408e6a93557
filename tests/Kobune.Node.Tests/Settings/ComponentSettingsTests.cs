using Kobune.Node.Settings;

namespace Kobune.Node.Tests.Settings;

public class ComponentSettingsTests
{
    [Fact]
    public void Settings_are_read_with_upstreams_names()
    {
        var settings = new ComponentSettings(
        [
            "kubelet.max-pods=20", "kubelet.max-pods=21", "kubelet.node-labels=tier=web,zone=a", "kubelet.register-with-taints=dedicated=db:NoSchedule,spot:NoExecute",
            "kubelet.system-reserved=cpu=100m,memory=64Mi", "kubelet.kube-reserved=cpu=50m", "kubelet.container-log-max-size=5Mi",
            "apiserver.service-node-port-range=31000-31010", "controller-manager.node-monitor-grace-period=1m30s", "controller-manager.controllers=*,-nodeipam", "proxy.mode=userspace",
        ]);
        Assert.Equal(21, settings.MaxPods);
        Assert.Equal("a", settings.NodeLabels["zone"]);
        Assert.Equal([("dedicated", "db", "NoSchedule"), ("spot", "", "NoExecute")], settings.Taints().Select(t => (t.Key, t.Value, t.Effect)));
        Assert.Equal(("150m", "64Mi"), (settings.Reserved["cpu"], settings.Reserved["memory"]));
        Assert.Equal(5 * 1024 * 1024, settings.ContainerLogMaxSize);
        Assert.Equal((31000, 31010), settings.NodePorts);
        Assert.Equal(TimeSpan.FromSeconds(90), settings.NodeMonitorGracePeriod);
        Assert.Equal(["nodeipam"], settings.DisabledControllers);
        Assert.Equal("userspace", settings.ProxyMode);
        Assert.Null(settings.TerminatedPodGcThreshold);
    }

    [Theory]
    [InlineData("kubelet.max-pods=20", SettingEffect.Applied)]
    [InlineData("kubelet.event-qps=5", SettingEffect.None)]
    [InlineData("kubeadm.ignore-preflight-errors=all", SettingEffect.None)]
    [InlineData("kubelet.no-such-flag=1", SettingEffect.Unknown)]
    [InlineData("toaster.max-pods=1", SettingEffect.Unknown)]
    public void Each_setting_is_applied_told_or_refused(string text, SettingEffect effect) => Assert.Equal(effect, ExtraConfig.Parse(text)!.Effect);

    [Theory]
    [InlineData("kubelet.max-pods=0")]
    [InlineData("kubelet.register-with-taints=a=b:Sometimes")]
    [InlineData("kubelet.system-reserved=cpu=much")]
    [InlineData("apiserver.service-node-port-range=5-4")]
    [InlineData("controller-manager.node-monitor-grace-period=soon")]
    [InlineData("proxy.mode=pigeon")]
    public void A_value_that_cannot_be_has_a_problem(string text) => Assert.NotNull(ExtraConfig.Parse(text)!.Problem);

    [Theory]
    [InlineData("max-pods=20")]
    [InlineData("kubelet.max-pods")]
    [InlineData(".x=1")]
    public void Another_form_is_no_setting(string text) => Assert.Null(ExtraConfig.Parse(text));
}
