using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Meta.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>
/// What may be wrong in a pod's spec because it was so before: rules that came later, or gates that were on once, must not stop other changes of what is stored.
/// Source: pkg/api/pod/util.go, GetValidationOptionsFromPodSpecAndMeta.
/// </summary>
internal sealed record PodTolerance
{
    /// <summary>Nothing: of what is made.</summary>
    public static readonly PodTolerance None = new();

    /// <summary>Values that no label can have, in the selectors of affinity to pods.</summary>
    public bool SelectorValues { get; init; }

    /// <summary>Any selector of what spreads pods.</summary>
    public bool SpreadSelectors { get; init; }

    /// <summary>The label keys of what spreads pods are judged by the other of the two rules (see <see cref="LabelKeyRules"/>).</summary>
    public bool OtherSpreadKeys { get; init; }

    /// <summary>Values that no label can have, in what a node must have.</summary>
    public bool NodeValues { get; init; }

    /// <summary>Parts of huge pages.</summary>
    public bool PartialPages { get; init; }

    /// <summary>Kernel parameters of namespaces that are the node's.</summary>
    public bool HostSysctls { get; init; }

    /// <summary>Files of tokens outside their volume.</summary>
    public bool TokenPaths { get; init; }

    /// <summary>A cost of deletion that is no number.</summary>
    public bool DeletionCost { get; init; }

    /// <summary>A hook that sleeps no time at all.</summary>
    public bool ZeroSleep { get; init; }

    /// <summary>Restart policies of single containers.</summary>
    public bool RestartRules { get; init; }

    /// <summary>Rules that restart all containers.</summary>
    public bool RestartAll { get; init; }

    /// <summary>Tolerations that compare numbers.</summary>
    public bool Comparisons { get; init; }

    /// <summary>Search domains that are a dot or have underscores.</summary>
    public bool LooseSearches { get; init; }

    /// <summary>Names of environment variables with nearly any character.</summary>
    public bool LooseVariables { get; init; }

    /// <summary>Users of its own in the host's network.</summary>
    public bool HostNetworkUsers { get; init; }

    public static PodTolerance Of(PodTemplateSpec template, PodTemplateSpec? old, FeatureGates features) =>
        old is null ? None : Of(template.Spec, old.Spec, old.Metadata, features);

    public static PodTolerance Of(PodSpec spec, PodSpec old, ObjectMeta oldMetadata, FeatureGates features) => new()
    {
        SelectorValues = AffinityTerms(old.Affinity).Any(t => IsWrong(e => { e.Selector("", t.LabelSelector); e.Selector("", t.NamespaceSelector); })),
        SpreadSelectors = old.TopologySpreadConstraints.Any(c => IsWrong(e => e.Selector("", c.LabelSelector))),
        OtherSpreadKeys = old.TopologySpreadConstraints.Any(c => IsWrong(e => LabelKeyRules.Spread(c, "", other: false, e), features)),
        NodeValues = HasWrongValue(old.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution),
        PartialPages = IsWrong(e => Pages(old, e)),
        HostSysctls = old.SecurityContext is { } context && IsWrong(e => context.Sysctls.ToList().ForEach(s => SysctlValidation.OfHost(s.Name, "", old, e))),
        TokenPaths = old.Volumes.SelectMany(v => v.Projected?.Sources ?? []).Any(s => s.ServiceAccountToken is { } token && IsWrong(e => PathRules.Local(token.Path, "", e))),
        DeletionCost = PodMetadataRules.HasWrongCost(oldMetadata.Annotations),
        ZeroSleep = Containers(old).Any(c => c.Lifecycle?.PreStop?.Sleep?.Seconds == 0 || c.Lifecycle?.PostStart?.Sleep?.Seconds == 0),
        RestartRules = old.Containers.Any(c => c.RestartPolicy is not null) || old.InitContainers.Any(c => c.RestartPolicy is not (null or "Always") || c.RestartPolicyRules.Count > 0),
        RestartAll = old.Containers.Concat(old.InitContainers).Any(c => c.RestartPolicyRules.Any(r => r.Action == "RestartAllContainers")),
        Comparisons = old.Tolerations.Any(t => t.Operator is "Lt" or "Gt"),
        LooseSearches = old.DNSConfig?.Searches.Any(s => s == "." || s.Contains('_', StringComparison.Ordinal)) == true,
        LooseVariables = VariableNames(spec).Intersect(VariableNames(old)).Any(n => NameValidation.StrictEnvironmentVariableName(n).Count > 0 && NameValidation.EnvironmentVariableName(n).Count == 0),
        HostNetworkUsers = old is { HostUsers: false, HostNetwork: true },
    };

    /// <summary>The same, and the values of the selector of what makes the pods: upstream has one option for both.</summary>
    public PodTolerance Or(LabelSelector? old) => this with { SelectorValues = SelectorValues || FieldRules.HasInvalidValue(old) };

    /// <summary>Whether a node selector has values that no label can have.</summary>
    public static bool HasWrongValue(NodeSelector? selector) =>
        selector?.NodeSelectorTerms.Any(t => t.MatchExpressions.Any(e => e.Values.Any(v => NameValidation.LabelValue(v).Count > 0))) == true;

    private static IEnumerable<PodAffinityTerm> AffinityTerms(Affinity? affinity) =>
    [
        .. affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [],
        .. affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution.Select(p => p.PodAffinityTerm) ?? [],
        .. affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [],
        .. affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution.Select(p => p.PodAffinityTerm) ?? [],
    ];

    private static IEnumerable<Container> Containers(PodSpec spec) => PodContainers.All(spec, "").Select(c => c.Container);

    private static void Pages(PodSpec spec, FieldErrors errors)
    {
        foreach (var (name, value) in Containers(spec).SelectMany(c => c.Resources.Limits.Concat(c.Resources.Requests)).Concat(spec.Overhead))
        {
            ResourceNames.WholePages(name, value, "", errors);
        }
    }

    private static IEnumerable<string> VariableNames(PodSpec spec) => Containers(spec).SelectMany(c => c.Env.Select(e => e.Name).Concat(c.EnvFrom.Select(e => e.Prefix)));

    private static bool IsWrong(Action<FieldErrors> rule, FeatureGates? features = null)
    {
        var errors = new FieldErrors(features);
        rule(errors);
        return errors.Items.Count > 0;
    }
}
