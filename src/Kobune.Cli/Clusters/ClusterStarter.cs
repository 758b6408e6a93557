using System.Net;
using Kobune.Cli.Commands;
using Kobune.Cli.Images;
using Kobune.Cli.Kubeconfig;
using Kobune.Cli.Mounts;
using Kobune.Cli.Output;
using Kobune.Cli.Packages;
using Kobune.Cli.Ports;
using Kobune.Cli.Privileges;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Kubelet.Registry;
using Kobune.Machine;
using Kobune.Machine.Host;

namespace Kobune.Cli.Clusters;

/// <summary>
/// `start`: check what was asked, install what is missing, choose the network, make the keys, start the machines, write the kubeconfig, wait.
/// A second start on a running cluster goes through the same steps and finds each done.
/// </summary>
internal sealed class ClusterStarter(CommandContext context, Reporter reporter)
{
    /// <summary>The program's copy and the first images; a fuller disk would only fail later, and less clearly.</summary>
    private const long LeastSpace = 256 * 1024 * 1024;

    /// <summary>Stops a start that lacks root, once it is clear that what was asked can be had: nobody types a password for a mistake.</summary>
    public static void RequireRoot(CommandContext context, StartRequest request)
    {
        if (request.DryRun || context.Privileges.IsRoot)
        {
            return;
        }

        _ = new StartCheck(context, new(TextWriter.Null, TextWriter.Null, context.Texts, false, false)).Check(request, context.Profiles.Find(request.Profile));
        _ = new KubeconfigFile(context).Read();
        throw new RootNeededException();
    }

    public async Task RunAsync(StartRequest request, CancellationToken ct)
    {
        Welcome(request.Profile);
        var check = new StartCheck(context, reporter);
        var existing = context.Profiles.Find(request.Profile);
        var wanted = check.Check(request, existing);
        reporter.Step(Icon.Driver, "Selecting Driver", DriverMessage(request, existing), wanted.Driver);
        if (existing is not null && request.Kubernetes.Version is null)
        {
            KubernetesCheck.TellNewer(wanted.KubernetesConfig, reporter);
        }

        KubernetesCheck.WarnAboutIgnored(wanted.KubernetesConfig, reporter);
        foreach (var range in wanted.InsecureRegistry.Where(r => RegistryHosts.HostOf(r).Contains('/') && RegistryHosts.NetworkOf(r) is null))
        {
            reporter.Warn(Message.InsecureRange, range);
        }

        if (request.DryRun)
        {
            reporter.Info(Icon.Done, Message.DryRunDone);
            return;
        }

        _ = new KubeconfigFile(context).Read(); // a broken one is found before anything is made
        CheckSpace();
        await PackageInstaller.Create(reporter).EnsureAsync([.. Package.Machine, Package.Kubectl, .. wanted.Addons.Where(a => a.Value).SelectMany(a => Package.OfAddon(a.Key))], request.Install, ct);
        if (request.DownloadOnly)
        {
            reporter.Step(Icon.Done, "Done", Message.DownloadDone);
            return;
        }

        using var gate = await ProfileGate.ForStartAsync(context, request.Profile, ct);
        existing = context.Profiles.Find(request.Profile); // another start may have come first
        if (existing is not null)
        {
            check.WarnAboutIgnored(request, existing);
            await new ScheduledStop(context, request.Profile).CancelAsync(ct);
        }

        if (existing is { } paused && new ClusterStatus(context).IsPaused(paused))
        {
            PauseCommand.Unpause(context, reporter, paused);
        }

        var profile = await StartMachinesAsync(request, check.Check(request, existing), existing is not null, ct);
        await StartMounts.EnsureAsync(context, profile, ct);
        await WriteKubeconfigAsync(profile, request.KeepContext, ct);
        reporter.Step(Icon.Verify, "Verifying Kubernetes", Message.Verifying);
        await new ClusterWaiter(context, profile).RunAsync(request.Wait, request.WaitTimeout, ct);
        await EnableAddonsAsync(request, existing, ct);
        Done(profile, request.KeepContext);
    }

    // A new start of the node process reads them from its file; one that ran already is told.
    private async Task EnableAddonsAsync(StartRequest request, ProfileConfig? existing, CancellationToken ct)
    {
        foreach (var name in request.Addons.Where(_ => existing is not null))
        {
            var profile = context.Profiles.Get(request.Profile);
            var addon = AddonsCommand.Find(name).Name;
            await new ClusterAddons(context, reporter).SetAsync(profile, addon, profile.AddonStates()[addon] with { IsEnabled = true }, ct);
        }

        var on = context.Profiles.Get(request.Profile).AddonStates().Where(s => s.Value.IsEnabled).Select(s => s.Key).Order(StringComparer.Ordinal).ToList();
        if (on.Count > 0)
        {
            reporter.Step(Icon.Addon, "Enabling Addons", Message.EnabledAddons, string.Join(", ", on));
        }
    }

    private void CheckSpace()
    {
        if (Disk.FreeBytes(context.Home.Root) < LeastSpace)
        {
            throw new CliException(Reason.Storage, Message.NoSpace, context.Home.Root) { Advice = (Message.FreeSpace, []) };
        }
    }

    private void Welcome(string profile)
    {
        var prefix = profile == CommandContext.DefaultProfile ? "" : $"[{profile}] ";
        reporter.Step(Icon.Hello, "Initial Minikube Setup", Message.Welcome, prefix, Versions.Program, $"{HostSystem.PrettyName()} ({HostSystem.Architecture})");
        foreach (var name in new[] { "KOBUNE_HOME", "KOBUNE_PROFILE", "KUBECONFIG" })
        {
            if (context.Variable(name) is { } value)
            {
                reporter.Info(Icon.Option, Message.NetworkOption, name, value);
            }
        }
    }

