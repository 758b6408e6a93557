using System.Runtime.CompilerServices;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Meta.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>
/// What may be wrong in a pod's spec because it was so before: rules that came later, or gates that were on once, must not stop other changes of what is stored. Each answer is found
/// when a rule first asks for it: most rules ask only about parts that few pods have. Source: pkg/api/pod/util.go, GetValidationOptionsFromPodSpecAndMeta.
/// </summary>
internal sealed class PodTolerance
{
    /// <summary>Nothing: of what is made.</summary>
    public static readonly PodTolerance None = new(null, null, null, null, null);

    private readonly PodSpec? _spec;
    private readonly PodSpec? _old;
    private readonly ObjectMeta? _oldMetadata;
    private readonly FeatureGates? _features;
    private readonly LabelSelector? _oldSelector;
    private Dictionary<string, bool>? _answers; // one validation is one thread's

    private PodTolerance(PodSpec? spec, PodSpec? old, ObjectMeta? oldMetadata, FeatureGates? features, LabelSelector? oldSelector) =>
        (_spec, _old, _oldMetadata, _features, _oldSelector) = (spec, old, oldMetadata, features, oldSelector);

    /// <summary>Values that no label can have, in the selectors of affinity to pods.</summary>
    public bool SelectorValues => Once((_, old) =>
        AffinityTerms(old.Affinity).Any(t => IsWrong(e => { e.Selector("", t.LabelSelector); e.Selector("", t.NamespaceSelector); })) || FieldRules.HasInvalidValue(_oldSelector));

    /// <summary>Any selector of what spreads pods.</summary>
    public bool SpreadSelectors => Once((_, old) => old.TopologySpreadConstraints.Any(c => IsWrong(e => e.Selector("", c.LabelSelector))));

    /// <summary>The label keys of what spreads pods are judged by the other of the two rules (see <see cref="LabelKeyRules"/>): this one says by which, so that it is asked before, not after a refusal.</summary>
    public bool OtherSpreadKeys => Once((_, old) => old.TopologySpreadConstraints.Any(c => IsWrong(e => LabelKeyRules.Spread(c, "", other: false, e), _features)));

    /// <summary>Values that no label can have, in what a node must have.</summary>
    public bool NodeValues => Once((_, old) => HasWrongValue(old.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution));

    /// <summary>Parts of huge pages.</summary>
    public bool PartialPages => Once((_, old) => IsWrong(e => Pages(old, e)));

    /// <summary>Kernel parameters of namespaces that are the node's.</summary>
    public bool HostSysctls => Once((_, old) => old.SecurityContext is { } context && IsWrong(e => context.Sysctls.ToList().ForEach(s => SysctlValidation.OfHost(s.Name, "", old, e))));

    /// <summary>Files of tokens outside their volume.</summary>
    public bool TokenPaths => Once((_, old) =>
        old.Volumes.SelectMany(v => v.Projected?.Sources ?? []).Any(s => s.ServiceAccountToken is { } token && IsWrong(e => PathRules.Local(token.Path, "", e))));

    /// <summary>A cost of deletion that is no number.</summary>
    public bool DeletionCost => Once((_, _) => PodMetadataRules.HasWrongCost(_oldMetadata!.Annotations));

    /// <summary>A hook that sleeps no time at all.</summary>
    public bool ZeroSleep => Once((_, old) => Containers(old).Any(c => c.Lifecycle?.PreStop?.Sleep?.Seconds == 0 || c.Lifecycle?.PostStart?.Sleep?.Seconds == 0));

    /// <summary>Restart policies of single containers.</summary>
    public bool RestartRules => Once((_, old) =>
        old.Containers.Any(c => c.RestartPolicy is not null) || old.InitContainers.Any(c => c.RestartPolicy is not (null or "Always") || c.RestartPolicyRules.Count > 0));

    /// <summary>Rules that restart all containers.</summary>
    public bool RestartAll => Once((_, old) => old.Containers.Concat(old.InitContainers).Any(c => c.RestartPolicyRules.Any(r => r.Action == "RestartAllContainers")));

    /// <summary>Tolerations that compare numbers.</summary>
    public bool Comparisons => Once((_, old) => old.Tolerations.Any(t => t.Operator is "Lt" or "Gt"));

    /// <summary>Search domains that are a dot or have underscores.</summary>
    public bool LooseSearches => Once((_, old) => old.DNSConfig?.Searches.Any(s => s == "." || s.Contains('_', StringComparison.Ordinal)) == true);

    /// <summary>Names of environment variables with nearly any character.</summary>
    public bool LooseVariables => Once((spec, old) =>
        VariableNames(spec).Intersect(VariableNames(old)).Any(n => NameValidation.StrictEnvironmentVariableName(n).Count > 0 && NameValidation.EnvironmentVariableName(n).Count == 0));

    /// <summary>Users of its own in the host's network.</summary>
    public bool HostNetworkUsers => Once((_, old) => old is { HostUsers: false, HostNetwork: true });

    public static PodTolerance Of(PodTemplateSpec template, PodTemplateSpec? old, FeatureGates features) =>
        old is null ? None : Of(template.Spec, old.Spec, old.Metadata, features);

    public static PodTolerance Of(PodSpec spec, PodSpec old, ObjectMeta oldMetadata, FeatureGates features) => new(spec, old, oldMetadata, features, null);

    /// <summary>The same, and the values of the selector of what makes the pods: upstream has one option for both.</summary>
    public PodTolerance Or(LabelSelector? old) => _old is null ? this : new(_spec, _old, _oldMetadata, _features, old);

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

    private bool Once(Func<PodSpec, PodSpec, bool> rule, [CallerMemberName] string name = "")
    {
        if (_old is null)
        {
            return false;
        }

        _answers ??= new(StringComparer.Ordinal);
        return _answers.TryGetValue(name, out var answer) ? answer : _answers[name] = rule(_spec!, _old);
    }

    private static bool IsWrong(Action<FieldErrors> rule, FeatureGates? features = null)
    {
        var errors = new FieldErrors(features);
        rule(errors);
        return errors.Items.Count > 0;
    }
}
