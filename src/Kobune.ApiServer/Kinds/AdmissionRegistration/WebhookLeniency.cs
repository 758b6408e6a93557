using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Which rules an update need not fulfil, because the configuration broke them before. Source: pkg/apis/admissionregistration/validation, validationOptions.</summary>
internal sealed record WebhookLeniency
{
    private static readonly string[] Harmless = ["None", "NoneOnDryRun"];

    public static WebhookLeniency None { get; } = new();

    public bool SideEffects { get; init; }

    public bool ReviewVersions { get; init; }

    public bool Names { get; init; }

    public bool Selectors { get; init; }

    public bool MatchConditions { get; init; }

    public static WebhookLeniency Of(IReadOnlyList<WebhookFields> old, IReadOnlyList<WebhookFields> now) => new()
    {
        SideEffects = old.Any(h => !Harmless.Contains(h.SideEffects)),
        ReviewVersions = old.Any(h => h.ReviewVersions.Count > 0 && !h.ReviewVersions.Any(WebhookRules.IsKnownReview)),
        Names = old.Select(h => h.Name).Distinct().Count() < old.Count,
        Selectors = old.Any(HasBadSelector),
        MatchConditions = old.Count == now.Count && old.Zip(now).All(p => p.First.MatchConditions.SequenceEqual(p.Second.MatchConditions)),
    };

    private static bool HasBadSelector(WebhookFields hook)
    {
        var errors = new FieldErrors();
        errors.Selector("", hook.NamespaceSelector);
        errors.Selector("", hook.ObjectSelector);
        return errors.Items.Count > 0;
    }
}
