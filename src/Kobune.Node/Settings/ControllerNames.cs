using Kobune.ControllerManager;

namespace Kobune.Node.Settings;

/// <summary>What --controllers may name: "*", a controller, or with a minus one that shall not run. Source: cmd/kube-controller-manager/names.</summary>
internal static class ControllerNames
{
    /// <summary>The names of old flags that upstream still takes.</summary>
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["serviceaccount-token"] = "serviceaccount-token-controller",
        ["serviceaccount"] = "serviceaccount-controller",
        ["root-ca-cert-publisher"] = "root-ca-certificate-publisher-controller",
        ["nodeipam"] = "node-ipam-controller",
        ["nodelifecycle"] = "node-lifecycle-controller",
        ["disruption"] = "disruption-controller",
        ["deployment"] = "deployment-controller",
        ["replicaset"] = "replicaset-controller",
        ["replicationcontroller"] = "replicationcontroller-controller",
        ["resourcequota"] = "resourcequota-controller",
        ["horizontalpodautoscaling"] = "horizontal-pod-autoscaler-controller",
        ["job"] = "job-controller",
        ["cronjob"] = "cronjob-controller",
        ["ttl-after-finished"] = "ttl-after-finished-controller",
        ["csrsigning"] = "certificatesigningrequest-signing-controller",
        ["csrapproving"] = "certificatesigningrequest-approving-controller",
        ["csrcleaner"] = "certificatesigningrequest-cleaner-controller",
        ["daemonset"] = "daemonset-controller",
        ["statefulset"] = "statefulset-controller",
        ["endpoint"] = "endpoints-controller",
        ["endpointslice"] = "endpointslice-controller",
        ["endpointslicemirroring"] = "endpointslice-mirroring-controller",
        ["persistentvolume-binder"] = "persistentvolume-binder-controller",
        ["persistentvolume-expander"] = "persistentvolume-expander-controller",
        ["ephemeral-volume"] = "ephemeral-volume-controller",
        ["pvc-protection"] = "persistentvolumeclaim-protection-controller",
        ["pv-protection"] = "persistentvolume-protection-controller",
        ["clusterrole-aggregation"] = "clusterrole-aggregation-controller",
        ["service"] = "service-lb-controller",
        ["namespace"] = "namespace-controller",
        ["garbagecollector"] = "garbage-collector-controller",
        ["podgc"] = "pod-garbage-collector-controller",
        ["attachdetach"] = "persistentvolume-attach-detach-controller",
        ["ttl"] = "ttl-controller",
        ["bootstrapsigner"] = "bootstrap-signer-controller",
        ["tokencleaner"] = "token-cleaner-controller",
        ["selinux-warning"] = "selinux-warning-controller",
    };

    /// <summary>Whether this controller manager, or upstream's, has it.</summary>
    public static bool IsKnown(string word)
    {
        var name = word.TrimStart('-');
        return name == "*" || Elsewhere.Contains(name) || ControllerManagerComponent.Controllers.Contains(Aliases.GetValueOrDefault(name, name));
    }

    /// <summary>The controllers that do not run: with "*" those that have a minus, without it those that are not named.</summary>
    public static IReadOnlySet<string> Disabled(IReadOnlyList<string> words)
    {
        var (on, off) = (Full(words.Where(w => w[0] != '-')), Full(words.Where(w => w[0] == '-').Select(w => w[1..])));
        return words.Count == 0 ? new HashSet<string>() : ControllerManagerComponent.Controllers.Where(c => off.Contains(c) || (!words.Contains("*") && !on.Contains(c))).ToHashSet();
    }

    /// <summary>The controllers that are named, which is what some need to run.</summary>
    public static IReadOnlySet<string> Enabled(IReadOnlyList<string> words) => Full(words.Where(w => w[0] != '-' && w != "*"));

    private static HashSet<string> Full(IEnumerable<string> names) => [.. names.Select(n => Aliases.GetValueOrDefault(n, n))];

    /// <summary>Controllers that upstream has and this one not, under both names.</summary>
    private static readonly HashSet<string> Elsewhere =
    [
        .. ("cloud-node-lifecycle node-route route storage-version-gc "
            + "cloud-node-lifecycle-controller "
            + "node-route-controller "
            + "storageversion-garbage-collector-controller "
            + "validatingadmissionpolicy-status-controller").Split(' '),
    ];
}