    private static Message DriverMessage(StartRequest request, ProfileConfig? existing) =>
        request.Driver is not null and not "auto" ? Message.UsingDriverUser : existing is not null ? Message.UsingDriverProfile : Message.UsingDriverAuto;

    private async Task<ProfileConfig> StartMachinesAsync(StartRequest request, ProfileConfig wanted, bool exists, CancellationToken ct)
    {
        // One start at a time chooses a network on this host; the choice holds as soon as the bridge stands.
        var machines = new MachineStarter(context, reporter);
        var hostGate = await FolderLock.AcquireAsync("/run", context.Time, ct);
        var running = wanted.Nodes.Where(n => context.Driver.StateOf(n.Name) == MachineState.Running).ToList();
        ProfileConfig profile;
        KubeconfigEntry entry;
        try
        {
            if (!exists)
            {
                PublishedPorts.CheckFree(wanted.ExposedPorts);
            }

            profile = exists ? wanted : await ChooseNetworkAsync(request, wanted, ct);
            await CheckNetworkAsync(profile, exists, ct);
            context.Profiles.Save(profile);
            ApplyLimits(profile);
            entry = await StartPrimaryAsync(machines, profile, exists, ct);
        }
        catch when (!exists)
        {
            await TakeBackAsync(request.Profile);
            throw;
        }
        finally
        {
            hostGate.Dispose();
        }

        await WriteKubeconfigAsync(profile, request.KeepContext, entry, ct);
        foreach (var worker in profile.Nodes.Skip(1))
        {
            await machines.StartAsync(profile, worker, !exists, Task.CompletedTask, ct);
        }

        await ApplyRegistriesAsync(machines, profile, running, ct);
        await new PublishedPorts(context).EnsureAsync(profile, ct);
        return profile;
    }

    // The keys are made beside the machine, whose programs wait for them.
    private async Task<KubeconfigEntry> StartPrimaryAsync(MachineStarter machines, ProfileConfig profile, bool exists, CancellationToken ct)
    {
        var keys = Task.Run(
            () =>
            {
                var entry = ClusterKeys.Prepare(context.Home, profile, context.Time);
                UserFiles.GiveKeys(ClusterKeys.FolderOf(context.Home, profile), context.Variable); // `status` in another terminal reads them at once
                return entry;
            },
            CancellationToken.None);
        try
        {
            await machines.StartAsync(profile, profile.Primary, !exists, keys, ct);
        }
        finally
        {
            await Task.WhenAny(keys); // else it would write into a folder that is taken back
        }

        return await keys;
    }

    // A machine that runs already gets its new limits at once, the others when they start.
    private void ApplyLimits(ProfileConfig profile)
    {
        foreach (var node in profile.Nodes.Where(n => context.Driver.StateOf(n.Name) == MachineState.Running))
        {
            context.Driver.Limit(ClusterPlan.MachineOf(context.Home, profile, node, Environment.ProcessPath!, new Dictionary<string, string>()));
        }
    }

    // A node that ran already follows at once: containerd reads these files at each pull. Afterwards, since an upgrade is seen by the old settings.
    private async Task ApplyRegistriesAsync(MachineStarter machines, ProfileConfig profile, IReadOnlyList<ProfileNode> running, CancellationToken ct)
    {
        foreach (var node in running)
        {
            if (machines.HasOtherRegistries(profile, node))
            {
                using var config = new MemoryStream(MachineStarter.ConfigOf(profile, node));
                _ = await new NodeProgram(context.Driver).RuntimeAsync(node.Name, ["hosts"], config, ct);
            }

            await machines.WriteConfigAsync(profile, node, ct); // last: a start that is broken off before does both again
        }
    }

    // A cluster whose first machine could not be made is not left half made.
    private async Task TakeBackAsync(string profile)
    {
        try
        {
            await context.Driver.DeleteAsync(profile, [ClusterPlan.MachineName(profile, 0)], CancellationToken.None);
            context.Profiles.Remove(profile);
        }
        catch (MachineException e)
        {
            reporter.Warn(Message.DeleteFailed, profile, e.Message);
        }
    }

    private async Task<ProfileConfig> ChooseNetworkAsync(StartRequest request, ProfileConfig wanted, CancellationToken ct)
    {
        var subnet = await context.Driver.ChooseSubnetAsync(request.Profile, wanted.Subnet.Length > 0 ? wanted.Subnet : null, ct);
        var profile = wanted with
        {
            Subnet = subnet,
            IPv6 = wanted.IPv6 is { Subnet.Length: 0 } second ? second with { Subnet = Subnets.DefaultV6(IPNetwork.Parse(subnet)).ToString() } : wanted.IPv6,
        };
        return profile with { Nodes = ClusterPlan.Nodes(profile, request.Nodes ?? 1) };
    }

    // After a stop or a reboot somebody else may have taken the network; nodes keep their addresses, so this cannot be mended by choosing another.
    private async Task CheckNetworkAsync(ProfileConfig profile, bool exists, CancellationToken ct)
    {
        if ((!exists && profile.IPv6 is null) || profile.Nodes.Any(n => context.Driver.StateOf(n.Name) == MachineState.Running))
        {
            return;
        }

        try
        {
            await context.Driver.ChooseSubnetAsync(profile.Name, profile.Subnet, ct);
            if (profile.IPv6 is { } second)
            {
                await context.Driver.CheckSubnetV6Async(profile.Name, second.Subnet, ct);
            }
        }
        catch (MachineException e) when (e.Fault == MachineFault.Network)
        {
            throw new CliException(Reason.Network, Message.NetworkFailed, e.Message) { Advice = (Message.FreeSubnet, [profile.Name]) };
        }
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
