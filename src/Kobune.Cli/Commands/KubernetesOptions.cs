using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>The options of `start` that are about Kubernetes itself, and those of minikube's that mean nothing to this driver.</summary>
internal sealed class KubernetesOptions
{
    /// <summary>Options of minikube's `start` that are understood and change nothing here: told by name when they are given.</summary>
    private static readonly string[] WithoutEffect =
    [
        "--disk-size", "--base-image", "--iso-url", "--preload", "--preload-source", "--cache-images", "--auto-update-drivers", "--native-ssh", "--vm", "--disable-metrics",
        "--disable-optimizations", "--disable-coredns-log", "--auto-pause-interval", "--trace", "--rosetta", "--binary-mirror", "--image-repository",
        "--image-mirror-country", "--docker-env", "--docker-opt", "--cri-socket", "--force-systemd", "--host-only-cidr", "--network", "--listen-address", "--hyperv-virtual-switch",
        "--dns-servers", "--mdns", "--extra-disks", "--gpus", "--cert-expiration", "--qemu-firmware-path", "--kvm-network",
    ];

    private readonly Option<string?> _version;
    private readonly Option<string?> _name;
    private readonly Option<string[]> _names;
    private readonly Option<string[]> _addresses;
    private readonly Option<int?> _port;
    private readonly Option<string?> _namespace;
    private readonly Option<string?> _services;
    private readonly Option<string?> _domain;
    private readonly Option<string?> _runtime;
    private readonly Option<string?> _cni;
    private readonly Option<string[]> _extra;
    private readonly Option<string?> _gates;
    private readonly List<Option<string?>> _withoutEffect;

    public KubernetesOptions(CommandContext context)
    {
        _version = Options.Of<string?>(context, Message.VersionOption, "--kubernetes-version");
        _name = Options.Of<string?>(context, Message.ApiServerNameOption, "--apiserver-name");
        _names = Options.Of<string[]>(context, Message.ApiServerNamesOption, "--apiserver-names");
        _addresses = Options.Of<string[]>(context, Message.ApiServerIPsOption, "--apiserver-ips");
        _port = Options.Of<int?>(context, Message.ApiServerPortOption, "--apiserver-port");
        _namespace = Options.Of<string?>(context, Message.StartNamespaceOption, "--namespace");
        _services = Options.Of<string?>(context, Message.ServiceRangeOption, "--service-cluster-ip-range");
        _domain = Options.Of<string?>(context, Message.DnsDomainOption, "--dns-domain");
        _runtime = Options.Of<string?>(context, Message.RuntimeOption, "--container-runtime", "-c");
        _cni = Options.Of<string?>(context, Message.CniOption, "--cni");
        _extra = Options.Of<string[]>(context, Message.ExtraConfigOption, "--extra-config");
        _gates = Options.Of<string?>(context, Message.FeatureGatesOption, "--feature-gates");
        _withoutEffect = [.. WithoutEffect.Select(n =>
        {
            var option = Options.Of<string?>(context, Message.NoEffectOption, n);
            option.Arity = ArgumentArity.ZeroOrOne;
            option.Hidden = true;
            return option;
        })];
    }

    /// <summary>Adds them all to the command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _version, _name, _names, _addresses, _port, _namespace, _services, _domain, _runtime, _cni, _extra, _gates }.Concat(_withoutEffect))
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What was said.</summary>
    public KubernetesRequest Read(ParseResult parsed) => new()
    {
        Version = parsed.GetValue(_version),
        ApiServerName = parsed.GetValue(_name),
        ApiServerNames = List(parsed, _names),
        ApiServerIPs = List(parsed, _addresses),
        ApiServerPort = parsed.GetValue(_port),
        Namespace = parsed.GetValue(_namespace),
        ServiceCidr = parsed.GetValue(_services),
        DnsDomain = parsed.GetValue(_domain),
        ContainerRuntime = parsed.GetValue(_runtime),
        Cni = parsed.GetValue(_cni),
        ExtraConfig = parsed.GetResult(_extra) is null ? null : parsed.GetValue(_extra),
        FeatureGates = parsed.GetValue(_gates),
    };

    /// <summary>Says which given options change nothing.</summary>
    public void WarnAboutIgnored(ParseResult parsed, Reporter reporter)
    {
        foreach (var option in _withoutEffect.Where(o => parsed.GetResult(o) is { Implicit: false }))
        {
            reporter.Warn(Message.NoEffect, option.Name);
        }
    }

    private static List<string>? List(ParseResult parsed, Option<string[]> option) =>
        parsed.GetResult(option) is null ? null : [.. (parsed.GetValue(option) ?? []).SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
