using System.Globalization;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Schema;

namespace Kobune.Node.Settings;

/// <summary>The settings of --extra-config that do something here, as values. Pure.</summary>
/// <param name="texts">"kubelet.max-pods=20", checked before.</param>
public sealed class ComponentSettings(IReadOnlyList<string> texts)
{
    /// <summary>The settings with an effect, each with the check of its value.</summary>
    internal static readonly Dictionary<string, Func<string, bool>> Applied = new(StringComparer.Ordinal)
    {
        ["kubelet.max-pods"] = v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0,
        ["kubelet.node-labels"] = v => Pairs(v) is not null,
        ["kubelet.register-with-taints"] = v => Taints(v) is not null,
        ["kubelet.system-reserved"] = v => Pairs(v) is { } p && p.Values.All(IsQuantity),
        ["kubelet.kube-reserved"] = v => Pairs(v) is { } p && p.Values.All(IsQuantity),
        ["kubelet.container-log-max-size"] = IsQuantity,
        ["kubelet.container-log-max-files"] = v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 1,
        ["apiserver.service-node-port-range"] = v => Ports(v) is not null,
        ["controller-manager.node-monitor-grace-period"] = v => GoDuration.TryParse(v) is not null,
        ["controller-manager.node-startup-grace-period"] = v => GoDuration.TryParse(v) is not null,
        ["controller-manager.terminated-pod-gc-threshold"] = v => int.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        ["controller-manager.controllers"] = v => v.Length > 0,
        ["kubeadm.pod-network-cidr"] = v => PodNetworks.Parse(v) is not null, // read by the command line, which gives each node its part
        ["proxy.mode"] = v => v is "nftables" or "iptables" or "ipvs" or "userspace",
    };

    private readonly Dictionary<string, string> _values = texts.Select(ExtraConfig.Parse).OfType<ExtraConfig>().GroupBy(e => $"{e.Component}.{e.Key}").ToDictionary(g => g.Key, g => g.Last().Value);

    /// <summary>kubelet.max-pods.</summary>
    public int? MaxPods => Number("kubelet.max-pods");

    /// <summary>kubelet.node-labels.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels => Pairs(_values.GetValueOrDefault("kubelet.node-labels", "")) ?? [];

    /// <summary>kubelet.register-with-taints.</summary>
    public IReadOnlyList<Taint> Taints() => Taints(_values.GetValueOrDefault("kubelet.register-with-taints", "")) ?? [];

    /// <summary>kubelet.system-reserved and kubelet.kube-reserved; both come off what pods may use, and the last named wins per resource.</summary>
    public IReadOnlyDictionary<string, string> Reserved
    {
        get
        {
            var reserved = Pairs(_values.GetValueOrDefault("kubelet.system-reserved", "")) ?? [];
            foreach (var (name, amount) in Pairs(_values.GetValueOrDefault("kubelet.kube-reserved", "")) ?? [])
            {
                reserved[name] = reserved.TryGetValue(name, out var first) ? (Quantity.Parse(first) + Quantity.Parse(amount)).ToString() : amount;
            }

            return reserved;
        }
    }

    /// <summary>kubelet.container-log-max-size in bytes.</summary>
    public long? ContainerLogMaxSize => _values.TryGetValue("kubelet.container-log-max-size", out var text) ? Quantity.Parse(text).Value : null;

    /// <summary>kubelet.container-log-max-files.</summary>
    public int? ContainerLogMaxFiles => Number("kubelet.container-log-max-files");

    /// <summary>apiserver.service-node-port-range.</summary>
    public (int First, int Last)? NodePorts => _values.TryGetValue("apiserver.service-node-port-range", out var text) ? Ports(text) : null;

    /// <summary>controller-manager.node-monitor-grace-period.</summary>
    public TimeSpan? NodeMonitorGracePeriod => Duration("controller-manager.node-monitor-grace-period");

    /// <summary>controller-manager.node-startup-grace-period.</summary>
    public TimeSpan? NodeStartupGracePeriod => Duration("controller-manager.node-startup-grace-period");

    /// <summary>controller-manager.terminated-pod-gc-threshold.</summary>
    public int? TerminatedPodGcThreshold => _values.TryGetValue("controller-manager.terminated-pod-gc-threshold", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>The controllers that controller-manager.controllers switches off: "*,-nodeipam".</summary>
    public IReadOnlySet<string> DisabledControllers => _values.GetValueOrDefault("controller-manager.controllers", "").Split(',', StringSplitOptions.TrimEntries).Where(c => c.StartsWith('-')).Select(c => c[1..]).ToHashSet();

    /// <summary>proxy.mode.</summary>
    public string? ProxyMode => _values.GetValueOrDefault("proxy.mode");

    private int? Number(string key) => _values.TryGetValue(key, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private TimeSpan? Duration(string key) => _values.TryGetValue(key, out var text) && GoDuration.TryParse(text) is { } nanos ? TimeSpan.FromTicks(nanos / 100) : null;

    private static bool IsQuantity(string text) => Quantity.TryParse(text, out _);

    private static Dictionary<string, string>? Pairs(string text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=');
            if (equals <= 0)
            {
                return null;
            }

            pairs[pair[..equals]] = pair[(equals + 1)..];
        }

        return pairs;
    }

    // "key=value:NoSchedule", "key:NoExecute"
    private static List<Taint>? Taints(string text)
    {
        var taints = new List<Taint>();
        foreach (var taint in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (taint.Split(':') is not [{ Length: > 0 } left, "NoSchedule" or "PreferNoSchedule" or "NoExecute"])
            {
                return null;
            }

            var equals = left.IndexOf('=');
            taints.Add(new() { Key = equals < 0 ? left : left[..equals], Value = equals < 0 ? "" : left[(equals + 1)..], Effect = taint[(taint.IndexOf(':') + 1)..] });
        }

        return taints;
    }

    private static (int First, int Last)? Ports(string text) =>
        text.Split('-') is [var a, var b] && int.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var first) && int.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && first is > 0 and < 65536 && last >= first && last < 65536
            ? (first, last)
            : null;
}
