using Kobune.Cli.Clusters;
using Kobune.Cli.Privileges;
using Kobune.Cli.Profiles;
using Kobune.Machine.State;

namespace Kobune.Cli.Tests.Privileges;

public sealed class NormalUserTests : IDisposable
{
    private readonly CommandRun _run = new();

    public static TheoryData<string> Rooted =>
    [
        "start", "start -p demo", "stop -p demo", "stop --all", "delete", "delete -p other", "delete --all", "pause -p demo", "unpause -p demo", "tunnel -p demo", "mount /tmp:/x -p demo",
        "cp a /b -p demo", "ssh -p demo -- id", "ssh-key -p demo", "ssh-host -p demo", "path web -p demo", "dns install -p demo", "dns uninstall -p demo", "node add -p demo",
        "node stop m02 -p demo", "addons enable ingress -p demo", "addons disable ingress -p demo", "image build . -p demo", "image load x -p demo", "image ls -p demo", "image list -p demo", "image rm x -p demo",
    ];

    /// <summary>Exit code and command line.</summary>
    public static TheoryData<int, string> Own => new()
    {
        { 7, "status -p demo" },
        { 0, "profile list" },
        { 0, "profile list -o json" },
        { 85, "ip -p demo" },
        { 85, "service list -p demo" },
        { 85, "service web -p demo" },
        { 0, "node list -p demo" },
        { 0, "addons list -p demo" },
        { 0, "config set cpus 2" },
        { 0, "version" },
        { 0, "start --dry-run" },
        { 0, "logs --audit -p demo" },
        { 0, "stop --help" },
        { 85, "stop -p other" },
        { 85, "tunnel -p other" },
        { 14, "image ls -p other" },
        { 23, "start --memory 250MB" },
        { 56, "start --driver hyperkit" },
        { 14, "start --extra-config kubelet.nonsense=1" },
    };

    [Theory, MemberData(nameof(Rooted))]
    public async Task What_changes_the_computer_is_run_again_as_root_and_says_nothing_itself(string line)
    {
        Prepare();
        Assert.Equal(42, await _run.RunAsync(line.Split(' ')));
        Assert.Equal([line], _run.Privileges.Asked);
        Assert.Equal("", _run.Output + _run.Error);
    }

    [Theory, MemberData(nameof(Own))]
    public async Task Everything_else_never_asks_for_root(int code, string line)
    {
        Prepare();
        Assert.Equal(code, await _run.RunAsync(line.Split(' ')));
        Assert.Empty(_run.Privileges.Asked);
    }

    [Fact]
    public async Task Root_itself_asks_nobody()
    {
        Prepare();
        _run.Privileges.IsRoot = true;
        Assert.Equal(85, await _run.RunAsync("node", "stop", "m07", "-p", "demo"));
        Assert.Empty(_run.Privileges.Asked);
    }

    [Fact]
    public void The_helper_takes_over_settings_but_not_what_leads_root_astray()
    {
        var taken = AsRoot.Settings("HOME=/home/a\0PATH=/home/a/bin\0LD_PRELOAD=/x.so\0KOBUNE_HOME=/k\0KUBECONFIG=/a:/b\0LC_ALL=ja_JP.UTF-8\0https_proxy=http://u:p=w@h\0DOTNET_STARTUP_HOOKS=/x\0broken\0");
        Assert.Equal(["KOBUNE_CALLER_HOME=/home/a", "KOBUNE_HOME=/k", "KUBECONFIG=/a:/b", "LC_ALL=ja_JP.UTF-8", "https_proxy=http://u:p=w@h"], taken.Select(t => $"{t.Key}={t.Value}"));
    }

    [Fact]
    public void The_users_files_are_opened_as_the_user()
    {
        Assert.Empty(AsRoot.UserPrefix(new Dictionary<string, string> { ["SUDO_UID"] = "1000", ["SUDO_GID"] = "1000" }.GetValueOrDefault));
        var helper = new Dictionary<string, string> { ["SUDO_UID"] = "1000", ["SUDO_GID"] = "1001", ["KOBUNE_CALLER_HOME"] = "/home/a" };
        Assert.Equal("setpriv --reuid 1000 --regid 1001 --init-groups --", string.Join(' ', AsRoot.UserPrefix(helper.GetValueOrDefault)));
    }

    public void Dispose() => _run.Dispose();

    private void Prepare()
    {
        _run.Privileges.IsRoot = false;
        new ProfileStore(new MachineHome(_run.Home)).Save(new()
        {
            Name = "demo",
            Subnet = "192.168.49.0/24",
            Nodes = ClusterPlan.Nodes(new() { Name = "demo", Subnet = "192.168.49.0/24" }, 2),
            KubernetesConfig = new() { ClusterName = "demo" },
        });
    }
}
