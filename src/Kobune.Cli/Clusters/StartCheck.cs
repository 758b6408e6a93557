using Kobune.Addons.Catalog;
using Kobune.Cli.Commands;
using Kobune.Cli.Output;
using Kobune.Cli.Ports;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Clusters;

/// <summary>Checks what `start` was asked for, before anything is touched.</summary>
internal sealed class StartCheck(CommandContext context, Reporter reporter)
{
    /// <summary>The whole profile that start is to reach; addresses are filled in once the network is chosen.</summary>
    public ProfileConfig Check(StartRequest request, ProfileConfig? existing)
    {
        ProfileStore.CheckName(request.Profile);
        var driver = request.Driver ?? existing?.Driver ?? context.Driver.Name;
        CheckDriver(context, driver);

        var ranges = ClusterRanges.Of(request);
        request = request with { Subnet = ranges.Subnet, Kubernetes = request.Kubernetes with { ServiceCidr = ranges.Services } };
        var settings = KubernetesCheck.Settings(request.Kubernetes, existing?.KubernetesConfig ?? new(), request.Profile, existing is not null);
        var cpus = Resources.Cpus(request.Cpus, Environment.ProcessorCount, request.Force);
        var memory = Resources.Memory(request.Memory, Resources.AvailableMegabytes(), request.Force);
        var subnet = StaticAddress.SubnetOf(request);
        _ = request.Ports.SelectMany(PublishedPort.Parse).ToList(); // wrong ones are found before anything is made

        if (request.Nodes is < 1 or > 100)
        {
            throw new CliException(Reason.Usage, Message.BadValue, request.Nodes, "--nodes");
        }

        CheckMirrors(request.RegistryMirrors ?? []);
        var addons = AddonsOf(request, existing);
        if (existing is not null)
        {
            return (existing with
            {
                KeepContext = request.KeepContext,
                Addons = addons,
                Cpus = request.Cpus is null ? existing.Cpus : cpus,
                Memory = request.Memory is null ? existing.Memory : memory,
                ScheduledStop = null,
                InsecureRegistry = request.InsecureRegistries ?? existing.InsecureRegistry,
                RegistryMirror = request.RegistryMirrors ?? existing.RegistryMirror,
                KubernetesConfig = settings,
                Nodes = [.. existing.Nodes.Select(n => n with { KubernetesVersion = settings.KubernetesVersion })],
            }).With(request.Mounts);
        }

        CheckNameConflicts(request.Profile);
        return new ProfileConfig
        {
            Name = request.Profile,
            Driver = context.Driver.Name,
            KeepContext = request.KeepContext,
            Cpus = cpus,
            Memory = memory,
            Addons = addons,
            Subnet = subnet ?? "",
            StaticIP = request.StaticIP ?? "",
            ExposedPorts = request.Ports,
            InsecureRegistry = request.InsecureRegistries ?? [],
            RegistryMirror = request.RegistryMirrors ?? [],
            ApiServerPort = request.Kubernetes.ApiServerPort ?? 8443,
            KubernetesConfig = settings with { ClusterCidr = ranges.Pods ?? settings.ClusterCidr },
            IPv6 = ranges.IPv6,
        }.With(request.Mounts);
    }

    private static void CheckMirrors(IReadOnlyList<string> mirrors)
    {
        foreach (var mirror in mirrors)
        {
            if (!Uri.TryCreate(mirror, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/" || url.UserInfo.Length > 0)
            {
                throw new CliException(Reason.Usage, Message.BadValue, $"\"{mirror}\"", "--registry-mirror");
            }
        }
    }

    /// <summary>Refuses drivers that this computer does not have.</summary>
    public static void CheckDriver(CommandContext context, string driver)
    {
        if (driver != context.Driver.Name && driver is not "auto")
        {
            throw new CliException(Reason.Unsupported, Message.DriverUnsupported, driver, "linux", HostSystem.Architecture) { Advice = (Message.UseDriverList, []) };
        }
    }

    /// <summary>Says what cannot be changed on an existing cluster.</summary>
    public void WarnAboutIgnored(StartRequest request, ProfileConfig existing)
    {
        foreach (var name in ClusterRanges.Of(request).Ignored(existing))
        {
            reporter.Warn(Message.IgnoredFlag, name);
        }

        foreach (var (name, changed) in new[]
        {
            ("nodes", request.Nodes is { } nodes && nodes != existing.Nodes.Count),
            ("apiserver-port", request.Kubernetes.ApiServerPort is { } port && port != existing.ApiServerPort),
            ("dns-domain", request.Kubernetes.DnsDomain is { } domain && domain != existing.KubernetesConfig.DnsDomain),
            ("static-ip", request.StaticIP is { } address && address != existing.Primary.IP),
            ("ports", request.Ports.Count > 0 && !request.Ports.SequenceEqual(existing.ExposedPorts)),
        })
        {
            if (changed)
            {
                reporter.Warn(Message.IgnoredFlag, name);
            }
        }
    }

    private static Dictionary<string, bool> AddonsOf(StartRequest request, ProfileConfig? existing)
    {
        var addons = new Dictionary<string, bool>(existing?.Addons ?? new Dictionary<string, bool>());
        foreach (var addon in AddonCatalog.All.Where(a => existing is null && !request.InstallAddons && a.Kind == AddonKind.Default))
        {
            addons[addon.Name] = false;
        }

        foreach (var name in request.Addons)
        {
            var addon = AddonsCommand.Find(name);
            addons[addon.Name] = addon.IsBuiltIn ? true : throw new CliException(Reason.AddonUnsupported, Message.AddonPulls, addon.Name, string.Join(' ', addon.Images.Select(i => $"{i.Registry}/{i.Image}"))) { Advice = (Message.AddonPullsAdvice, []) };
        }

        return addons;
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
}
