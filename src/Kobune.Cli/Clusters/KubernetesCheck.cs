using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Node.Settings;

namespace Kobune.Cli.Clusters;

/// <summary>From what `start` was asked about Kubernetes to the settings of the profile: what is not said stays as it was.</summary>
internal static partial class KubernetesCheck
{
    /// <summary>The settings; refuses what cannot be.</summary>
    public static KubernetesSettings Settings(KubernetesRequest request, KubernetesSettings before, string profile, bool exists)
    {
        CheckRuntime(request);
        CheckNames(request);
        var version = KubernetesReleases.For(request.Version, exists ? before.KubernetesVersion : null).ToString();
        var wanted = before with
        {
            KubernetesVersion = version,
            ClusterName = profile,
            ApiServerName = request.ApiServerName ?? before.ApiServerName,
            ApiServerNames = request.ApiServerNames ?? before.ApiServerNames,
            ApiServerIPs = request.ApiServerIPs ?? before.ApiServerIPs,
            Namespace = request.Namespace ?? before.Namespace,
            ExtraOptions = request.ExtraConfig ?? before.ExtraOptions,
            FeatureGates = request.FeatureGates ?? before.FeatureGates,
        };
        foreach (var text in wanted.ExtraOptions)
        {
            CheckExtra(text);
        }

        CheckGates(wanted);
        return exists ? wanted : wanted with { ServiceCidr = RangeOf(request.ServiceCidr) ?? before.ServiceCidr, DnsDomain = request.DnsDomain ?? before.DnsDomain };
    }

    /// <summary>Says that a newer version is there, when the cluster keeps an older one.</summary>
    public static void TellNewer(KubernetesSettings settings, Reporter reporter)
    {
        if (KubernetesVersion.TryParse(settings.KubernetesVersion, out var version) && version < KubernetesVersion.Newest)
        {
            reporter.Info(Icon.New, Message.NewerVersion, KubernetesVersion.Newest);
        }
    }

    /// <summary>Names the settings that are known and change nothing here.</summary>
    public static void WarnAboutIgnored(KubernetesSettings settings, Reporter reporter)
    {
        foreach (var extra in settings.ExtraOptions.Select(ExtraConfig.Parse).OfType<ExtraConfig>().Where(e => e.Effect == SettingEffect.None))
        {
            reporter.Warn(Message.SettingNoEffect, "--extra-config", $"{extra.Component}.{extra.Key}");
        }

        foreach (var plugin in new ComponentSettings(settings.ExtraOptions).AbsentPlugins)
        {
            reporter.Warn(Message.SettingNoEffect, "--extra-config", $"apiserver.enable-admission-plugins={plugin}");
        }

        var gates = FeatureGates.Parse(KubernetesVersion.ParseOrNewest(settings.KubernetesVersion), settings.FeatureGates);
        foreach (var gate in gates.Overrides.Keys.Where(g => !FeatureEffects.Has(g)))
        {
            reporter.Warn(Message.SettingNoEffect, "--feature-gates", gate);
        }

        foreach (var gate in gates.Leaving)
        {
            reporter.Warn(gate.Stage == FeatureStage.GA ? Message.GateIsGa : Message.GateIsDeprecated, gate.Name, gates.Overrides[gate.Name] ? "true" : "false");
        }
    }

    private static void CheckRuntime(KubernetesRequest request)
    {
        switch (request.ContainerRuntime)
        {
            case null or "" or "auto" or "containerd":
                break;
            case "docker" or "cri-o" or "crio":
                throw new CliException(Reason.Unimplemented, Message.RuntimeUnsupported, request.ContainerRuntime) { Advice = (Message.UseContainerd, []) };
            default:
                throw new CliException(Reason.Usage, Message.RuntimeUnknown, request.ContainerRuntime, "containerd");
        }

        switch (request.Cni)
        {
            case null or "" or "auto" or "bridge" or "true":
                break;
            case "false":
                throw new CliException(Reason.Usage, Message.RuntimeNeedsCni, "containerd");
            default:
                throw new CliException(Reason.Unimplemented, Message.CniUnsupported, request.Cni) { Advice = (Message.UseBridge, []) };
        }
    }

    private static void CheckNames(KubernetesRequest request)
    {
        foreach (var name in (request.ApiServerNames ?? []).Append(request.ApiServerName).OfType<string>().Where(n => !n.Split('.').All(p => p == "*" || Label().IsMatch(p.ToLowerInvariant()))))
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{name}\"", "--apiserver-names");
        }

        if (request.ApiServerIPs?.FirstOrDefault(a => !IPAddress.TryParse(a, out _)) is { } address)
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{address}\"", "--apiserver-ips");
        }

        if (request.ApiServerPort is < 1 or > 65535)
        {
            throw new CliException(Reason.Usage, Message.BadValue, request.ApiServerPort, "--apiserver-port");
        }

        if (request.Namespace is { } ns && (ns.Length > 63 || !Label().IsMatch(ns)))
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{ns}\"", "--namespace");
        }

        if (request.DnsDomain is { } domain && !domain.Split('.').All(p => Label().IsMatch(p)))
        {
            throw new CliException(Reason.InvalidDnsDomain, Message.BadValue, $"\"{domain}\"", "--dns-domain");
        }
    }

    private static string? RangeOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork && network.PrefixLength is >= 12 and <= 26
            ? network.ToString()
            : throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", "--service-cluster-ip-range");
    }

    private static void CheckExtra(string text)
    {
        var extra = ExtraConfig.Parse(text) ?? throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", "--extra-config");
        if (extra.Effect == SettingEffect.Unknown)
        {
            throw new CliException(Reason.Usage, Message.SettingUnknown, "--extra-config", $"{extra.Component}.{extra.Key}");
        }

        if (extra.Problem is { } problem)
        {
            throw new CliException(Reason.Usage, Message.BadValue, problem, "--extra-config");
        }
    }

    /// <summary>The release decides which gates there are, and which of them can be set; also when it is a new release that the cluster is brought to.</summary>
    private static void CheckGates(KubernetesSettings settings)
    {
        var version = KubernetesVersion.ParseOrNewest(settings.KubernetesVersion);
        CheckGates(version, "--feature-gates", settings.FeatureGates);
        foreach (var extra in settings.ExtraOptions.Select(ExtraConfig.Parse).OfType<ExtraConfig>().Where(e => e.Key == "feature-gates" && e.Effect == SettingEffect.Applied))
        {
            CheckGates(version, "--extra-config", $"{settings.FeatureGates},{extra.Value}"); // as the component will read them
        }
    }

    private static void CheckGates(KubernetesVersion version, string option, string text)
    {
        _ = FeatureGates.TryParse(version, text, out var problem);
        switch (problem)
        {
            case null: return;
            case { Kind: FeatureProblemKind.Unknown }: throw new CliException(Reason.Usage, Message.GateUnknown, option, problem.Gate, version);
            case { Kind: FeatureProblemKind.Unmet }: throw new CliException(Reason.Usage, Message.GateUnmet, option, problem.Gate, string.Join(' ', problem.Missing));
            case { Kind: FeatureProblemKind.Locked }: throw new CliException(Reason.Usage, Message.GateLocked, option, problem.Gate, problem.Value ? "true" : "false", problem.Value ? "false" : "true");
            default: throw new CliException(Reason.Usage, Message.BadValue, $"\"{problem.Gate}\"", option);
        }
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex Label();
}
