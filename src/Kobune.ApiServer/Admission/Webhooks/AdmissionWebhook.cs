using Kobune.Api;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Kinds.AdmissionRegistration;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>One webhook of a configuration, ready to be matched and called. Immutable.</summary>
internal sealed record AdmissionWebhook
{
    private static readonly string[] KnownReviews = ["v1", "v1beta1"];

    /// <summary>What tells it apart from all others of its kind.</summary>
    public required string Uid { get; init; }

    public required string Name { get; init; }

    /// <summary>The object that names it.</summary>
    public required string Configuration { get; init; }

    /// <summary>Its place among all webhooks of its kind.</summary>
    public int Place { get; init; }

    public required WebhookAddress Address { get; init; }

    public required IReadOnlyList<RuleWithOperations> Rules { get; init; }

    /// <summary>Failure policy Ignore.</summary>
    public required bool FailsOpen { get; init; }

    /// <summary>Match policy Equivalent: also requests in other versions of what its rules name.</summary>
    public required bool MatchesEquivalent { get; init; }

    public required Selector Namespaces { get; init; }

    public required Selector Objects { get; init; }

    /// <summary>None, NoneOnDryRun, Some or Unknown.</summary>
    public required string SideEffects { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>v1 or v1beta1, the first of its list that is known; null for none.</summary>
    public required string? ReviewVersion { get; init; }

    public required IReadOnlyList<MatchCondition> MatchConditions { get; init; }

    /// <summary>Reinvocation policy IfNeeded.</summary>
    public bool IsReinvocable { get; init; }

    public bool AllowsDryRun => SideEffects is "None" or "NoneOnDryRun";

    public static IEnumerable<AdmissionWebhook> Of(ValidatingWebhookConfiguration configuration) => configuration.Webhooks.Select((hook, i) => Of(configuration.Metadata.Name, i, WebhookFields.Of(hook)));

    public static IEnumerable<AdmissionWebhook> Of(MutatingWebhookConfiguration configuration) => configuration.Webhooks.Select((hook, i) => Of(configuration.Metadata.Name, i, WebhookFields.Of(hook)));

    private static AdmissionWebhook Of(string configuration, int index, WebhookFields hook) => new()
    {
        Uid = $"{configuration}/{hook.Name}/{index}",
        Name = hook.Name,
        Configuration = configuration,
        Address = WebhookAddress.Of(hook.ClientConfig),
        Rules = hook.Rules,
        FailsOpen = hook.FailurePolicy == "Ignore",
        MatchesEquivalent = hook.MatchPolicy == "Equivalent",
        Namespaces = SelectorOf(hook.NamespaceSelector),
        Objects = SelectorOf(hook.ObjectSelector),
        SideEffects = hook.SideEffects ?? "",
        Timeout = TimeoutOf(hook.TimeoutSeconds),
        ReviewVersion = hook.ReviewVersions.FirstOrDefault(KnownReviews.Contains),
        MatchConditions = hook.MatchConditions,
        IsReinvocable = hook.ReinvocationPolicy == "IfNeeded",
    };

    // Defaults fill in both; validation has judged them.
    private static Selector SelectorOf(LabelSelector? selector) => selector is null ? Selector.Everything : Selector.From(selector);

    private static TimeSpan TimeoutOf(int? seconds) => TimeSpan.FromSeconds(seconds ?? 10);
}

/// <summary>All webhooks of one kind of configuration, by the configurations' names; read again when one of them changed. Safe for concurrent callers.</summary>
internal sealed class AdmissionWebhooks<T>(Func<T, IEnumerable<AdmissionWebhook>> read)
    where T : class, IKubernetesObject<T>
{
    private volatile Known _known = new(-1, []);

    public IReadOnlyList<AdmissionWebhook> Current(IObjectReader objects)
    {
        var known = _known;
        var generation = objects.Generation<T>();
        return known.Generation == generation
            ? known.Hooks
            : (_known = new(generation, [.. objects.List<T>("").OrderBy(c => c.Metadata.Name, StringComparer.Ordinal).SelectMany(read).Select((h, i) => h with { Place = i })])).Hooks;
    }

    private sealed record Known(long Generation, IReadOnlyList<AdmissionWebhook> Hooks);
}
