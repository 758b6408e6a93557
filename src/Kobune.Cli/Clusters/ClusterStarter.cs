using System.Runtime.InteropServices;
using System.Text.Json;
using Kobune.Cli.Kubeconfig;
using Kobune.Cli.Output;
using Kobune.Cli.Packages;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine;
using Kobune.Machine.Host;
using Kobune.Node;

namespace Kobune.Cli.Clusters;

/// <summary>
/// `start`: check what was asked, install what is missing, choose the network, make the keys, start the machines, write the kubeconfig, wait.
/// A second start on a running cluster goes through the same steps and finds each done.
/// </summary>
internal sealed class ClusterStarter(CommandContext context, Reporter reporter)
{
    private static readonly string[] ProxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];

    public async Task RunAsync(StartRequest request, CancellationToken ct)
    {
        Welcome(request.Profile);
        var existing = context.Profiles.Find(request.Profile);
        var wanted = Check(request, existing);
        reporter.Step(Icon.Driver, "Selecting Driver", DriverMessage(request, existing), wanted.Driver);
        if (request.DryRun)
        {
            reporter.Info(Icon.Done, Message.DryRunDone);
            return;
        }

        if (!Programs.IsRoot)
        {
            throw new CliException(Reason.NeedsRoot, Message.NeedsRoot, wanted.Driver) { Advice = (Message.RunAsRoot, ["start"]) };
        }

        await PackageInstaller.Create(reporter).EnsureAsync([.. Package.Machine, Package.Kubectl], request.Install, ct);
        Directory.CreateDirectory(context.Home.Profile(request.Profile));
        using var gate = await FolderLock.AcquireAsync(context.Home.Profile(request.Profile), context.Time, ct);
        var profile = await StartMachinesAsync(request, wanted, existing is not null, ct);
        await WriteKubeconfigAsync(profile, request.KeepContext, ct);
        reporter.Step(Icon.Verify, "Verifying Kubernetes", Message.Verifying);
        await new ClusterWaiter(context, profile).RunAsync(request.Wait, request.WaitTimeout, ct);
        Done(profile, request.KeepContext);
    }

    private void Welcome(string profile)
    {
        var prefix = profile == CommandContext.DefaultProfile ? "" : $"[{profile}] ";
        reporter.Step(Icon.Hello, "Initial Kobune Setup", Message.Welcome, prefix, Versions.Program, $"{HostSystem.PrettyName()} ({HostSystem.Architecture})");
        foreach (var name in new[] { "KOBUNE_HOME", "KOBUNE_PROFILE", "KUBECONFIG" })
        {
            if (context.Variable(name) is { } value)
            {
                reporter.Info(Icon.Option, Message.NetworkOption, name, value);
            }
        }
    }

    // The whole profile that start is to reach; addresses are filled in once the network is chosen.
    private ProfileConfig Check(StartRequest request, ProfileConfig? existing)
    {
        ProfileStore.CheckName(request.Profile);
        var driver = request.Driver ?? existing?.Driver ?? context.Driver.Name;
        if (driver != context.Driver.Name && driver is not "auto")
        {
            throw new CliException(Reason.Unsupported, Message.DriverUnsupported, driver, "linux", HostSystem.Architecture) { Advice = (Message.UseDriverList, []) };
        }

        var version = Resources.Version(request.KubernetesVersion);
        var cpus = Resources.Cpus(request.Cpus, Environment.ProcessorCount, request.Force);
        var memory = Resources.Memory(request.Memory, Resources.AvailableMegabytes(), request.Force);
        if (request.Subnet is { } subnet)
        {
            _ = Subnets.Parse(subnet);
        }

        if (request.Nodes is < 1 or > 100)
        {
            throw new CliException(Reason.Usage, Message.BadValue, request.Nodes, "--nodes");
        }

        if (existing is not null)
        {
            WarnAboutIgnored(request, existing);
            return existing with { KeepContext = request.KeepContext };
        }

        CheckNameConflicts(request.Profile);
        return new()
        {
            Name = request.Profile,
            Driver = context.Driver.Name,
            KeepContext = request.KeepContext,
            Cpus = cpus,
            Memory = memory,
            Subnet = request.Subnet ?? "",
            KubernetesConfig = new() { KubernetesVersion = version, ClusterName = request.Profile },
        };
    }

    private void WarnAboutIgnored(StartRequest request, ProfileConfig existing)
    {
        foreach (var (name, changed) in new[]
        {
            ("nodes", request.Nodes is { } nodes && nodes != existing.Nodes.Count),
            ("cpus", request.Cpus is not null),
            ("memory", request.Memory is not null),
            ("subnet", request.Subnet is { } subnet && Subnets.Parse(subnet).ToString() != existing.Subnet),
        })
        {
            if (changed)
            {
                reporter.Warn(Message.IgnoredFlag, name);
            }
        }
    }

    private void CheckNameConflicts(string name)
    {
        foreach (var other in context.Profiles.Names.Where(n => n != name))
        {
            if (context.Profiles.Find(other) is { } profile && profile.Nodes.Any(n => n.Name == name))
            {
                throw new CliException(Reason.Usage, Message.NameConflict, name, other) { Advice = (Message.ChooseOther, []) };
            }
        }
    }

    private static Message DriverMessage(StartRequest request, ProfileConfig? existing) =>
        request.Driver is not null and not "auto" ? Message.UsingDriverUser : existing is not null ? Message.UsingDriverProfile : Message.UsingDriverAuto;

    private async Task<ProfileConfig> StartMachinesAsync(StartRequest request, ProfileConfig wanted, bool exists, CancellationToken ct)
    {
        // One start at a time chooses a network on this host; the choice holds as soon as the bridge stands.
        var hostGate = await FolderLock.AcquireAsync("/run", context.Time, ct);
        ProfileConfig profile;
        KubeconfigEntry? entry = null;
        try
        {
            profile = exists ? wanted : await ChooseNetworkAsync(request, wanted, ct);
            await CheckNetworkAsync(profile, ct);
            context.Profiles.Save(profile);
            NodeConfig[] nodes = [.. profile.Nodes.Select((_, i) => ClusterPlan.NodeOf(profile, i))];
            entry = ClusterKeys.Prepare(context.Home, profile, nodes, context.Time);
            await StartMachineAsync(profile, nodes[0], 0, exists, ct);
        }
        finally
        {
            hostGate.Dispose();
        }

        await WriteKubeconfigAsync(profile, request.KeepContext, entry, ct);
        for (var i = 1; i < profile.Nodes.Count; i++)
        {
            await StartMachineAsync(profile, ClusterPlan.NodeOf(profile, i), i, exists, ct);
        }

        return profile;
    }

    private async Task<ProfileConfig> ChooseNetworkAsync(StartRequest request, ProfileConfig wanted, CancellationToken ct)
    {
        var subnet = await context.Driver.ChooseSubnetAsync(request.Profile, request.Subnet, ct);
        return wanted with { Subnet = subnet, Nodes = ClusterPlan.Nodes(request.Profile, subnet, request.Nodes ?? 1, wanted.KubernetesConfig.KubernetesVersion) };
    }

    // After a stop or a reboot somebody else may have taken the network; nodes keep their addresses, so this cannot be mended by choosing another.
    private Task CheckNetworkAsync(ProfileConfig profile, CancellationToken ct) =>
        profile.Nodes.Any(n => context.Driver.StateOf(n.Name) == MachineState.Running)
            ? Task.CompletedTask
            : context.Driver.ChooseSubnetAsync(profile.Name, profile.Subnet, ct);

    private async Task StartMachineAsync(ProfileConfig profile, NodeConfig node, int index, bool exists, CancellationToken ct)
    {
        reporter.Step(Icon.NodeStart, "Starting Node", node.IsControlPlane ? Message.StartingControlPlane : Message.StartingWorker, node.NodeName, profile.Name);
        var state = context.Driver.StateOf(node.NodeName);
        if (state == MachineState.Running)
        {
            reporter.Step(Icon.Running, "Updating Driver", Message.UpdatingMachine, profile.Driver, node.NodeName);
            return;
        }

        if (exists && state == MachineState.Nonexistent)
        {
            reporter.Warn(Message.MachineMissing, node.NodeName);
        }

        if (exists && state == MachineState.Stopped)
        {
            reporter.Step(Icon.Restart, "Creating Machine", Message.RestartingMachine, profile.Driver, node.NodeName);
        }
        else
        {
            reporter.Step(Icon.Create, "Creating Machine", Message.CreatingMachine, profile.Driver, node.NodeIP);
        }

        var data = ClusterKeys.DataFolderOf(context.Home, node.NodeName);
        Directory.CreateDirectory(data);
        await File.WriteAllBytesAsync(Path.Combine(data, "node.json"), JsonSerializer.SerializeToUtf8Bytes(node, NodeConfigJson.Default.NodeConfig), ct);
        await context.Driver.StartAsync(ClusterPlan.MachineOf(context.Home, profile, index, Environment.ProcessPath!, EnvironmentOfNodes(profile)), ct);
        if (index == 0)
        {
            TellNetworkOptions();
        }

        reporter.Step(Icon.Containerd, "Preparing Kubernetes", Message.PreparingKubernetes, node.KubernetesVersion);
    }

    private void TellNetworkOptions()
    {
        var set = ProxyVariables.Where(n => context.Variable(n) is not null).ToList();
        if (set.Count > 0)
        {
            reporter.Info(Icon.Network, Message.FoundNetworkOptions);
            set.ForEach(n => reporter.Info(Icon.Option, Message.NetworkOption, n, context.Variable(n)!));
        }
    }

    private Dictionary<string, string> EnvironmentOfNodes(ProfileConfig profile)
    {
        var environment = ProxyVariables.Where(n => context.Variable(n) is not null).ToDictionary(n => n, n => context.Variable(n)!);
        if (environment.Keys.Any(k => k.StartsWith("HTTP", StringComparison.OrdinalIgnoreCase)))
        {
            var direct = string.Join(',', [.. profile.Nodes.Select(n => n.IP), "127.0.0.1", "localhost", profile.KubernetesConfig.ServiceCidr, "10.244.0.0/16", ".svc", "." + profile.KubernetesConfig.DnsDomain]);
            foreach (var name in new[] { "NO_PROXY", "no_proxy" })
            {
                environment[name] = environment.TryGetValue(name, out var before) && before.Length > 0 ? before + "," + direct : direct;
            }
        }

        if (context.Variable("DOTNET_ROOT") is { } root)
        {
            environment["DOTNET_ROOT"] = root; // a build that is not self-contained
        }

        return environment;
    }

    private Task WriteKubeconfigAsync(ProfileConfig profile, bool keepContext, CancellationToken ct) =>
        WriteKubeconfigAsync(profile, keepContext, ClusterKeys.Load(context.Home, profile, context.Time), ct);

    private async Task WriteKubeconfigAsync(ProfileConfig profile, bool keepContext, KubeconfigEntry? entry, CancellationToken ct)
    {
        if (entry is null)
        {
            return;
        }

        var file = new KubeconfigFile(context);
        await file.ChangeAsync(
            text =>
            {
                text.Put(entry, profile.KubernetesConfig.Namespace);
                if (!keepContext)
                {
                    text.SetCurrentContext(profile.Name);
                }

                return true;
            },
            ct);
    }

    private void Done(ProfileConfig profile, bool keepContext)
    {
        if (Programs.Find("kubectl") is null)
        {
            reporter.Info(Icon.Tip, Message.NoKubectl);
        }

        if (keepContext)
        {
            reporter.Step(Icon.Done, "Done", Message.StartDoneKeepContext, profile.Name);
        }
        else
        {
            reporter.Step(Icon.Done, "Done", Message.StartDone, profile.Name, profile.KubernetesConfig.Namespace);
        }
    }
}

/// <summary>What this computer is called.</summary>
internal static class HostSystem
{
    /// <summary>"amd64" or "arm64".</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    /// <summary>"Debian GNU/Linux 12".</summary>
    public static string PrettyName()
    {
        const string File = "/etc/os-release";
        var line = System.IO.File.Exists(File) ? System.IO.File.ReadLines(File).FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal)) : null;
        return line is null ? "Linux" : line["PRETTY_NAME=".Length..].Trim('"');
    }
}
